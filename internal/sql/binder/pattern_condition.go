package binder

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// conditions translates the conditions of DEFINE for the matcher. What it does not compute itself is computed before, as a
// column, if it depends on one row only.
type conditions struct {
	b      *binder
	values map[*plan.Symbol]patternValue
	spec   *rowpattern.Spec
	inputs []plan.MatchInput
	folds  map[*plan.Symbol]int
	window bool
	// folding is set for the arguments of an aggregate, which read the row that it takes in.
	folding bool
}

// errCondition says that an expression cannot be computed while matching.
type errCondition struct{ e plan.Expr }

func (e errCondition) Error() string { return fmt.Sprintf("%T", e.e) }

// expr translates an expression, or makes a column of it.
func (c *conditions) expr(e plan.Expr) (*rowpattern.Expr, error) {
	inputs, columns, reads, folds := len(c.inputs), len(c.spec.Columns), len(c.spec.Reads), len(c.spec.Folds)
	out, err := c.own(e)
	if err == nil {
		return out, nil
	}
	c.inputs, c.spec.Columns, c.spec.Reads = c.inputs[:inputs], c.spec.Columns[:columns], c.spec.Reads[:reads]
	if len(c.spec.Folds) > folds {
		c.spec.Folds = c.spec.Folds[:folds]
		for s, i := range c.folds {
			if i >= folds {
				delete(c.folds, s)
			}
		}
	}
	if hoisted, ok := c.hoist(e); ok {
		return hoisted, nil
	}
	return nil, err
}

// own translates what the matcher computes.
func (c *conditions) own(e plan.Expr) (*rowpattern.Expr, error) {
	switch e := e.(type) {
	case *plan.Ref:
		return c.ref(e)
	case *plan.Const:
		return c.constant(e)
	case *plan.Compare:
		return c.compare(e)
	case *plan.Logical:
		op := "and"
		if e.Or {
			op = "or"
		}
		return c.apply(e, op, e.Terms...)
	case *plan.Not:
		return c.apply(e, "not", e.Arg)
	case *plan.IsNull:
		return c.apply(e, "isnull", e.Arg)
	case *plan.Between:
		return c.own(&plan.Logical{Terms: []plan.Expr{
			&plan.Compare{Op: plan.Ge, Left: e.Arg, Right: e.Low}, &plan.Compare{Op: plan.Le, Left: e.Arg, Right: e.High}}})
	case *plan.In:
		return c.apply(e, "in", append([]plan.Expr{e.Arg}, e.List...)...)
	case *plan.Coalesce:
		return c.apply(e, "coalesce", e.Args...)
	case *plan.NullIf:
		return c.apply(e, "nullif", e.First, e.Second)
	case *plan.Case:
		var args []plan.Expr
		for _, w := range e.Whens {
			args = append(args, w.Cond, w.Result)
		}
		if e.Else == nil {
			return c.apply(e, "case", append(args, &plan.Const{Typ: e.Typ})...)
		}
		return c.apply(e, "case", append(args, e.Else)...)
	case *plan.MakeArray:
		return c.apply(e, "array", e.Elems...)
	case *plan.Cast:
		if e.Try || oddText(e.Typ) || oddText(e.Arg.Type()) && e.Arg.Type().Kind != types.Unknown {
			return nil, errCondition{e}
		}
		return c.apply(e, "cast", e.Arg)
	case *plan.Call:
		return c.call(e)
	}
	return nil, errCondition{e}
}

// apply translates an operator over operands.
func (c *conditions) apply(e plan.Expr, op string, operands ...plan.Expr) (*rowpattern.Expr, error) {
	out := &rowpattern.Expr{Op: op, Type: matcherType(e.Type())}
	var kinds []rowpattern.Type
	for _, o := range operands {
		a, err := c.expr(o)
		if err != nil {
			return nil, err
		}
		if a.Type.Kind == rowpattern.Opaque && op != "isnull" {
			return nil, errCondition{e}
		}
		out.Args = append(out.Args, a)
		kinds = append(kinds, a.Type)
	}
	if !rowpattern.Supports(op, out.Type, kinds...) {
		return nil, errCondition{e}
	}
	return out, nil
}

// comparisons are the matcher's names of comparisons.
var comparisons = map[plan.CompareOp]string{
	plan.Eq: "eq", plan.Ne: "ne", plan.Lt: "lt", plan.Le: "le", plan.Gt: "gt", plan.Ge: "ge", plan.DistinctFrom: "distinct",
}

func (c *conditions) compare(e *plan.Compare) (*rowpattern.Expr, error) {
	if e.Op == plan.NotDistinctFrom {
		return c.own(&plan.Not{Arg: &plan.Compare{Op: plan.DistinctFrom, Left: e.Left, Right: e.Right}})
	}
	return c.apply(e, comparisons[e.Op], e.Left, e.Right)
}

// operators are the matcher's names of operators.
var operators = map[string]string{
	"$add": "add", "$subtract": "sub", "$multiply": "mul", "$divide": "div", "$modulus": "mod", "mod": "mod", "$negate": "neg",
	"$concat": "concat",
}

func (c *conditions) call(e *plan.Call) (*rowpattern.Expr, error) {
	name := e.Name
	if op, ok := operators[name]; ok {
		name = op
	}
	if name == "concat" && len(e.Args) > 2 {
		first := &plan.Call{Name: e.Name, Variant: e.Variant, Args: e.Args[:len(e.Args)-1], Typ: e.Typ}
		return c.apply(e, name, first, e.Args[len(e.Args)-1])
	}
	for _, a := range e.Args {
		if oddText(a.Type()) {
			return nil, errCondition{e}
		}
	}
	return c.apply(e, name, e.Args...)
}

