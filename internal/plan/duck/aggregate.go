package duck

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

// aggregate adds GROUP BY.
func (l *lowerer) aggregate(n *plan.Aggregate, outer *scope) *block {
	return l.aggregateOver(l.node(n.Source, outer), n)
}

func (l *lowerer) aggregateOver(b *block, n *plan.Aggregate) *block {
	b = l.open(b, rows)
	for _, k := range n.Keys {
		// A constant would be taken for a column number.
		// The key of a value with a zone is written several times.
		if c := b.cols[k]; c.literal || functions.HasZone(k.Type) && !c.plain {
			b = l.seal(b)
			break
		}
	}
	for _, a := range n.Aggs {
		b = l.plainFor(b, append(append([]plan.Expr{a.Filter}, a.Args...), keyExprs(a.OrderBy)...)...)
	}
	sc := b.scope()
	cols := map[*plan.Symbol]col{}
	for _, a := range n.Aggs {
		cols[a.Sym] = col{sql: l.aggregation(a, sc)}
	}
	var keys []string
	for _, k := range n.Keys {
		c, ok := sc.find(k)
		if !ok {
			panic("duck: no column for group key " + k.Name)
		}
		key := functions.Identity(c.sql, k.Type)
		if key != c.sql {
			// Instants in different zones are one group, of which any zone is shown.
			c.sql = "any_value(" + c.sql + ")"
			if len(n.Sets) > 0 {
				c.sql = "CASE WHEN GROUPING(" + key + ") = 0 THEN " + c.sql + " END"
			}
			c.exact = false
		}
		// In the select list of grouping sets the key's text means the grouped value.
		cols[k] = col{sql: c.sql, exact: c.exact}
		keys = append(keys, key)
	}
	switch {
	case len(n.Sets) > 0:
		b.groupBy = groupingSets(n.Sets, keys)
		if n.GroupID != nil {
			cols[n.GroupID] = col{sql: groupID(n.Sets, keys)}
		}
	case len(keys) > 0:
		b.groupBy = strings.Join(keys, ", ")
	}
	b.cols, b.out, b.phase = cols, n.Outputs(), grouped
	b.global = len(keys) == 0 && len(n.Sets) == 0
	if b.global && len(n.Aggs) == 0 {
		b.keepGlobal()
	}
	return b
}

// keepGlobal makes a global aggregation yield its one row even when nothing is asked of it, or nothing any more: without an
// aggregate in the select list it would be a SELECT of all the rows.
func (b *block) keepGlobal() {
	if b.global && len(b.having) == 0 {
		b.having = append(b.having, "count(*) >= 0")
	}
}

// readsAll reports whether expressions read all columns of the block.
func (b *block) readsAll(exprs []plan.Expr) bool {
	read := map[*plan.Symbol]bool{}
	for _, e := range exprs {
		plan.FreeSymbols(e, func(s *plan.Symbol) { read[s] = true })
	}
	for s := range b.cols {
		if !read[s] {
			return false
		}
	}
	return true
}

func groupingSets(sets [][]int, keys []string) string {
	var parts []string
	for _, set := range sets {
		var members []string
		for _, i := range set {
			members = append(members, keys[i])
		}
		parts = append(parts, "("+strings.Join(members, ", ")+")")
	}
	return "GROUPING SETS (" + strings.Join(parts, ", ") + ")"
}

// groupID numbers the grouping set of a row, which GROUPING describes as bits: the last key is bit 0, and a bit is set
// when the key is not in the set. Equal sets get the number of the first.
func groupID(sets [][]int, keys []string) string {
	if len(keys) == 0 {
		return castTo("0", "BIGINT")
	}
	var w strings.Builder
	w.WriteString("CASE GROUPING(" + strings.Join(keys, ", ") + ")")
	seen := map[int]bool{}
	for id, set := range sets {
		mask := 1<<len(keys) - 1
		for _, i := range set {
			mask &^= 1 << (len(keys) - 1 - i)
		}
		if !seen[mask] {
			seen[mask] = true
			w.WriteString(" WHEN " + strconv.Itoa(mask) + " THEN " + strconv.Itoa(id))
		}
	}
	return castTo(w.String()+" END", "BIGINT")
}

// aggregation writes one aggregate call.
func (l *lowerer) aggregation(a plan.Aggregation, sc *scope) string {
	return l.call(a.Variant, a.Args, a.Sym.Type, sc, func(name, args string) string {
		if a.Distinct && name == "count" && len(a.Args) == 1 {
			args = functions.Identity(args, a.Args[0].Type())
		}
		return name + "(" + l.callArgs(args, a.Distinct, false, a.OrderBy, sc) + ")" + l.filterClause(a.Filter, sc)
	})
}

func (l *lowerer) callArgs(args string, distinct, ignoreNulls bool, order []plan.SortKey, sc *scope) string {
	if distinct {
		args = "DISTINCT " + args
	}
	if keys := l.sortKeys(order, sc); keys != "" {
		args += " ORDER BY " + keys
	}
	if ignoreNulls {
		args += " IGNORE NULLS"
	}
	return args
}

func (l *lowerer) filterClause(e plan.Expr, sc *scope) string {
	if e == nil {
		return ""
	}
	return " FILTER (WHERE " + l.expr(e, sc) + ")"
}

// call writes a function call of any kind.
func (l *lowerer) call(variant string, args []plan.Expr, result typ, sc *scope, modify func(name, args string) string) string {
	f := functions.Lookup(variant)
	if f == nil {
		panic("duck: no function " + variant)
	}
	site := &functions.Site{Function: f, Result: result, TypeSQL: physical, Zone: l.zone, Now: l.now, Narrow: l.narrow}
	for _, a := range args {
		site.Args = append(site.Args, l.operand(a, sc))
	}
	sql, err := site.Lower(modify)
	if err != nil {
		l.fail(err)
	}
	return sql
}
