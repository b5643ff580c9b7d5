package types

import "github.com/waterbear-sql/waterbear/internal/trinoerr"

// The result types of decimal arithmetic. Integer operands are coerced to decimals before.

// DecimalAdd returns the type of a + b, where both are decimals.
func DecimalAdd(a, b Type) Type {
	scale := max(a.S, b.S)
	return DecimalOf(min(MaxDecimalPrecision, max(a.P-a.S, b.P-b.S)+scale+1), scale)
}

// DecimalSubtract returns the type of a - b, where both are decimals.
func DecimalSubtract(a, b Type) Type { return DecimalAdd(a, b) }

// DecimalMultiply returns the type of a * b, where both are decimals. It fails when the scales add up to more than 38.
func DecimalMultiply(a, b Type) (Type, error) {
	return NewDecimal(min(MaxDecimalPrecision, a.P+b.P), a.S+b.S)
}

// DecimalDivide returns the type of a / b, where both are decimals.
func DecimalDivide(a, b Type) Type {
	return DecimalOf(min(MaxDecimalPrecision, a.P+b.S+max(b.S-a.S, 0)), max(a.S, b.S))
}

// DecimalModulus returns the type of a % b, where both are decimals.
func DecimalModulus(a, b Type) Type {
	scale := max(a.S, b.S)
	return DecimalOf(min(b.P-b.S, a.P-a.S)+scale, scale)
}

// NewDecimal returns decimal(p, s), or Trino's INVALID_FUNCTION_ARGUMENT when there is no such type.
func NewDecimal(p, s int) (Type, error) {
	if p < 1 || p > MaxDecimalPrecision {
		return Type{}, trinoerr.New(trinoerr.InvalidFunctionArgument,
			"DECIMAL precision must be in range [1, %d]: %d", MaxDecimalPrecision, p)
	}
	if s < 0 || s > p {
		return Type{}, trinoerr.New(trinoerr.InvalidFunctionArgument,
			"DECIMAL scale must be in range [0, precision (%d)]: %d", p, s)
	}
	return DecimalOf(p, s), nil
}
