package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// fault makes one thing go wrong.
func (w *world) fault() {
	n := w.nodes[w.rng.Intn(len(w.nodes))]
	switch w.rng.Intn(10) {
	case 0, 1:
		w.crash(n)
	case 2:
		w.cutOff(n)
	case 3:
		w.drain(n)
	case 4, 5:
		w.addNode()
	case 6, 7, 8:
		w.loseOutput()
	case 9:
		w.interrupt()
	}
}

// crash ends a node. The machine learns it later, or from the node's return with a new instance.
func (w *world) crash(n *simNode) {
	if !n.alive {
		return
	}
	n.alive = false
	instance := n.join.Instance
	w.send(w.upTo(5*time.Second), func(at scheduler.Instant) scheduler.Event {
		return scheduler.NodeLost{At: at, Node: n.join.Node, Instance: instance}
	})
	if w.chance(60) {
		w.in(w.upTo(20*time.Second), func() {
			n.alive = true
			n.join.Instance += fmt.Sprintf("+%d", w.seq)
			w.announce(n, w.upTo(time.Second))
		})
	}
}

// cutOff makes the machine believe that a node is lost while it works on; later it is seen again, and stops what the
// machine does not know.
func (w *world) cutOff(n *simNode) {
	if !n.alive {
		return
	}
	w.send(0, func(at scheduler.Instant) scheduler.Event { return scheduler.NodeLost{At: at, Node: n.join.Node} })
	w.in(w.upTo(30*time.Second), func() {
		if !n.alive {
			return
		}
		for _, id := range sortedTasks(w.tasks) {
			if t := w.tasks[id]; t.start.Node == n.join.Node && t.instance == n.join.Instance && !slices.Contains(w.state.Running(n.join.Node), id) {
				t.canceled = true
			}
		}
		w.announce(n, 0)
	})
}

// drain tells a node to finish and go; it may be taken away before it is done.
func (w *world) drain(n *simNode) {
	w.send(0, func(at scheduler.Instant) scheduler.Event { return scheduler.NodeDraining{At: at, Node: n.join.Node} })
	if w.chance(40) {
		w.in(w.upTo(20*time.Second), func() {
			n.alive = false
			w.send(0, func(at scheduler.Instant) scheduler.Event { return scheduler.NodeLeft{At: at, Node: n.join.Node} })
		})
	}
}

// loseOutput makes some output unreadable; readers will say so, or somebody else does.
func (w *world) loseOutput() {
	stored := w.check.storedOutputs()
	if len(stored) == 0 {
		return
	}
	id := stored[w.rng.Intn(len(stored))]
	w.lost[id] = true
	if root := w.queries[id.Query].spec.Stages; w.chance(50) || root[len(root)-1].ID == id.Stage {
		w.send(w.upTo(5*time.Second), func(at scheduler.Instant) scheduler.Event {
			return scheduler.OutputLost{At: at, Query: id.Query, Output: scheduler.OutputRef{Stage: id.Stage, Partition: id.Partition, Attempt: id.Attempt}, Reason: "checksum"}
		})
	}
}

// interrupt ends some query from outside, rarely.
func (w *world) interrupt() {
	id := scheduler.QueryID(fmt.Sprintf("q%d", w.rng.Intn(3)))
	switch w.rng.Intn(6) {
	case 0:
		w.send(0, func(at scheduler.Instant) scheduler.Event { return scheduler.CancelQuery{At: at, Query: id} })
	case 1:
		w.send(0, func(at scheduler.Instant) scheduler.Event {
			return scheduler.FailQuery{At: at, Query: id, Failure: *newFailure(failures[6])}
		})
	case 2:
		w.send(0, func(at scheduler.Instant) scheduler.Event { return scheduler.ForgetQuery{At: at, Query: id} })
	}
}
