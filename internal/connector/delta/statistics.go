package delta

import (
	"context"
	"math"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// maxSeen is how many values of a table partitioning column are counted.
const maxSeen = 10_000

// Statistics sums up what the log says of the files that a constraint leaves.
func (c *Connector) Statistics(ctx context.Context, scan connector.Scan) (connector.Statistics, error) {
	out := connector.Statistics{Rows: -1, Columns: map[string]connector.ColumnStatistics{}}
	h, err := readHandle(scan.Handle, scan.Table)
	if err != nil || h.Part != "" || !c.SettingsFor(ctx).statistics {
		return out, err
	}
	t, err := c.open(ctx, *h)
	if err != nil {
		return out, err
	}
	sums := make([]columnSum, len(scan.Columns))
	for i, col := range scan.Columns {
		sums[i] = columnSum{column: t.column(col.Name), values: lake.NewRange(), seen: map[string]bool{}}
	}
	rows, bytes, unknown := int64(0), int64(0), false
	err = c.liveFiles(ctx, t, t.filter(scan.Constraint), func(a *deltalog.Add) error {
		s := statsOf(a)
		n := s.rows(a)
		unknown = unknown || n < 0
		rows += max(0, n)
		bytes += a.Size
		for i := range sums {
			if sums[i].column != nil {
				sums[i].add(a, s, n)
			}
		}
		return nil
	})
	if err != nil {
		return out, failure(err, t.Name)
	}
	if unknown {
		return out, nil
	}
	out.Rows = float64(rows)
	width := 0.0
	for _, col := range t.columns {
		if !col.partition {
			width += widthOf(col.Type)
		}
	}
	for i, col := range scan.Columns {
		if sums[i].column != nil {
			out.Columns[col.Name] = sums[i].result(rows, float64(bytes)/max(1, width))
		}
	}
	return out, nil
}

// widthOf is about how many bytes a value takes in comparison with others: the log has only the sizes of files.
func widthOf(t types.Type) float64 {
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		return 1
	case types.SmallInt:
		return 2
	case types.Integer, types.Real, types.Date:
		return 4
	case types.Varchar, types.Varbinary:
		return 16
	case types.Array, types.Map, types.Row:
		total := 8.0
		for i := range t.Args {
			total += widthOf(t.Elem(i))
		}
		return total
	}
	return 8
}

// columnSum gathers what files say about a column.
type columnSum struct {
	column *column
	nulls  int64
	values lake.Range
	seen   map[string]bool // values of a table partitioning column
	// Whether some file does not know.
	nullsUnknown bool
}

func (s *columnSum) add(a *deltalog.Add, stats *fileStats, rows int64) {
	if s.column.partition {
		text := a.PartitionValues[s.column.physical]
		v, err := partitionValue(s.column.Type, text)
		switch {
		case err != nil:
			s.values.Forget()
		case v == nil:
			s.nulls += rows
		default:
			if len(s.seen) < maxSeen {
				s.seen[*text] = true
			}
			s.values.Widen(s.column.Type, v, v)
		}
		return
	}
	nulls := stats.nulls(s.column)
	if nulls < 0 {
		s.nullsUnknown = true
	} else {
		// Deleted rows may have been counted.
		nulls = min(nulls, rows)
		s.nulls += nulls
	}
	if nulls == rows {
		return
	}
	low, ok1 := statValue(s.column.Type, stats.MinValues[s.column.physical])
	high, ok2 := statValue(s.column.Type, stats.MaxValues[s.column.physical])
	if !ok1 || !ok2 {
		s.values.Forget()
		return
	}
	s.values.Widen(s.column.Type, low, high)
}

// result makes the statistics of the column, of which a unit of width takes some bytes.
func (s *columnSum) result(rows int64, unit float64) connector.ColumnStatistics {
	t := s.column.Type
	out := connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: 0}
	if !s.column.partition {
		out.Bytes = widthOf(t) * unit
	}
	present := float64(rows)
	if !s.nullsUnknown && rows > 0 {
		out.NullFraction = float64(s.nulls) / float64(rows)
		present -= float64(s.nulls)
	}
	out.Low, out.High = s.values.Bounds()
	switch {
	case s.column.partition && len(s.seen) < maxSeen:
		out.Distinct = float64(len(s.seen))
	case lake.Discrete(t) && !math.IsNaN(out.Low):
		// At most as many as there are numbers between; without better knowledge, so many.
		out.Distinct = min(out.High-out.Low+1, present)
	}
	if present == 0 {
		out.Distinct = 0
	}
	return out
}
