package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// simNode is a node; it may be dead without the machine knowing.
type simNode struct {
	join   scheduler.NodeJoined
	alive  bool
	cut    bool // from the coordinator
	asleep bool
	slow   int // how many times longer its work takes

	reports []func(at scheduler.Instant) scheduler.Event // what it could not say yet
	frozen  []func()                                     // what it will do when it wakes up
}

func (w *world) node(id scheduler.NodeID) *simNode {
	i := slices.IndexFunc(w.nodes, func(n *simNode) bool { return n.join.Node == id })
	if i < 0 {
		return nil
	}
	return w.nodes[i]
}

func (w *world) addNode() *simNode {
	i := len(w.nodes)
	n := &simNode{alive: true, slow: 1, join: scheduler.NodeJoined{
		Node: scheduler.NodeID(fmt.Sprintf("w%d", i)), Instance: fmt.Sprintf("w%d-0", i), MemBytes: (200 + w.rng.Int63n(1000)) * mb,
		Slots: 1 + w.rng.Intn(3), Host: fmt.Sprintf("h%d", i%3), Coordinator: i == 0,
	}}
	if i == 0 && w.chance(15) { // a coordinator that runs nothing else
		n.join.Slots = 0
	}
	if w.chance(15) {
		n.slow = 2 + w.rng.Intn(6)
	}
	w.nodes = append(w.nodes, n)
	w.announce(n, w.upTo(5*time.Second))
	return n
}

// announce lets the machine hear of the node as it will be then. A node that is dead by that time is missed soon.
func (w *world) announce(n *simNode, d time.Duration) {
	if n.silent() {
		w.in(time.Second, func() { w.announce(n, d) })
		return
	}
	w.send(d, func(at scheduler.Instant) scheduler.Event {
		ev := n.join
		ev.At = at
		w.in(10*time.Second, func() {
			if !n.alive || n.join.Instance != ev.Instance {
				w.say(func(at scheduler.Instant) scheduler.Event {
					return scheduler.NodeLost{At: at, Node: ev.Node, Instance: ev.Instance}
				})
			}
		})
		return ev
	})
}
