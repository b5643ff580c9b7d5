package scheduler

import "time"

// Config is what is common to all queries of a cluster.
type Config struct {
	// NoMatchingNodePeriod is how long a query waits while no node at all could take one of its tasks, before it fails
	// with NO_NODES_AVAILABLE; node-scheduler.allowed-no-matching-node-period.
	NoMatchingNodePeriod time.Duration
	// ExhaustedNodeWait is how long a task waits for a busy node at the host of its splits before it goes elsewhere;
	// node-scheduler.exhausted-node-wait-period.
	ExhaustedNodeWait time.Duration
	// LocalScheduling sends tasks to the hosts of splits that could be read from anywhere;
	// node-scheduler.optimized-local-scheduling.
	LocalScheduling bool
	// RuntimeMemoryOverhead is added to what a running task is seen to use, when a node is judged;
	// fault-tolerant-execution-task-runtime-memory-estimation-overhead. A small node counts less, see nodes.go.
	RuntimeMemoryOverhead int64
	// EagerOvercommit is memory that a node is taken to have in addition for EAGER_SPECULATIVE tasks;
	// fault-tolerant-execution-eager-speculative-tasks-node-memory-overcommit. A small node counts less, see nodes.go.
	EagerOvercommit int64
	// TaskLowMemoryKiller chooses among tasks that are retried by themselves; task.low-memory-killer.policy.
	TaskLowMemoryKiller LowMemoryKiller
	// QueryLowMemoryKiller chooses among the queries whose tasks are not; query.low-memory-killer.policy.
	QueryLowMemoryKiller LowMemoryKiller
}

// LowMemoryKiller says what is ended when the tasks of a node use more memory than it has.
type LowMemoryKiller uint8

// The ways to choose.
const (
	// KillNone ends nothing.
	KillNone LowMemoryKiller = iota
	// KillTotalReservation ends the query that uses most, wherever.
	KillTotalReservation
	// KillTotalReservationOnBlockedNodes ends what uses most on nodes without free memory.
	KillTotalReservationOnBlockedNodes
	// KillLeastWaste ends the task that uses most for the time that it has run.
	KillLeastWaste
)

// String returns Trino's name of the policy.
func (k LowMemoryKiller) String() string {
	return [...]string{"none", "total-reservation", "total-reservation-on-blocked-nodes", "least-waste"}[k]
}

// DefaultConfig returns Trino's defaults.
func DefaultConfig() Config {
	return Config{
		NoMatchingNodePeriod:  10 * time.Minute,
		ExhaustedNodeWait:     2 * time.Minute,
		LocalScheduling:       true,
		RuntimeMemoryOverhead: gib,
		EagerOvercommit:       20 * gib,
		TaskLowMemoryKiller:   KillTotalReservationOnBlockedNodes,
		QueryLowMemoryKiller:  KillTotalReservationOnBlockedNodes,
	}
}
