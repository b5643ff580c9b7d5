package config

import "time"

// Scheduling is what governs all queries alike; what sessions can change is in Session.
type Scheduling struct {
	WorkerCrashGrowsMemory bool          // a crashed worker counts as out of memory for sizing
	NoMatchingNodePeriod   time.Duration // how long a task may wait while no node could take it
	ExhaustedNodePeriod    time.Duration // how long a task waits for a node near its data
	LocalScheduling        bool          // tasks prefer nodes near their data
	RuntimeMemoryOverhead  int64         // what the memory in use of a running task is taken to grow by
	EagerMemoryOvercommit  int64         // memory that a node seems to have more for tasks of eager stages
	TaskMemoryKiller       MemoryKiller
	QueryMemoryKiller      MemoryKiller
}

// MemoryKiller says which task, or which query, ends when a node has no memory left.
type MemoryKiller string

// The policies of memory killers. KillTotalReservation is for queries, KillLeastWaste for tasks.
const (
	KillNone                           MemoryKiller = "none"
	KillTotalReservation               MemoryKiller = "total-reservation"
	KillTotalReservationOnBlockedNodes MemoryKiller = "total-reservation-on-blocked-nodes"
	KillLeastWaste                     MemoryKiller = "least-waste"
)

// SchedulingTable lists the properties of Scheduling.
var SchedulingTable = Table[Scheduling]{
	Title: "Scheduling",
	Properties: []Property[Scheduling]{
		{Name: "fault-tolerant-execution-memory-requirement-increase-on-worker-crash-enabled", Default: "true", UsedBy: "scheduler",
			Aliases: []string{"fault-tolerant-execution.memory-requirement-increase-on-worker-crash-enabled"},
			Value:   Bool(func(c *Scheduling) *bool { return &c.WorkerCrashGrowsMemory }),
			Doc:     "Whether a task whose worker crashed is retried with more memory, as if it had run out of it."},
		{Name: "node-scheduler.allowed-no-matching-node-period", Default: "10m", UsedBy: "scheduler",
			Value: Duration(func(c *Scheduling) *time.Duration { return &c.NoMatchingNodePeriod }, 0),
			Doc:   "How long a query waits while no node could take one of its tasks, before it fails with NO_NODES_AVAILABLE."},
		{Name: "node-scheduler.exhausted-node-wait-period", Default: "2m", UsedBy: "scheduler",
			Value: Duration(func(c *Scheduling) *time.Duration { return &c.ExhaustedNodePeriod }, 0),
			Doc:   "How long a task waits for a node near its data that is full, before it runs on another."},
		{Name: "node-scheduler.optimized-local-scheduling", Default: "true", UsedBy: "scheduler",
			Value: Bool(func(c *Scheduling) *bool { return &c.LocalScheduling }),
			Doc:   "Whether tasks prefer nodes near their data, if they can read it from elsewhere too."},
		{Name: "fault-tolerant-execution-task-runtime-memory-estimation-overhead", Default: "1GB", UsedBy: "scheduler",
			Value: Size(func(c *Scheduling) *int64 { return &c.RuntimeMemoryOverhead }, 0),
			Doc: "What is added to the memory of a running task that uses more than it asked for, when the room on its node is judged; no more " +
				"than an eighth of what the node has."},
		{Name: "fault-tolerant-execution-eager-speculative-tasks-node-memory-overcommit", Default: "20GB", UsedBy: "scheduler",
			Aliases: []string{"fault-tolerant-execution-eager-speculative-tasks-node_memory-overcommit"},
			Value:   Size(func(c *Scheduling) *int64 { return &c.EagerMemoryOvercommit }, 0),
			Doc:     "Memory that a node is taken to have in addition for tasks of stages that start eagerly; no more than a third of what it has."},
		{Name: "task.low-memory-killer.policy", Default: "total-reservation-on-blocked-nodes", UsedBy: "scheduler",
			Value: Enum(func(c *Scheduling) *MemoryKiller { return &c.TaskMemoryKiller }, KillNone, KillTotalReservationOnBlockedNodes, KillLeastWaste),
			Doc: "Which task under policy `TASK` ends, to run again, when its node has no memory left: none, the largest, or the one that loses " +
				"least work for its memory."},
		{Name: "query.low-memory-killer.policy", Default: "total-reservation-on-blocked-nodes", UsedBy: "scheduler",
			Value: Enum(func(c *Scheduling) *MemoryKiller { return &c.QueryMemoryKiller }, KillNone, KillTotalReservation, KillTotalReservationOnBlockedNodes),
			Doc: "Which query under another policy fails with CLUSTER_OUT_OF_MEMORY when a node has no memory left: none, the one that has most " +
				"on all nodes, or on the nodes without memory."},
	},
	Defunct: []Defunct{
		{"query.low-memory-killer.delay", "remove it"},
		{"retry-attempts", "use 'task-retry-attempts-per-task' or 'query-retry-attempts'"},
		{"fault-tolerant-execution-target-task-input-size", "use " +
			"'fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min' and its like"},
		{"fault-tolerant-execution-target-task-split-count", "use 'fault-tolerant-execution-max-task-split-count'"},
		{"experimental.fault-tolerant-execution-force-preferred-write-partitioning-enabled", "remove it"},
	},
}
