package duck

import (
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// unnest expands collections in a lateral subquery that DuckDB's UNNEST zips as Trino does: shorter ones are filled with
// NULL, and rows whose collections are all empty or NULL vanish.
func (l *lowerer) unnest(n *plan.Unnest, outer *scope) *block {
	b := &block{outer: outer, cols: map[*plan.Symbol]col{}}
	outputs := n.Outputs()
	if n.Source != nil {
		n = computedFirst(n)
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
	r := &block{cols: merge(b.cols, added), out: outputs, outer: outer, where: b.where, chain: true}
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

// computedFirst has collections that lambdas make computed below the expansion: DuckDB does not find columns of the other side
// inside of a lambda in a lateral subquery.
func computedFirst(n *plan.Unnest) *plan.Unnest {
	var cols []plan.Assignment
	out := *n
	out.Cols = slices.Clone(n.Cols)
	for i, c := range n.Cols {
		lambda := false
		plan.WalkExpr(c.Expr, func(e plan.Expr) bool {
			_, is := e.(*plan.Lambda)
			lambda = lambda || is
			return !lambda
		})
		if lambda {
			s := &plan.Symbol{Name: "collection_" + strconv.Itoa(i), Type: c.Expr.Type()}
			cols = append(cols, plan.Assignment{Sym: s, Expr: c.Expr})
			out.Cols[i].Expr = &plan.Ref{Sym: s}
		}
	}
	if cols == nil {
		return n
	}
	for _, s := range n.Source.Outputs() {
		cols = append(cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
	}
	out.Source = &plan.Project{Source: n.Source, Cols: cols}
	return &out
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
