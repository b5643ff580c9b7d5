package engine

import (
	"context"
	"testing"
)

// TestCorrelatedInequalities asks for rows without a partner that differs, which DuckDB 1.5.3 gets wrong when it drops the
// set of outer values: it finds partners of other rows, and takes NULL for different from everything.
func TestCorrelatedInequalities(t *testing.T) {
	i := open(t, 0)
	if err := i.Exec(context.Background(), "CREATE TABLE l AS FROM (VALUES (1, 2, 6), (2, 3, 4), (3, 4, NULL)) l(id, a, x);"+
		"CREATE TABLE r AS FROM (VALUES (2, 0), (3, 4), (4, 8)) r(a, y)"); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		// Only y of the second row is the same as x, and nothing differs from NULL.
		"SELECT id::VARCHAR, EXISTS (FROM r WHERE r.a = l.a AND r.y <> l.x)::VARCHAR FROM l ORDER BY id":       "1|true\n2|false\n3|false\n",
		"SELECT id::VARCHAR, (NOT EXISTS (FROM r WHERE r.a = l.a AND r.y <> l.x))::VARCHAR FROM l ORDER BY id": "1|false\n2|true\n3|true\n",
		// Rows of r with a larger y than a and another than x: all but the last row of l have some.
		"SELECT id::VARCHAR FROM l WHERE EXISTS (FROM r, r AS s WHERE s.y > l.a AND r.y <> l.x) ORDER BY id":        "1\n2\n",
		"SELECT id::VARCHAR FROM l WHERE NOT EXISTS (FROM r, r AS s WHERE s.y > l.a AND r.y <> l.x) ORDER BY id":    "3\n",
		"SELECT id::VARCHAR FROM l WHERE EXISTS (FROM r WHERE r.a <= l.a AND r.y IS DISTINCT FROM l.x) ORDER BY id": "1\n2\n3\n",
	} {
		if got := text(t, i, sql); got != want {
			t.Errorf("%s: got %q, want %q", sql, got, want)
		}
	}
}
