package native

import (
	"math"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/formatter"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// castFunctions are what conversions do with values that do not fit.
var castFunctions = []Function{
	// A number, whether it is a real, the name of the type of integers that cannot hold it.
	{"wb_float_to_integer", params("DOUBLE", "BOOLEAN", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return floatToInteger(a[0].(float64), a[1].(bool), a[2].(string))
	}},
	// A pattern of LIKE and its escape character: the pattern, if what is escaped has a meaning.
	{"wb_like_pattern", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		escape := []rune(a[1].(string))
		if len(escape) != 1 {
			return nil, invalidArgument("Escape string must be a single character")
		}
		escaped := false
		for _, r := range a[0].(string) {
			if escaped && r != '%' && r != '_' && r != escape[0] {
				break
			}
			escaped = !escaped && r == escape[0]
		}
		if escaped {
			return nil, invalidArgument("Escape character must be followed by '%%', '_' or the escape character itself")
		}
		return a[0], nil
	}},
}

// floatToInteger is the error for a number that does not fit; only from real to bigint it becomes the nearest one.
func floatToInteger(v float64, isReal bool, to string) (any, error) {
	from, text := "double", formatter.Text(v)
	if isReal {
		from, text = "real", formatter.TextReal(float32(v))
	}
	switch {
	case to == "bigint" && !isReal:
		return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Unable to cast %s to bigint", text)
	case math.IsNaN(v):
		return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast %s NaN to %s", from, to)
	case to == "bigint":
		return toLong(v), nil
	}
	return nil, trinoerr.New(trinoerr.NumericValueOutOfRange, "Out of range for %s: %s", to, text)
}
