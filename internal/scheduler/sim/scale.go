package sim

import (
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Scale is what a machine of some size costs.
type Scale struct {
	Nodes, Tasks int
	Events       int
	Elapsed      time.Duration // in the machine alone
	Processor    time.Duration // of the whole process: with what feeds the machine, and the collection of garbage
	Longest      time.Duration // of one event
	// AtRest and Peak are bytes of heap per task that the machine holds: when all tasks of the scan have finished, and the
	// most at any time.
	AtRest, Peak int64
}

// PerEvent is the mean time of an event.
func (s *Scale) PerEvent() time.Duration { return s.Elapsed / time.Duration(max(s.Events, 1)) }

func (s *Scale) name() string { return fmt.Sprintf("%d nodes, %d tasks", s.Nodes, s.Tasks) }

// String returns one line.
func (s *Scale) String() string {
	return fmt.Sprintf("%s: %d events, %v each, longest %v, %d bytes per task at rest, %d at peak",
		s.name(), s.Events, s.PerEvent(), s.Longest, s.AtRest, s.Peak)
}

// scaleExchange is the number of exchange partitions of the large query.
const scaleExchange = 50

// scaleSplits is the number of splits that come with one event.
const scaleSplits = 1000

// scaleRun drives the machine through one large query.
type scaleRun struct {
	Scale
	state   *scheduler.State
	base    int64             // heap before the query
	queue   []scheduler.Event // what will happen, in order
	sizes   []int64           // of every output
	samples int
	done    bool
	failure string
}

// MeasureScale runs a query of so many tasks (a scan with one split per task, a hash stage, a final stage) on so many
// nodes of eight slots, without faults, and reports what that costs.
func MeasureScale(nodes, tasks int) (*Scale, error) {
	r := &scaleRun{Scale: Scale{Nodes: nodes, Tasks: tasks}, state: scheduler.New(scheduler.DefaultConfig()), sizes: make([]int64, scaleExchange)}
	for i := range r.sizes {
		r.sizes[i] = mb
	}
	for i := range nodes {
		name := fmt.Sprintf("w%04d", i)
		r.step(scheduler.NodeJoined{Node: scheduler.NodeID(name), Instance: "1", MemBytes: 64 << 30, Slots: 8, Host: name})
	}
	r.Events, r.Elapsed, r.Longest = 0, 0, 0
	r.base = heapBytes()
	used := processorTime()
	set := scheduler.DefaultSettings()
	set.MaxTaskSplitCount = 1
	r.step(scheduler.QuerySubmitted{Query: scheduler.Query{ID: "20260101_000000_00001_scale", Policy: scheduler.RetryTask, Settings: set, Stages: []scheduler.Stage{
		{ID: 0, Distribution: scheduler.Arbitrary, Sources: 1, OutputPartitions: scaleExchange},
		{ID: 1, Distribution: scheduler.Hash, Inputs: []scheduler.Input{{Stage: 0}}, OutputPartitions: 1},
		{ID: 2, Inputs: []scheduler.Input{{Stage: 1}}, OutputPartitions: 1, Root: true},
	}}})
	for at := 0; at < len(r.queue); at++ {
		r.step(r.queue[at])
		r.queue[at] = nil
		if at == 1<<14 { // what has happened is not kept
			r.queue, at = append([]scheduler.Event(nil), r.queue[at+1:]...), -1
		}
	}
	if !r.done {
		return nil, fmt.Errorf("the query of %d tasks on %d nodes did not finish: %s", tasks, nodes, r.failure)
	}
	r.Processor = processorTime() - used
	runtime.KeepAlive(r.state)
	return &r.Scale, nil
}

// step gives the machine an event and lines up what follows from it.
func (r *scaleRun) step(ev scheduler.Event) {
	begun := time.Now()
	actions := r.state.Step(ev)
	took := time.Since(begun)
	r.Events++
	r.Elapsed += took
	r.Longest = max(r.Longest, took)
	for _, a := range actions {
		switch a := a.(type) {
		case scheduler.StartTask:
			n := r.sizes[:a.OutputPartitions]
			r.queue = append(r.queue, scheduler.TaskStarted{Task: a.Task}, scheduler.TaskFinished{
				Task: a.Task, Rows: n, Bytes: n, PeakMemory: 1 << 30, CPU: time.Second, Wall: time.Second,
			})
		case scheduler.FindSplits:
			r.queue = append(r.queue, r.splits(a))
		case scheduler.StageFinished:
			r.Peak = max(r.Peak, r.perTask())
			if a.Stage == 0 {
				r.AtRest = r.perTask()
			}
		case scheduler.QueryFinished:
			r.done = true
		case scheduler.QueryFailed:
			r.failure = a.Failure.Message
		}
	}
	if every := max(r.Tasks/5, 1); r.Events/every > r.samples {
		r.samples++
		r.Peak = max(r.Peak, r.perTask())
	}
}

func (r *scaleRun) splits(a scheduler.FindSplits) scheduler.Event {
	found := scheduler.SplitsFound{Query: a.Query, Stage: a.Stage, Seen: a.Seen}
	for i := a.Seen; i < min(a.Seen+scaleSplits, r.Tasks); i++ {
		found.Splits = append(found.Splits, scheduler.Split{ID: strconv.Itoa(i), Bytes: 512 * mb})
	}
	found.NoMore = a.Seen+scaleSplits >= r.Tasks
	return found
}

// perTask is what the query has added to the heap, for each of its tasks.
func (r *scaleRun) perTask() int64 { return (heapBytes() - r.base) / int64(r.Tasks) }

// heap is the number of bytes that are in use.
func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
