package config

import (
	"fmt"
	"time"
)

// Resources is what a node gives to tasks.
type Resources struct {
	MemoryBytes    int64
	Headroom       Amount // of it, not for tasks
	Slots          int    // attempts that run at the same time
	ThreadsPerTask int
	ScratchDir     string        // empty: below the node's data directory
	ScratchQuota   int64         // bytes of the scratch directory that one attempt may take; zero: what the disk has
	Journal        string        // of the coordinator; empty: where it is safe, "none": there is none
	TakeoverAfter  time.Duration // how long the coordinator must be silent before another one takes over
	LeaveQueries   bool          // at the end of the coordinator
}

// TaskMemoryBytes is the memory that the tasks of the node may use together.
func (r *Resources) TaskMemoryBytes() int64 { return r.MemoryBytes - r.Headroom.Of(r.MemoryBytes) }

// ResourcesTable lists the properties of Resources.
var ResourcesTable = Table[Resources]{
	Title: "Resources of a node",
	Properties: []Property[Resources]{
		{Name: "waterbear.memory", DefaultFrom: defaultMemory,
			DefaultDoc: "80% of the memory of the container or machine", UsedBy: "worker",
			Value: Size(func(c *Resources) *int64 { return &c.MemoryBytes }, 64<<20),
			Doc:   "Memory for the tasks of this node, taken together. It takes the place of a Java heap."},
		{Name: "memory.heap-headroom-per-node", Default: "0B", UsedBy: "worker",
			Value: AmountOf(func(c *Resources) *Amount { return &c.Headroom }, "`waterbear.memory`"),
			Doc:   "Part of `waterbear.memory` that tasks do not get. What the node itself needs is not part of it in the first place."},
		{Name: "waterbear.slots", DefaultFrom: defaultSlots, DefaultDoc: "cores divided by threads per task, at least 2",
			UsedBy: "worker",
			Value:  Int(func(c *Resources) *int { return &c.Slots }, 1, 1024),
			Doc:    "How many tasks run at the same time. Each has a process of its own, kept warm."},
		{Name: "waterbear.threads-per-task", DefaultFrom: defaultThreads, DefaultDoc: "the number of cores, at most 4",
			UsedBy: "worker",
			Value:  Int(func(c *Resources) *int { return &c.ThreadsPerTask }, 1, 1024),
			Doc:    "How many threads run one task."},
		{Name: "waterbear.scratch-dir", DefaultDoc: "`scratch` in `node.data-dir`", UsedBy: "worker",
			Value: Text(func(c *Resources) *string { return &c.ScratchDir }, "a directory", notEmpty),
			Doc:   "Where tasks spill and build their outputs. It is emptied at start. A fast local disk is best."},
		{Name: "waterbear.scratch-quota", Default: "0B", UsedBy: "slot",
			Value: Size(func(c *Resources) *int64 { return &c.ScratchQuota }, 0),
			Doc: "How much of the scratch directory one task may take: for inputs that its memory has no room for, what it spills, and output that was not sent yet, taken together. " +
				"A task that needs more fails with EXCEEDED_SPILL_LIMIT. A node runs `waterbear.slots` tasks at a time. 0B is what the disk has."},
		{Name: "waterbear.journal", DefaultDoc: "below the first of `exchange.base-directories` when there is an exchange manager, else `journal` in `node.data-dir`",
			UsedBy: "cmd/waterbear",
			Value:  Text(func(c *Resources) *string { return &c.Journal }, "a directory, the URI of a store, or none", notEmpty),
			Doc: "Where the coordinator writes down what it decides. A coordinator that is started again goes on with the queries under retry " +
				"policy TASK, and their clients notice nothing but a pause. By default the journal is the node's own. In a place that is set here, several coordinators " +
				"share it: one leads, the others stand by and take over. `none`: no journal; a coordinator's death ends its queries."},
		{Name: "waterbear.journal-takeover-timeout", Default: "10s", UsedBy: "cmd/waterbear",
			Value: Duration(func(c *Resources) *time.Duration { return &c.TakeoverAfter }, 100*time.Millisecond),
			Doc:   "How long the coordinator that leads must be silent, before another one that shares its journal takes over."},
		{Name: "waterbear.leave-queries-on-shutdown", Default: "true", UsedBy: "cmd/waterbear",
			Value: Bool(func(c *Resources) *bool { return &c.LeaveQueries }),
			Doc: "Whether a coordinator with a journal that is sent SIGTERM leaves to the one that comes after it what that can go on with (queries under retry " +
				"policy TASK; workers go on meanwhile) or begin anew (queries under QUERY that only read, statements that are still being planned). " +
				"The rest, and after SIGINT everything, ends with it."},
	},
}

func defaultMemory(h Host) string {
	return fmt.Sprintf("%dB", max(h.MemoryBytes/10*8, 64<<20))
}

func defaultThreads(h Host) string { return fmt.Sprint(defaultThreadCount(h)) }

func defaultThreadCount(h Host) int { return max(1, min(4, h.Cores)) }

func defaultSlots(h Host) string { return fmt.Sprint(max(2, h.Cores/defaultThreadCount(h))) }
