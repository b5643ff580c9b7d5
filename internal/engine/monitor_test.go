package engine

import (
	"context"
	"testing"
	"time"
)

// A statement that runs can be looked at: how much memory it holds, and how far it is.
func TestStatsOfRunningStatement(t *testing.T) {
	i := open(t, 500<<20)
	if err := i.Exec(t.Context(), "CREATE TABLE numbers AS SELECT range AS n FROM range(3000000)"); err != nil {
		t.Fatal(err)
	}
	if err := i.Exec(t.Context(), "CREATE TABLE others AS SELECT range AS n FROM range(300)"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		ended <- i.Exec(ctx, "CREATE TABLE result AS SELECT n % 1000, sum(o), count(*) FROM (SELECT a.n, b.n AS o FROM numbers a, others b) GROUP BY 1")
	}()
	var memory, midway bool
	for over := false; !over; {
		select {
		case err := <-ended:
			if err != nil && ctx.Err() == nil {
				t.Fatal(err)
			}
			over = true
		case <-time.After(time.Millisecond):
			s := i.Stats()
			memory = memory || s.Memory > 0
			midway = midway || s.Fraction > 0 && s.Fraction < 1
			if memory && midway {
				cancel() // all has been seen
			}
		}
	}
	if !memory || !midway {
		t.Errorf("seen while the statement ran: memory %t, a part of it done %t", memory, midway)
	}
}
