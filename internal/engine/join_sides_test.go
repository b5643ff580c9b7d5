package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// A join keeps in memory, on its right, what DuckDB takes for the smaller side, however it is written; with KeepJoinSides what is
// written on the right.
func TestKeepJoinSides(t *testing.T) {
	dir := t.TempDir()
	large, small := filepath.Join(dir, "large.parquet"), filepath.Join(dir, "small.parquet")
	for _, keep := range []bool{false, true} {
		i, err := Open(t.Context(), Config{MemoryLimit: 1 << 30, Threads: 1, ScratchDir: dir, KeepJoinOrder: true, KeepJoinSides: keep})
		if err != nil {
			t.Fatal(err)
		}
		for path, rows := range map[string]int{large: 100_000, small: 100} {
			if err := i.Exec(t.Context(), fmt.Sprintf("COPY (SELECT range AS a FROM range(%d)) TO %s (FORMAT parquet)", rows, QuoteText(path))); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			left, right string
			kind        string
			kept        string // the side in memory
		}{{large, small, "JOIN", "~100 rows"}, {small, large, "JOIN", "~100,000 rows"}, {small, large, "LEFT JOIN", "~100,000 rows"}} {
			want := tt.kept
			if !keep {
				want = "~100 rows"
			}
			sql := fmt.Sprintf("EXPLAIN SELECT * FROM read_parquet(%s) l %s read_parquet(%s) r ON l.a = r.a", QuoteText(tt.left), tt.kind, QuoteText(tt.right))
			if got := builtSide(t, i, sql); got != want {
				t.Errorf("keep %t: %s: in memory are %s, want %s", keep, sql, got, want)
			}
		}
		i.Close()
	}
}

// builtSide is the estimate of the right input of a plan's only join, which is drawn on the right.
func builtSide(t *testing.T, i *Instance, sql string) string {
	t.Helper()
	side := ""
	if err := i.QueryChunks(context.Background(), sql, func(c *Chunk) error {
		for line := range strings.Lines(string(c.Columns[1].Bytes(0))) {
			if cells := strings.Split(line, "││"); len(cells) == 2 && strings.Contains(cells[1], " rows ") {
				side = strings.Trim(strings.TrimSpace(cells[1]), "│ ")
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return side
}
