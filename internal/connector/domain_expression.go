package connector

import "github.com/waterbear-sql/waterbear/internal/types"

// boolean is the type of conditions.
var boolean = types.Of(types.Boolean)

// Compacted is the domain with a range in the place of more than so many values, for systems that such a list would cost more than it saves:
// Trino's domain-compaction-threshold. compare orders two values of the column's type. A domain that is a range is as it was.
func (d Domain) Compacted(most int, compare func(a, b any) int) Domain {
	if len(d.Values) <= most {
		return d
	}
	low, high := d.Values[0], d.Values[0]
	for _, v := range d.Values[1:] {
		if compare(v, low) < 0 {
			low = v
		}
		if compare(v, high) > 0 {
			high = v
		}
	}
	d.Values, d.Low, d.High = nil, &Bound{Value: low, Inclusive: true}, &Bound{Value: high, Inclusive: true}
	return d
}

// Condition is the domain as an expression over its column, which has the given type. It is nil when all values satisfy it.
func (d Domain) Condition(t types.Type) Expression {
	column := &Reference{Column: d.Column, Type: t}
	constant := func(v any) Expression { return &Constant{Type: t, Value: v} }
	var out Expression
	switch {
	case len(d.Values) == 1:
		out = &Call{OpEqual, boolean, []Expression{column, constant(d.Values[0])}}
	case len(d.Values) > 1:
		in := &Call{OpIn, boolean, []Expression{column}}
		for _, v := range d.Values {
			in.Args = append(in.Args, constant(v))
		}
		out = in
	default:
		var terms []Expression
		if d.Low != nil {
			terms = append(terms, &Call{bound(d.Low.Inclusive, OpGreaterOrEqual, OpGreater), boolean, []Expression{column, constant(d.Low.Value)}})
		}
		if d.High != nil {
			terms = append(terms, &Call{bound(d.High.Inclusive, OpLessOrEqual, OpLess), boolean, []Expression{column, constant(d.High.Value)}})
		}
		out = And(terms...)
	}
	if out != nil && d.NullAllowed {
		out = &Call{OpOr, boolean, []Expression{out, &Call{OpIsNull, boolean, []Expression{column}}}}
	}
	return out
}

func bound(inclusive bool, yes, no string) string {
	if inclusive {
		return yes
	}
	return no
}

// And is the conjunction of expressions: nil of none.
func And(terms ...Expression) Expression {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return &Call{OpAnd, boolean, terms}
}
