package binder

import (
	"cmp"
	"math"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// columnStatistics are what is known of a column.
type columnStatistics struct {
	name  string
	typ   types.Type
	known connector.ColumnStatistics
}

// unknownStatistics are those of a column of which nothing is known.
var unknownStatistics = connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: -1, Low: math.NaN(), High: math.NaN()}

// showStats lists what is known about a table's data, or is expected of a query's.
func (b *binder) showStats(s *ast.ShowStats) (Bound, error) {
	switch r := s.Relation.(type) {
	case *ast.Table:
		return b.showTableStats(s, r)
	case *ast.TableSubquery:
		rel, err := b.query(r.Query, nil, true)
		if err != nil {
			return nil, err
		}
		return b.showQueryStats(rel)
	}
	return nil, unsupported(s.Relation, "SHOW STATS FOR this relation")
}

func (b *binder) showTableStats(s *ast.ShowStats, table *ast.Table) (Bound, error) {
	o, err := b.at(s, table.Name)
	if err != nil {
		return nil, unlocated(err)
	}
	if o.kind == aView {
		rel, err := b.viewRelation(table, o.objectName, o.view)
		if err != nil {
			return nil, unlocated(err)
		}
		return b.showQueryStats(rel)
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
	var columns []columnStatistics
	for _, c := range t.Table.Columns {
		if c.Hidden {
			continue
		}
		known, ok := stats.Columns[c.Name]
		if !ok || stats.Rows < 0 {
			known = unknownStatistics
		}
		columns = append(columns, columnStatistics{c.Name, c.Type, known})
	}
	return b.statsListing(columns, stats.Rows), nil
}

// showQueryStats leaves the estimates of a query to who makes plans.
func (b *binder) showQueryStats(rel *relation) (Bound, error) {
	out := &plan.Output{Source: rel.node}
	for i, f := range rel.visible() {
		out.Names = append(out.Names, columnName(f.name, i))
		out.Symbols = append(out.Symbols, f.sym)
	}
	if err := b.fillInformationSchema(out); err != nil {
		return nil, err
	}
	return &ShowStats{Plan: out, Listing: func(rows float64, known []connector.ColumnStatistics) *Query {
		columns := make([]columnStatistics, len(known))
		for i, k := range known {
			columns[i] = columnStatistics{out.Names[i], out.Symbols[i].Type, k}
		}
		return b.statsListing(columns, rows)
	}}, nil
}

// statsListing has a line per column, then one for all.
func (b *binder) statsListing(columns []columnStatistics, count float64) *Query {
	cols := []listingColumn{{"column_name", varcharType}, {"data_size", double}, {"distinct_values_count", double},
		{"nulls_fraction", double}, {"row_count", double}, {"low_value", varcharType}, {"high_value", varcharType}}
	var rows [][]any
	for _, c := range columns {
		row := []any{c.name, nil, known(c.known.Distinct), known(c.known.NullFraction), nil, statText(c.typ, c.known.Low), statText(c.typ, c.known.High)}
		if !fixedWidth(c.typ) {
			row[1] = known(cmp.Or(c.known.DataSize, c.known.Bytes))
		}
		if c.known.NullFraction == 1 {
			row[1] = 0.0
		}
		if count == 0 { // all values of no rows are as many
			row = []any{c.name, 0.0, 0.0, 1.0, nil, nil, nil}
		}
		rows = append(rows, row)
	}
	rows = append(rows, []any{nil, nil, nil, nil, known(count), nil, nil})
	return b.listing(cols, rows).(*Query)
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
		if v == math.Trunc(v) {
			s += ".0"
		}
		return s
	}
	return nil
}
