//go:build e2e

package e2e

import (
	"strconv"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// TestShortQueriesBesideALongOne fills all slots with a query of hundreds of tasks. Twenty short queries that come then do not wait for it: they get the
// slots that become free first, so that while they run few of its tasks end.
func TestShortQueriesBesideALongOne(t *testing.T) {
	t.Parallel()
	const shorts = 20
	catalogs := standardCatalogs("")
	catalogs["tpch"]["tpch.splits-per-node"] = "400"
	c := start(t, localcluster.Config{Workers: 1, Slots: 2, Catalogs: catalogs})
	watcher := session(c)
	count := func(id, state string) int {
		got := mustRows(t, watcher, "SELECT count(*) FROM system.runtime.tasks WHERE query_id = '"+id+"' AND state = '"+state+"'")
		n, err := strconv.Atoi(strings.Trim(got[0], "[]"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	long := begin(t, session(c, append(manyTasks, "retry_policy=TASK")...), "SELECT l_suppkey, sum(l_extendedprice) FROM tpch.sf30.lineitem GROUP BY 1")
	until(t, "the long query fills the cluster", func() bool { return count(long.id, "RUNNING") == 2 && count(long.id, "FINISHED") > 0 })
	before := count(long.id, "FINISHED")
	var asked []*statement
	for i := range shorts {
		asked = append(asked, begin(t, session(c), "SELECT name FROM (SELECT n_name name FROM tpch.tiny.nation WHERE n_nationkey = "+strconv.Itoa(i)+")"))
	}
	for _, q := range asked {
		if got := q.wait(t); len(got) != 1 {
			t.Errorf("query %s: %v", q.id, got)
		}
	}
	// One of its tasks ends for each short query if these go through one slot while the other is the long one's, and its tasks are as short.
	if ended := count(long.id, "FINISHED") - before; ended > 2*shorts {
		t.Errorf("%d tasks of the long query ended while %d short queries ran", ended, shorts)
	}
	select {
	case <-long.done:
		t.Errorf("the long query has ended before the short ones: %v", long.err)
	default:
	}
	long.cancel(t, c)
	long.fails(t, "USER_CANCELED")
}
