package sim

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// start runs an attempt: for as long as its input takes to read.
func (r *planRun) start(a scheduler.StartTask) {
	life := r.lives[a.Node]
	if r.running[a.Task] == life { // a coordinator that took over asks again
		return
	}
	r.running[a.Task] = life
	r.Attempts++
	read, fetched := r.read(a)
	r.in(time.Millisecond, func() { r.report(a, life, scheduler.TaskStarted{At: r.now, Task: a.Task}) })
	takes := r.on.Startup + time.Duration(float64(read+fetched)/float64(r.on.Rate)*float64(time.Second))
	r.in(takes, func() {
		if r.running[a.Task] != life {
			return
		}
		if r.lives[a.Node] == life {
			r.covered[a.Task.Stage].add(a)
			r.report(a, life, r.finish(a, takes))
		}
		delete(r.running, a.Task)
	})
}

// report says something of an attempt, unless its node is gone or it was cancelled.
func (r *planRun) report(a scheduler.StartTask, life int, ev scheduler.Event) {
	if r.running[a.Task] == life && r.lives[a.Node] == life {
		r.step(stamped(ev, r.now))
	}
}

// stamped gives a report the time at which it arrives.
func stamped(ev scheduler.Event, at scheduler.Instant) scheduler.Event {
	switch ev := ev.(type) {
	case scheduler.TaskStarted:
		ev.At = at
		return ev
	case scheduler.TaskFinished:
		ev.At = at
		return ev
	}
	return ev
}

// read counts what an attempt reads of tables and of other stages, and its requests.
func (r *planRun) read(a scheduler.StartTask) (read, fetched int64) {
	for _, s := range a.Splits {
		read += s.Bytes
	}
	for i := range a.Inputs {
		bundles, bytes := r.input(&a.Inputs[i])
		r.Gets += int64(bundles)
		fetched += bytes
	}
	r.Read += read
	r.Fetched += fetched
	return read, fetched
}

// input is how many outputs of a stage an attempt reads, and how much of them.
func (r *planRun) input(in *scheduler.InputSelection) (bundles int, bytes int64) {
	if len(in.Bundles) == 0 {
		return 0, 0
	}
	t, ok := r.totals[&in.Bundles[0]]
	if !ok || t.bundles != len(in.Bundles) {
		t = bundleTotal{bundles: len(in.Bundles)}
		for i := range in.Bundles {
			t.bytes += in.Bundles[i].Bytes
		}
		r.totals[&in.Bundles[0]] = t
	}
	if in.Partitions == nil {
		return t.bundles, t.bytes
	}
	of := r.plan.Query.Stages[in.Stage].OutputPartitions
	return t.bundles, int64(float64(t.bytes) * float64(len(in.Partitions)) / float64(of))
}

// finish is the end of an attempt.
func (r *planRun) finish(a scheduler.StartTask, took time.Duration) scheduler.Event {
	st := &r.plan.Query.Stages[a.Task.Stage]
	out := r.output(a, st)
	bytes, rows := make([]int64, a.OutputPartitions), make([]int64, a.OutputPartitions)
	for i := range bytes {
		bytes[i] = (out + int64(i)) / int64(len(bytes))
		rows[i] = (bytes[i] + 63) / 64
	}
	if !st.Root {
		r.written[a.Task.Stage] += out
		r.Written += out
		r.Puts++
		if out > r.on.PartBytes { // begun, its parts, and put together
			r.Puts += 1 + (out+r.on.PartBytes-1)/r.on.PartBytes
		}
	}
	return scheduler.TaskFinished{Task: a.Task, Rows: rows, Bytes: bytes, PeakMemory: min(a.MemBytes, 2<<30), CPU: took, Wall: took, Output: a.Task.String()}
}

// output is how much an attempt puts out: its share of what the stage does is that of its input in the stage's.
func (r *planRun) output(a scheduler.StartTask, st *scheduler.Stage) int64 {
	own, all := int64(0), int64(0)
	for _, s := range a.Splits {
		own += s.Bytes
	}
	for _, s := range r.plan.Stages[a.Task.Stage].Scans {
		all += s.Bytes
	}
	for i := range a.Inputs {
		if !st.Inputs[i].Replicated {
			_, bytes := r.input(&a.Inputs[i])
			own += bytes
			all += r.written[a.Inputs[i].Stage]
		}
	}
	share := 1.0
	if all > 0 {
		share = min(1, float64(own)/float64(all))
	}
	size := r.plan.Stages[a.Task.Stage]
	if size.Partial > 0 {
		return max(1, min(size.Bytes, int64(share*float64(size.Partial))))
	}
	return max(1, int64(share*float64(size.Bytes)))
}
