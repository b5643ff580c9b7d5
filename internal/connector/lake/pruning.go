package lake

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Satisfies reports whether a row group can have rows that satisfy a constraint on the table's columns.
func (g *RowGroup) Satisfies(columns []Column, constraint []connector.Domain) bool {
	for _, d := range constraint {
		for _, c := range columns {
			if c.Name == d.Column && !c.MayHave(g, d) {
				return false
			}
		}
	}
	return true
}

// MayHave reports whether a row group can have a value of a domain. A column that the file lacks is taken to be NULL.
func (c Column) MayHave(g *RowGroup, d connector.Domain) bool {
	if c.Field == nil {
		return d.NullAllowed
	}
	if len(c.Field.Schema) != 1 { // of arrays, maps and rows only parts are known
		return true
	}
	chunk := &g.Chunks[c.Field.From]
	if d.NullAllowed && chunk.Nulls != 0 {
		return true
	}
	if chunk.Nulls == g.Rows {
		return false
	}
	low, high, ok := c.Bounds(chunk)
	return !ok || Allowed(d, low, high)
}

// Bounds returns the smallest and largest value of a chunk, in the representation of the column's type.
func (c Column) Bounds(chunk *Chunk) (low, high any, ok bool) {
	if chunk.Low == nil || chunk.High == nil || len(c.Field.Schema) != 1 {
		return nil, nil, false
	}
	e := &c.Field.Schema[0]
	low, ok1 := statistic(c.Type, e, chunk.Low)
	high, ok2 := statistic(c.Type, e, chunk.High)
	if t, isTime := high.(types.TimestampValue); isTime {
		// Reading may round up to the precision of the column.
		t.EpochMicros += 1000
		high = t
	}
	return low, high, ok1 && ok2
}
