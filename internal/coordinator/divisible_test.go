package coordinator

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Tasks share what one would read of a partition only where no row depends on several rows of it.
func TestDivisible(t *testing.T) {
	unordered := []string{"waterbear_range_alignment_enabled=false"}
	const orders = "orders o JOIN customer c ON o.custkey = c.custkey"
	for _, test := range []struct {
		sql        string
		properties []string
		want       string // the inputs that may be divided, of the stages that read partitions by hash, from the leaves to the root
	}{
		{"SELECT o.comment FROM " + orders, nil, "[01]"},
		{"SELECT upper(o.comment) FROM " + orders + " WHERE o.comment <> c.comment", nil, "[01]"},
		{"SELECT count(*) FROM " + orders, nil, "[01]"},
		{"SELECT o.comment FROM " + orders + " ORDER BY 1 LIMIT 5", nil, "[01]"},
		{"SELECT o.comment FROM orders o LEFT JOIN customer c ON o.custkey = c.custkey", nil, "[0]"},
		{"SELECT o.comment FROM orders o RIGHT JOIN customer c ON o.custkey = c.custkey", nil, "[0]"}, // a left join, by the optimizer
		{"SELECT o.comment FROM orders o FULL JOIN customer c ON o.custkey = c.custkey", nil, "[]"},
		{"SELECT o.comment FROM orders o WHERE o.custkey IN (SELECT custkey FROM customer WHERE acctbal > 0)", nil, "[0]"},
		{"SELECT o.comment FROM orders o WHERE NOT EXISTS (SELECT 1 FROM customer c WHERE c.custkey = o.custkey AND acctbal > 0)", nil, "[0]"},
		{"SELECT o.comment, n FROM orders o JOIN (SELECT custkey, count(*) n FROM customer GROUP BY custkey) c ON o.custkey = c.custkey", unordered, "[0]"},
		{"SELECT o.comment, r FROM orders o LEFT JOIN (SELECT custkey, row_number() OVER (PARTITION BY custkey) r FROM customer) c ON o.custkey = c.custkey", unordered, "[]"},
		{"SELECT DISTINCT custkey FROM orders", nil, "[]"},
		{"SELECT row_number() OVER (PARTITION BY custkey) FROM orders", nil, "[]"},
		{"SELECT c.name, count(*) FROM " + orders + " GROUP BY c.name", nil, "[01 ]"},
		{"SELECT custkey FROM orders UNION SELECT custkey FROM customer", nil, "[]"},
		{"CREATE TABLE memory.default.made AS SELECT o.comment FROM " + orders, nil, "[01]"},
		{"CREATE TABLE memory.default.made AS SELECT o.comment FROM " + orders, []string{"scale_writers=false"}, "[]"},
		{"SELECT o.comment FROM " + orders, []string{"scale_writers=false"}, "[01]"},
	} {
		c, _ := testCoordinator(t, func(cfg *Config) { cfg.Catalogs["memory"] = changeable(t) })
		join(t, c, "w")
		q := submit(t, c, test.sql, append(test.properties, "waterbear_single_task_input_size=0B", "join_distribution_type=PARTITIONED")...)
		var got []string
		until(t, "the query is planned", func() bool { q.mu.Lock(); defer q.mu.Unlock(); return q.exec != nil || q.err != nil })
		q.mu.Lock()
		err := q.err
		q.mu.Unlock()
		if err != nil {
			t.Fatalf("%s: %v", test.sql, err)
		}
		q.mu.Lock()
		for _, st := range q.exec.Stages {
			if st.Graph.Distribution == scheduler.Hash {
				divided := ""
				for i, in := range st.Graph.Inputs {
					if st.Graph.ScaleWriters && !in.Whole && !in.Replicated {
						divided += strconv.Itoa(i)
					}
				}
				got = append(got, divided)
			} else if st.Graph.ScaleWriters {
				t.Errorf("%s: a stage that is not distributed by hash", test.sql)
			}
		}
		q.mu.Unlock()
		if fmt.Sprint(got) != test.want {
			t.Errorf("%s %s: %v, want %s", test.sql, strings.Join(test.properties, " "), got, test.want)
		}
	}
}
