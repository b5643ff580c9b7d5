//go:build e2e

package e2e

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestSpoolRequestsAreRepeated27069 lets each kind of request to the spool go wrong in each way, several times in a query:
// the answer is exact, and no attempt is repeated for it.
func TestSpoolRequestsAreRepeated27069(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 2, Properties: map[string]string{
		"waterbear.exchange-read-timeout": "1s", "waterbear.exchange-write-timeout": "1s"}})
	cl := session(c, manyTasks...)
	want := mustRows(t, cl, wordy)
	for _, name := range []string{"before-fetch-fails", "before-fetch-dropped", "before-fetch-hangs", "before-fetch-breaks-off", "before-fetch-stalls",
		"spool-commit-fails", "spool-commit-dropped", "spool-commit-hangs", "spool-commit-unanswered"} {
		t.Run(name, func(t *testing.T) {
			o := observe(t, c, faults)
			a := arm(t, faults, name, fault.Aim{Times: 4})
			q := begin(t, cl, wordy)
			sameRows(t, "answer", q.wait(t), want)
			if s, err := a.Strikes(); err != nil || len(s) < 2 {
				t.Errorf("struck %d times, %v", len(s), err)
			}
			if again := o.retried(q.id); len(again) > 0 {
				t.Errorf("ran again: %v", again)
			}
			disarm(t, a)
			emptySpool(t, c)
		})
	}
}

// TestSpoolReadGivesUp27069 lets all reads of one output fail for longer than they are repeated: first the reader is tried
// again, and when it cannot read that output either, though the spool is there, the output is made again.
func TestSpoolReadGivesUp27069(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 2, Properties: map[string]string{"exchange.max-error-duration": "200ms", "retry-initial-delay": "10ms"}})
	cl := session(c, manyTasks...)
	want := mustRows(t, cl, wordy)
	for _, name := range []string{"before-fetch-fails", "before-fetch-breaks-off"} {
		t.Run(name, func(t *testing.T) {
			o := observe(t, c, faults)
			a := arm(t, faults, name, fault.Aim{Task: "0.0.0", Times: fault.Always})
			q := begin(t, cl, wordy)
			sameRows(t, "answer", q.wait(t), want)
			again := o.retried(q.id)
			if len(again) < 2 {
				t.Errorf("ran again: %v, want readers and what they read", again)
			}
			t.Log(again)
			disarm(t, a)
			emptySpool(t, c)
		})
	}
}
