package coordinator

import (
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// heartbeat tells the scheduler what memory a node uses, when that may make a difference. Only the goroutine that follows
// the node's events calls it.
func (ns *nodes) heartbeat(n *node, h *rpcv1.Heartbeat) {
	ns.mu.Lock()
	info := n.info
	ns.mu.Unlock()
	if h.Instance != info.Instance {
		return
	}
	next := scheduler.NodeMemory{At: ns.c.now(), Node: n.id, Instance: h.Instance, UsedBytes: h.MemoryUsedBytes, PoolBytes: info.MemoryBytes}
	for _, t := range h.Tasks {
		id, err := scheduler.ParseTaskID(t.Task)
		if err != nil {
			ns.c.log.Error("worker reports the memory of an unknown task", "task", t.Task, "err", err)
			continue
		}
		next.Tasks = append(next.Tasks, scheduler.TaskMemory{Task: id, Bytes: t.Bytes, Millis: t.Millis})
	}
	if scheduler.Worthy(n.memory, next) {
		n.memory = next
		ns.c.post(next)
	}
}
