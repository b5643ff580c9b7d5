package jdbc_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
)

// open makes a connector to a database that is not there, and a scan of its table.
func open(t *testing.T, db database, properties map[string]string) *pushed {
	t.Helper()
	all := map[string]string{"connection-url": db.url, "connection-user": "u"}
	maps.Copy(all, properties)
	c := jdbctest.Open(t, db.factory, all).(*jdbc.Connector)
	table, err := c.TableOf(t.Context(), jdbc.Name{Schema: "s", Table: "t"}, &jdbc.Description{Columns: db.columns})
	if err != nil {
		t.Fatal(err)
	}
	return &pushed{c: c, scan: connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}}
}

// TestSwitches shows what becomes of an offer by default, and with a property.
func TestSwitches(t *testing.T) {
	postgres := databases["postgresql"]
	for _, tt := range []struct {
		db            database
		property      string
		offer         string
		without, with string // what the query contains
	}{
		{postgres, "aggregation-pushdown.enabled=false", "groups by text", "GROUP BY", "-"},
		{postgres, "topn-pushdown.enabled=false", "top", "LIMIT 3", "-"},
		{postgres, "complex-expression-pushdown.enabled=false", "arithmetic", "% 7", "-"},
		{postgres, "domain-compaction-threshold=1", "domains", `"id" IN (1, 2)`, `("id" >= 1) AND ("id" <= 2)`},
		{postgres, "domain-compaction-threshold=1000", "long domain", `("id" >= 0) AND ("id" <= 2093)`, `"id" IN (0, 7, `},
		{postgres, "postgresql.experimental.enable-string-pushdown-with-collate=true", "ordered texts", "-", `COLLATE "C"`},
		{databases["redshift"], "aggregation-pushdown.enabled=false", "groups", "GROUP BY", "-"},
	} {
		name, value, _ := strings.Cut(tt.property, "=")
		for properties, want := range map[string]string{"": tt.without, value: tt.with} {
			settings := map[string]string{}
			if properties != "" {
				settings[name] = value
			}
			p := open(t, tt.db, settings)
			if tt.offer == "ordered texts" {
				p.filter(p.is(connector.OpLess, "name", "x"))
			} else {
				offers[tt.offer](p)
			}
			sql, err := p.c.SQL(t.Context(), p.scan)
			if err != nil {
				t.Fatal(err)
			}
			absent := ""
			if want == "-" {
				want, absent = "SELECT", tt.without
				if absent == "-" {
					absent = tt.with
				}
			}
			if !strings.Contains(sql, want) || absent != "" && strings.Contains(sql, absent) {
				t.Errorf("%s, %v: %s", tt.offer, settings, sql)
			}
		}
	}
}

// TestDynamicFilteringSwitches shows that scans wait for keys as long as they are told.
func TestDynamicFilteringSwitches(t *testing.T) {
	for _, tt := range []struct {
		properties map[string]string
		want       connector.DynamicFilters
	}{
		{nil, connector.DynamicFilters{Enabled: true, Wait: 20 * time.Second}},
		{map[string]string{"dynamic-filtering.enabled": "false"}, connector.DynamicFilters{Wait: 20 * time.Second}},
		{map[string]string{"dynamic-filtering.wait-timeout": "3s"}, connector.DynamicFilters{Enabled: true, Wait: 3 * time.Second}},
	} {
		if got := open(t, databases["mysql"], tt.properties).c.DynamicFilters(t.Context()); got != tt.want {
			t.Errorf("%v: %+v, want %+v", tt.properties, got, tt.want)
		}
	}
}

// TestSessionProperties shows that sessions can set what they can in Trino.
func TestSessionProperties(t *testing.T) {
	var names []string
	for _, p := range open(t, databases["postgresql"], nil).c.SessionProperties() {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	for _, want := range []string{"aggregation_pushdown_enabled", "complex_expression_pushdown", "decimal_mapping", "domain_compaction_threshold", "dynamic_filtering_enabled",
		"dynamic_filtering_wait_timeout", "join_pushdown_automatic_max_join_to_tables_ratio", "join_pushdown_automatic_max_table_size", "join_pushdown_enabled",
		"join_pushdown_strategy", "non_transactional_insert", "topn_pushdown_enabled", "unsupported_type_handling", "write_batch_size"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no session property %s among %v", want, names)
		}
	}
}
