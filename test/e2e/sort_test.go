//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// inRanges lets whatever is wanted in an order be sorted by ranges of it.
var inRanges = append(slices.Clone(manyTasks), "waterbear_range_sort_min_input_size=0B")

// sortedQueries leave nothing open: rows that are equal in the order are equal.
var sortedQueries = []string{
	"SELECT l_orderkey, l_linenumber, l_comment FROM lineitem ORDER BY l_comment DESC, 1, 2",
	"SELECT l_returnflag, l_shipdate, l_orderkey, l_linenumber FROM lineitem WHERE l_quantity < 20 ORDER BY 1, 2 DESC, 3, 4",
	"SELECT o_orderstatus, c_name, o_orderkey FROM orders LEFT JOIN customer ON c_custkey = o_custkey AND c_acctbal > 0 ORDER BY 2 DESC NULLS FIRST, 3",
	"SELECT o_orderkey, row_number() OVER (ORDER BY o_totalprice DESC, o_orderkey), dense_rank() OVER (ORDER BY o_orderdate) FROM orders ORDER BY 1",
	"SELECT o_orderkey, o_comment FROM orders ORDER BY o_comment, 1 OFFSET 9000",
	"SELECT l_comment, l_orderkey + 1 FROM lineitem ORDER BY l_shipdate DESC, l_orderkey, l_linenumber OFFSET 15000 LIMIT 1000001",
	"SELECT o_orderkey, sum(o_shippriority + 1) OVER w, count(*) OVER w FROM orders WINDOW w AS (ORDER BY o_orderdate, o_orderkey) ORDER BY o_orderdate, o_orderkey",
}

// TestSortedByRanges sorts large results by many tasks. A worker is killed while ranges are sorted: only its own ranges are sorted again,
// within the bounds of the first attempt.
func TestSortedByRanges(t *testing.T) {
	t.Parallel()
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	cl := session(c, inRanges...)
	for _, sql := range sortedQueries {
		if plan := strings.Join(mustRows(t, cl, "EXPLAIN "+sql), ""); !strings.Contains(plan, "RANGES into") {
			t.Errorf("%s: not by ranges:\n%s", sql, plan)
		}
		sameOrder(t, sql, mustRows(t, cl, sql), mustRows(t, session(c), sql))
	}
	readAgain(t, c, faults, cl, sortedQueries[0], "Sort[", sameOrder)
}

// sameOrder compares answers row by row.
func sameOrder(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("%s: row %d is %s, want %s", what, i, got[i], want[i])
		}
	}
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
}