// ref reads a value of the match.
func (c *conditions) ref(e *plan.Ref) (*rowpattern.Expr, error) {
	v, ok := c.values[e.Sym]
	if !ok {
		return nil, errCondition{e} // a column of an outer query
	}
	out := &rowpattern.Expr{Type: matcherType(e.Sym.Type)}
	switch v.kind {
	case columnValue:
		return c.column(&plan.Ref{Sym: v.column}, nil, v.nav), nil
	case classifierValue:
		if out.Op = "classifier"; !c.folding {
			out.Op = "read"
			out.Ref = len(c.spec.Reads)
			c.spec.Reads = append(c.spec.Reads, rowpattern.Read{Navigation: v.nav})
		}
	case numberValue:
		out.Op = "match_number"
	case foldValue:
		var err error
		out.Op = "fold"
		if out.Ref, err = c.fold(e.Sym, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fold adds an aggregate to the spec.
func (c *conditions) fold(sym *plan.Symbol, v patternValue) (int, error) {
	if i, ok := c.folds[sym]; ok {
		return i, nil
	}
	inner := *c
	inner.folding = true
	f := rowpattern.Fold{Name: v.fold.Name, Vars: v.vars, Type: matcherType(sym.Type)}
	for _, a := range v.fold.Args {
		arg, err := inner.expr(a)
		if err != nil {
			return 0, err
		}
		f.Args = append(f.Args, arg)
	}
	if !f.Supported() {
		return 0, errCondition{&plan.Ref{Sym: sym}}
	}
	c.inputs = inner.inputs
	c.spec.Folds = append(c.spec.Folds, f)
	c.folds[sym] = len(c.spec.Folds) - 1
	return c.folds[sym], nil
}

// column adds a column and reads it.
func (c *conditions) column(value, noRow plan.Expr, nav rowpattern.Navigation) *rowpattern.Expr {
	t := columnType(value.Type())
	at := -1
	for i, in := range c.inputs {
		if plan.EqualExpr(in.Value, value) && plan.EqualExpr(in.NoRow, noRow) {
			at = i
		}
	}
	if at < 0 {
		at = len(c.inputs)
		c.inputs = append(c.inputs, plan.MatchInput{Value: value, NoRow: noRow})
		c.spec.Columns = append(c.spec.Columns, t)
	}
	if c.folding {
		return &rowpattern.Expr{Op: "column", Type: t, Ref: at}
	}
	c.spec.Reads = append(c.spec.Reads, rowpattern.Read{Column: at, Navigation: nav})
	return &rowpattern.Expr{Op: "read", Type: t, Ref: len(c.spec.Reads) - 1}
}

// hoist makes a column of an expression that reads one row, or the current one and its neighbours.
func (c *conditions) hoist(e plan.Expr) (*rowpattern.Expr, bool) {
	var navs []rowpattern.Navigation
	columns, near := true, !c.folding && !c.window
	plan.FreeSymbols(e, func(s *plan.Symbol) {
		v, ok := c.values[s]
		if !ok {
			return
		}
		columns = columns && v.kind == columnValue
		near = near && v.nav.Vars == nil && !v.nav.First && v.nav.Offset == 0
		if !slices.ContainsFunc(navs, func(n rowpattern.Navigation) bool { return equalNavigations(n, v.nav) }) {
			navs = append(navs, v.nav)
		}
	})
	switch {
	case !columns:
		return nil, false
	case len(navs) == 0:
		return c.column(e, e, rowpattern.Navigation{}), true
	case len(navs) == 1:
		value := c.replace(e, func(v patternValue) plan.Expr { return &plan.Ref{Sym: v.column} })
		noRow := c.replace(e, func(v patternValue) plan.Expr { return &plan.Const{Typ: v.column.Type} })
		return c.column(value, noRow, navs[0]), true
	case near && !hasSubquery(e):
		return c.neighbours(e), true
	}
	return nil, false
}

func hasSubquery(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		found = found || plan.Subplan(e) != nil
		return !found
	})
	return found
}

// replace puts other expressions in the place of values.
func (c *conditions) replace(e plan.Expr, f func(patternValue) plan.Expr) plan.Expr {
	return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
		if r, ok := e.(*plan.Ref); ok {
			if v, ok := c.values[r.Sym]; ok {
				return f(v)
			}
		}
		return e
	})
}

// neighbours makes a column of an expression over the current row and those before and behind it.
func (c *conditions) neighbours(e plan.Expr) *rowpattern.Expr {
	in := plan.MatchInput{}
	l := &plan.Lambda{}
	l.Body = c.replace(e, func(v patternValue) plan.Expr {
		for i, a := range in.Args {
			if a.(*plan.Ref).Sym == v.column && in.Moves[i] == v.nav.Move {
				return &plan.Ref{Sym: l.Params[i]}
			}
		}
		p := c.b.syms.New(v.column.Name, v.column.Type)
		l.Params, in.Args, in.Moves = append(l.Params, p), append(in.Args, &plan.Ref{Sym: v.column}), append(in.Moves, v.nav.Move)
		return &plan.Ref{Sym: p}
	})
	in.Value = l
	t := columnType(e.Type())
	c.inputs, c.spec.Columns = append(c.inputs, in), append(c.spec.Columns, t)
	c.spec.Reads = append(c.spec.Reads, rowpattern.Read{Column: len(c.inputs) - 1})
	return &rowpattern.Expr{Op: "read", Type: t, Ref: len(c.spec.Reads) - 1}
}
