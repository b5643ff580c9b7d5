//go:build e2e

package e2e

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// streamed is a result of one task, of some megabytes: more than the task gives at a time.
const streamed = "SELECT l_orderkey, l_comment FROM lineitem"

// readStreamed reads rows of a query until stop says so, or their end. It gives the sum of their first columns.
func readStreamed(t *testing.T, q *client.Query, stop func(rows int) bool) (rows, sum int, failure string) {
	t.Helper()
	var err error
	for more := true; more && err == nil; more, err = q.Next(t.Context()) {
		now := q.Now()
		if now.Error != nil {
			return rows, sum, now.Error.Name
		}
		if len(now.Data) == 0 {
			continue
		}
		var page [][]any
		if err := json.Unmarshal(now.Data, &page); err != nil {
			t.Fatal(err)
		}
		for _, row := range page {
			rows, sum = rows+1, sum+int(row[0].(float64))
		}
		if stop(rows) {
			return rows, sum, ""
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return rows, sum, ""
}

// Under NONE rows of the only task reach the client before the task has ended: it is held, and still its client has rows. When it fails
// then, so does the query, without a row more; otherwise every row comes once.
func TestRowsOfARunningTask(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 1, Properties: map[string]string{"waterbear.result-unread-size": "256kB"}})
	cl := session(c, "retry_policy=NONE")
	want := mustRows(t, cl, "SELECT count(*), sum(l_orderkey) FROM lineitem")[0]

	hold := arm(t, faults, "task-held-after-write", fault.Aim{})
	q, err := cl.Start(t.Context(), streamed)
	if err != nil {
		t.Fatal(err)
	}
	rows, sum, failure := readStreamed(t, q, func(rows int) bool {
		if hold != nil && rows > 0 {
			if state := q.Now().Stats.State; state != "RUNNING" {
				t.Errorf("the first rows came when the query was %s", state)
			}
			disarm(t, hold)
			hold = nil
		}
		return false
	})
	if got, _ := json.Marshal([]int{rows, sum}); failure != "" || string(got) != want { // of numbers: never fails
		t.Errorf("got %s, want %s; %s", got, want, failure)
	}

	// The task fails with its output complete, most of which the client has.
	arm(t, faults, "task-fails-after-write", fault.Aim{})
	if q, err = cl.Start(t.Context(), streamed); err != nil {
		t.Fatal(err)
	}
	rows, _, failure = readStreamed(t, q, func(int) bool { return false })
	var all []int
	if err := json.Unmarshal([]byte(want), &all); err != nil {
		t.Fatal(err)
	}
	if failure != "GENERIC_INTERNAL_ERROR" || rows == 0 || rows > all[0] {
		t.Errorf("%d rows of %d, then %q", rows, all[0], failure)
	}

	// A client that reads no further keeps the task waiting, not the worker; the task ends with the query.
	if q, err = cl.Start(t.Context(), streamed); err != nil {
		t.Fatal(err)
	}
	readStreamed(t, q, func(int) bool { return true })
	if got := mustRows(t, cl, "SELECT count(*) FROM nation"); got[0] != "[25]" {
		t.Errorf("beside a task that waits: %v", got)
	}
	if !hasRunningTask(t, c, q) {
		t.Error("the task does not wait for its reader")
	}
	if err := q.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the task has ended", func() bool { return !hasRunningTask(t, c, q) })
}

// hasRunningTask reports whether a task of a query runs.
func hasRunningTask(t *testing.T, c *localcluster.Cluster, q *client.Query) bool {
	t.Helper()
	return slices.ContainsFunc(tasks(t, c, q.Now().ID), func(r taskRow) bool { return r.state == "RUNNING" })
}
