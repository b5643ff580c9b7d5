package coordinator

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// An attempt that its node was told to end by somebody else, while its query goes on, runs again: that is no wish of the user's.
func TestCancelledByAnotherRunsAgain18851(t *testing.T) {
	for _, policy := range []config.RetryPolicy{config.RetryTask, config.RetryQuery} {
		c, spool := testCoordinator(t, func(cfg *Config) { cfg.Session.RetryPolicy, cfg.Session.RetryInitialDelay = policy, 0 })
		w := join(t, c, "w")
		q := submit(t, c, anyQuery)
		w.fail(w.next().Id, trinoerr.New(trinoerr.UserCanceled, "the node was given up"))
		w.finish(w.next(), spool, "[25]")
		if rows, err := result(t, q); err != nil || rows != "[25]" {
			t.Errorf("%s: %s, %v", policy, rows, err)
		}
	}
	c, _ := testCoordinator(t, func(cfg *Config) { cfg.Session.RetryPolicy = config.RetryNone })
	w := join(t, c, "w")
	q := submit(t, c, anyQuery)
	w.fail(w.next().Id, trinoerr.New(trinoerr.UserCanceled, "the node was given up"))
	if _, err := result(t, q); err == nil || err.Code != trinoerr.AbandonedTask || err.Msg != "The task was cancelled on its node: the node was given up" {
		t.Errorf("NONE: %v", err)
	}
}
