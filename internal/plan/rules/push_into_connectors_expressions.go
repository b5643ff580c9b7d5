package rules

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// scanColumnNames are the names by which a connector knows symbols.
type scanColumnNames map[*plan.Symbol]string

func columnsOfScan(s *plan.Scan) scanColumnNames {
	out := scanColumnNames{}
	for i, sym := range s.Symbols {
		out[sym] = s.Table.Columns[i].Name
	}
	return out
}

// expression is an expression as connectors are offered it. It is nil for what is not: what reads other columns, nested plans, lambdas, parts of rows,
// and what differs from one evaluation to the next.
func (c scanColumnNames) expression(e plan.Expr) connector.Expression {
	if e == nil || !deterministic(e) {
		return nil
	}
	return c.convert(e)
}

// comparisons are the operators of comparisons; IS DISTINCT FROM is the negation of one.
var comparisons = map[plan.CompareOp]string{plan.Eq: connector.OpEqual, plan.Ne: connector.OpNotEqual, plan.Lt: connector.OpLess, plan.Le: connector.OpLessOrEqual,
	plan.Gt: connector.OpGreater, plan.Ge: connector.OpGreaterOrEqual, plan.NotDistinctFrom: connector.OpIdentical}

func (c scanColumnNames) convert(e plan.Expr) connector.Expression {
	switch e := e.(type) {
	case *plan.Ref:
		if name, ok := c[e.Sym]; ok {
			return &connector.Reference{Column: name, Type: e.Sym.Type}
		}
	case *plan.Const:
		return &connector.Constant{Type: e.Typ, Value: e.Value}
	case *plan.Call:
		return c.call(e.Name, e.Typ, e.Args...)
	case *plan.Cast:
		if e.Try {
			return c.call(connector.OpTryCast, e.Typ, e.Arg)
		}
		return c.call(connector.OpCast, e.Typ, e.Arg)
	case *plan.Compare:
		if e.Op == plan.DistinctFrom {
			return c.convert(&plan.Not{Arg: &plan.Compare{Op: plan.NotDistinctFrom, Left: e.Left, Right: e.Right}})
		}
		return c.call(comparisons[e.Op], e.Type(), e.Left, e.Right)
	case *plan.Logical:
		if e.Or {
			return c.call(connector.OpOr, e.Type(), e.Terms...)
		}
		return c.call(connector.OpAnd, e.Type(), e.Terms...)
	case *plan.Not:
		return c.call(connector.OpNot, e.Type(), e.Arg)
	case *plan.IsNull:
		return c.call(connector.OpIsNull, e.Type(), e.Arg)
	case *plan.Between:
		low := &plan.Compare{Op: plan.Ge, Left: e.Arg, Right: e.Low}
		return c.call(connector.OpAnd, e.Type(), low, &plan.Compare{Op: plan.Le, Left: e.Arg, Right: e.High})
	case *plan.In:
		return c.call(connector.OpIn, e.Type(), append([]plan.Expr{e.Arg}, e.List...)...)
	case *plan.Like:
		args := []plan.Expr{e.Arg, e.Pattern}
		if e.Escape != nil {
			args = append(args, e.Escape)
		}
		return c.call(connector.OpLike, e.Type(), args...)
	case *plan.Coalesce:
		return c.call(connector.OpCoalesce, e.Typ, e.Args...)
	case *plan.NullIf:
		return c.call(connector.OpNullIf, e.Type(), e.First, e.Second)
	case *plan.Case:
		var args []plan.Expr
		for _, w := range e.Whens {
			args = append(args, w.Cond, w.Result)
		}
		if e.Else != nil {
			return c.call(connector.OpCase, e.Typ, append(args, e.Else)...)
		}
		return c.call(connector.OpCase, e.Typ, append(args, &plan.Const{Typ: e.Typ})...)
	}
	return nil
}

func (c scanColumnNames) call(function string, t types.Type, args ...plan.Expr) connector.Expression {
	out := &connector.Call{Function: function, Type: t}
	for _, a := range args {
		x := c.convert(a)
		if x == nil {
			return nil
		}
		out.Args = append(out.Args, x)
	}
	return out
}
