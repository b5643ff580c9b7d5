package sim

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// act does what the machine asks for.
func (w *world) act(a scheduler.Action) {
	switch a := a.(type) {
	case scheduler.StartTask:
		w.start(a)
	case scheduler.CancelTask:
		if t := w.tasks[a.Task]; t != nil && w.chance(70) { // else it comes too late
			t.canceled = true
		}
	case scheduler.FindSplits:
		w.findSplits(a)
	case scheduler.StageFinished:
		if a.Version > 0 {
			stages := w.replan(a.Query)
			w.send(w.upTo(3*time.Second), func(at scheduler.Instant) scheduler.Event {
				return scheduler.Replanned{At: at, Query: a.Query, Version: a.Version, Stages: stages}
			})
		}
	case scheduler.QueryFinished, scheduler.QueryFailed:
		id, d := endOf(a), w.upTo(20*time.Second)
		if f, ok := a.(scheduler.QueryFinished); ok && w.queries[id].spec.Policy == scheduler.RetryQuery && w.chance(50) {
			w.send(w.upTo(5*time.Second), func(at scheduler.Instant) scheduler.Event {
				return scheduler.ResultTaken{At: at, Query: id, Attempt: f.Attempt}
			})
		}
		w.send(d, func(at scheduler.Instant) scheduler.Event { return scheduler.ForgetQuery{At: at, Query: id} })
	case scheduler.NodeDrained:
		n := w.node(a.Node)
		instance := n.join.Instance
		w.send(w.upTo(time.Second), func(at scheduler.Instant) scheduler.Event {
			if n.join.Instance == instance {
				n.kill()
			}
			return scheduler.NodeLeft{At: at, Node: a.Node, Instance: instance}
		})
	case scheduler.SetTimer:
		w.timer++
		generation := w.timer
		w.in(a.At.Sub(w.now), func() {
			if w.timer == generation && !w.journal.down {
				w.step(scheduler.Tick{At: w.now})
			}
		})
	}
}

func endOf(a scheduler.Action) scheduler.QueryID {
	if f, ok := a.(scheduler.QueryFinished); ok {
		return f.Query
	}
	return a.(scheduler.QueryFailed).Query
}

// replan answers with the plan as it is: with nothing, or with the stages that have not started spelt out.
func (w *world) replan(id scheduler.QueryID) []scheduler.Stage {
	if w.chance(50) {
		return nil
	}
	info, ok := w.state.Query(id)
	if !ok {
		return nil
	}
	var out []scheduler.Stage
	for i, st := range info.Stages {
		if st.State == scheduler.StagePlanned {
			out = append(out, w.queries[id].spec.Stages[i])
		}
	}
	return out
}

// findSplits answers with the next few splits, or with a failure.
func (w *world) findSplits(a scheduler.FindSplits) {
	d := w.upTo(time.Second)
	if w.now < horizon && w.chance(3) {
		w.saw("slow listing")
		d = w.upTo(time.Minute)
	}
	if w.faults > 0 && w.chance(5) {
		w.faults--
		w.saw("failed listing")
		w.send(d, func(at scheduler.Instant) scheduler.Event {
			f := scheduler.FailureOf(trinoerr.New(trinoerr.GenericInternalError, "listing failed"))
			return scheduler.SplitsFailed{At: at, Query: a.Query, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Failure: f}
		})
		return
	}
	all := w.queries[a.Query].splits[[2]int{int(a.Stage), a.Source}]
	end := min(len(all), a.Seen+1+w.rng.Intn(6))
	noMore := end == len(all) && w.chance(80)
	w.send(d, func(at scheduler.Instant) scheduler.Event {
		return scheduler.SplitsFound{At: at, Query: a.Query, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Splits: all[a.Seen:end], NoMore: noMore}
	})
}
