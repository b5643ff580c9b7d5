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
	switch w.rng.Intn(15) {
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
	case 10, 11:
		w.killCoordinator()
	case 12:
		w.partition(n)
	case 13:
		w.pause(n)
	case 14:
		w.misfortune(n)
	}
}

// saw counts a kind of fault.
func (w *world) saw(fault string) { w.seen[fault]++ }

// misfortune is one of the rarer faults.
func (w *world) misfortune(n *simNode) {
	switch w.rng.Intn(5) {
	case 0: // a slow disk, for a while
		w.saw("slow disk")
		slow := n.slow
		n.slow = 10
		w.in(w.upTo(time.Minute), func() { n.slow = slow })
	case 1: // the storage is not there for a moment
		w.saw("storage outage")
		w.outage = w.now.Add(w.upTo(4 * time.Second))
	case 2:
		w.exodus()
	case 3:
		w.saw("most nodes crash")
		for _, n := range w.nodes {
			if w.chance(70) {
				w.crash(n)
			}
		}
	case 4: // the network falls apart
		w.saw("half of the nodes are cut off")
		for _, n := range w.nodes {
			if w.chance(50) {
				w.partition(n)
			}
		}
	}
}

// exodus lets the whole cluster drain, and come back as another one.
func (w *world) exodus() {
	w.saw("exodus")
	for _, n := range slices.Clone(w.nodes) {
		if !n.alive {
			continue
		}
		w.drain(n)
		w.in(30*time.Second+w.upTo(time.Minute), func() {
			n.kill()
			w.revive(n)
		})
	}
}

// revive starts the process of a node that is dead.
func (w *world) revive(n *simNode) {
	if n.alive {
		return
	}
	n.alive = true
	n.join.Instance += fmt.Sprintf("+%d", w.seq)
	if w.chance(15) { // on another machine
		w.saw("restart with another size")
		n.join.MemBytes = (200 + w.rng.Int63n(1000)) * mb
		if n.join.Slots > 0 {
			n.join.Slots = 1 + w.rng.Intn(3)
		}
	}
	w.announce(n, w.upTo(time.Second))
}

// crash ends a node. The machine learns it later, or from the node's return with a new instance.
func (w *world) crash(n *simNode) {
	if !n.alive {
		return
	}
	w.saw("crash")
	n.kill()
	instance := n.join.Instance
	w.send(w.upTo(5*time.Second), func(at scheduler.Instant) scheduler.Event {
		return scheduler.NodeLost{At: at, Node: n.join.Node, Instance: instance}
	})
	if w.chance(60) {
		w.in(w.upTo(20*time.Second), func() { w.revive(n) })
	}
}

// cutOff makes the machine believe that a node is lost while it works on; later it is seen again, and stops what the
// machine does not know.
func (w *world) cutOff(n *simNode) {
	if !n.alive {
		return
	}
	w.saw("node given up too early")
	w.send(0, func(at scheduler.Instant) scheduler.Event { return scheduler.NodeLost{At: at, Node: n.join.Node} })
	w.in(w.upTo(30*time.Second), func() {
		if !n.alive {
			return
		}
		w.reconcile(n)
		w.announce(n, 0)
	})
}

// drain tells a node to finish and go; it may be taken away before it is done.
func (w *world) drain(n *simNode) {
	w.saw("drain")
	w.send(0, func(at scheduler.Instant) scheduler.Event { return scheduler.NodeDraining{At: at, Node: n.join.Node} })
	if w.chance(40) {
		instance := n.join.Instance
		w.in(w.upTo(20*time.Second), func() {
			if n.join.Instance != instance {
				return
			}
			n.kill()
			w.send(0, func(at scheduler.Instant) scheduler.Event {
				return scheduler.NodeLeft{At: at, Node: n.join.Node, Instance: instance}
			})
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
	w.saw("lost output")
	w.lost[id] = true
	if root := w.queries[id.Query].spec.Stages; w.chance(50) || root[len(root)-1].ID == id.Stage {
		w.send(w.upTo(5*time.Second), func(at scheduler.Instant) scheduler.Event {
			return scheduler.OutputLost{At: at, Query: id.Query, Output: scheduler.OutputRef{Stage: id.Stage, Partition: id.Partition, Attempt: id.Attempt}, Reason: "checksum"}
		})
	}
}

// interrupt ends some query from outside, rarely.
func (w *world) interrupt() {
	if w.chance(50) {
		w.endQuery(scheduler.QueryID(fmt.Sprintf("q%d", w.rng.Intn(3))))
	}
}

// endQuery ends a query from outside.
func (w *world) endQuery(id scheduler.QueryID) {
	w.saw("query ended from outside")
	switch w.rng.Intn(3) {
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
