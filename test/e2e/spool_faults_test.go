//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestSpoolRequestsAreRepeated27069 lets each kind of request to the spool go wrong in each way, several times in a query:
// the answer is exact, and no attempt is repeated for it.
func TestSpoolRequestsAreRepeated27069(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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

// TestBaseDirectoryFails14496 takes one of three base directories away: outputs go to the others, and no attempt is repeated.
func TestBaseDirectoryFails14496(t *testing.T) {
	t.Parallel()
	more := []string{filepath.Join(t.TempDir(), "b"), filepath.Join(t.TempDir(), "c")}
	c, faults := faulty(t, localcluster.Config{Workers: 2, MoreSpools: more})
	cl := session(c, manyTasks...)
	all := append([]string{c.SpoolDir()}, more...)
	run := func(want []string) (used []int, rows []string) {
		t.Helper()
		o := observe(t, c, faults)
		hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
		q := begin(t, cl, wordy)
		struck(t, hold, 1)
		o.rest(q.id, 1)
		for _, dir := range all {
			n := 0
			for _, f := range spooled(t, dir) {
				if info, err := os.Stat(filepath.Join(dir, f)); err == nil && info.Mode().IsRegular() {
					n++
				}
			}
			used = append(used, n)
		}
		disarm(t, hold)
		rows = q.wait(t)
		if want != nil {
			sameRows(t, "answer", rows, want)
		}
		if again := o.retried(q.id); len(again) > 0 {
			t.Errorf("ran again: %v", again)
		}
		emptySpool(t, c)
		return used, rows
	}
	used, want := run(nil)
	if slices.Contains(used, 0) {
		t.Errorf("%v objects in the base directories: they are not spread", used)
	}
	if err := os.RemoveAll(more[0]); err != nil {
		t.Fatal(err)
	}
	write(t, more[0], []byte("not a directory"))
	all = []string{all[0], all[2]}
	if used, _ := run(want); slices.Contains(used, 0) {
		t.Errorf("%v objects in the base directories that are left", used)
	}
}
