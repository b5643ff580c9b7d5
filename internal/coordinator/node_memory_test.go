package coordinator

import (
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// A worker that says that it has no memory left, whatever uses it, loses a task, which runs again; the query does not notice.
func TestTaskIsKilledForMemory(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	task := w.next()
	w.events <- &rpcv1.Event{Kind: &rpcv1.Event_Heartbeat{Heartbeat: &rpcv1.Heartbeat{Instance: w.request().Instance, MemoryUsedBytes: 5 << 30,
		Tasks: []*rpcv1.TaskMemory{{Task: task.Id, Bytes: 1 << 30, Millis: 1000}}}}}
	again := w.next()
	if again.Id != string(q.id)+".0.0.1" {
		t.Errorf("task %s", again.Id)
	}
	until(t, "the first attempt is cancelled", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return slices.Contains(w.canceled, task.Id)
	})
	w.finish(again, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}
