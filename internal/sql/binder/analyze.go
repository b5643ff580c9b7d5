package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// analyze binds ANALYZE: a query over the table whose rows are the statistics, or, of a connector whose statistics are those of
// the rows anyway, the number of rows.
func (b *binder) analyze(s *ast.Analyze) (Bound, error) {
	o, err := b.at(s, s.Table)
	switch {
	case err != nil:
		return nil, err
	case o.kind == aView:
		return nil, errAt(s, trinoerr.NotSupported, "Analyzing views is not supported")
	case o.md == nil:
		return nil, errAt(s, trinoerr.CatalogNotFound, "Catalog '%s' not found", o.catalog)
	case o.kind == noObject:
		return nil, errAt(s, trinoerr.TableNotFound, "Table '%s' does not exist", o)
	}
	a, gathers := o.md.(connector.Analyzer)
	var known []connector.Property
	if gathers {
		known = a.AnalyzeProperties()
	}
	properties, err := b.properties(known, o.catalog, "analyze", trinoerr.InvalidAnalyzeProperty, s.Properties)
	if err != nil {
		return nil, err
	}
	if gathers {
		return b.gather(o, a, properties)
	}
	if _, ok := o.md.(connector.Analyzed); !ok {
		return nil, cannot("analyze")
	}
	rows := b.syms.New("rows", bigint)
	count := &plan.Aggregate{Source: b.scan(o.objectName, o.table, nil).node,
		Aggs: []plan.Aggregation{{Sym: rows, Name: "count", Variant: "count()"}}}
	return &Query{Update: "ANALYZE", Plan: &plan.Output{Source: count, Names: []string{"rows"}, Symbols: []*plan.Symbol{rows}}}, nil
}

// gather makes the query that finds out what a connector wants to know of a table.
func (b *binder) gather(o objectAt, a connector.Analyzer, properties map[string]any) (Bound, error) {
	analysis, err := a.Analysis(b.ctx, o.table, properties)
	if err != nil {
		return nil, err
	}
	stmt, err := parser.ParseStatement(statisticsQuery(o, analysis))
	if err != nil {
		return nil, err
	}
	rel, err := b.query(stmt.(*ast.Query), nil, true)
	if err != nil {
		return nil, err
	}
	node, syms := b.aligned(rel)
	w := &plan.Write{Source: node, Columns: syms, Rows: b.syms.New("rows", bigint),
		Target: plan.WriteTarget{Catalog: o.catalog, Table: o.table, Analysis: analysis}}
	return &Query{Plan: &plan.Output{Source: w, Names: []string{"rows"}, Symbols: []*plan.Symbol{w.Rows}}, Update: "ANALYZE", Write: &w.Target}, nil
}

// statisticsQuery is the text of the query whose rows are what connector.DecodeStatistics reads.
func statisticsQuery(o objectAt, a *connector.Analysis) string {
	columns := map[string]types.Type{}
	for _, c := range o.table.Columns {
		columns[c.Name] = c.Type
	}
	items := []string{"count(*)"}
	var keys []string
	for _, c := range a.GroupBy {
		keys = append(keys, quotedName(c))
		items = append(items, "CAST("+quotedName(c)+" AS varchar)")
	}
	for _, c := range a.Columns {
		if a.Sketches {
			items = append(items, "count("+quotedName(c)+")", unknownNumber, unknownText, unknownText, unknownNumber, unknownNumber,
				`to_base64("$theta_sketch"(`+quotedName(c)+`))`)
			continue
		}
		items = append(items, statisticsOf(quotedName(c), columns[c])...)
		items = append(items, unknownText)
	}
	sql := "SELECT " + strings.Join(items, ", ") + " FROM " + quotedName(o.catalog) + "." + quotedName(o.Schema) + "." + quotedName(o.Table)
	if a.Groups != nil {
		groups := []string{"false"}
		for _, g := range a.Groups {
			groups = append(groups, "("+groupCondition(a.GroupBy, g, columns)+")")
		}
		sql += " WHERE " + strings.Join(groups, " OR ")
	}
	if keys != nil {
		sql += " GROUP BY " + strings.Join(keys, ", ")
	}
	return sql
}

// What is not asked for.
const unknownNumber, unknownText = "CAST(NULL AS bigint)", "CAST(NULL AS varchar)"

// groupCondition says that a row is of a group.
func groupCondition(columns []string, values []*string, typeOf map[string]types.Type) string {
	var terms []string
	for i, c := range columns {
		if values[i] == nil {
			terms = append(terms, quotedName(c)+" IS NULL")
			continue
		}
		terms = append(terms, quotedName(c)+" = CAST("+quotedText(*values[i])+" AS "+typeOf[c].String()+")")
	}
	return strings.Join(terms, " AND ")
}

// statisticsOf are the expressions for a column: how many values, how many different ones, the least and the largest, and of
// texts the bytes of all and of the longest. The sketch of the values is not among them.
func statisticsOf(c string, t types.Type) []string {
	out := []string{"count(" + c + ")", unknownNumber, unknownText, unknownText, unknownNumber, unknownNumber}
	bounds := func(filter string) {
		out[2], out[3] = "CAST(min("+c+")"+filter+" AS varchar)", "CAST(max("+c+")"+filter+" AS varchar)"
	}
	bytes := func(length string) { out[4], out[5] = "sum("+length+")", "max("+length+")" }
	switch t.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Decimal, types.Date:
		out[1] = "approx_distinct(" + c + ")"
		bounds("")
	case types.Real, types.Double:
		out[1] = "approx_distinct(" + c + ") FILTER (WHERE NOT is_nan(" + c + "))"
		bounds(" FILTER (WHERE NOT is_nan(" + c + "))")
	case types.Varchar:
		out[1] = "approx_distinct(" + c + ")"
		bytes("length(to_utf8(" + c + "))")
	case types.Char: // without what fills it up
		out[1] = "approx_distinct(" + c + ")"
		bytes("length(to_utf8(rtrim(CAST(" + c + " AS varchar))))")
	case types.Timestamp:
		out[1] = "approx_distinct(" + c + ")"
	case types.Varbinary:
		bytes("length(" + c + ")")
	}
	return out
}
