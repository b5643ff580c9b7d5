package ducktest

import (
	"context"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestNarrow computes products of decimals in 64 bits: they are those of the wide statement, or an error that says that the
// wide one is needed, never another number.
func TestNarrow(t *testing.T) {
	i, err := engine.Open(context.Background(), engine.Config{MemoryLimit: 1 << 30, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	for _, test := range []struct {
		name, query string
		fits        bool
	}{
		{"small", "SELECT CAST(sum(x * (1 - y)) AS varchar) FROM (VALUES (12.50, 0.07), (100.00, 0.10)) v(a, b) CROSS JOIN LATERAL (SELECT CAST(a AS decimal(12, 2)), CAST(b AS decimal(12, 2))) t(x, y)", true},
		{"sum of a product", "SELECT CAST(x * x + x AS varchar) FROM (VALUES 1234567.89) v(a) CROSS JOIN LATERAL (SELECT CAST(a AS decimal(12, 2))) t(x)", true},
		{"negative", "SELECT CAST(min(x * x * x) AS varchar) FROM (VALUES -12.50) v(a) CROSS JOIN LATERAL (SELECT CAST(a AS decimal(12, 2))) t(x)", true},
		{"large", "SELECT CAST(x * x AS varchar) FROM (VALUES 9999999999.99) v(a) CROSS JOIN LATERAL (SELECT CAST(a AS decimal(12, 2))) t(x)", false},
		{"just too large", "SELECT CAST(x * x AS varchar) FROM (VALUES 10000000.00) v(a) CROSS JOIN LATERAL (SELECT CAST(a AS decimal(12, 2))) t(x)", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			wide, narrow := lowered(t, test.query, false), lowered(t, test.query, true)
			if wide == narrow {
				t.Fatalf("both statements are the same: %s", wide)
			}
			if strings.Contains(narrow, "DECIMAL(19") {
				t.Errorf("the narrow statement leaves 64 bits: %s", narrow)
			}
			want, err := text(i, wide)
			if err != nil {
				t.Fatal(err)
			}
			got, err := text(i, narrow)
			switch {
			case test.fits && (err != nil || got != want):
				t.Errorf("narrow gives %q, %v; want %q", got, err, want)
			case !test.fits && (err == nil || trinoerr.CodeOf(err) != trinoerr.NumericValueOutOfRange):
				t.Errorf("narrow gives %q, %v; want NUMERIC_VALUE_OUT_OF_RANGE", got, err)
			}
		})
	}
}

func lowered(t *testing.T, query string, narrow bool) string {
	t.Helper()
	p, err := bind(query)
	if err != nil {
		t.Fatal(err)
	}
	st, err := duck.Lower(p, duck.Options{Narrow: narrow})
	if err != nil {
		t.Fatal(err)
	}
	return st.SQL
}

// text runs a statement with one value.
func text(i *engine.Instance, sql string) (string, error) {
	out := ""
	err := i.QueryChunks(context.Background(), sql, func(c *engine.Chunk) error {
		out = string(c.Columns[0].Bytes(0))
		return nil
	})
	return out, err
}
