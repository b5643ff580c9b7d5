package engine

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Observed values are those of the rows that are written, each once, with their NULLs; nothing is changed by it.
func TestWriteParquetObserved(t *testing.T) {
	i := open(t, 0)
	for name, o := range map[string]ParquetOptions{
		"partitioned": {PartitionColumns: []string{"p"}},
		"alone":       {PaceColumn: "n"},
		"paced":       {PaceColumn: "n", Pace: func() error { return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var rows, sum, nulls, days, letters, noText int64
			see := func(f func(*Column)) func(*Column) {
				return func(c *Column) {
					mu.Lock()
					defer mu.Unlock()
					f(c)
				}
			}
			o.Observed = []Observed{
				{Value: "n", See: see(func(c *Column) {
					rows += int64(c.Rows)
					for r, v := range Values[int64](c) {
						if c.IsNull(r) {
							nulls++
						} else {
							sum += v
						}
					}
				})},
				{Value: "d - DATE '1970-01-01'", See: see(func(c *Column) {
					for _, v := range Values[int64](c) {
						days += v
					}
				})},
				{Value: `"T x"`, Text: true, See: see(func(c *Column) {
					for r := range c.Rows {
						if c.IsNull(r) {
							noText++
						} else {
							letters += int64(len(c.Bytes(r)))
						}
					}
				})},
			}
			query := `SELECT CASE WHEN range % 10 <> 0 THEN range END AS n, DATE '1970-01-01' + (range % 2)::INTEGER AS d,
				CASE WHEN range % 4 = 0 THEN repeat('x', (range % 40)::INTEGER) END AS "T x", (range % 3)::INTEGER AS p FROM range(100000)`
			files, err := i.WriteParquet(t.Context(), query, filepath.Join(i.cfg.ScratchDir, name), o)
			if err != nil {
				t.Fatal(err)
			}
			if rows != 100000 || nulls != 10000 || sum != 4999950000-499950000 || days != 50000 || noText != 75000 || letters != 450000 {
				t.Errorf("%d rows, %d NULL, sum %d, %d days, %d letters, %d without", rows, nulls, sum, days, letters, noText)
			}
			var paths []string
			for _, f := range files {
				paths = append(paths, QuoteText(f.Path))
			}
			const figures = `SELECT concat(count(*), ' ', count(n), ' ', sum(n), ' ', sum(length("T x")), ' ', count("T x")) FROM `
			if got := text(t, i, figures+"read_parquet(["+strings.Join(paths, ", ")+"])"); got != "100000 90000 4500000000 450000 25000\n" {
				t.Errorf("written: %s", got)
			}
		})
	}
}

// BenchmarkObserve compares writing with and without a look at a column.
func BenchmarkObserve(b *testing.B) {
	i := open(b, 0)
	query := "SELECT (range % 16)::INTEGER AS p, range AS a, hash(range)::BIGINT AS b, range * 1.5 AS c, 'text ' || range % 100 AS d FROM range(2000000)"
	n := 0
	for _, values := range [][]Observed{nil, {{Value: "a", See: func(*Column) {}}}} {
		name := "without"
		if values != nil {
			name = "with"
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n++
				_, err := i.WriteParquet(b.Context(), query, filepath.Join(i.cfg.ScratchDir, "b"+strings.Repeat("x", n)),
					ParquetOptions{PartitionColumns: []string{"p"}, Pace: func() error { return nil }, Observed: values})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
