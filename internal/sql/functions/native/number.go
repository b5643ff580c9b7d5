package native

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// numberFunctions compute with numbers and lists of them.
var numberFunctions = join(integerFunctions, statisticsFunctions, vectorFunctions, sequenceFunctions)

// integerFunctions are arithmetic that leaves the 128 bits of DuckDB's integers, and bits.
var integerFunctions = []Function{
	// Unscaled dividend, by how many digits to extend it, unscaled divisor. Rounds half away from zero.
	{"wb_decimal_divide", params("HUGEINT", "BIGINT", "HUGEINT"), "HUGEINT", func(a []any) (any, error) {
		n, d := a[0].(types.Int128).Big(), a[2].(types.Int128).Big()
		if d.Sign() == 0 {
			return nil, trinoerr.New(trinoerr.DivisionByZero, "Division by zero")
		}
		return decimal(quotient(n.Mul(n, power(a[1].(int64))), d, true))
	}},
	// Each unscaled value is followed by how many digits it is extended by.
	{"wb_decimal_add", params("HUGEINT", "BIGINT", "HUGEINT", "BIGINT"), "HUGEINT", func(a []any) (any, error) {
		x, y := a[0].(types.Int128).Big(), a[2].(types.Int128).Big()
		x.Mul(x, power(a[1].(int64)))
		y.Mul(y, power(a[3].(int64)))
		if x.BitLen() > 127 || y.BitLen() > 127 {
			// Trino extends within 128 bits.
			return nil, outOfRange("Decimal overflow")
		}
		return decimal(x.Add(x, y))
	}},
	{"wb_decimal_multiply", params("HUGEINT", "HUGEINT"), "HUGEINT", func(a []any) (any, error) {
		x := a[0].(types.Int128).Big()
		return decimal(x.Mul(x, a[1].(types.Int128).Big()))
	}},
	{"wb_decimal_modulus", params("HUGEINT", "BIGINT", "HUGEINT", "BIGINT"), "HUGEINT", func(a []any) (any, error) {
		x, y := a[0].(types.Int128).Big(), a[2].(types.Int128).Big()
		if y.Sign() == 0 {
			return nil, trinoerr.New(trinoerr.DivisionByZero, "Division by zero")
		}
		return decimal(x.Mul(x, power(a[1].(int64))).Rem(x, y.Mul(y, power(a[3].(int64)))))
	}},
	// Unscaled value, how many digits to drop (they become zeros), whether to round.
	{"wb_decimal_round", params("HUGEINT", "BIGINT", "BOOLEAN"), "HUGEINT", func(a []any) (any, error) {
		drop := a[1].(int64)
		if drop <= 0 {
			return a[0], nil
		}
		if drop > types.MaxDecimalPrecision+1 {
			return types.Int128{}, nil
		}
		unit := power(drop)
		q := quotient(a[0].(types.Int128).Big(), unit, a[2].(bool))
		return decimal(q.Mul(q, unit))
	}},
	// The unscaled decimal of a precision and scale next to a number.
	{"wb_double_decimal", params("DOUBLE", "BIGINT", "BIGINT"), "HUGEINT", func(a []any) (any, error) {
		return nearestDecimal(a[0].(float64), 64, a[1].(int64), a[2].(int64))
	}},
	{"wb_real_decimal", params("FLOAT", "BIGINT", "BIGINT"), "HUGEINT", func(a []any) (any, error) {
		return nearestDecimal(float64(a[0].(float32)), 32, a[1].(int64), a[2].(int64))
	}},
	// Value, decimal places (less than zero), name of the type.
	{"wb_round_integer", params("BIGINT", "BIGINT", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return roundInteger(a[0].(int64), a[1].(int64), a[2].(string))
	}},
	{"wb_round_double", params("DOUBLE", "BIGINT"), "DOUBLE", func(a []any) (any, error) {
		return roundPlaces(a[0].(float64), a[1].(int64)), nil
	}},
	{"wb_cbrt", params("DOUBLE"), "DOUBLE", func(a []any) (any, error) { return math.Cbrt(a[0].(float64)), nil }},
	{"wb_bit_count", params("BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		v, width := a[0].(int64), a[1].(int64)
		if width < 2 || width > 64 {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Bits specified in bit_count must be between 2 and 64, got %d", width)
		}
		if low := int64(-1) << (width - 1); v < low || v > -(low+1) {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument,
				"Number must be representable with the bits specified. %d cannot be represented with %d bits", v, width)
		}
		return int64(bits.OnesCount64(uint64(v) << (64 - width))), nil
	}},
	// Value, distance, width of the type in bits.
	{"wb_shift_left", params("BIGINT", "BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		v, n, width, err := shiftArguments(a)
		return signed(uint64(v)<<n, width), err
	}},
	{"wb_shift_right", params("BIGINT", "BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		v, n, width, err := shiftArguments(a)
		return signed(uint64(v)<<(64-width)>>(64-width)>>n, width), err
	}},
	{"wb_shift_arithmetic", params("BIGINT", "BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		v, n, _, err := shiftArguments(a)
		return v >> n, err
	}},
}

