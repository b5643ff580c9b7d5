//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// fewerRows joins tables whose keys are known before the other side is read: with key filters less of that is read and sent, without them all
// of it, and the answers are the same.
func fewerRows(t *testing.T, c *localcluster.Cluster) {
	properties := append(slices.Clone(manyTasks), "waterbear_key_filters_min_scan_size=0B", "waterbear_range_alignment_enabled=false",
		"fault_tolerant_execution_adaptive_join_reordering_enabled=false")
	with, without := session(c, properties...), session(c, append(properties, "waterbear_key_filters_enabled=false")...)
	for _, sql := range []string{
		"CREATE SCHEMA IF NOT EXISTS hive.keys",
		"CREATE TABLE hive.keys.by_mode WITH (partitioned_by = ARRAY['mode']) AS SELECT l_orderkey AS orderkey, l_partkey AS partkey, l_quantity AS quantity, l_shipmode AS mode FROM lineitem",
		"CREATE TABLE hive.keys.modes AS SELECT * FROM (VALUES (1, 'AIR'), (2, 'RAIL'), (3, 'TRUCK'), (4, 'SHIP'), (5, 'MAIL'), (6, 'FOB'), (7, 'REG AIR')) m (id, name)",
		"ANALYZE hive.keys.by_mode", "ANALYZE hive.keys.modes",
	} {
		mustRows(t, with, sql)
	}
	for _, tt := range []struct {
		name, sql string
		// What is read, or else sent, with filters is at most that share.
		read, sent float64
	}{
		{"set", "SELECT l_linestatus, count(*) FROM lineitem JOIN part ON l_partkey = p_partkey WHERE p_brand = 'Brand#23' AND p_size < 10 GROUP BY 1", 1, 0.3},
		{"filter", "SELECT l_linestatus, count(*), sum(l_quantity) FROM lineitem JOIN orders ON l_orderkey = o_orderkey WHERE o_orderdate < DATE '1993-01-01' GROUP BY 1", 1, 0.4},
		{"table partitions", "SELECT name, sum(quantity) FROM hive.keys.by_mode JOIN hive.keys.modes ON mode = name WHERE id + 0 < 3 GROUP BY 1", 0.6, 0.6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := mustRows(t, without, tt.sql+" -- keys without "+tt.name)
			got := mustRows(t, with, tt.sql+" -- keys with "+tt.name)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) || len(got) == 0 {
				t.Errorf("%v with filters, %v without", got, want)
			}
			read, sent, changes := moved(t, c, "-- keys with "+tt.name)
			allRead, allSent, _ := moved(t, c, "-- keys without "+tt.name)
			if read > tt.read*allRead || sent > tt.sent*allSent || !strings.Contains(changes, "key filter") {
				t.Errorf("%v bytes read and %v rows sent, %v and %v without filters; the plan has changed: %s", read, sent, allRead, allSent, changes)
			}
		})
	}
}

// moved finds a query by the end of its text, and says how much its scans have read, how many rows they have put out, and why its plan
// has changed.
func moved(t *testing.T, c *localcluster.Cluster, end string) (read, sent float64, changes string) {
	t.Helper()
	cl := session(c)
	ids := mustRows(t, cl, "SELECT query_id FROM system.runtime.queries WHERE query LIKE '%"+end+"'")
	if len(ids) != 1 {
		t.Fatalf("queries %v end in %s", ids, end)
	}
	id := strings.Trim(ids[0], `[]"`)
	got := mustRows(t, cl, `SELECT CAST(sum(physical_input_bytes) AS bigint), CAST(sum(output_rows) AS bigint) FROM system.runtime.tasks
		WHERE state = 'FINISHED' AND splits > 0 AND query_id = '`+id+"'")
	if _, err := fmt.Sscanf(strings.Join(got, ""), "[%g,%g]", &read, &sent); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	return read, sent, strings.Join(replansOf(t, c, id), "; ")
}
