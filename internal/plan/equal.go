package plan

import (
	"maps"
	"reflect"
)

// EqualExpr reports whether two expressions compute the same from the same symbols. Lambdas are compared up to the names of
// their parameters; two subqueries are equal only if they hold the same plan.
func EqualExpr(a, b Expr) bool { return equalExpr(a, b, nil) }

// pairs maps the parameters of enclosing lambdas of the one side to those of the other.
type pairs map[*Symbol]*Symbol

func equalExpr(a, b Expr, params pairs) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if reflect.TypeOf(a) != reflect.TypeOf(b) || !a.Type().Equal(b.Type()) || Subplan(a) != Subplan(b) {
		return false
	}
	switch a := a.(type) {
	case *Ref:
		s := a.Sym
		if p, ok := params[s]; ok {
			s = p
		}
		return s == b.(*Ref).Sym
	case *Const:
		return reflect.DeepEqual(a.Value, b.(*Const).Value)
	case *Lambda:
		return equalLambda(a, b.(*Lambda), params)
	case *Call:
		if b := b.(*Call); a.Name != b.Name || a.Variant != b.Variant {
			return false
		}
	case *Cast:
		if b := b.(*Cast); a.Try != b.Try {
			return false
		}
	case *Compare:
		if a.Op != b.(*Compare).Op {
			return false
		}
	case *Logical:
		if a.Or != b.(*Logical).Or {
			return false
		}
	case *Like:
		if (a.Escape == nil) != (b.(*Like).Escape == nil) {
			return false
		}
	case *Case:
		if len(a.Whens) != len(b.(*Case).Whens) {
			return false
		}
	case *Field:
		if a.Index != b.(*Field).Index {
			return false
		}
	case *OrderKey:
		if !sameOrder(a.Keys, b.(*OrderKey).Keys) {
			return false
		}
	case *Quantified:
		if b := b.(*Quantified); a.Op != b.Op || a.All != b.All {
			return false
		}
	}
	ca, cb := a.Children(), b.Children()
	if len(ca) != len(cb) {
		return false
	}
	for i := range ca {
		if !equalExpr(ca[i], cb[i], params) {
			return false
		}
	}
	return true
}

func equalLambda(a, b *Lambda, params pairs) bool {
	if len(a.Params) != len(b.Params) {
		return false
	}
	inner := make(pairs, len(params)+len(a.Params))
	maps.Copy(inner, params)
	for i, p := range a.Params {
		if !p.Type.Equal(b.Params[i].Type) {
			return false
		}
		inner[p] = b.Params[i]
	}
	return equalExpr(a.Body, b.Body, inner)
}
