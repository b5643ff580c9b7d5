package coordinator

import (
	"strings"
	"testing"
)

// Where aggregations begin is the session's choice.
func TestEagerAggregations(t *testing.T) {
	const outer = "SELECT c.name, count(o.orderkey) FROM customer c LEFT JOIN orders o ON o.custkey = c.custkey GROUP BY c.name"
	inner := strings.Replace(outer, "LEFT JOIN", "JOIN", 1)
	c, _ := testCoordinator(t, nil)
	join(t, c, "w")
	for _, test := range []struct {
		name, sql, properties string
		want                  bool
	}{
		{"few rows", inner, "", false},
		{"enough rows", inner, "waterbear_eager_aggregation_min_rows=10000", true},
		{"not enough rows", inner, "waterbear_eager_aggregation_min_rows=16000", false},
		{"always", inner, "waterbear_eager_aggregation_min_rows=0", true},
		{"always below an outer join", outer, "waterbear_eager_aggregation_min_rows=0", true},
		{"not below an outer join", outer, "waterbear_eager_aggregation_min_rows=0 push_aggregation_through_outer_join=false", false},
		{"but below an inner one", inner, "waterbear_eager_aggregation_min_rows=0 push_aggregation_through_outer_join=false", true},
		{"never", inner, "waterbear_eager_aggregation_min_rows=0 push_partial_aggregation_through_join=false", false},
	} {
		properties := append(strings.Fields(test.properties), "waterbear_single_task_input_size=0B")
		text, err := result(t, submit(t, c, "EXPLAIN "+test.sql, properties...))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := strings.Contains(text, "Aggregate[type = PARTIAL, keys = [custkey_1]]"); got != test.want {
			t.Errorf("%s: %v instead of %v: %s", test.name, got, test.want, text)
		}
	}
}

// How distinct aggregates are computed is the session's choice.
func TestDistinctStrategies(t *testing.T) {
	const sql = "SELECT orderpriority, count(DISTINCT custkey), count(DISTINCT clerk), sum(totalprice) FROM orders GROUP BY orderpriority"
	c, _ := testCoordinator(t, nil)
	join(t, c, "w")
	signs := []string{"PARTIAL", "row_number", "groupingSets", "any_value"}
	for strategy, want := range map[string][]string{
		"SINGLE_STEP":         nil,
		"MARK_DISTINCT":       {"PARTIAL", "row_number"},
		"PRE_AGGREGATE":       {"PARTIAL", "groupingSets"},
		"SPLIT_TO_SUBQUERIES": {"PARTIAL", "any_value"},
		"AUTOMATIC":           {},
	} {
		text, err := result(t, submit(t, c, "EXPLAIN (TYPE DISTRIBUTED) "+sql, "waterbear_single_task_input_size=0B", "distinct_aggregations_strategy="+strategy))
		if err != nil {
			t.Errorf("%s: %v", strategy, err)
			continue
		}
		var got []string
		for _, s := range signs {
			if strings.Contains(text, s) {
				got = append(got, s)
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v instead of %v: %s", strategy, got, want, text)
		}
	}
}
