package iceberg

import (
	"context"
	"math"

	"github.com/apache/iceberg-go"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Statistics adds up what manifests say of the files of a scan.
func (c *Connector) Statistics(ctx context.Context, scan connector.Scan) (connector.Statistics, error) {
	h, err := readHandle(scan.Handle)
	if err != nil {
		return connector.Statistics{}, err
	}
	s := c.SettingsFor(ctx)
	if h.Metadata != "" || !s.projectStats {
		return connector.Statistics{Rows: -1}, nil
	}
	tasks, t, err := c.plan(ctx, h, scan.Constraint)
	if err != nil {
		return connector.Statistics{}, err
	}
	sum := &summed{schema: h.Schema, fields: map[int]*summedField{}}
	seen := map[string]bool{}
	for i := range tasks {
		if f := tasks[i].File; !seen[f.FilePath()] {
			seen[f.FilePath()] = true
			sum.add(f)
		}
		for _, d := range tasks[i].DeletionVectorFiles {
			sum.deleted(d, seen)
		}
		for _, d := range tasks[i].DeleteFiles {
			sum.deleted(d, seen)
		}
	}
	out := connector.Statistics{Rows: float64(max(0, sum.rows-sum.gone)), Columns: map[string]connector.ColumnStatistics{}}
	var distinct map[int]float64
	if s.extendedStats && h.Snapshot != nil {
		distinct = distinctValues(t, *h.Snapshot)
	}
	for _, col := range scan.Columns {
		if field, found := h.Schema.FindFieldByNameCaseInsensitive(col.Name); found && col.Base == "" {
			one := sum.column(field, col.Type)
			if n, known := distinct[field.ID]; known && sum.rows > 0 {
				one.Distinct = min(n, out.Rows)
			}
			out.Columns[col.Name] = one
		}
	}
	return out, nil
}

// summed is what is known of files together.
type summed struct {
	schema     *iceberg.Schema
	rows, gone int64
	fields     map[int]*summedField
}

// summedField is what is known of a field: in how many rows it is, and how many of these are counted.
type summedField struct {
	bytes, nulls, counted int64
	low, high             float64
	bounded               int64 // rows of files with bounds, or with nothing but NULL
}

// deleted counts the rows of a delete file, once: a vector for each of its data files.
func (s *summed) deleted(d iceberg.DataFile, seen map[string]bool) {
	key := d.FilePath()
	if ref := d.ReferencedDataFile(); ref != nil {
		key += "\x00" + *ref
	}
	if !seen[key] {
		seen[key] = true
		s.gone += d.Count()
	}
}

func (s *summed) field(id int) *summedField {
	f := s.fields[id]
	if f == nil {
		f = &summedField{low: math.Inf(1), high: math.Inf(-1)}
		s.fields[id] = f
	}
	return f
}

func (s *summed) add(f iceberg.DataFile) {
	s.rows += f.Count()
	for id, n := range f.ColumnSizes() {
		s.field(id).bytes += n
	}
	nulls := f.NullValueCounts()
	for id, n := range nulls {
		field := s.field(id)
		field.nulls += n
		field.counted += f.Count()
		if n == f.Count() {
			field.bounded += n
		}
	}
	high := f.UpperBoundValues()
	for id, low := range f.LowerBoundValues() {
		field, found := s.schema.FindFieldByID(id)
		if h, ok := high[id]; ok && found && nulls[id] < f.Count() {
			s.field(id).bound(field.Type, low, h, f.Count())
		}
	}
}

// bound widens the range of a field by that of a file.
func (f *summedField) bound(t iceberg.Type, low, high []byte, rows int64) {
	l, ok1 := number(t, low)
	h, ok2 := number(t, high)
	if !ok1 || !ok2 {
		return
	}
	f.low, f.high = min(f.low, l), max(f.high, h)
	f.bounded += rows
}

// number is a bound as statistics have it: numbers, and dates as days.
func number(t iceberg.Type, raw []byte) (float64, bool) {
	lit, err := iceberg.LiteralFromBytes(t, raw)
	if err != nil {
		return 0, false
	}
	switch v := lit.Any().(type) {
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case float32:
		return float64(v), v == v
	case float64:
		return v, v == v
	case iceberg.Date:
		return float64(v), true
	case iceberg.Decimal:
		return v.Val.ToFloat64(int32(v.Scale)), true
	}
	return 0, false
}

// column is what is known of a column.
func (s *summed) column(field iceberg.NestedField, t types.Type) connector.ColumnStatistics {
	out := connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: -1, Low: math.NaN(), High: math.NaN()}
	f := s.fields[field.ID]
	if f == nil || s.rows == 0 {
		return out
	}
	if f.bytes > 0 {
		out.Bytes = float64(f.bytes)
	}
	if f.counted == s.rows {
		out.NullFraction = float64(f.nulls) / float64(s.rows)
	}
	if f.bounded == s.rows && f.low <= f.high {
		out.Low, out.High = f.low, f.high
	}
	if t.Kind == types.Boolean {
		out.Distinct = 2
	}
	return out
}
