package coordinator

import (
	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Trino's defaults presume nodes that have 5 GB for each task. On smaller ones they would make every node run one task at a
// time, of an input that it can hardly hold. So what has the default value, and only that, shrinks with the share of
// memory that a task has here; what somebody has set stays as it is.

// leastScaled is the smallest input that a scaled-down size asks for: less is not worth a task.
const leastScaled = 64 << 20

// singleTaskPerThread is what a thread reads in about a second (TPC-H at scale factor 10: query 1 reads 0.4 GB in 3.4 s of one). A query that
// takes a slot longer is worth exchanges, if there are other slots.
const singleTaskPerThread = 128 << 20

// standardSession has the defaults that presume larger nodes. None of them depends on the host.
var standardSession = config.SessionTable.Defaults(config.Host{})

// capacity is what the cluster's nodes have.
type capacity struct {
	slots        int   // of all nodes
	threads      int   // of a slot, on the node where they are most; 0 without nodes
	share        int64 // memory of a slot, on the node where that is most; 0 without nodes
	largest      int64 // memory of the largest node,
	largestSlots int   // and its slots
	ownShare     int64 // memory of a slot on the coordinator's node; 0 when it runs no tasks
}

func (c *Coordinator) capacity() capacity {
	var out capacity
	for _, n := range c.nodes.list() {
		share := n.info.MemoryBytes / int64(max(1, n.info.Slots))
		out.slots += int(n.info.Slots)
		out.threads = max(out.threads, int(n.info.ThreadsPerTask))
		out.share = max(out.share, share)
		if n.info.MemoryBytes > out.largest {
			out.largest, out.largestSlots = n.info.MemoryBytes, int(n.info.Slots)
		}
		if n.info.NodeId == c.cfg.NodeID {
			out.ownShare = share
		}
	}
	return out
}

// scale shrinks the sizes of a session and of its scheduling that are defaults and presume larger nodes.
func (has capacity) scale(s *config.Session, set *scheduler.Settings) (changed []any) {
	to := func(name string, field *int64, standard, smaller int64) {
		if *field == standard && smaller < standard {
			*field = smaller
			changed = append(changed, name, config.FormatSize(smaller))
		}
	}
	if has.slots > 1 && has.threads > 0 {
		to("waterbear.single-task-input-size", &s.SingleTaskInputSize, standardSession.SingleTaskInputSize, int64(has.threads)*singleTaskPerThread)
	}
	standard := schedulerSettings(&standardSession, config.Scheduling{})
	if has.share == 0 || has.share >= standard.TaskMemory {
		return changed
	}
	shrunk := func(size int64) int64 {
		mb := int64(float64(size) / float64(standard.TaskMemory) * float64(has.share) / (1 << 20))
		return min(size, max(mb<<20, leastScaled))
	}
	to("fault-tolerant-execution-task-memory", &set.TaskMemory, standard.TaskMemory, has.share)
	own := has.ownShare
	if own == 0 {
		own = has.share
	}
	to("fault-tolerant-execution-coordinator-task-memory", &set.CoordinatorTaskMemory, standard.CoordinatorTaskMemory, own)
	arbitrary := "fault-tolerant-execution-arbitrary-distribution-"
	hash := "fault-tolerant-execution-hash-distribution-"
	to(arbitrary+"compute-task-target-size-min", &set.Compute.Min, standard.Compute.Min, shrunk(standard.Compute.Min))
	to(arbitrary+"compute-task-target-size-max", &set.Compute.Max, standard.Compute.Max, max(set.Compute.Min, shrunk(standard.Compute.Max)))
	to(arbitrary+"write-task-target-size-min", &set.Write.Min, standard.Write.Min, shrunk(standard.Write.Min))
	to(arbitrary+"write-task-target-size-max", &set.Write.Max, standard.Write.Max, max(set.Write.Min, shrunk(standard.Write.Max)))
	to(hash+"compute-task-target-size", &set.HashComputeTargetSize, standard.HashComputeTargetSize, shrunk(standard.HashComputeTargetSize))
	to(hash+"write-task-target-size", &set.HashWriteTargetSize, standard.HashWriteTargetSize, shrunk(standard.HashWriteTargetSize))
	inputSize := standardSession.MinInputSizePerTask
	to("optimizer.min-input-size-per-task", &s.MinInputSizePerTask, inputSize, shrunk(inputSize))
	return changed
}

// scaleDown adapts the settings of a query to the nodes, and says so in the log once.
func (c *Coordinator) scaleDown(s *Settings) {
	has := c.capacity()
	changed := has.scale(&s.Session, &s.Scheduler)
	has.limitPerNode(s)
	if len(changed) > 0 {
		c.scaled.Do(func() {
			c.log.Info("defaults that presume larger nodes are scaled down", append([]any{"slotMemory", config.FormatSize(has.share)}, changed...)...)
		})
	}
}
