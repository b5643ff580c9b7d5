package binder

import (
	"math"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// showStats lists what is known about a table's data: a line per column, then one for the table.
func (b *binder) showStats(s *ast.ShowStats) (Bound, error) {
	table, ok := s.Relation.(*ast.Table)
	if !ok {
		return nil, unsupported(s.Relation, "SHOW STATS FOR a query")
	}
	t, err := b.existing(s, table.Name)
	if err != nil {
		return nil, unlocated(err)
	}
	stats := connector.Statistics{Rows: -1}
	if t.Table.Name.Schema != informationSchema {
		scan := connector.Scan{Table: t.Table.Name, Handle: t.Table.Handle, Columns: t.Table.Columns}
		if stats, err = b.env.Catalogs.Metadata(t.Catalog).Statistics(b.ctx, scan); err != nil {
			return nil, located(s, err)
		}
	}
	cols := []listingColumn{{"column_name", varcharType}, {"data_size", double}, {"distinct_values_count", double},
		{"nulls_fraction", double}, {"row_count", double}, {"low_value", varcharType}, {"high_value", varcharType}}
	var rows [][]any
	for _, c := range t.Table.Columns {
		if c.Hidden {
			continue
		}
		row := []any{c.Name, nil, nil, nil, nil, nil, nil}
		if stats.Rows == 0 { // all values of no rows are as many
			row[1], row[2], row[3] = 0.0, 0.0, 1.0
		} else if cs, ok := stats.Columns[c.Name]; ok && stats.Rows >= 0 {
			if !fixedWidth(c.Type) {
				row[1] = known(cs.Bytes)
			}
			row[2], row[3] = known(cs.Distinct), known(cs.NullFraction)
			row[5], row[6] = statText(c.Type, cs.Low), statText(c.Type, cs.High)
		}
		rows = append(rows, row)
	}
	rows = append(rows, []any{nil, nil, nil, nil, known(stats.Rows), nil, nil})
	return b.listing(cols, rows), nil
}

// unlocated is an error without its place in the text: this statement's name of a table has none in Trino.
func unlocated(err error) error {
	e := *trinoerr.From(err)
	e.Pos = trinoerr.Position{}
	return &e
}

// fixedWidth reports whether values take the same space, so that their size says nothing.
func fixedWidth(t types.Type) bool {
	switch t.Kind {
	case types.Varchar, types.Char, types.Varbinary, types.JSON, types.Array, types.Map, types.Row:
		return false
	}
	return true
}

// known is nil for an unknown number.
func known(v float64) any {
	if v < 0 || math.IsNaN(v) {
		return nil
	}
	return v
}

// statText renders the end of a column's range.
func statText(t types.Type, v float64) any {
	switch {
	case math.IsNaN(v):
		return nil
	case t.Integral():
		return strconv.FormatInt(int64(v), 10)
	case t.Kind == types.Date:
		return time.Unix(int64(v)*86400, 0).UTC().Format(time.DateOnly)
	case t.Kind == types.Double, t.Kind == types.Real, t.Kind == types.Decimal:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if v == math.Trunc(v) && t.Kind != types.Decimal {
			s += ".0"
		}
		return s
	}
	return nil
}
