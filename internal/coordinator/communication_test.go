package coordinator

import (
	"context"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// query.remote-task.max-error-duration: a task that does not reach its worker for so long fails, and costs an attempt; the
// worker, which is heard of, stays.
func TestRemoteTaskMaxErrorDuration(t *testing.T) {
	c, _ := testCoordinator(t, func(cfg *Config) {
		cfg.Communication.RemoteTaskMaxError = 200 * time.Millisecond
		cfg.Session.TaskRetryAttempts = 0
	})
	w := join(t, c, "w")
	w.mu.Lock()
	w.breaks = 1 << 30
	w.mu.Unlock()
	begun := time.Now()
	_, err := result(t, submit(t, c, anyQuery))
	if err == nil || err.Code != trinoerr.TooManyRequestsFailed || !c.knows("w") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begun); took < 100*time.Millisecond {
		t.Errorf("failed after %s", took)
	}
}

// silentWorker accepts connections and says nothing, as a machine that has been frozen.
func silent(ctx context.Context, _ *rpcv1.EventsRequest, stream *connect.ServerStream[rpcv1.Event]) error {
	if err := stream.Send(&rpcv1.Event{Kind: &rpcv1.Event_Heartbeat{Heartbeat: &rpcv1.Heartbeat{}}}); err != nil {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

// waterbear.node-loss-timeout: a worker that is silent for so long is lost.
func TestNodeLossTimeout(t *testing.T) {
	for _, test := range []struct {
		timeout time.Duration
		lost    bool
	}{{300 * time.Millisecond, true}, {time.Hour, false}} {
		c, _ := testCoordinator(t, func(cfg *Config) { cfg.Communication.NodeLossTimeout = test.timeout })
		w := joinAs(t, c, "w", silent)
		until(t, "the worker is heard", func() bool { return c.heard("w") || !c.knows("w") })
		if test.lost {
			until(t, "the worker is lost", func() bool { return !c.knows("w") })
			continue
		}
		time.Sleep(500 * time.Millisecond)
		if !c.knows("w") {
			t.Errorf("%s: lost", test.timeout)
		}
		w.die()
	}
}
