package sim

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// reportMemory lets the machine know what the attempts on a node use: up to a fifth more than they may, as
// long as there are faults. A node that is out of memory says so again until it is not.
func (w *world) reportMemory(n *simNode, instance string) {
	if !n.alive || n.silent() || w.journal.down || n.join.Instance != instance {
		return
	}
	ev := scheduler.NodeMemory{Node: n.join.Node, Instance: instance, PoolBytes: n.join.MemBytes}
	for _, id := range sortedTasks(w.tasks) {
		t := w.tasks[id]
		if t.start.Node != n.join.Node || t.instance != instance || t.over || t.canceled {
			continue
		}
		m := scheduler.TaskMemory{Task: id, Bytes: t.start.MemBytes/2 + mb, Millis: w.rng.Int63n(10000)}
		if w.now < horizon {
			m.Bytes += w.rng.Int63n(t.start.MemBytes*7/10 + 1)
		}
		ev.Tasks = append(ev.Tasks, m)
		ev.UsedBytes += m.Bytes
	}
	if w.now < horizon && w.chance(10) { // others use the node as well
		w.saw("other load")
		ev.UsedBytes += w.rng.Int63n(ev.PoolBytes / 3)
	}
	w.send(w.upTo(time.Second), func(at scheduler.Instant) scheduler.Event {
		ev.At = at
		return ev
	})
	if ev.UsedBytes > ev.PoolBytes {
		w.in(time.Second+w.upTo(2*time.Second), func() { w.reportMemory(n, instance) })
	}
}
