package hive

import (
	"context"
	"math"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Statistics sums up the footers of the files that a constraint leaves. Rows and bytes are exact; the number of distinct
// values is an estimate.
func (c *Connector) Statistics(ctx context.Context, scan connector.Scan) (connector.Statistics, error) {
	t, parts, err := c.scan(ctx, scan)
	if err != nil {
		return connector.Statistics{}, err
	}
	sums := make([]columnSum, len(scan.Columns))
	for i := range sums {
		sums[i] = columnSum{low: math.Inf(1), high: math.Inf(-1)}
	}
	rows := int64(0)
	for _, p := range parts {
		for i := range p.files {
			f := p.files[i].footer
			rows += f.rows
			for n, col := range c.fileColumns(t, f, scan.Columns) {
				sums[n].addFile(t, p, f, col)
			}
		}
		if len(p.files) == 0 {
			continue
		}
		known := c.distinctValues(t, p)
		for n, col := range scan.Columns {
			d, ok := known[col.Name]
			sums[n].analyzed, sums[n].notAnalyzed = max(sums[n].analyzed, float64(d)), sums[n].notAnalyzed || !ok
		}
	}
	s := connector.Statistics{Rows: float64(rows), Columns: map[string]connector.ColumnStatistics{}}
	for n, col := range scan.Columns {
		s.Columns[col.Name] = sums[n].result(col.Type, rows)
	}
	return s, nil
}

// columnSum gathers what files say about a column.
type columnSum struct {
	bytes, nulls int64
	data         int64 // bytes before compression
	low, high    float64
	distinct     float64
	seen         map[any]bool // values of a partitioning column
	// analyzed is how many distinct values ANALYZE has found, where it has been everywhere.
	analyzed    float64
	notAnalyzed bool
	// Whether some file does not know.
	nullsUnknown, rangeUnknown, distinctUnknown bool
}

func (s *columnSum) addFile(t *table, p *partition, f *footer, c fileColumn) {
	if c.field == nil {
		s.addConstant(t, p, f, c)
		return
	}
	for i := range f.groups {
		s.addGroup(&f.groups[i], c)
	}
}

// addConstant adds the rows of a file all of which have the same value.
func (s *columnSum) addConstant(t *table, p *partition, f *footer, c fileColumn) {
	var v any
	for i, col := range t.partitionColumns {
		if col.Name == c.column.Name {
			v = p.values[i]
		}
	}
	if v == nil {
		s.nulls += f.rows
		return
	}
	if s.seen == nil {
		s.seen = map[any]bool{}
	}
	s.seen[v] = true
	if text, ok := v.(string); ok {
		s.bytes += f.rows * int64(len(text))
		s.data += f.rows * int64(len(text))
	}
	s.widen(v, v, c.column.Type)
}

func (s *columnSum) addGroup(g *rowGroup, c fileColumn) {
	for i := c.field.from; i < c.field.to; i++ {
		s.bytes += g.chunks[i].bytes
		s.data += g.chunks[i].data
	}
	if len(c.field.schema) != 1 {
		s.nullsUnknown, s.rangeUnknown, s.distinctUnknown = true, true, true
		return
	}
	chunk := &g.chunks[c.field.from]
	if chunk.nulls < 0 {
		s.nullsUnknown = true
	} else {
		s.nulls += chunk.nulls
		if chunk.nulls == g.rows {
			return
		}
	}
	if chunk.distinct <= 0 {
		s.distinctUnknown = true
	} else if d := float64(chunk.distinct); d > float64(g.rows)/2 {
		s.distinct += d // hardly a value repeats: those of other row groups are others
	} else {
		s.distinct = max(s.distinct, d)
	}
	low, high, ok := c.bounds(chunk)
	if !ok {
		s.rangeUnknown = true
		return
	}
	s.widen(low, high, c.column.Type)
}

func (s *columnSum) widen(low, high any, t types.Type) {
	l, ok1 := number(t, low)
	h, ok2 := number(t, high)
	if !ok1 || !ok2 {
		s.rangeUnknown = true
		return
	}
	s.low, s.high = min(s.low, l), max(s.high, h)
}

// number returns a value as statistics have it.
func number(t types.Type, v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case types.DateValue:
		return float64(v), true
	case types.Int128:
		return (float64(v.Hi)*math.Exp2(64) + float64(v.Lo)) / math.Pow10(t.S), true
	}
	return 0, false
}

// result makes the statistics of the column.
func (s *columnSum) result(t types.Type, rows int64) connector.ColumnStatistics {
	out := connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: float64(s.bytes), DataSize: float64(s.data), Low: math.NaN(), High: math.NaN()}
	present := float64(rows)
	if !s.nullsUnknown && rows > 0 {
		out.NullFraction = float64(s.nulls) / float64(rows)
		present -= float64(s.nulls)
	}
	if !s.rangeUnknown && s.low <= s.high {
		out.Low, out.High = s.low, s.high
	}
	switch {
	case s.seen != nil:
		out.Distinct = float64(len(s.seen))
	case !s.notAnalyzed && rows > 0:
		out.Distinct = min(s.analyzed, present)
	case !s.distinctUnknown && s.distinct > 0:
		out.Distinct = min(s.distinct, present)
	}
	if discrete(t) && !math.IsNaN(out.Low) {
		// At most as many as there are numbers between; without better knowledge, so many.
		spread := min(out.High-out.Low+1, present)
		if out.Distinct < 0 || out.Distinct > spread {
			out.Distinct = spread
		}
	}
	if present == 0 {
		out.Distinct = 0
	}
	return out
}

// discrete types have countable values between two others.
func discrete(t types.Type) bool {
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Date:
		return true
	}
	return false
}
