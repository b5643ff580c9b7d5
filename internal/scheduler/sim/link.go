package sim

import (
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// A node reports to the coordinator over a link that may be cut, and may itself be asleep: what it has to say is kept
// until somebody listens, and dies with it.

// silent reports whether nothing is heard of the node although it lives.
func (n *simNode) silent() bool { return n.cut || n.asleep }

// say lets the coordinator hear of something that does not come from a node's work. While there is no coordinator, it is
// said again later.
func (w *world) say(event func(at scheduler.Instant) scheduler.Event) {
	if w.journal.down {
		w.in(w.journal.upAt.Sub(w.now)+time.Millisecond+w.upTo(2*time.Second), func() { w.say(event) })
		return
	}
	w.step(event(w.now))
}

// report lets a node say something after a while, sometimes twice.
func (w *world) report(n *simNode, d time.Duration, event func(at scheduler.Instant) scheduler.Event) {
	instance := n.join.Instance
	deliver := func() {
		switch {
		case !w.journal.down && !n.silent():
			w.step(event(w.now)) // may have been under way when the node died
		case n.alive && n.join.Instance == instance:
			n.reports = append(n.reports, event)
		}
	}
	w.in(d, deliver)
	if w.chance(4) {
		w.in(d+w.upTo(10*time.Second), deliver)
	}
}

// flush lets a node say what it has kept.
func (w *world) flush(n *simNode) {
	reports := n.reports
	n.reports = nil
	for _, ev := range reports {
		w.report(n, w.upTo(time.Second), ev)
	}
	thawed := n.frozen
	n.frozen = nil
	for _, f := range thawed {
		w.in(w.upTo(time.Second), f)
	}
}

// work does something on the node after a while: later if it sleeps then.
func (w *world) work(n *simNode, d time.Duration, f func()) {
	w.in(d, func() {
		if n.asleep {
			n.frozen = append(n.frozen, f)
			return
		}
		f()
	})
}

// partition cuts a node off from the coordinator for a while. If that takes long enough to be noticed, the node is
// given up, and seen again afterwards.
func (w *world) partition(n *simNode) {
	if !n.alive || n.silent() {
		return
	}
	n.cut = true
	w.saw("partition")
	w.silence(n, func() { n.cut = false })
}

// pause puts a node to sleep for a while: its work stands still as well.
func (w *world) pause(n *simNode) {
	if !n.alive || n.silent() {
		return
	}
	n.asleep = true
	w.saw("pause")
	w.silence(n, func() { n.asleep = false })
}

// silence is a time in which nothing is heard of a node. A restart of the node ends it, too.
func (w *world) silence(n *simNode, end func()) {
	instance := n.join.Instance
	notice, over := time.Second+w.upTo(9*time.Second), w.upTo(30*time.Second)
	if notice < over {
		w.in(notice, func() {
			if n.join.Instance == instance && n.alive {
				w.say(func(at scheduler.Instant) scheduler.Event {
					return scheduler.NodeLost{At: at, Node: n.join.Node, Instance: instance}
				})
			}
		})
	}
	w.in(over, func() {
		if n.join.Instance != instance || !n.alive {
			return
		}
		end()
		if w.journal.down {
			return // the next coordinator asks
		}
		if w.known(n) {
			w.returned(n)
			return
		}
		w.reconcile(n)
		w.announce(n, 0)
		w.flush(n)
	})
}

// known reports whether the coordinator counts on the node as it is.
func (w *world) known(n *simNode) bool {
	return slices.ContainsFunc(w.state.Nodes(), func(i scheduler.NodeInfo) bool {
		return i.ID == n.join.Node && i.Instance == n.join.Instance
	})
}

// reconcile stops what a node runs and nobody waits for.
func (w *world) reconcile(n *simNode) {
	running := w.state.Running(n.join.Node)
	for _, id := range sortedTasks(w.tasks) {
		if t := w.tasks[id]; t.start.Node == n.join.Node && t.instance == n.join.Instance && !slices.Contains(running, id) {
			t.canceled = true
		}
	}
}

// reboot ends a node's process and starts another one.
func (w *world) reboot(n *simNode) {
	n.kill()
	w.in(w.upTo(20*time.Second), func() { w.revive(n) })
}

// kill ends the node's process, with what it had to say.
func (n *simNode) kill() {
	n.alive, n.cut, n.asleep = false, false, false
	n.reports, n.frozen = nil, nil
}
