package coordinator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Tasks share what one would read of a partition only where no row depends on several rows of it.
func TestDivisible(t *testing.T) {
	const orders = "orders o JOIN customer c ON o.custkey = c.custkey"
	for _, test := range []struct {
		sql        string
		properties []string
		want       string // of the stages that read partitions by hash, from the leaves to the root
	}{
		{"SELECT o.comment FROM " + orders, nil, "[true]"},
		{"SELECT upper(o.comment) FROM " + orders + " WHERE o.comment <> c.comment", nil, "[true]"},
		{"SELECT count(*) FROM " + orders, nil, "[true]"},
		{"SELECT o.comment FROM " + orders + " ORDER BY 1 LIMIT 5", nil, "[true]"},
		{"SELECT o.comment FROM orders o LEFT JOIN customer c ON o.custkey = c.custkey", nil, "[false]"},
		{"SELECT o.comment FROM orders o FULL JOIN customer c ON o.custkey = c.custkey", nil, "[false]"},
		{"SELECT DISTINCT custkey FROM orders", nil, "[false]"},
		{"SELECT row_number() OVER (PARTITION BY custkey) FROM orders", nil, "[false]"},
		{"SELECT c.name, count(*) FROM " + orders + " GROUP BY c.name", nil, "[true false]"},
		{"SELECT custkey FROM orders UNION SELECT custkey FROM customer", nil, "[false]"},
		{"CREATE TABLE memory.default.made AS SELECT o.comment FROM " + orders, nil, "[true]"},
		{"CREATE TABLE memory.default.made AS SELECT o.comment FROM " + orders, []string{"scale_writers=false"}, "[false]"},
		{"SELECT o.comment FROM " + orders, []string{"scale_writers=false"}, "[true]"},
	} {
		c, _ := testCoordinator(t, func(cfg *Config) { cfg.Catalogs["memory"] = changeable(t) })
		join(t, c, "w")
		q := submit(t, c, test.sql, append(test.properties, "waterbear_single_task_input_size=0B", "join_distribution_type=PARTITIONED")...)
		var got []bool
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
				got = append(got, st.Graph.ScaleWriters)
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
