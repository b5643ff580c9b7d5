package config

import "time"

// Scheduling is what governs all queries alike; what sessions can change is in Session.
type Scheduling struct {
	WorkerCrashGrowsMemory bool          // a crashed worker counts as out of memory for sizing
	NoMatchingNodePeriod   time.Duration // how long a task may wait while no node could take it
}

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
	},
	Defunct: []Defunct{
		{"retry-attempts", "use 'task-retry-attempts-per-task' or 'query-retry-attempts'"},
		{"fault-tolerant-execution-target-task-input-size", "use " +
			"'fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min' and its like"},
		{"fault-tolerant-execution-target-task-split-count", "use 'fault-tolerant-execution-max-task-split-count'"},
		{"experimental.fault-tolerant-execution-force-preferred-write-partitioning-enabled", "remove it"},
	},
}
