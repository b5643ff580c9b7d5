//go:build e2e

package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// A query that another session kills ends with the message given, and its attempts stay visible.
func TestKillQuery(t *testing.T) {
	t.Parallel()
	c := start(t, localcluster.Config{Workers: 1})
	killer := session(c)
	// A single task of hours leaves a slot to those who watch.
	victim := begin(t, session(c), "SELECT count(*) FROM lineitem a, lineitem b WHERE a.comment || b.comment LIKE '%q%z%x%'")
	until(t, "a running attempt", func() bool {
		return len(mustRows(t, killer, "SELECT 1 FROM system.runtime.tasks WHERE query_id = '"+victim.id+"' AND state = 'RUNNING'")) > 0
	})
	mustRows(t, killer, "CALL system.runtime.kill_query(query_id => '"+victim.id+"', message => 'too slow')")
	victim.fails(t, "ADMINISTRATIVELY_KILLED")
	if victim.err != nil && victim.err.Error() != "ADMINISTRATIVELY_KILLED: Query killed. Message: too slow" {
		t.Errorf("got %v", victim.err)
	}
	got := mustRows(t, killer, "SELECT state, error_type, error_code, \"end\" >= created FROM system.runtime.queries WHERE query_id = '"+victim.id+"'")
	if want := `["FAILED","USER_ERROR","ADMINISTRATIVELY_KILLED",true]`; strings.Join(got, "") != want {
		t.Errorf("got %s, want %s", got, want)
	}
	states := mustRows(t, killer, "SELECT DISTINCT state FROM system.runtime.tasks WHERE query_id = '"+victim.id+"'")
	if !strings.Contains(strings.Join(states, ""), "CANCELED") || strings.Contains(strings.Join(states, ""), "RUNNING") {
		t.Errorf("attempts of a killed query are %s", states)
	}
	for sql, want := range map[string]string{
		"CALL system.runtime.kill_query('" + victim.id + "')": "NOT_SUPPORTED: Target query is not running: " + victim.id,
		"CALL system.runtime.kill_query('nope', 'x')":         "NOT_FOUND: Target query not found: nope",
		"CALL system.runtime.kill_query()":                    "INVALID_ARGUMENTS: line 1:1: Required procedure argument 'QUERY_ID' is missing",
	} {
		if _, err := rows(context.Background(), killer, sql); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", sql, err, want)
		}
	}
}

// System tables say what clients and operators ask first.
func TestSystemTables(t *testing.T) {
	t.Parallel()
	c := start(t, localcluster.Config{Workers: 1})
	cl := session(c)
	for sql, want := range map[string]string{
		"SELECT node_id, coordinator, state FROM system.runtime.nodes ORDER BY 1":                                                                    `["coordinator",true,"active"]["worker-1",false,"active"]`,
		"SELECT catalog_name, connector_name FROM system.metadata.catalogs WHERE catalog_name IN ('system')":                                         `["system","system"]`,
		"SELECT table_cat FROM system.jdbc.tables WHERE table_name = 'tasks'":                                                                        `["system"]`,
		"SELECT type_name, ordinal_position FROM system.jdbc.columns WHERE table_schem = 'tiny' AND table_name LIKE 'nat%' AND column_name = 'name'": `["varchar(25)",2]`,
		"SELECT resource_group_id FROM system.runtime.queries WHERE query LIKE '%resource_group_id%'":                                                `[["global"]]`,
		"SELECT count(*) FROM system.metadata.materialized_views":                                                                                    `[0]`,
		"SELECT * FROM system.runtime.transactions":                                                                                                  "",
	} {
		if got := strings.Join(mustRows(t, cl, sql), ""); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
}
