package native

import (
	"math"
	"math/big"
	"strings"
)

// numberFormatFunctions make texts of numbers.
var numberFormatFunctions = []Function{
	{"wb_format_number", params("DOUBLE"), "VARCHAR", func(a []any) (any, error) { return formatNumber(toLong(a[0].(float64))), nil }},
	{"wb_format_count", params("BIGINT"), "VARCHAR", func(a []any) (any, error) { return formatNumber(a[0].(int64)), nil }},
}

// toLong cuts off the fraction; what is too large is the largest integer, and NaN is 0.
func toLong(v float64) int64 {
	switch {
	case v != v:
		return 0
	case v >= 1<<63:
		return math.MaxInt64
	case v < -1<<63:
		return math.MinInt64
	}
	return int64(v)
}

// formatNumber shows three digits of a positive number, and a unit. A negative one always has two after the point.
func formatNumber(n int64) string {
	v, unit := float64(n), 0
	for unit < 5 && (v >= 1000 || v <= -1000) {
		v /= 1000
		unit++
	}
	digits := 0
	switch {
	case v < 10:
		digits = 2
	case v < 100:
		digits = 1
	}
	s := new(big.Rat).SetFloat64(v).FloatString(digits)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + [...]string{"", "K", "M", "B", "T", "Q"}[unit]
}
