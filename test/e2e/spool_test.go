//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// wordy moves much text through the exchange, and ends with few rows.
const wordy = `SELECT count(*), max(a.o_comment) FROM orders a JOIN orders b ON a.o_comment = b.o_comment JOIN customer ON a.o_custkey = c_custkey`

// objects are the regular files of the spool.
func objects(t *testing.T, c *localcluster.Cluster) (out []string) {
	t.Helper()
	for _, f := range spooled(t, c.SpoolDir()) {
		path := filepath.Join(c.SpoolDir(), f)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			out = append(out, path)
		}
	}
	return out
}

// TestSpoolIsEncrypted looks for known words in what lies in the spool in the middle of a query. Without encryption they
// are found, so the search is one that finds.
func TestSpoolIsEncrypted(t *testing.T) {
	t.Parallel()
	words := []string{"furiously", "carefully", "deposits", "PAR1"}
	for _, encrypted := range []string{"true", "false"} {
		t.Run(encrypted, func(t *testing.T) {
			c, faults := faulty(t, localcluster.Config{Workers: 1,
				Properties: map[string]string{"fault-tolerant-execution.exchange-encryption-enabled": encrypted}})
			cl := session(c, manyTasks...)
			o := observe(t, c, faults)
			hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
			q := begin(t, cl, wordy)
			struck(t, hold, 1)
			o.rest(q.id, 1)
			held := objects(t, c)
			if len(held) == 0 {
				t.Error("the spool is empty")
			}
			var found []string
			for _, f := range held {
				data, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range words {
					if bytes.Contains(data, []byte(w)) && !slices.Contains(found, w) {
						found = append(found, w)
					}
				}
			}
			if encrypted == "true" && len(found) > 0 || encrypted == "false" && len(found) < len(words) {
				t.Errorf("found %v in %d objects", found, len(held))
			}
			disarm(t, hold)
			q.wait(t)
			emptySpool(t, c)
		})
	}
}

// TestNothingIsLeft ends queries in every way there is, each while its outputs lie in the spool.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2, Properties: map[string]string{"query.client.timeout": "1s"}})
	cl := session(c, manyTasks...)
	for _, tt := range []struct {
		name, code string
		end        func(t *testing.T, q *statement, hold *fault.Armed)
	}{
		{"finished", "", func(t *testing.T, _ *statement, hold *fault.Armed) { disarm(t, hold) }},
		{"cancelled", "USER_CANCELED", func(t *testing.T, q *statement, _ *fault.Armed) { q.cancel(t, c) }},
		{"failed", "GENERIC_USER_ERROR", func(t *testing.T, _ *statement, hold *fault.Armed) {
			arm(t, faults, "task-fails-user", fault.Aim{})
			disarm(t, hold)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := observe(t, c, faults)
			hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
			q := begin(t, cl, wordy)
			struck(t, hold, 1)
			o.rest(q.id, 1)
			if len(objects(t, c)) == 0 {
				t.Error("the spool is empty in the middle of the query")
			}
			tt.end(t, q, hold)
			if tt.code == "" {
				q.wait(t)
			} else {
				q.fails(t, tt.code)
			}
			emptySpool(t, c)
		})
	}
	t.Run("abandoned", func(t *testing.T) {
		hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, wordy)})
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		q, err := cl.Start(ctx, wordy)
		if err != nil {
			t.Fatal(err)
		}
		id, left := q.Now().ID, make(chan struct{})
		go func() {
			defer close(left)
			_, _ = drain(ctx, q) // it ends when the client goes away
		}()
		struck(t, hold, 1)
		leave()
		<-left
		until(t, "the query is given up", func() bool { return queryState(t, c, id) == "FAILED" })
		emptySpool(t, c)
	})
	// An attempt that is not heard of until long after its query's end.
	t.Run("late", func(t *testing.T) {
		deaf := arm(t, faults, "task-deaf-after-write", fault.Aim{Task: midway(t, cl, wordy)})
		q := begin(t, cl, wordy)
		struck(t, deaf, 1)
		q.cancel(t, c)
		q.fails(t, "USER_CANCELED")
		time.Sleep(200 * time.Millisecond) // its output may be seen now
		disarm(t, deaf)
		emptySpool(t, c)
	})
}

// TestChanceRepeats takes outputs away whose rows have been divided at random: every row must still be counted once, although
// some readers have read the first version and others read the second.
func TestChanceRepeats(t *testing.T) {
	t.Parallel()
	const chancy = `SELECT max(u), sum(n) FROM (SELECT g, o_comment, count(*) AS n, max(u) AS u
		FROM (SELECT o_comment, random(1000) AS g, CAST(uuid() AS varchar) AS u FROM orders) GROUP BY g, o_comment)`
	c, faults := faulty(t, localcluster.Config{Workers: 3})
	cl := session(c, manyTasks...)
	o := observe(t, c, faults)
	hold := arm(t, faults, "task-held-before-read", fault.Aim{Task: midway(t, cl, chancy)})
	q := begin(t, cl, chancy)
	struck(t, hold, 1)
	o.rest(q.id, 1)
	lost := objects(t, c)
	if len(lost) == 0 {
		t.Fatal("the spool is empty")
	}
	for _, f := range lost {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	disarm(t, hold)
	if rows := q.wait(t); len(rows) != 1 || !strings.HasSuffix(rows[0], ",15000]") {
		t.Errorf("%v, want 15000 rows in all", rows)
	}
	if len(o.retried(q.id)) < 2 {
		t.Errorf("ran again: %v, want a reader and what it reads", o.retried(q.id))
	}
}

// TestOutputLost takes outputs away from under a query: the lost ones are made again, and nothing else.
func TestOutputLost(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	cl := session(c, manyTasks...)
	want := mustRows(t, session(c), wordy)
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, object string)
	}{
		{"output-deleted", func(t *testing.T, object string) {
			if err := os.Remove(object); err != nil {
				t.Fatal(err)
			}
		}},
		{"output-damaged", func(t *testing.T, object string) {
			data, err := os.ReadFile(object)
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(data); i += 100 { // some of it is for the reader that is still to come
				data[i] ^= 1
			}
			write(t, object, data)
		}},
		{"output-truncated", func(t *testing.T, object string) {
			if err := os.Truncate(object, 100); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := observe(t, c, faults)
			hold := arm(t, faults, "task-held-before-read", fault.Aim{Task: midway(t, cl, wordy)})
			q := begin(t, cl, wordy)
			struck(t, hold, 1)
			o.rest(q.id, 1)
			lost := objects(t, c)
			if len(lost) == 0 {
				t.Fatal("the spool is empty")
			}
			for _, f := range lost {
				tt.harm(t, f)
			}
			disarm(t, hold)
			sameRows(t, "answer", q.wait(t), want)
			if len(o.retried(q.id)) < 2 {
				t.Errorf("ran again: %v, want a reader and what it reads", o.retried(q.id))
			}
			emptySpool(t, c)
		})
	}
}
