package binder

import (
	"errors"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// grouped is the aggregation of a SELECT: it rewrites expressions over the source into expressions over its keys and
// aggregates, and builds its nodes.
type grouped struct {
	sel    *selection
	by     *groupBy
	keys   []*plan.Symbol        // the symbol of each key
	source map[*plan.Symbol]bool // what may not be read above the aggregation, unless it is a key
	done   int                   // how many window calls have been rewritten
}

// nameKeys gives each key a symbol: a column keeps its own.
func (g *grouped) nameKeys() {
	for _, k := range g.by.keys {
		if ref, ok := k.(*plan.Ref); ok && g.source[ref.Sym] {
			g.keys = append(g.keys, ref.Sym)
		} else {
			g.keys = append(g.keys, g.sel.b.syms.New("expr", k.Type()))
		}
	}
}

// errNotGrouped says that an expression reads a column that is no key; subqueryError that a subquery does.
var errNotGrouped = errors.New("not grouped")

type subqueryError struct{ sym *plan.Symbol }

func (e subqueryError) Error() string { return "subquery reads " + e.sym.Name }

// rewrite replaces keys by their symbols. What remains of the source's columns is an error that names the output.
func (g *grouped) rewrite(e plan.Expr, o *output) (plan.Expr, error) {
	out, err := g.replace(e)
	if err == nil {
		for ; g.done < len(g.sel.windows.list); g.done++ {
			if err = g.sel.windows.list[g.done].mapExprs(g.replace); err != nil {
				break
			}
		}
	}
	var sub subqueryError
	switch {
	case err == nil:
		return out, nil
	case errors.As(err, &sub):
		n, text := ast.Node(g.sel.q), sub.sym.Name
		if ref := g.sel.b.outerRefs[sub.sym]; ref != nil {
			n, text = ref, exprText(ref)
		}
		return nil, errAt(n, trinoerr.ExpressionNotAggregate, "Subquery uses '%s' which must appear in GROUP BY clause", text)
	case o.ast == nil:
		return nil, trinoerr.New(trinoerr.ExpressionNotAggregate, "Column %s not in GROUP BY clause", starText(o.star))
	}
	return nil, errAt(o.ast, trinoerr.ExpressionNotAggregate,
		"'%s' must be an aggregate expression or appear in GROUP BY clause", exprText(o.ast))
}

// replace works top-down, so that the largest expression that is a key is taken.
func (g *grouped) replace(e plan.Expr) (plan.Expr, error) {
	for i, k := range g.by.keys {
		if plan.EqualExpr(k, e) {
			return &plan.Ref{Sym: g.keys[i]}, nil
		}
	}
	if r, ok := e.(*plan.Ref); ok && g.hidden(r.Sym) {
		return nil, errNotGrouped
	}
	if sub := plan.Subplan(e); sub != nil {
		var bad *plan.Symbol
		plan.FreeSymbolsOfPlan(sub, func(s *plan.Symbol) {
			if g.hidden(s) && bad == nil {
				bad = s
			}
		})
		if bad != nil {
			return nil, subqueryError{bad}
		}
	}
	children := e.Children()
	if len(children) == 0 {
		return e, nil
	}
	out := make([]plan.Expr, len(children))
	for i, c := range children {
		var err error
		if out[i], err = g.replace(c); err != nil {
			return nil, err
		}
	}
	return e.WithChildren(out), nil
}

// hidden reports whether a column of the source is not visible above the aggregation.
func (g *grouped) hidden(s *plan.Symbol) bool {
	if !g.source[s] {
		return false
	}
	return !slices.Contains(g.keys, s)
}

// mapExprs rewrites all expressions of a window call in place.
func (c *windowCall) mapExprs(f func(plan.Expr) (plan.Expr, error)) error {
	var failed error
	do := func(e plan.Expr) plan.Expr {
		if e == nil || failed != nil {
			return e
		}
		out, err := f(e)
		if err != nil {
			failed = err
			return e
		}
		return out
	}
	w := plan.MapNodeExprs(&plan.Window{PartitionBy: c.partitionBy, OrderBy: c.orderBy, Functions: []plan.WindowFunction{c.fn}}, do).(*plan.Window)
	c.partitionBy, c.orderBy, c.fn = w.PartitionBy, w.OrderBy, w.Functions[0]
	if c.match != nil && !c.match.rewritten {
		c.match.rewrite(do)
	}
	return failed
}

// build puts the aggregation on top of a plan.
func (g *grouped) build(source plan.Node) (plan.Node, error) {
	agg := &plan.Aggregate{Keys: g.keys, Sets: g.by.sets, Aggs: g.sel.group.aggs}
	ops := g.sel.group.ops
	if g.by.sets != nil && len(ops) > 0 {
		agg.GroupID = g.sel.b.syms.New("groupid", bigint)
	}
	agg.Source = project(source, g.inputs(source, agg))
	var node plan.Node = agg
	if len(ops) == 0 {
		return node, nil
	}
	if g.sel.q.GroupBy == nil {
		return nil, errAt(g.sel.q, trinoerr.MissingGroupBy,
			"A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause")
	}
	p := &plan.Project{Source: node}
	for _, s := range node.Outputs() {
		p.Cols = append(p.Cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
	}
	for _, op := range ops {
		value, err := g.operation(op, agg.GroupID)
		if err != nil {
			return nil, err
		}
		p.Cols = append(p.Cols, plan.Assignment{Sym: op.sym, Expr: value})
	}
	return p, nil
}

// inputs are the columns that the aggregation reads: its keys, and what the aggregates' arguments refer to.
func (g *grouped) inputs(source plan.Node, agg *plan.Aggregate) []plan.Assignment {
	var cols []plan.Assignment
	seen := map[*plan.Symbol]bool{}
	for i, k := range g.by.keys {
		seen[g.keys[i]] = true
		cols = append(cols, plan.Assignment{Sym: g.keys[i], Expr: k})
	}
	wanted := map[*plan.Symbol]bool{}
	for _, e := range plan.NodeExprs(agg) {
		plan.FreeSymbols(e, func(s *plan.Symbol) { wanted[s] = true })
	}
	simple := true
	for _, k := range g.by.keys {
		if ref, ok := k.(*plan.Ref); !ok || !g.source[ref.Sym] {
			simple = false
		}
	}
	if simple {
		return passAll(source)
	}
	for _, s := range source.Outputs() {
		if wanted[s] && !seen[s] {
			cols = append(cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
		}
	}
	return cols
}

func passAll(source plan.Node) []plan.Assignment {
	var cols []plan.Assignment
	for _, s := range source.Outputs() {
		cols = append(cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
	}
	return cols
}

// operation is the value of grouping(): a bit per column, set when the column is not in the row's grouping set.
func (g *grouped) operation(op groupingOp, groupID *plan.Symbol) (plan.Expr, error) {
	columns := make([]int, len(op.columns))
	for i, c := range op.columns {
		columns[i] = -1
		for k, key := range g.by.keys {
			if plan.EqualExpr(key, c) {
				columns[i] = k
			}
		}
		if columns[i] < 0 {
			return nil, errAt(op.node.Columns[i], trinoerr.InvalidColumnReference,
				"The arguments to GROUPING() must be expressions referenced by the GROUP BY at line %d:%d. Mismatch due to %s.",
				g.sel.q.GroupBy.Line, g.sel.q.GroupBy.Column, exprText(op.node.Columns[i]))
		}
	}
	if groupID == nil {
		return &plan.Const{Typ: op.sym.Type, Value: int64(0)}, nil
	}
	out := &plan.Case{Typ: op.sym.Type}
	for id, set := range g.by.sets {
		in := map[int]bool{}
		for _, k := range set {
			in[k] = true
		}
		var mask int64
		for _, c := range columns {
			mask <<= 1
			if !in[c] {
				mask |= 1
			}
		}
		out.Whens = append(out.Whens, plan.When{
			Cond: &plan.Compare{Op: plan.Eq, Left: &plan.Ref{Sym: groupID},
				Right: &plan.Const{Typ: types.Of(types.BigInt), Value: int64(id)}},
			Result: &plan.Const{Typ: op.sym.Type, Value: mask},
		})
	}
	return out, nil
}
