package rules

import (
	"math/big"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// foldConstants computes casts and arithmetic of literals, so that statistics and connectors see values where the text has
// '1994-01-01' + INTERVAL '1' YEAR, and drops conditions that are decided. What could fail is left to the execution, which
// raises the error if the expression is evaluated at all.
func foldConstants(_ *Context, n plan.Node) plan.Node {
	return rewrite(n, func(n plan.Node) plan.Node {
		changed := false
		m := plan.MapNodeExprs(n, func(e plan.Expr) plan.Expr {
			f := plan.MapExpr(e, fold)
			changed = changed || f != e
			return f
		})
		if !changed {
			return n
		}
		return m
	})
}

// fold folds an expression whose operands are folded.
func fold(e plan.Expr) plan.Expr {
	switch e := e.(type) {
	case *plan.Cast:
		if c, ok := e.Arg.(*plan.Const); ok && foldable(c.Typ, e.Typ) {
			if v, ok := types.Cast(c.Value, c.Typ, e.Typ, types.UTC); ok {
				return &plan.Const{Typ: e.Typ, Value: v}
			}
		}
	case *plan.Call:
		if e.Name == "concat" && e.Typ.Kind == types.Varchar {
			return foldConcat(e)
		}
		if len(e.Args) == 2 {
			l, lok := e.Args[0].(*plan.Const)
			r, rok := e.Args[1].(*plan.Const)
			if lok && rok && l.Value != nil && r.Value != nil {
				if v, ok := arithmetic(e.Name, l, r, e.Typ); ok {
					return &plan.Const{Typ: e.Typ, Value: v}
				}
			}
		}
	case *plan.Logical:
		return foldLogical(e)
	}
	return foldChoice(e)
}

// foldConcat joins texts that are all literals.
func foldConcat(e *plan.Call) plan.Expr {
	var text strings.Builder
	for _, a := range e.Args {
		c, ok := a.(*plan.Const)
		s, isText := "", false
		if ok {
			s, isText = c.Value.(string)
		}
		if !isText || c.Typ.Kind != types.Varchar {
			return e
		}
		text.WriteString(s)
	}
	return &plan.Const{Typ: e.Typ, Value: text.String()}
}

// foldable lists the casts whose result does not depend on the session and is the same here as in a task.
func foldable(from, to types.Type) bool {
	if from.Equal(to) {
		return true
	}
	switch {
	case from.Kind == types.Unknown:
		return true
	case from.Integral():
		return to.Integral() || to.Kind == types.Decimal || to.Kind == types.Double
	case from.Kind == types.Decimal:
		return to.Kind == types.Decimal || to.Kind == types.Double
	case from.Kind == types.Varchar:
		return to.Kind == types.Varchar || to.Kind == types.Char || to.Kind == types.Date
	}
	return false
}

// foldLogical drops the terms that do not matter.
func foldLogical(e *plan.Logical) plan.Expr {
	var terms []plan.Expr
	for _, t := range e.Terms {
		if c, ok := t.(*plan.Const); ok && c.Value != nil {
			if c.Value == e.Or {
				return c // TRUE OR x, FALSE AND x
			}
			continue
		}
		terms = append(terms, t)
	}
	switch {
	case len(terms) == len(e.Terms):
		return e
	case len(terms) == 0:
		return &plan.Const{Typ: e.Type(), Value: !e.Or}
	case len(terms) == 1:
		return terms[0]
	}
	return &plan.Logical{Or: e.Or, Terms: terms}
}

// arithmetic computes an operator over literals of types that it knows.
func arithmetic(op string, l, r *plan.Const, t types.Type) (any, bool) {
	switch lv := l.Value.(type) {
	case types.DateValue:
		sign := map[string]int64{"$add": 1, "$subtract": -1}[op]
		if sign == 0 || t.Kind != types.Date {
			return nil, false
		}
		switch rv := r.Value.(type) {
		case types.IntervalDTValue:
			const day = 24 * 60 * 60 * 1000
			return lv + types.DateValue(sign*int64(rv)/day), int64(rv)%day == 0
		case types.IntervalYMValue:
			return addMonths(lv, sign*int64(rv)), true
		}
	case int64:
		rv, ok := r.Value.(int64)
		if !ok || !t.Integral() {
			return nil, false
		}
		b, ok := exact(op, big.NewInt(lv), big.NewInt(rv))
		if !ok || !b.IsInt64() {
			return nil, false
		}
		return types.Cast(b.Int64(), types.Of(types.BigInt), t, types.UTC)
	case types.Int128:
		rv, ok := r.Value.(types.Int128)
		if !ok || t.Kind != types.Decimal {
			return nil, false
		}
		x, y := lv.Big(), rv.Big()
		if op != "$multiply" {
			x, y = scaled(x, t.S-l.Typ.S), scaled(y, t.S-r.Typ.S)
		}
		b, ok := exact(op, x, y)
		if !ok || len(new(big.Int).Abs(b).String()) > t.P {
			return nil, false
		}
		return types.Int128FromBig(b)
	}
	return nil, false
}

func exact(op string, a, b *big.Int) (*big.Int, bool) {
	switch op {
	case "$add":
		return new(big.Int).Add(a, b), true
	case "$subtract":
		return new(big.Int).Sub(a, b), true
	case "$multiply":
		return new(big.Int).Mul(a, b), true
	}
	return nil, false
}

func scaled(v *big.Int, digits int) *big.Int {
	return new(big.Int).Mul(v, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
}
