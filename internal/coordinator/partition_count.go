package coordinator

import (
	"fmt"
	"math"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// partitionsPerSlot is how many hash partitions an exchange has at least for each slot of the cluster, as far as the most
// allows it: enough to even out skew between tasks, and for nodes that join later.
const partitionsPerSlot = 2

// partitionLimits are how few and how many partitions the hash exchanges of a query may have.
type partitionLimits struct{ least, most int }

func (s *Settings) partitionLimits(writes bool) partitionLimits {
	switch task := s.RetryPolicy == scheduler.RetryTask; {
	case task && writes:
		return partitionLimits{s.MinPartitionCountForWrite, s.MaxPartitionCount}
	case task:
		return partitionLimits{s.MinPartitionCount, s.MaxPartitionCount}
	case writes:
		return partitionLimits{s.MinHashPartitionCountForWrite, s.MaxHashPartitionCount}
	}
	return partitionLimits{s.MinHashPartitionCount, s.MaxHashPartitionCount}
}

// checkPartitionLimits reports limits that contradict each other, as Trino does.
func (s *Settings) checkPartitionLimits() error {
	for _, writes := range []bool{false, true} {
		l := s.partitionLimits(writes)
		if l.least > l.most && (!writes || s.DeterminePartitionCountForWrite) {
			return trinoerr.New(trinoerr.GenericInternalError, "minPartitionCount %d larger than maxPartitionCount %d", l.least, l.most)
		}
	}
	return nil
}

// hashPartitions is the number of partitions of all hash exchanges of a plan: what the estimated size of its data asks
// for, and no less than the cluster can use at a time. Where nothing can be estimated it is the maximum, as in Trino:
// small partitions are put together when their sizes are known, large ones cannot be taken apart.
func hashPartitions(n plan.Node, est *stats.Estimator, s *Settings, has capacity) int {
	writes := writeOf(n) != nil
	limits := s.partitionLimits(writes)
	if writes && !s.DeterminePartitionCountForWrite || s.MinInputSizePerTask == 0 || s.MinInputRowsPerTask == 0 {
		return limits.most
	}
	rows, bytes := exchangedSize(n, est)
	if rows < 0 {
		return limits.most
	}
	count := max(rows/float64(s.MinInputRowsPerTask), bytes/float64(s.MinInputSizePerTask), float64(has.slots*partitionsPerSlot), 1)
	if perNode := s.MaxMemoryPerNode.Of(has.largest); perNode > 0 {
		count = max(count, 2*bytes/float64(perNode))
	}
	return int(min(max(math.Ceil(count), float64(limits.least)), float64(limits.most)))
}

// exchangedSize estimates what the exchanges of a plan carry: the larger of what its tables give together, and of the
// largest output of what joins rows of several sources. rows is negative when it is not known.
func exchangedSize(n plan.Node, est *stats.Estimator) (rows, bytes float64) {
	var read, largest struct{ rows, bytes float64 }
	known := true
	plan.Walk(n, func(n plan.Node) bool {
		leaf := false
		switch n.(type) {
		case *plan.Scan, *plan.Values:
			leaf = true
		default:
			if len(n.Sources()) < 2 {
				return true
			}
		}
		r, b := est.Estimate(n)
		known = known && r >= 0 && !math.IsInf(r+b, 0) && !math.IsNaN(r+b)
		if leaf {
			read.rows, read.bytes = read.rows+r, read.bytes+b
		} else {
			largest.rows, largest.bytes = max(largest.rows, r), max(largest.bytes, b)
		}
		return known
	})
	if !known {
		return -1, -1
	}
	return max(read.rows, largest.rows), max(read.bytes, largest.bytes)
}

// checkPartitions refuses exchanges with more partitions than the exchange manager allows.
func (q *query) checkPartitions(fragments []stages.Fragment) error {
	limit := q.c.cfg.MaxPartitions
	for _, f := range fragments {
		if f.Output.Partitions > limit && limit > 0 {
			return trinoerr.New(trinoerr.MaxOutputPartitionCountExceeded,
				"Max number of output partitions exceeded for exchange '%s'. Allowed: %d. Requested: %d.",
				fmt.Sprintf("external-exchange-%s.%d", q.id, f.ID), limit, f.Output.Partitions)
		}
	}
	return nil
}
