//go:build e2e

package e2e

import (
	"encoding/json"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestRowsBeforeTheEnd holds the last task of a result: the client gets the rows of the others meanwhile, and all of them, each once, in the end.
func TestRowsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	for _, policy := range []string{"TASK", "NONE"} {
		cl := session(c, append(manyTasks, "retry_policy="+policy)...)
		sql := "SELECT l_orderkey, l_linenumber FROM lineitem"
		want := mustRows(t, cl, "SELECT count(*), sum(l_orderkey) FROM lineitem")[0]
		hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: fragmentWith(t, cl, sql, "TableScan") + ".3.0"})
		q, err := cl.Start(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		rows, sum := 0, 0
		for more := true; more; more, err = q.Next(t.Context()) {
			now := q.Now()
			if now.Error != nil {
				t.Fatalf("%s: %s", policy, now.Error.Message)
			}
			if len(now.Data) == 0 {
				continue
			}
			var page [][2]int
			if err := json.Unmarshal(now.Data, &page); err != nil {
				t.Fatal(err)
			}
			if rows == 0 && len(page) > 0 { // the held task has not begun, and no other has its rows
				struck(t, hold, 1)
				if now.Stats.State != "RUNNING" {
					t.Errorf("%s: the first rows came when the query was %s", policy, now.Stats.State)
				}
				disarm(t, hold)
			}
			for _, row := range page {
				rows, sum = rows+1, sum+row[0]
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		got, _ := json.Marshal([]int{rows, sum}) // of numbers: never fails
		if string(got) != want {
			t.Errorf("%s: got %s, want %s", policy, got, want)
		}
	}
}