func power(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

// quotient truncates, or rounds half away from zero.
func quotient(n, d *big.Int, round bool) *big.Int {
	q, r := new(big.Int).QuoRem(n, d, new(big.Int))
	if round && r.Abs(r).Lsh(r, 1).CmpAbs(d) >= 0 {
		q.Add(q, big.NewInt(int64(n.Sign()*d.Sign())))
	}
	return q
}

func outOfRange(format string, args ...any) error {
	return trinoerr.New(trinoerr.NumericValueOutOfRange, format, args...)
}

// decimal checks that a result has at most 38 digits.
func decimal(v *big.Int) (any, error) {
	if v.CmpAbs(power(types.MaxDecimalPrecision)) >= 0 {
		return nil, outOfRange("Decimal overflow")
	}
	r, _ := types.Int128FromBig(v)
	return r, nil
}

// roundInteger rounds half away from zero to a multiple of a power of ten.
func roundInteger(v, places int64, typ string) (any, error) {
	if places >= 0 {
		return v, nil
	}
	if places < -18 {
		return nil, outOfRange("numerical overflow: %d", v)
	}
	unit := power(-places)
	n := quotient(big.NewInt(v), unit, true)
	if n.Mul(n, unit); !n.IsInt64() {
		return nil, outOfRange("numerical overflow: %d", v)
	}
	width := map[string]int64{"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}[typ]
	if r := n.Int64(); signed(uint64(r), width) != r {
		return nil, outOfRange("Out of range for %s: %d", typ, r)
	}
	return n.Int64(), nil
}

// nearestDecimal goes by the shortest text that stands for the number of 32 or 64 bits.
func nearestDecimal(v float64, bits int, p, s int64) (any, error) {
	if exact, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'e', -1, bits)); ok {
		exact.Mul(exact, new(big.Rat).SetInt(power(s)))
		if q := quotient(exact.Num(), exact.Denom(), true); q.CmpAbs(power(p)) < 0 {
			return decimal(q)
		}
	}
	name, text := "DOUBLE", wire.TextDouble(nil, v)
	if bits == 32 {
		name, text = "REAL", wire.TextReal(nil, float32(v))
	}
	return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast %s '%s' to DECIMAL(%d, %d)", name, text, p, s)
}

// roundPlaces rounds half away from zero.
func roundPlaces(v float64, places int64) float64 {
	factor := math.Pow(10, float64(places))
	scaled := v * factor
	if math.IsNaN(scaled) || math.IsInf(scaled, 0) {
		return v
	}
	return math.Round(scaled) / factor
}

func shiftArguments(a []any) (v int64, n uint64, width int64, err error) {
	if a[1].(int64) < 0 {
		return 0, 0, 64, trinoerr.New(trinoerr.InvalidFunctionArgument, "Shift must be positive")
	}
	return a[0].(int64), uint64(a[1].(int64)), a[2].(int64), nil
}

// signed reads the lower bits of a number as a signed integer.
func signed(v uint64, width int64) int64 { return int64(v<<(64-width)) >> (64 - width) }
