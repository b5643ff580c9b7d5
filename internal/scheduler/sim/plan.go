package sim

import (
	"cmp"
	"container/heap"
	"fmt"
	"math/rand"
	"runtime"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Plan is a query as a planner has made it, with the sizes that it expects.
type Plan struct {
	Query  scheduler.Query
	Stages []PlanStage // by id
}

// PlanStage is how much a stage reads of tables, and puts out: its tasks together Bytes; or, where Partial is not 0, each task as much as that
// and no more than its share of Partial.
type PlanStage struct {
	Scans          []PlanScan
	Bytes, Partial int64
}

// PlanScan is a scan: how many splits it has, and bytes altogether. With Ranges it is read in so many.
type PlanScan struct {
	Splits int
	Bytes  int64
	Ranges int
}

// Cluster is what plans run on, and what happens to it.
type Cluster struct {
	Nodes, Slots int
	Memory       int64         // of a node
	Rate         int64         // bytes that a task reads in a second
	PartBytes    int64         // objects above that are written in parts of it
	Kills        int           // of nodes, which come back after a minute; spread over the query
	Restarts     int           // of the coordinator, as often
	Seed         int64         // of what is killed
	Startup      time.Duration // of each task, beside its reading
}

// PlanCost is what a plan asked of the coordinator and of the storage.
type PlanCost struct {
	Stages, Tasks, Attempts, Events int
	Elapsed                         time.Duration // in the machine alone
	Processor                       time.Duration // of the whole process: with what feeds the machine, and the collection of garbage
	Longest                         time.Duration // of one event
	Heap                            int64         // most bytes that the machine held
	Snapshot                        int64         // bytes of the largest snapshot, which are taken in the middle
	Restore                         time.Duration // the longest
	Takes                           time.Duration // simulated: from submission to result
	// Read is of tables, Written of outputs of stages but the root's, Fetched what consumers read of these, in bytes.
	Read, Written, Fetched int64
	// Puts are the requests that writers make, Gets those of readers: one for each bundle that an attempt reads of.
	Puts, Gets int64
}

// planRun drives the machine through one plan.
type planRun struct {
	PlanCost
	plan     Plan
	on       Cluster
	state    *scheduler.State
	rng      *rand.Rand
	queue    queue
	seq      int
	now      scheduler.Instant
	timer    int // generation of the last SetTimer
	base     int64
	lives    map[scheduler.NodeID]int
	running  map[scheduler.TaskID]int // node's life in which it was started
	written  []int64                  // by stage, so far
	totals   map[*scheduler.Bundle]bundleTotal
	finished map[scheduler.StageID]bool
	covered  []coverage // by stage
	done     bool
	failure  string
}

// coverage is which tasks of a stage have finished, and how many splits they have read.
type coverage struct {
	tasks  []bool
	splits int
}

// add counts a task that has finished, once.
func (c *coverage) add(a scheduler.StartTask) {
	for len(c.tasks) <= a.Task.Partition {
		c.tasks = append(c.tasks, false)
	}
	if !c.tasks[a.Task.Partition] {
		c.tasks[a.Task.Partition] = true
		c.splits += len(a.Splits)
	}
}

// checkSplits reports a stage that finished and has not read each split once.
func (r *planRun) checkSplits() error {
	for i, st := range r.plan.Query.Stages {
		want := 0
		for _, s := range r.plan.Stages[i].Scans {
			want += s.count()
		}
		if got := r.covered[i].splits; r.finished[st.ID] && st.RowLimit == 0 && got != want {
			return fmt.Errorf("stage %d of query %s has finished with %d of %d splits", st.ID, r.plan.Query.ID, got, want)
		}
	}
	return nil
}

// count is how many splits a scan has.
func (s *PlanScan) count() int { return max(s.Splits, s.Ranges, 1) }

// bundleTotal is the sum of a list of outputs, which all tasks that read a whole stage share.
type bundleTotal struct {
	bundles int
	bytes   int64
}

// MeasurePlan runs a plan on a simulated cluster, and reports what that costs.
func MeasurePlan(p Plan, on Cluster) (*PlanCost, error) {
	r := &planRun{plan: p, on: on, state: scheduler.New(scheduler.DefaultConfig()), rng: rand.New(rand.NewSource(on.Seed)),
		lives: map[scheduler.NodeID]int{}, running: map[scheduler.TaskID]int{}, totals: map[*scheduler.Bundle]bundleTotal{}, finished: map[scheduler.StageID]bool{}}
	r.Stages = len(p.Stages)
	for i := range on.Nodes {
		r.join(nodeName(i))
	}
	r.Events, r.Elapsed, r.Longest = 0, 0, 0
	r.covered = make([]coverage, len(p.Stages))
	r.written = make([]int64, len(p.Stages))
	r.base = heapBytes()
	used := processorTime()
	r.step(scheduler.QuerySubmitted{At: r.now, Query: p.Query})
	r.trouble()
	for len(r.queue) > 0 && !r.done && r.failure == "" {
		it := heap.Pop(&r.queue).(item)
		r.now = max(r.now, it.at)
		it.do()
	}
	if err := r.checkSplits(); err != nil {
		return nil, err
	}
	if !r.done {
		return nil, fmt.Errorf("the query %s did not finish: %s", p.Query.ID, cmp.Or(r.failure, "nothing is left to happen"))
	}
	r.Takes = r.now.Sub(0)
	r.weigh()
	r.Processor = processorTime() - used
	runtime.KeepAlive(r.state)
	return &r.PlanCost, nil
}

func nodeName(i int) scheduler.NodeID { return scheduler.NodeID(fmt.Sprintf("w%04d", i)) }

func (r *planRun) join(id scheduler.NodeID) {
	r.lives[id]++
	r.step(scheduler.NodeJoined{At: r.now, Node: id, Instance: strconv.Itoa(r.lives[id]), MemBytes: r.on.Memory, Slots: r.on.Slots, Host: string(id)})
}

func (r *planRun) in(d time.Duration, do func()) {
	heap.Push(&r.queue, item{at: r.now.Add(d), seq: r.seq, do: do})
	r.seq++
}

// step gives the machine an event and lines up what follows from it.
func (r *planRun) step(ev scheduler.Event) {
	begun := time.Now()
	actions := r.state.Step(ev)
	took := time.Since(begun)
	r.Events++
	r.Elapsed += took
	r.Longest = max(r.Longest, took)
	for _, a := range actions {
		r.act(a)
	}
}

func (r *planRun) act(a scheduler.Action) {
	switch a := a.(type) {
	case scheduler.StartTask:
		r.start(a)
	case scheduler.FindSplits:
		r.in(10*time.Millisecond, func() { r.step(r.splits(a)) })
	case scheduler.StageFinished:
		if !r.finished[a.Stage] { // after a restart it is said again
			r.finished[a.Stage] = true
			r.Tasks += a.Tasks
			r.weigh()
		}
		if a.Version > 0 { // what was measured is what was expected
			r.in(0, func() { r.step(scheduler.Replanned{At: r.now, Query: a.Query, Version: a.Version}) })
		}
	case scheduler.SetTimer:
		r.timer++
		generation := r.timer
		r.in(a.At.Sub(r.now), func() {
			if r.timer == generation {
				r.step(scheduler.Tick{At: r.now})
			}
		})
	case scheduler.CancelTask:
		delete(r.running, a.Task)
	case scheduler.QueryFinished:
		r.done = true
	case scheduler.QueryFailed:
		r.failure = a.Failure.Message
	}
}

// weigh notes what the machine holds.
func (r *planRun) weigh() { r.Heap = max(r.Heap, heapBytes()-r.base) }

// splits answers with the next splits of a scan.
func (r *planRun) splits(a scheduler.FindSplits) scheduler.Event {
	s := r.plan.Stages[a.Stage].Scans[a.Source]
	count := s.count()
	found := scheduler.SplitsFound{At: r.now, Query: a.Query, Stage: a.Stage, Source: a.Source, Seen: a.Seen}
	for i := a.Seen; i < min(a.Seen+scaleSplits, count); i++ {
		split := scheduler.Split{Source: a.Source, ID: strconv.Itoa(i), Bytes: max(1, s.Bytes/int64(count))}
		if s.Ranges > 0 {
			split.Group = 1 + i*s.Ranges/count
		}
		found.Splits = append(found.Splits, split)
	}
	found.NoMore = a.Seen+scaleSplits >= count
	return found
}
