package tpcds

import (
	"context"
	_ "embed" // the measured statistics
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpcds/dsdgen"
)

// Trino knows statistics of the scale factors 0.01, 1 and 3000; they are compiled in. Between them the numbers of rows follow from
// the benchmark's definition, and what grows with them is interpolated.

// measurements has a line per table, which is a scale factor, its name and the number of rows, and then one per column: its name,
// numbers of distinct values and of NULLs, bytes, the lowest and the highest value. What is not known is "-".
//
//go:embed measured.txt
var measurements string

// measurement is what is known of a column; NaN stands for the unknown.
type measurement struct{ distinct, nulls, bytes, low, high float64 }

// measuredTable is what is known of a table at a scale factor.
type measuredTable struct {
	scale, rows float64
	columns     map[string]measurement
}

// measured are the tables at the scale factors where they are known, ascending.
var measured = sync.OnceValue(func() map[string][]measuredTable {
	all := map[string][]measuredTable{}
	table := ""
	for line := range strings.Lines(measurements) {
		f := strings.Fields(line)
		if len(f) == 3 {
			table = f[1]
			all[table] = append(all[table], measuredTable{number(f[0]), number(f[2]), map[string]measurement{}})
			continue
		}
		known := all[table]
		known[len(known)-1].columns[f[0]] = measurement{number(f[1]), number(f[2]), number(f[3]), number(f[4]), number(f[5])}
	}
	return all
})

func number(s string) float64 {
	if s == "-" {
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(fmt.Sprintf("measured.txt: %v", err))
	}
	return f
}

// Statistics returns what is known about all columns of a table.
func (c *Connector) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	h, err := readHandle(scan)
	if err != nil {
		return connector.Statistics{}, err
	}
	return statistics(h.table(), h.Scale), nil
}

func statistics(t *dsdgen.Table, sf float64) connector.Statistics {
	known := measured()[t.Name]
	i, exact := slices.BinarySearchFunc(known, sf, func(m measuredTable, sf float64) int {
		switch {
		case m.scale < sf:
			return -1
		case m.scale > sf:
			return 1
		}
		return 0
	})
	out := connector.Statistics{Columns: map[string]connector.ColumnStatistics{}}
	if exact {
		out.Rows = known[i].rows
		for _, col := range t.Columns {
			out.Columns[col.Name] = known[i].columns[col.Name].statistics(out.Rows)
		}
		return out
	}
	out.Rows = float64(t.Units(sf)) * t.RowsPerUnit()
	i = min(max(i, 1), len(known)-1)
	below, above := known[i-1], known[i]
	for _, col := range t.Columns {
		m := between(below, above, col.Name, sf, out.Rows)
		out.Columns[col.Name] = m.statistics(out.Rows)
	}
	return out
}

// between estimates what holds for a column between, or beyond, two scale factors. NULLs and bytes are as many per row as at the
// nearer one; numbers of values and bounds of keys grow with powers of the scale factor.
func between(below, above measuredTable, column string, sf, rows float64) measurement {
	near := below
	if above.scale/sf < sf/below.scale {
		near = above
	}
	m, a, b := near.columns[column], below.columns[column], above.columns[column]
	if near.rows > 0 {
		m.nulls *= rows / near.rows
		m.bytes *= rows / near.rows
	}
	m.distinct = math.Round(min(rows, power(below.scale, a.distinct, above.scale, b.distinct, sf)))
	if a.low == b.low {
		m.high = math.Round(power(below.scale, a.high, above.scale, b.high, sf)*100) / 100
	}
	return m
}

// power returns y at x of the power law through two points; that of the first if no power law goes through them.
func power(x1, y1, x2, y2, x float64) float64 {
	if y1 <= 0 || y2 <= 0 {
		return y1
	}
	return y1 * math.Pow(x/x1, math.Log(y2/y1)/math.Log(x2/x1))
}

// statistics returns a measurement of some rows as statistics.
func (m measurement) statistics(rows float64) connector.ColumnStatistics {
	s := connector.ColumnStatistics{Distinct: m.distinct, Bytes: m.bytes, Low: m.low, High: m.high}
	if rows > 0 {
		s.NullFraction = m.nulls / rows
	}
	if math.IsNaN(s.Bytes) {
		s.Bytes = -1
	}
	if math.IsNaN(s.Distinct) {
		s.Distinct = -1
	}
	if math.IsNaN(s.NullFraction) {
		s.NullFraction = -1
	}
	return s
}

// averageLength returns the average length of a text column.
func averageLength(t *dsdgen.Table, column string) float64 {
	for _, m := range measured()[t.Name] {
		if bytes := m.columns[column].bytes; m.scale == 1 && m.rows > 0 && bytes > 0 {
			return bytes / m.rows
		}
	}
	return 0
}

// Analyzed says that the statistics are those of the generated rows.
func (c *Connector) Analyzed() {}
