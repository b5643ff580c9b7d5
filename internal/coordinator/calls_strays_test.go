package coordinator

import (
	"errors"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// strayOf makes an attempt of a query that is cancelled, on a worker that refuses to hear of it for longer than patience lasts.
func strayOf(t *testing.T) (*Coordinator, *fakeWorker, *rpcv1.Task) {
	t.Helper()
	c, _ := testCoordinator(t, func(cfg *Config) { cfg.Communication.RemoteTaskMaxError = 50 * time.Millisecond })
	w := join(t, c, "w")
	w.mu.Lock()
	w.deaf = true
	w.mu.Unlock()
	q := submit(t, c, anyQuery)
	task := w.next()
	q.Cancel(trinoerr.New(trinoerr.UserCanceled, "Query was canceled"))
	until(t, "the attempt is a stray", func() bool { return c.strays("w") == 1 })
	return c, w, task
}

// strays is how many strays a node has.
func (c *Coordinator) strays(id string) int {
	c.nodes.mu.Lock()
	defer c.nodes.mu.Unlock()
	for _, n := range c.nodes.known {
		if string(n.id) == id {
			return len(n.strays)
		}
	}
	return -1
}

// A cancellation that is refused for longer than query.remote-task.max-error-duration is repeated until it is heard.
func TestCancellationIsInsistedOn(t *testing.T) {
	c, w, task := strayOf(t)
	w.mu.Lock()
	before := w.unheard
	w.mu.Unlock()
	until(t, "the cancellation is repeated in vain", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.unheard > before
	})
	w.mu.Lock()
	w.deaf = false
	w.mu.Unlock()
	until(t, "the worker has heard of it", func() bool { return w.cancelled(task.Id) })
	until(t, "no stray is left", func() bool { return c.strays("w") == 0 })
}

// What has ended needs no cancellation any more.
func TestStrayThatEndsIsForgotten(t *testing.T) {
	c, w, task := strayOf(t)
	w.fail(task.Id, errors.New("done"))
	until(t, "no stray is left", func() bool { return c.strays("w") == 0 })
	if w.cancelled(task.Id) {
		t.Error("the worker was deaf, and has heard")
	}
}

// A worker that is lost has no attempts.
func TestStraysGoWithTheirNode(t *testing.T) {
	c, w, _ := strayOf(t)
	w.die()
	until(t, "the worker is lost", func() bool { return !c.knows("w") })
}
