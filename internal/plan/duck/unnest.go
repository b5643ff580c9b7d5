package duck

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// unnest expands collections in a lateral subquery that DuckDB's UNNEST zips as Trino does: shorter ones are filled with
// NULL, and rows whose collections are all empty or NULL vanish.
func (l *lowerer) unnest(n *plan.Unnest, outer *scope) *block {
	b := &block{outer: outer, cols: map[*plan.Symbol]col{}}
	if n.Source != nil {
		b = l.table(l.node(n.Source, outer))
		for _, c := range n.Cols {
			b = l.plainFor(b, c.Expr)
		}
		for _, s := range b.out {
			if !b.cols[s].plain {
				b = l.seal(b)
				break
			}
		}
	}
	var lists, items []string
	inner, alias := l.alias(), l.alias()
	added := map[*plan.Symbol]col{}
	for i, c := range n.Cols {
		list := l.expr(c.Expr, b.scope())
		if c.Expr.Type().Kind == types.Map {
			list = "map_entries(" + list + ")"
		}
		name := "u" + strconv.Itoa(i)
		lists = append(lists, "unnest("+list+") AS "+name)
		for j, s := range c.Symbols {
			items = append(items, elementPart(inner+"."+name, c, j)+" AS "+ident(s.Name))
			added[s] = col{sql: alias + "." + ident(s.Name), plain: true, exact: true}
		}
	}
	if n.Ordinality != nil {
		items = append(items, inner+".o AS "+ident(n.Ordinality.Name))
		added[n.Ordinality] = col{sql: alias + "." + ident(n.Ordinality.Name), plain: true, exact: true}
		lists = append(lists, "unnest(range(1, greatest("+strings.Join(l.lengths(n, b.scope()), ", ")+", 0) + 1)) AS o")
	}
	item := "(SELECT " + strings.Join(items, ", ") + " FROM (SELECT " + strings.Join(lists, ", ") + ") AS " + inner + ") AS " + alias
	r := &block{cols: merge(b.cols, added), out: n.Outputs(), outer: outer, where: b.where, chain: true}
	switch {
	case n.Source == nil:
		r.from, r.chain = item, false
	case n.Outer:
		r.from = b.from + "\nLEFT JOIN LATERAL " + item + " ON true"
	default:
		r.from = b.from + "\nCROSS JOIN LATERAL " + item
	}
	return r
}

func (l *lowerer) lengths(n *plan.Unnest, sc *scope) []string {
	var out []string
	for _, c := range n.Cols {
		f := "len"
		if c.Expr.Type().Kind == types.Map {
			f = "cardinality"
		}
		out = append(out, "coalesce(CAST("+f+"("+l.expr(c.Expr, sc)+") AS BIGINT), 0)")
	}
	return out
}

// elementPart is the j-th column of an expanded collection.
func elementPart(elem string, c plan.UnnestColumn, j int) string {
	t := c.Expr.Type()
	switch {
	case t.Kind == types.Map:
		return "struct_extract(" + elem + ", '" + [2]string{"key", "value"}[j] + "')"
	case t.Elem(0).Kind == types.Row:
		return "struct_extract(" + elem + ", '" + fieldName(j) + "')"
	}
	return elem
}
