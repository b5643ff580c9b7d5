package hive

import (
	"context"
	"math"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Statistics sums up the footers of the files that a constraint leaves. Rows and bytes are exact; the number of distinct
// values is an estimate.
func (c *Connector) Statistics(ctx context.Context, scan connector.Scan) (connector.Statistics, error) {
	if h, err := handleOf(scan); err != nil || h.About != "" {
		return connector.Statistics{Rows: -1}, err
	}
	t, parts, err := c.scan(ctx, scan)
	if err != nil {
		return connector.Statistics{}, err
	}
	if lines.Known(t.format()) {
		return c.lineStatistics(ctx, t, parts, scan.Columns), nil
	}
	sums := make([]columnSum, len(scan.Columns))
	for i := range sums {
		sums[i] = columnSum{values: lake.NewRange()}
	}
	rows := int64(0)
	for _, p := range parts {
		partRows := int64(0)
		for i := range p.files {
			f := p.files[i].footer
			rows, partRows = rows+f.Rows, partRows+f.Rows
			for n, col := range c.fileColumns(t, f, scan.Columns) {
				sums[n].addFile(t, p, f, col)
			}
		}
		if len(p.files) == 0 {
			continue
		}
		known := c.distinctValues(ctx, t, p, partRows)
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
	values       lake.Range
	distinct     float64
	seen         map[any]bool // values of a partitioning column
	// analyzed is how many distinct values ANALYZE has found, where it has been everywhere.
	analyzed    float64
	notAnalyzed bool
	// Whether some file does not know.
	nullsUnknown, distinctUnknown bool
}

func (s *columnSum) addFile(t *table, p *partition, f *lake.Footer, c lake.Column) {
	if c.Field == nil {
		s.addConstant(t, p, f, c)
		return
	}
	for i := range f.Groups {
		s.addGroup(&f.Groups[i], c)
	}
}

// addConstant adds the rows of a file all of which have the same value.
func (s *columnSum) addConstant(t *table, p *partition, f *lake.Footer, c lake.Column) {
	var v any
	for i, col := range t.partitionColumns {
		if col.Name == c.Name {
			v = p.values[i]
		}
	}
	if v == nil {
		s.nulls += f.Rows
		return
	}
	if s.seen == nil {
		s.seen = map[any]bool{}
	}
	s.seen[v] = true
	if text, ok := v.(string); ok {
		s.bytes += f.Rows * int64(len(text))
		s.data += f.Rows * int64(len(text))
	}
	s.values.Widen(c.Type, v, v)
}

func (s *columnSum) addGroup(g *lake.RowGroup, c lake.Column) {
	for i := c.Field.From; i < c.Field.To; i++ {
		s.bytes += g.Chunks[i].Bytes
		s.data += g.Chunks[i].Data
	}
	if len(c.Field.Schema) != 1 {
		s.nullsUnknown, s.distinctUnknown = true, true
		s.values.Forget()
		return
	}
	chunk := &g.Chunks[c.Field.From]
	if chunk.Nulls < 0 {
		s.nullsUnknown = true
	} else {
		s.nulls += chunk.Nulls
		if chunk.Nulls == g.Rows {
			return
		}
	}
	if chunk.Distinct <= 0 {
		s.distinctUnknown = true
	} else if d := float64(chunk.Distinct); d > float64(g.Rows)/2 {
		s.distinct += d // hardly a value repeats: those of other row groups are others
	} else {
		s.distinct = max(s.distinct, d)
	}
	low, high, ok := c.Bounds(chunk)
	if !ok {
		s.values.Forget()
		return
	}
	s.values.Widen(c.Type, low, high)
}

// result makes the statistics of the column.
func (s *columnSum) result(t types.Type, rows int64) connector.ColumnStatistics {
	out := connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: float64(s.bytes), DataSize: float64(s.data)}
	present := float64(rows)
	if !s.nullsUnknown && rows > 0 {
		out.NullFraction = float64(s.nulls) / float64(rows)
		present -= float64(s.nulls)
	}
	out.Low, out.High = s.values.Bounds()
	switch {
	case s.seen != nil:
		out.Distinct = float64(len(s.seen))
	case !s.notAnalyzed && rows > 0:
		out.Distinct = min(s.analyzed, present)
	case !s.distinctUnknown && s.distinct > 0:
		out.Distinct = min(s.distinct, present)
	}
	if lake.Discrete(t) && !math.IsNaN(out.Low) {
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
