package jsonpath

import (
	"math"
	"math/big"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// operatorNames are the names that messages have for the operators.
var operatorNames = map[byte]string{'+': "ADD", '-': "SUBTRACT", '*': "MULTIPLY", '/': "DIVIDE", '%': "MODULUS"}

func (v *evaluation) binary(e *Binary, sc scope) ([]Item, error) {
	left, err := v.unwrapped(e.Left, sc)
	if err != nil {
		return nil, err
	}
	right, err := v.unwrapped(e.Right, sc)
	if err != nil {
		return nil, err
	}
	if len(left) != 1 || len(right) != 1 {
		return nil, fail("arithmetic binary expression requires singleton operands")
	}
	a, err := operand(left[0])
	if err != nil {
		return nil, err
	}
	b, err := operand(right[0])
	if err != nil {
		return nil, err
	}
	out, err := arithmetic(e.Op, a, b)
	return []Item{out}, err
}

// operand returns an item as an SQL value; JSON must be a number.
func operand(i Item) (Value, error) {
	if v, ok := i.(Value); ok {
		return v, nil
	}
	return number1(i)
}

// arithmetic applies an operator as SQL does: in the common type of the operands, decimals with SQL's result types, and
// overflow and division by zero as errors.
func arithmetic(op byte, a, b Value) (Value, error) {
	if d, ok := difference(op, a, b); ok {
		return d, nil
	}
	common, ok := types.CommonSuperType(a.Type, b.Type)
	if !ok || !a.Type.Numeric() || !b.Type.Numeric() {
		return Value{}, fail("invalid operand types to %s operator (%s, %s)", operatorNames[op], a.Type, b.Type)
	}
	if common.Kind == types.Decimal {
		return decimalArithmetic(op, asDecimal(a), asDecimal(b))
	}
	x, ok1 := types.Cast(a.Value, a.Type, common, "")
	y, ok2 := types.Cast(b.Value, b.Type, common, "")
	if !ok1 || !ok2 {
		return Value{}, errSilent
	}
	switch x := x.(type) {
	case float64:
		return Value{common, floatArithmetic(op, x, y.(float64))}, nil
	case float32:
		return Value{common, float32(floatArithmetic(op, float64(x), float64(y.(float32))))}, nil
	}
	n, ok := integerArithmetic(op, x.(int64), y.(int64))
	if !ok || n < minimum(common) || n > -(minimum(common)+1) {
		return Value{}, errSilent
	}
	return Value{common, n}, nil
}

// difference subtracts dates and timestamps.
func difference(op byte, a, b Value) (Value, bool) {
	const millisPerDay = 86_400_000
	interval := types.Of(types.IntervalDayToSecond)
	if op != '-' {
		return Value{}, false
	}
	switch x := a.Value.(type) {
	case types.DateValue:
		y, ok := b.Value.(types.DateValue)
		return Value{interval, types.IntervalDTValue(int64(x-y) * millisPerDay)}, ok
	case types.TimestampValue:
		y, ok := b.Value.(types.TimestampValue)
		return Value{interval, types.IntervalDTValue((x.EpochMicros - y.EpochMicros) / 1000)}, ok
	case types.TimestampTZValue:
		y, ok := b.Value.(types.TimestampTZValue)
		return Value{interval, types.IntervalDTValue(x.EpochMillis - y.EpochMillis)}, ok
	}
	return Value{}, false
}

// minimum is the least value of an integer type.
func minimum(t types.Type) int64 {
	switch t.Kind {
	case types.TinyInt:
		return math.MinInt8
	case types.SmallInt:
		return math.MinInt16
	case types.Integer:
		return math.MinInt32
	}
	return math.MinInt64
}

func integerArithmetic(op byte, x, y int64) (int64, bool) {
	a, b, out := big.NewInt(x), big.NewInt(y), new(big.Int)
	switch op {
	case '+':
		out.Add(a, b)
	case '-':
		out.Sub(a, b)
	case '*':
		out.Mul(a, b)
	case '/', '%':
		if y == 0 {
			return 0, false
		}
		quotient, rest := new(big.Int).QuoRem(a, b, new(big.Int))
		out = quotient
		if op == '%' {
			out = rest
		}
	}
	return out.Int64(), out.IsInt64()
}

func floatArithmetic(op byte, x, y float64) float64 {
	switch op {
	case '+':
		return x + y
	case '-':
		return x - y
	case '*':
		return x * y
	case '/':
		return x / y
	}
	return math.Mod(x, y)
}

// asDecimal turns an integer into the decimal that holds all of its type.
func asDecimal(v Value) Value {
	n, ok := v.Value.(int64)
	if !ok {
		return v
	}
	precision := map[types.Kind]int{types.TinyInt: 3, types.SmallInt: 5, types.Integer: 10}[v.Type.Kind]
	if precision == 0 {
		precision = 19
	}
	return Value{types.DecimalOf(precision, 0), types.Int128From(n)}
}

func decimalArithmetic(op byte, a, b Value) (Value, error) {
	x, y := a.Value.(types.Int128).Big(), b.Value.(types.Int128).Big()
	s, t := a.Type.S, b.Type.S
	out := new(big.Int)
	var result types.Type
	aligned := func(v *big.Int, from, to int) *big.Int { return new(big.Int).Mul(v, powerOfTen(to-from)) }
	switch op {
	case '+', '-':
		result = types.DecimalAdd(a.Type, b.Type)
		x, y = aligned(x, s, result.S), aligned(y, t, result.S)
		if op == '+' {
			out.Add(x, y)
		} else {
			out.Sub(x, y)
		}
	case '*':
		var err error
		if result, err = types.DecimalMultiply(a.Type, b.Type); err != nil {
			return Value{}, errSilent
		}
		out.Mul(x, y)
	default:
		if y.Sign() == 0 {
			return Value{}, errSilent
		}
		if op == '%' {
			result = types.DecimalModulus(a.Type, b.Type)
			out.Rem(aligned(x, s, result.S), aligned(y, t, result.S))
			break
		}
		result = types.DecimalDivide(a.Type, b.Type)
		out = roundedQuotient(aligned(x, s, result.S+t), y)
	}
	n, ok := types.Int128FromBig(out)
	if !ok || out.CmpAbs(powerOfTen(result.P)) >= 0 && out.CmpAbs(powerOfTen(types.MaxDecimalPrecision)) >= 0 {
		return Value{}, errSilent
	}
	return Value{result, n}, nil
}

// roundedQuotient divides and rounds halves away from zero.
func roundedQuotient(x, y *big.Int) *big.Int {
	quotient, rest := new(big.Int).QuoRem(x, y, new(big.Int))
	if rest.Abs(rest).Lsh(rest, 1).CmpAbs(y) >= 0 {
		quotient.Add(quotient, big.NewInt(int64(x.Sign()*y.Sign())))
	}
	return quotient
}
