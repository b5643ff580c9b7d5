package rowpattern

import (
	"math"
	"math/big"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// integerNames are Trino's names of integer types, by number of bits, as its messages have them.
var integerNames = map[int]string{8: "tinyint", 16: "smallint", 32: "integer", 64: "bigint"}

// verbs are what messages call operators.
var verbs = map[string][2]string{"add": {"addition", "+"}, "sub": {"subtraction", "-"}, "mul": {"multiplication", "*"}}

// arithmetic returns the operators on numbers.
func arithmetic(e *Expr) (operation, bool) {
	switch e.Op {
	case "add", "sub", "mul", "div", "mod":
		if len(e.Args) != 2 {
			return nil, false
		}
	case "neg", "abs":
		if len(e.Args) != 1 {
			return nil, false
		}
	default:
		return nil, false
	}
	for _, a := range e.Args {
		if a.Type.Kind != e.Type.Kind {
			return nil, false
		}
	}
	switch e.Type.Kind {
	case Int:
		return func(vs []any) (any, error) { return integer(e, vs) }, true
	case Double, Real:
		return func(vs []any) (any, error) { return float(e, vs) }, true
	case Decimal:
		return func(vs []any) (any, error) { return decimal(e, vs) }, true
	}
	return nil, false
}

// integer computes exactly and checks that the result fits.
func integer(e *Expr, vs []any) (any, error) {
	a := big.NewInt(vs[0].(int64))
	name := integerNames[e.Type.P]
	r := new(big.Int)
	switch e.Op {
	case "neg":
		r.Neg(a)
	case "abs":
		r.Abs(a)
	default:
		b := big.NewInt(vs[1].(int64))
		if b.Sign() == 0 && (e.Op == "div" || e.Op == "mod") {
			return fail(trinoerr.DivisionByZero, "Division by zero")
		}
		switch e.Op {
		case "add":
			r.Add(a, b)
		case "sub":
			r.Sub(a, b)
		case "mul":
			r.Mul(a, b)
		case "div":
			r.Quo(a, b)
		case "mod":
			r.Rem(a, b)
		}
	}
	if !fits(r, e.Type.P) {
		switch v := verbs[e.Op]; {
		case v[0] != "":
			return fail(trinoerr.NumericValueOutOfRange, "%s %s overflow: %d %s %d", name, v[0], vs[0], v[1], vs[1])
		case e.Op == "neg":
			return fail(trinoerr.NumericValueOutOfRange, "%s negation overflow: %d", name, vs[0])
		case e.Op == "abs":
			return fail(trinoerr.NumericValueOutOfRange, "Value %d is out of range for abs(%s)", vs[0], name)
		}
		return fail(trinoerr.NumericValueOutOfRange, "%s division overflow: %d / %d", name, vs[0], vs[1])
	}
	return r.Int64(), nil
}

// fits reports whether a signed integer has at most so many bits.
func fits(v *big.Int, bits int) bool {
	limit := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return v.Cmp(limit) < 0 && v.Cmp(limit.Neg(limit)) >= 0
}

func float(e *Expr, vs []any) (any, error) {
	a := vs[0].(float64)
	var r float64
	switch e.Op {
	case "neg":
		r = -a
	case "abs":
		r = math.Abs(a)
	default:
		b := vs[1].(float64)
		switch e.Op {
		case "add":
			r = a + b
		case "sub":
			r = a - b
		case "mul":
			r = a * b
		case "div":
			r = a / b
		case "mod":
			r = math.Mod(a, b)
		}
	}
	if e.Type.Kind == Real {
		r = float64(float32(r))
	}
	return r, nil
}

// decimal computes with the scales of the operands' types; the result has that of its own.
func decimal(e *Expr, vs []any) (any, error) {
	a, r, scale := vs[0].(*big.Int), new(big.Int), e.Type.S
	switch e.Op {
	case "neg":
		return r.Neg(a), nil
	case "abs":
		return r.Abs(a), nil
	}
	b, sa, sb := vs[1].(*big.Int), e.Args[0].Type.S, e.Args[1].Type.S
	if b.Sign() == 0 && (e.Op == "div" || e.Op == "mod") {
		return fail(trinoerr.DivisionByZero, "Division by zero")
	}
	switch e.Op {
	case "add":
		r.Add(rescale(a, sa, scale), rescale(b, sb, scale))
	case "sub":
		r.Sub(rescale(a, sa, scale), rescale(b, sb, scale))
	case "mul":
		r.Mul(a, b)
	case "div":
		r = quotient(rescale(a, sa, scale+sb), b)
	case "mod":
		s := max(sa, sb)
		r.Rem(rescale(a, sa, s), rescale(b, sb, s))
	}
	if r.CmpAbs(power10(38)) >= 0 {
		return fail(trinoerr.NumericValueOutOfRange, "Decimal overflow")
	}
	return r, nil
}

func power10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// rescale changes the scale of an unscaled integer and rounds half away from zero.
func rescale(v *big.Int, from, to int) *big.Int {
	if to >= from {
		return new(big.Int).Mul(v, power10(to-from))
	}
	return quotient(v, power10(from-to))
}

// quotient divides and rounds half away from zero.
func quotient(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Lsh(r, 1).CmpAbs(b) >= 0 {
		if (a.Sign() < 0) == (b.Sign() < 0) {
			q.Add(q, big.NewInt(1))
		} else {
			q.Sub(q, big.NewInt(1))
		}
	}
	return q
}
