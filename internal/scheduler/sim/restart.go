package sim

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// The coordinator writes events to a journal in batches and acts on an event when its batch is durable. When it is
// killed, events that are not durable never happened, and their actions were not carried out; everybody else goes on.
// The next coordinator replays the journal, asks the nodes what they run, and goes on as coordinator/revive.go does.

// journalState is what the world knows of the coordinator and its journal.
type journalState struct {
	kept    bool // there is one: otherwise the coordinator acts at once and is never killed
	durable int  // events
	held    []scheduler.Action
	open    bool // a batch is being written
	life    int  // number of the coordinator
	down    bool
	upAt    scheduler.Instant
}

// carryOut does what the machine asks for, once that is durable.
func (w *world) carryOut(actions []scheduler.Action) {
	if !w.journal.kept {
		for _, a := range actions {
			w.act(a)
		}
		return
	}
	j := &w.journal
	for _, a := range actions {
		if _, ok := a.(scheduler.SetTimer); ok {
			w.act(a)
		} else {
			j.held = append(j.held, a)
		}
	}
	if j.open {
		return
	}
	j.open = true
	life := j.life
	w.in(time.Millisecond+w.upTo(200*time.Millisecond), func() {
		if j.life != life {
			return
		}
		held := j.held
		j.open, j.held, j.durable = false, nil, len(w.events)
		for _, a := range held {
			w.act(a)
		}
	})
}

// killCoordinator ends the coordinator, and starts another one after a while.
func (w *world) killCoordinator() {
	j := &w.journal
	if !j.kept || j.down {
		return
	}
	unwritten := w.events[j.durable:]
	w.saw("coordinator killed")
	w.events, w.actions = w.events[:j.durable:j.durable], w.actions[:j.durable:j.durable]
	j.held, j.open, j.down = nil, false, true
	j.life++
	j.upAt = w.now.Add(time.Second + w.upTo(15*time.Second))
	for _, ev := range unwritten {
		w.forgotten(ev)
	}
	// The coordinator's own node goes with it.
	for _, n := range w.nodes {
		if n.join.Coordinator && n.alive {
			w.reboot(n)
		}
	}
	w.in(j.upAt.Sub(w.now), w.takeOver)
}

// forgotten lets those who said what the journal does not know say it again.
func (w *world) forgotten(ev scheduler.Event) {
	again := func(ev func(at scheduler.Instant) scheduler.Event) { w.in(0, func() { w.say(ev) }) }
	switch ev := ev.(type) {
	case scheduler.TaskFinished:
		w.keepReport(ev.Task, func(at scheduler.Instant) scheduler.Event { ev.At = at; return ev })
	case scheduler.TaskFailed:
		w.keepReport(ev.Task, func(at scheduler.Instant) scheduler.Event { ev.At = at; return ev })
	case scheduler.QuerySubmitted:
		again(func(at scheduler.Instant) scheduler.Event { ev.At = at; return ev })
	case scheduler.CancelQuery:
		again(func(at scheduler.Instant) scheduler.Event { ev.At = at; return ev })
	case scheduler.ForgetQuery:
		again(func(at scheduler.Instant) scheduler.Event { ev.At = at; return ev })
	case scheduler.NodeDraining:
		again(func(at scheduler.Instant) scheduler.Event { ev.At = at; return ev })
	}
}

// keepReport puts a report that was not acknowledged back to what the node has to say.
func (w *world) keepReport(id scheduler.TaskID, ev func(at scheduler.Instant) scheduler.Event) {
	if t := w.tasks[id]; t != nil {
		if n := w.node(t.start.Node); n.alive && n.join.Instance == t.instance {
			n.reports = append(n.reports, ev)
		}
	}
}

// takeOver starts the next coordinator.
func (w *world) takeOver() {
	if w.err != nil {
		return
	}
	w.journal.down = false
	if w.err = w.replayJournal(); w.err != nil {
		return
	}
	for _, a := range w.state.Outstanding() {
		if _, ok := a.(scheduler.StartTask); !ok {
			w.act(a)
		}
	}
	expected := map[scheduler.NodeID]string{}
	for _, info := range w.state.Nodes() {
		expected[info.ID] = info.Instance
		w.await(info.ID, info.Instance)
	}
	for _, n := range w.nodes {
		if n.alive && !n.silent() && expected[n.join.Node] != n.join.Instance {
			w.announce(n, w.upTo(2*time.Second))
			w.flush(n)
		}
	}
}

// await gives a node that ought to be there some time to come back.
func (w *world) await(id scheduler.NodeID, instance string) {
	n, life, back := w.node(id), w.journal.life, false
	w.in(w.upTo(4*time.Second), func() {
		if w.journal.life == life && n.alive && !n.silent() && n.join.Instance == instance {
			back = true
			w.returned(n)
		}
	})
	w.in(5*time.Second, func() {
		if w.journal.life == life && !back {
			w.say(func(at scheduler.Instant) scheduler.Event {
				return scheduler.NodeLost{At: at, Node: id, Instance: instance}
			})
		}
	})
}

// returned welcomes a node that the coordinator knows and had no connection to: what nobody waits for is stopped, what
// it never got is sent again, and it says what it could not say.
func (w *world) returned(n *simNode) {
	w.reconcile(n)
	starts, gone := w.state.OutstandingOn(n.join.Node)
	var again []scheduler.Action
	for _, a := range starts {
		again = append(again, a)
	}
	w.carryOut(again) // what led to some of them may not be durable: another coordinator could give their names to others
	for _, id := range gone {
		if t := w.tasks[id]; t == nil || t.instance != n.join.Instance {
			w.say(func(at scheduler.Instant) scheduler.Event {
				return scheduler.TaskFailed{At: at, Task: id, Failure: *newFailure(trinoerr.RemoteTaskMismatch)}
			})
		}
	}
	w.flush(n)
}

// replayJournal makes the state and the checker's knowledge out of what is durable.
func (w *world) replayJournal() error {
	state, check := scheduler.New(scheduler.DefaultConfig()), newChecker()
	from := 0
	if n := len(w.events); n > 0 && w.chance(30) { // the journal begins with a snapshot
		from = w.rng.Intn(n)
	}
	for i, ev := range w.events {
		if _, rule := check.step(state, ev); rule != "" {
			return &Violation{Seed: w.seed, Rule: "a replay broke a rule that held before: " + rule, Events: w.events, Final: true}
		}
		if i != from {
			continue
		}
		var err error
		if state, err = restored(state); err != nil {
			return err
		}
	}
	w.state, w.check = state, check
	return nil
}
