package worker

import (
	"context"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// failure-detector.heartbeat-interval: how often a worker shows that it is alive.
func TestHeartbeatInterval(t *testing.T) {
	for _, test := range []struct {
		interval time.Duration
		many     bool
	}{{20 * time.Millisecond, true}, {time.Hour, false}} {
		_, _, client, stop := testWorker(t, func(c *Config) { c.HeartbeatInterval = test.interval })
		limit := 20 * time.Second
		if !test.many {
			limit = 500 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		stream, err := client.Events(ctx, &rpcv1.EventsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		beats := 0
		for beats < 5 && stream.Receive() {
			beats++
		}
		if many := beats == 5; many != test.many {
			t.Errorf("%s: %d heartbeats", test.interval, beats)
		}
		cancel()
		_ = stream.Close()
		stop()
	}
}

// query.client.timeout: a worker ends the tasks of a coordinator that it has not reached for so long.
func TestAbandonsTasks(t *testing.T) {
	_, r, client, _ := testWorker(t, func(c *Config) { c.AbandonTimeout = 200 * time.Millisecond })
	r.until(t, "the worker registers", func(*rpcv1.RegisterRequest) bool { return true })
	if _, err := client.Start(t.Context(), &rpcv1.StartRequest{Task: task("q.0.0.0", "sleep")}); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.away = true
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	stream, err := client.Events(ctx, &rpcv1.EventsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for stream.Receive() {
		if f := stream.Msg().GetFailed(); f != nil {
			if f.Task != "q.0.0.0" || f.Failure.Code != "ABANDONED_TASK" {
				t.Errorf("got %v", f)
			}
			return
		}
	}
	t.Errorf("the task goes on: %v", stream.Err())
}
