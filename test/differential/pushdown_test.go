//go:build e2e

package differential

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestPushdown asks random queries over tables in a database, which is to do parts of them, or only gives its rows: the answers are the same, in
// one task and in many.
func TestPushdown(t *testing.T) {
	pg := servers.StartPostgreSQL(t, "log_statement=all")
	p := place{start(t, map[string]map[string]string{"pg": {"connector.name": "postgresql", "connection-url": pg.URL, "connection-user": pg.User,
		"connection-password": pg.Password, "join-pushdown.strategy": "EAGER"}}), "pg", "public"}
	all := tables
	tables = flat(all)
	defer func() { tables = all }()
	compare(t, p, *most/2, func(ctx context.Context, seed uint64, sql string) (string, bool) {
		pushing := map[string]string{}
		if seed%4 == 0 {
			maps.Copy(pushing, divided(seed))
		}
		whole := maps.Clone(pushing)
		whole["allow_pushdown_into_connectors"] = "false"
		return differ(ask(ctx, p, pushing, sql), ask(ctx, p, whole, sql))
	})
	log, err := os.ReadFile(pg.Log)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{" WHERE ", " GROUP BY ", " JOIN ", " ORDER BY ", " LIMIT "} {
		n := 0
		for line := range strings.Lines(string(log)) {
			if strings.Contains(line, ` FROM "public"."t`) && strings.Contains(line, part) {
				n++
			}
		}
		t.Logf("the database was asked %d queries with%s", n, part)
		if n == 0 && !*only {
			t.Errorf("the database was not asked any query with%s", part)
		}
	}
}

// flat are tables without the columns that a database does not have.
func flat(tables []table) (out []table) {
	for _, t := range tables {
		t.cols = slices.DeleteFunc(slices.Clone(t.cols), func(c column) bool { return c.typ == array || c.typ == row })
		out = append(out, t)
	}
	return out
}
