package config

import "time"

// Query is how the coordinator treats queries, beyond what sessions can change.
type Query struct {
	ClientTimeout time.Duration // a query whose client was not heard of for so long is abandoned
	MaxHistory    int           // ended queries that are remembered
	MinExpireAge  time.Duration // for at least so long
	MaxLength     int           // of the statement, in characters
	MaxConcurrent int           // queries that run at a time, without resource groups
	MaxQueued     int           // queries that wait for that, without resource groups

	ScheduleSplitBatchSize  int   // splits taken from a connector at a time
	DeduplicationBufferSize int64 // rows of a query under QUERY that are held back in memory until it has succeeded
	ResultMemory            int64 // for such rows of all queries together
	ResultScratchQuota      int64 // of all such rows on the coordinator's disk, when there is no exchange manager
	ResultUnreadSize        int64 // rows of a running task that wait for the client before the task does; 0: none are shown

	DescriptorMaxMemory     int64 // of the descriptors of all tasks; more go to the exchange storage
	DescriptorHighWaterMark int64 // above it descriptors are compressed,
	DescriptorLowWaterMark  int64 // until below this
}

// QueryTable lists the properties of Query.
var QueryTable = Table[Query]{
	Title: "Queries",
	Properties: []Property[Query]{
		{Name: "query.client.timeout", Default: "5m", UsedBy: "protocol, worker",
			Value: Duration(func(c *Query) *time.Duration { return &c.ClientTimeout }, time.Second),
			Doc: "A query whose client was not heard of for so long is abandoned and cleaned up, and so are the tasks on a worker that did " +
				"not hear of its coordinator."},
		{Name: "query.max-history", Default: "100", UsedBy: "coordinator",
			Value: Int(func(c *Query) *int { return &c.MaxHistory }, 0, NoMax),
			Doc:   "How many ended queries are remembered."},
		{Name: "query.min-expire-age", Default: "15m", UsedBy: "coordinator",
			Value: Duration(func(c *Query) *time.Duration { return &c.MinExpireAge }, 0),
			Doc:   "How long an ended query is remembered at least."},
		{Name: "query.max-length", Default: "1000000", UsedBy: "coordinator",
			Value: Int(func(c *Query) *int { return &c.MaxLength }, 0, 1_000_000_000),
			Doc:   "Longest statement, in characters; a longer one fails with QUERY_TEXT_TOO_LARGE."},
		{Name: "query.max-concurrent-queries", Default: "1000", UsedBy: "cmd/waterbear",
			Value: Int(func(c *Query) *int { return &c.MaxConcurrent }, 1, NoMax),
			Doc:   "How many queries run at a time; more wait. It holds without resource groups."},
		{Name: "query.max-queued-queries", Default: "5000", UsedBy: "cmd/waterbear",
			Value: Int(func(c *Query) *int { return &c.MaxQueued }, 1, NoMax),
			Doc:   "How many queries wait; more fail with QUERY_QUEUE_FULL. It holds without resource groups."},
		{Name: "query.schedule-split-batch-size", Default: "1000", UsedBy: "coordinator",
			Value: Int(func(c *Query) *int { return &c.ScheduleSplitBatchSize }, 1, NoMax),
			Doc:   "How many splits are taken from a table at a time."},
		{Name: "exchange.deduplication-buffer-size", Default: "32MB", UsedBy: "coordinator",
			Value: Size(func(c *Query) *int64 { return &c.DeduplicationBufferSize }, 0),
			Doc: "Under policy `QUERY` the rows of a query are held back until it has succeeded: so much of them in the coordinator's memory, " +
				"the rest in the exchange manager, or on the coordinator's disk."},
		{Name: "waterbear.result-memory", DefaultDoc: "5% of `waterbear.memory`", UsedBy: "coordinator",
			Value: Size(func(c *Query) *int64 { return &c.ResultMemory }, 1),
			Doc:   "How much memory such rows of all queries take together. When it is used up, the rows of further queries leave memory before their buffer is full."},
		{Name: "waterbear.result-scratch-quota", Default: "10GB", UsedBy: "coordinator",
			Value: Size(func(c *Query) *int64 { return &c.ResultScratchQuota }, 0),
			Doc: "How much of such rows of all queries the coordinator's scratch directory takes when there is no exchange manager; 0B is none. " +
				"It is encrypted. A query that needs more fails with EXCHANGE_MANAGER_NOT_CONFIGURED."},
		{Name: "waterbear.result-unread-size", Default: "1GB", UsedBy: "coordinator",
			Value: Size(func(c *Query) *int64 { return &c.ResultUnreadSize }, 0),
			Doc: "Under policy `NONE` clients get the rows of a result that a single task makes while it runs. When so much of them lies unread on the worker's " +
				"disk, the task waits for the client; what the client has is deleted. 0B is to give rows only when their task has ended."},
		{Name: "fault-tolerant-execution-task-descriptor-storage-max-memory", DefaultDoc: "15% of `waterbear.memory`", UsedBy: "coordinator",
			Value: Size(func(c *Query) *int64 { return &c.DescriptorMaxMemory }, 1),
			Doc: "Memory for the descriptors of the tasks of all queries. What exceeds it goes to the exchange storage, or to the " +
				"coordinator's scratch directory. Only when neither takes it the query that has most fails with EXCEEDED_TASK_DESCRIPTOR_STORAGE_CAPACITY."},
		{Name: "fault-tolerant-execution-task-descriptor-storage-high-water-mark", DefaultDoc: "9% of `waterbear.memory`", UsedBy: "coordinator",
			Value: Size(func(c *Query) *int64 { return &c.DescriptorHighWaterMark }, 1),
			Doc:   "Descriptors are compressed above this,"},
		{Name: "fault-tolerant-execution-task-descriptor-storage-low-water-mark", DefaultDoc: "6% of `waterbear.memory`", UsedBy: "coordinator",
			Value: Size(func(c *Query) *int64 { return &c.DescriptorLowWaterMark }, 1),
			Doc:   "until they are below this."},
	},
}

// completeDescriptors sets the limits of descriptors, and of rows that are held back, that are not set. The marks follow
// from the default maximum, not from the configured one, as in Trino.
func (q *Query) completeDescriptors(memBytes int64) {
	for _, d := range []struct {
		field   *int64
		percent int64
	}{{&q.ResultMemory, 5}, {&q.DescriptorMaxMemory, 15}, {&q.DescriptorHighWaterMark, 9}, {&q.DescriptorLowWaterMark, 6}} {
		if *d.field == 0 {
			*d.field = memBytes * d.percent / 100
		}
	}
}
