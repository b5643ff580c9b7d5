package coordinator

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// memoryLimits bound the memory of a query that is not under TASK, on all nodes together: query.max-memory and
// query.max-total-memory. A task of ours is a process without any memory that would be another's, so both measure the same.
// Zero is no limit.
type memoryLimits struct {
	User  int64 `json:"user,omitempty"`
	Total int64 `json:"total,omitempty"`
	// PerNode is query.max-memory-per-node; its part is the limit of every task.
	PerNode int64 `json:"perNode,omitempty"`
}

// memoryLimits are those of a query; under TASK there are none, as in Trino, nor for one that may use what is there.
func (s *Settings) memoryLimits() memoryLimits {
	if s.RetryPolicy == scheduler.RetryTask || s.ResourceOvercommit {
		return memoryLimits{}
	}
	return memoryLimits{User: s.MaxMemory, Total: s.MaxTotalMemory, PerNode: s.perNode}
}

// explain words the error of a task that could not do with its part of a node's memory as Trino does.
func (l memoryLimits) explain(err *trinoerr.Error) *trinoerr.Error {
	if l.PerNode == 0 || trinoerr.CodeOf(err) != trinoerr.ExceededLocalMemoryLimit {
		return err
	}
	reason, _, _ := strings.Cut(err.Error(), "\n") // without DuckDB's advice on settings that nobody can reach
	return trinoerr.New(trinoerr.ExceededLocalMemoryLimit, "Query exceeded per-node memory limit of %s [%s]", config.FormatSize(l.PerNode), reason)
}

// exceeded returns the error of a query that uses so much.
func (l memoryLimits) exceeded(used int64) *trinoerr.Error {
	switch {
	case l.User > 0 && used > l.User:
		return trinoerr.New(trinoerr.ExceededGlobalMemoryLimit, "Query exceeded distributed user memory limit of %s", config.FormatSize(l.User))
	case l.Total > 0 && used > l.Total:
		return trinoerr.New(trinoerr.ExceededGlobalMemoryLimit, "Query exceeded distributed total memory limit of %s", config.FormatSize(l.Total))
	}
	return nil
}

// limitPerNode gives each task of a query that is not under TASK its part of query.max-memory-per-node, so that all that can
// run on a node at a time stay within it. A task that cannot do with that, spilling included, fails with
// EXCEEDED_LOCAL_MEMORY_LIMIT.
func (has capacity) limitPerNode(s *Settings) {
	limit := s.MaxMemoryPerNode.Of(has.largest)
	if s.RetryPolicy == scheduler.RetryTask || s.ResourceOvercommit || limit == 0 || has.largest == 0 {
		return
	}
	if part := max(1, limit/int64(max(1, has.largestSlots))); part < s.Scheduler.TaskMemory {
		s.Scheduler.TaskMemory, s.perNode = part, limit
	}
}
