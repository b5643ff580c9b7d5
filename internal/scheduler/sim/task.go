package sim

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// simTask is an attempt on a node.
type simTask struct {
	start    scheduler.StartTask
	instance string
	canceled bool
	over     bool
}

// start lets the node work on the attempt, if it is there.
func (w *world) start(a scheduler.StartTask) {
	n := w.node(a.Node)
	if n == nil || !n.alive || n.silent() {
		return // nobody hears; the loss or the return of the node will be noticed
	}
	if t := w.tasks[a.Task]; t != nil && t.instance == n.join.Instance {
		return // it has it
	}
	t := &simTask{start: a, instance: n.join.Instance}
	w.tasks[a.Task] = t
	w.report(n, w.upTo(time.Second), func(at scheduler.Instant) scheduler.Event { return scheduler.TaskStarted{At: at, Task: a.Task} })
	takes := time.Second + w.upTo(time.Duration(n.slow)*15*time.Second)
	if w.chance(3) { // most of the data has one key
		w.saw("long task")
		takes *= 6
	}
	w.work(n, takes, func() { w.end(t, n) })
	if w.chance(20) {
		w.in(w.upTo(10*time.Second), func() { w.reportMemory(n, n.join.Instance) })
	}
}

// end is the end of an attempt's work.
func (w *world) end(t *simTask, n *simNode) {
	t.over = true
	if t.canceled || !n.alive || n.join.Instance != t.instance {
		return
	}
	a, q := t.start, w.queries[t.start.Task.Query]
	need := q.need * int64(50+(a.Task.Partition*37+int(a.Task.Stage)*11)%50) / 100
	if units := units(a); q.hungry {
		need *= int64(units)
	}
	d := w.upTo(500 * time.Millisecond)
	if w.chance(5) {
		d = w.upTo(30 * time.Second)
	}
	var lost []scheduler.OutputRef
	for _, in := range a.Inputs {
		for _, b := range in.Bundles {
			maker := w.node(b.Node)
			gone := q.spec.Direct && b.Node != "" && (maker == nil || !maker.alive)
			if w.lost[b.Task(a.Task.Query, in.Stage)] || gone {
				lost = append(lost, scheduler.OutputRef{Stage: in.Stage, Partition: b.Partition, Attempt: b.Attempt})
			}
		}
	}
	var f *scheduler.Failure
	switch {
	case len(lost) > 0:
		f = newFailure(trinoerr.PageTransportError)
	case a.MemBytes > 0 && need > a.MemBytes:
		f = newFailure(trinoerr.ExceededLocalMemoryLimit)
	case w.now < w.outage:
		f = newFailure(trinoerr.GenericInternalError)
	case w.faults > 0 && w.chance(8):
		w.faults--
		f = newFailure(failures[w.rng.Intn(len(failures))])
	}
	if f != nil {
		w.report(n, d, func(at scheduler.Instant) scheduler.Event {
			return scheduler.TaskFailed{At: at, Task: a.Task, Failure: *f, PeakMemory: min(need, a.MemBytes), Lost: lost}
		})
		return
	}
	rows, bytes := make([]int64, a.OutputPartitions), make([]int64, a.OutputPartitions)
	for i := range rows {
		rows[i], bytes[i] = int64((a.Task.Partition+i)%4), int64((a.Task.Partition*13+i*29)%160)
	}
	inline := w.chance(20)
	w.report(n, d, func(at scheduler.Instant) scheduler.Event {
		return scheduler.TaskFinished{
			At: at, Task: a.Task, Rows: rows, Bytes: bytes, PeakMemory: need, CPU: time.Second, Output: a.Task.String(), Inline: inline,
		}
	})
}

// units counts what the attempt reads that could be divided among others.
func units(a scheduler.StartTask) int {
	n := len(a.Splits)
	for _, in := range a.Inputs {
		n += max(len(in.Bundles), len(in.Partitions))
	}
	return n
}

// failures are the ways in which a task fails by itself; most can be repeated.
var failures = []*trinoerr.Code{
	trinoerr.GenericInternalError, trinoerr.GenericInternalError, trinoerr.RemoteTaskError, trinoerr.UnsupportedTableType,
	trinoerr.ClusterOutOfMemory, trinoerr.ServerShuttingDown, trinoerr.ExceededSpillLimit, trinoerr.CorruptPage,
	trinoerr.GenericInternalError, trinoerr.RemoteTaskError, trinoerr.PageTransportError, trinoerr.DivisionByZero,
}

func newFailure(code *trinoerr.Code) *scheduler.Failure {
	f := scheduler.FailureOf(trinoerr.New(code, "injected"))
	return &f
}
