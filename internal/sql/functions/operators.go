package functions

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// operatorFunctions are the arithmetic operators. DuckDB raises overflow of integers itself.
var operatorFunctions = concat(
	perType([]string{"tinyint", "smallint", "integer", "bigint"},
		Function{Signature: "$add(T, T)", Returns: "T", SQL: "($1 + $2)"},
		Function{Signature: "$subtract(T, T)", Returns: "T", SQL: "($1 - $2)"},
		Function{Signature: "$multiply(T, T)", Returns: "T", SQL: "($1 * $2)"},
		Function{Signature: "$divide(T, T)", Returns: "T", Emit: integerDivide},
		Function{Signature: "$modulus(T, T)", Returns: "T", Emit: integerModulus},
		Function{Signature: "$negate(T)", Returns: "T", SQL: "(-$1)"},
	),
	perType([]string{"real", "double"},
		Function{Signature: "$add(T, T)", Returns: "T", SQL: "($1 + $2)"},
		Function{Signature: "$subtract(T, T)", Returns: "T", SQL: "($1 - $2)"},
		Function{Signature: "$multiply(T, T)", Returns: "T", SQL: "($1 * $2)"},
		Function{Signature: "$divide(T, T)", Returns: "T", SQL: "($1 / $2)"},
		Function{Signature: "$modulus(T, T)", Returns: "T", SQL: "($1 % $2)"},
		Function{Signature: "$negate(T)", Returns: "T", SQL: "(-$1)"},
	),
	[]Function{
		{Signature: "$bigint_sum(decimal(p,s))", Returns: "bigint", SQL: "CAST(CAST($1 AS HUGEINT) AS BIGINT)"}, // of what is more than a bigint until all is added
		{Signature: "$add(decimal(p,s), decimal(q,t))", Result: decimalResult(types.DecimalAdd), Emit: decimalBinary("+")},
		{Signature: "$subtract(decimal(p,s), decimal(q,t))", Result: decimalResult(types.DecimalSubtract), Emit: decimalBinary("-")},
		{Signature: "$multiply(decimal(p,s), decimal(q,t))", Result: decimalProduct, Emit: decimalBinary("*")},
		{Signature: "$divide(decimal(p,s), decimal(q,t))", Result: decimalResult(types.DecimalDivide), Emit: decimalDivide},
		{Signature: "$modulus(decimal(p,s), decimal(q,t))", Result: decimalResult(types.DecimalModulus), Emit: decimalModulus},
		{Signature: "$negate(decimal(p,s))", Returns: "decimal(p,s)", SQL: "(-$1)"},

		{Signature: "$add(date, interval day to second)", Returns: "date", Emit: datePlusDays(0, 1, "+")},
		{Signature: "$add(interval day to second, date)", Returns: "date", Emit: datePlusDays(1, 0, "+")},
		{Signature: "$subtract(date, interval day to second)", Returns: "date", Emit: datePlusDays(0, 1, "-")},
		{Signature: "$add(date, interval year to month)", Returns: "date", SQL: "CAST($1 + to_months($2) AS DATE)"},
		{Signature: "$add(interval year to month, date)", Returns: "date", SQL: "CAST($2 + to_months($1) AS DATE)"},
		{Signature: "$subtract(date, interval year to month)", Returns: "date", SQL: "CAST($1 - to_months($2) AS DATE)"},

		{Signature: "$add(timestamp(p), interval day to second)", Result: atLeastMillis, Emit: timestampPlus(0, 1, "+", "to_milliseconds")},
		{Signature: "$add(interval day to second, timestamp(p))", Result: atLeastMillis, Emit: timestampPlus(1, 0, "+", "to_milliseconds")},
		{Signature: "$subtract(timestamp(p), interval day to second)", Result: atLeastMillis, Emit: timestampPlus(0, 1, "-", "to_milliseconds")},
		{Signature: "$add(timestamp(p), interval year to month)", Returns: "timestamp(p)", Emit: timestampPlus(0, 1, "+", "to_months")},
		{Signature: "$add(interval year to month, timestamp(p))", Returns: "timestamp(p)", Emit: timestampPlus(1, 0, "+", "to_months")},
		{Signature: "$subtract(timestamp(p), interval year to month)", Returns: "timestamp(p)", Emit: timestampPlus(0, 1, "-", "to_months")},
		{Signature: "$subtract(timestamp(p), timestamp(p))", Returns: "interval day to second", Emit: timestampDifference},

		{Signature: "$add(timestamp(p) with time zone, interval day to second)", Result: ofTypeAtLeastMillis(0), Emit: timestampPlus(0, 1, "+", "to_milliseconds")},
		{Signature: "$add(interval day to second, timestamp(p) with time zone)", Result: ofTypeAtLeastMillis(1), Emit: timestampPlus(1, 0, "+", "to_milliseconds")},
		{Signature: "$subtract(timestamp(p) with time zone, interval day to second)", Result: ofTypeAtLeastMillis(0), Emit: timestampPlus(0, 1, "-", "to_milliseconds")},
		{Signature: "$add(timestamp(p) with time zone, interval year to month)", Returns: "timestamp(p) with time zone", Emit: timestampPlus(0, 1, "+", "to_months")},
		{Signature: "$add(interval year to month, timestamp(p) with time zone)", Returns: "timestamp(p) with time zone", Emit: timestampPlus(1, 0, "+", "to_months")},
		{Signature: "$subtract(timestamp(p) with time zone, interval year to month)", Returns: "timestamp(p) with time zone", Emit: timestampPlus(0, 1, "-", "to_months")},
		{Signature: "$subtract(timestamp(p) with time zone, timestamp(p) with time zone)", Returns: "interval day to second", Emit: timestampDifference},
		{Signature: "$add(time(p), interval day to second)", Result: ofTypeAtLeastMillis(0), Emit: timePlus(0, 1, "+")},
		{Signature: "$add(interval day to second, time(p))", Result: ofTypeAtLeastMillis(1), Emit: timePlus(1, 0, "+")},
		{Signature: "$subtract(time(p), interval day to second)", Result: ofTypeAtLeastMillis(0), Emit: timePlus(0, 1, "-")},
		{Signature: "$subtract(time(p), time(p))", Returns: "interval day to second", Emit: timeDifference},
		{Signature: "$add(time(p) with time zone, interval day to second)", Result: ofTypeAtLeastMillis(0), Emit: timePlus(0, 1, "+")},
		{Signature: "$add(interval day to second, time(p) with time zone)", Result: ofTypeAtLeastMillis(1), Emit: timePlus(1, 0, "+")},
		{Signature: "$subtract(time(p) with time zone, interval day to second)", Result: ofTypeAtLeastMillis(0), Emit: timePlus(0, 1, "-")},
		{Signature: "$subtract(time(p) with time zone, time(p) with time zone)", Returns: "interval day to second", Emit: timeDifference},

		{Signature: "$add(interval day to second, interval day to second)", Returns: "interval day to second", SQL: "($1 + $2)"},
		{Signature: "$subtract(interval day to second, interval day to second)", Returns: "interval day to second", SQL: "($1 - $2)"},
		{Signature: "$multiply(interval day to second, bigint)", Returns: "interval day to second", SQL: "($1 * $2)"},
		{Signature: "$multiply(bigint, interval day to second)", Returns: "interval day to second", SQL: "($1 * $2)"},
		{Signature: "$multiply(interval day to second, double)", Returns: "interval day to second", Emit: intervalTimes(0, 1, "BIGINT")},
		{Signature: "$multiply(double, interval day to second)", Returns: "interval day to second", Emit: intervalTimes(1, 0, "BIGINT")},
		{Signature: "$divide(interval day to second, double)", Returns: "interval day to second", Emit: intervalDivide("BIGINT")},
		{Signature: "$negate(interval day to second)", Returns: "interval day to second", SQL: "(-$1)"},
		{Signature: "$add(interval year to month, interval year to month)", Returns: "interval year to month", SQL: "($1 + $2)"},
		{Signature: "$subtract(interval year to month, interval year to month)", Returns: "interval year to month", SQL: "($1 - $2)"},
		{Signature: "$multiply(interval year to month, bigint)", Returns: "interval year to month", SQL: "CAST($1 * $2 AS INTEGER)"},
		{Signature: "$multiply(bigint, interval year to month)", Returns: "interval year to month", SQL: "CAST($1 * $2 AS INTEGER)"},
		{Signature: "$multiply(interval year to month, double)", Returns: "interval year to month", Emit: intervalTimes(0, 1, "INTEGER")},
		{Signature: "$multiply(double, interval year to month)", Returns: "interval year to month", Emit: intervalTimes(1, 0, "INTEGER")},
		{Signature: "$divide(interval year to month, double)", Returns: "interval year to month", Emit: intervalDivide("INTEGER")},
		{Signature: "$negate(interval year to month)", Returns: "interval year to month", SQL: "(-$1)"},

		{Signature: "$subscript(array(T), bigint)", Vars: "T", Returns: "T", Emit: arraySubscript},
		{Signature: "$subscript(map(K,V), K)", Vars: "K:comparable, V", Returns: "V", Emit: mapSubscript},
	},
)

// concat joins tables, hiding operators from listings.
func concat(tables ...[]Function) []Function {
	var out []Function
	for _, t := range tables {
		for _, f := range t {
			f.Hidden = f.Hidden || strings.HasPrefix(f.Signature, "$")
			out = append(out, f)
		}
	}
	return out
}

// perType repeats overloads for each of several types, which replace the T.
func perType(typs []string, fs ...Function) []Function {
	var out []Function
	for _, t := range typs {
		for _, f := range fs {
			f.Signature = replaceT(f.Signature, t)
			f.Returns = replaceT(f.Returns, t)
			out = append(out, f)
		}
	}
	return out
}

func replaceT(s, t string) string {
	return strings.NewReplacer("(T", "("+t, " T", " "+t, "array(T)", "array("+t+")").Replace(" " + s)[1:]
}

func integerDivide(s *Site) (string, error) { return divideBy(s, "//"), nil }

// integerModulus avoids DuckDB's overflow error for the smallest value modulo -1.
func integerModulus(s *Site) (string, error) {
	if d := s.Args[1]; d.Const && d.Value != nil {
		if n, ok := d.Value.(int64); ok && n == -1 {
			return "(" + s.Args[0].SQL + " * 0)", nil
		}
	}
	return divideBy(s, "%"), nil
}

func divideBy(s *Site, op string) string {
	return "(" + s.Args[0].SQL + " " + op + " " + s.once(s.Args[1], nonZero) + ")"
}

func isZero(v any) bool {
	switch v := v.(type) {
	case int64:
		return v == 0
	case float64:
		return v == 0
	case float32:
		return v == 0
	case types.Int128:
		return v == types.Int128{}
	}
	return true // unknown representation: guard it
}

func decimalResult(rule func(a, b types.Type) types.Type) func(Binding) (types.Type, error) {
	return func(b Binding) (types.Type, error) { return rule(b.Args[0], b.Args[1]), nil }
}

func decimalProduct(b Binding) (types.Type, error) {
	return types.DecimalMultiply(b.Args[0], b.Args[1])
}

func decimalBinary(op string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		a, b := s.Args[0], s.Args[1]
		if op != "*" && beyond(a.Type, b.Type) {
			sign := map[string]string{"+": "", "-": "-"}[op]
			return scaled("wb_decimal_add("+unscaledTo(a, s.Result)+", "+sign+unscaledTo(b, s.Result)+")", s.Result), nil
		}
		if s.Narrow && s.Result.P > maxShortDecimal && s.Result.S < maxShortDecimal {
			return "(" + a.SQL + " " + op + " " + b.SQL + ")", nil
		}
		return cast(widened(a, b, s.Result)+" "+op+" "+b.SQL, s.TypeSQL(s.Result)), nil
	}
}

// decimalDivide computes the quotient of the unscaled values, the dividend first brought to the scale that the result
// needs.
func decimalDivide(s *Site) (string, error) {
	a, b := s.Args[0], s.Args[1]
	digits := s.Result.S - a.Type.S + b.Type.S
	nt, narrowerN, okN := short(a.Type, digits)
	dt, narrowerD, okD := short(b.Type, 0)
	if okN && okD && !narrowerN && !narrowerD && b.Const && b.Value != nil && !isZero(b.Value) {
		return shortQuotient(a.SQL, nt, digits, b.SQL, dt, s.Result), nil // each is written once
	}
	return s.once(a, func(a Operand) string {
		return s.once(b, func(b Operand) string {
			n, d := unscaled(a.SQL, a.Type), unscaled(b.SQL, b.Type)
			q := "wb_decimal_divide(" + n + ", " + strconv.Itoa(digits) + ", " + d + ")"
			if a.Type.P+digits <= types.MaxDecimalPrecision {
				q = roundedQuotient("("+n+" * "+powerOfTen(digits)+")", d)
			}
			q = scaled(q, s.Result)
			if okN && okD {
				var fits []string
				if narrowerN {
					fits = append(fits, isShort(a.SQL, nt))
				}
				if narrowerD {
					fits = append(fits, isShort(b.SQL, dt))
				}
				fast := shortQuotient(cast(a.SQL, decimalSQL(nt.P, nt.S)), nt, digits, cast(b.SQL, decimalSQL(dt.P, dt.S)), dt, s.Result)
				if len(fits) == 0 {
					q = fast
				} else {
					q = "CASE WHEN " + strings.Join(fits, " AND ") + " THEN " + fast + " ELSE " + q + " END"
				}
			}
			if b.Const && b.Value != nil && !isZero(b.Value) {
				return q
			}
			return "CASE WHEN " + b.SQL + " = 0 AND " + a.SQL + " IS NOT NULL THEN " + divisionByZero + " ELSE " + q + " END"
		})
	}), nil
}

func decimalModulus(s *Site) (string, error) {
	if a, b := s.Args[0], s.Args[1]; beyond(a.Type, b.Type) {
		b.SQL = s.once(b, nonZero)
		scale := types.DecimalOf(types.MaxDecimalPrecision, max(a.Type.S, b.Type.S))
		return cast(scaled("wb_decimal_modulus("+unscaledTo(a, scale)+", "+unscaledTo(b, scale)+")", scale), s.TypeSQL(s.Result)), nil
	}
	return cast(s.Args[0].SQL+" % "+s.once(s.Args[1], nonZero), s.TypeSQL(s.Result)), nil
}

const dayMillis = 86_400_000

// datePlusDays adds an interval to a date, which must be whole days.
func datePlusDays(date, interval int, op string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		d, i := s.Args[date], s.Args[interval]
		if ms, ok := i.Value.(types.IntervalDTValue); i.Const && ok {
			if ms%dayMillis != 0 {
				return "", trinoerr.New(trinoerr.InvalidFunctionArgument, "Cannot add hour, minutes or seconds to a date")
			}
			return fmt.Sprintf("(%s %s %d)", d.SQL, op, ms/dayMillis), nil
		}
		days := s.once(i, func(i Operand) string {
			return "CASE WHEN " + i.SQL + " % 86400000 <> 0 THEN " +
				raise("INVALID_FUNCTION_ARGUMENT", "'Cannot add hour, minutes or seconds to a date'") + " ELSE CAST(" +
				i.SQL + " // 86400000 AS INTEGER) END"
		})
		return "(" + d.SQL + " " + op + " " + days + ")", nil
	}
}

// atLeastMillis is the result type of adding an interval, which counts milliseconds, to a timestamp.
func atLeastMillis(b Binding) (types.Type, error) {
	return types.TimestampP(max(b.Nums["p"], 3)), nil
}

// microPrecision is the finest precision of a timestamp that DuckDB's TIMESTAMP holds.
const microPrecision = 6

func notSupported(f *Function, t types.Type) error {
	return trinoerr.New(trinoerr.NotSupported, "%s is not supported for %s", f.Name, t)
}

// timestampPlus adds milliseconds or months. Milliseconds are added to the instant, months to what the clock shows.
func timestampPlus(ts, interval int, op, unit string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		t, i := s.Args[ts], s.Args[interval]
		if t.Type.Kind == types.Timestamp && t.Type.P <= microPrecision {
			return "(" + t.SQL + " " + op + " " + unit + "(" + i.SQL + "))", nil
		}
		return s.once(t, func(t Operand) string {
			c := s.caster()
			us := "(" + micros(t) + " " + op + " " + i.SQL + " * 1000)"
			if unit == "to_months" {
				us = "wb_add('month', " + op + cast(i.SQL, "BIGINT") + ", " + localMicros(t) + ")"
				if t.Type.Kind == types.TimestampTZ {
					us = "wb_instant(" + us + ", " + field(t, "z") + ")"
				}
			}
			parts := c.timestampOf(us, finePicos(t), t.Type.P, s.Result)
			if t.Type.Kind == types.TimestampTZ {
				parts = append(parts, field(t, "z"))
			}
			return notNull(t, c.assemble(parts, s.Result))
		}), nil
	}
}

// timestampDifference is in milliseconds, rounded as Trino does with finer timestamps.
func timestampDifference(s *Site) (string, error) {
	a, b := s.Args[0], s.Args[1]
	if a.Type.Kind == types.Timestamp && a.Type.P <= 3 {
		return "(epoch_ms(" + a.SQL + ") - epoch_ms(" + b.SQL + "))", nil
	}
	return nearestMultiple(micros(a)+" - "+micros(b), "1000"), nil
}

// nearestMultiple divides integers and rounds to the nearest whole number, halves upwards.
func nearestMultiple(n, unit string) string {
	return "list_transform([" + n + " + " + unit + " // 2], lambda _n: (_n - (_n % " + unit + " + " + unit + ") % " + unit + ") // " + unit + ")[1]"
}

// timePlus adds milliseconds to a time of day, which wraps at midnight.
func timePlus(t, interval int, op string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		o, i := s.Args[t], s.Args[interval]
		return s.once(o, func(o Operand) string {
			picos := "((" + timePicos(o) + " " + op + " " + i.SQL + " % 86400000 * 1000000000 + " + dayPicos + ") % " + dayPicos + ")"
			if o.Type.Kind == types.TimeTZ {
				return s.caster().zonedTime(o, picos, field(o, "o"), s.Result)
			}
			return timeOf(picos, s.Result)
		}), nil
	}
}

func timeDifference(s *Site) (string, error) {
	utc := func(o Operand) string {
		if o.Type.Kind != types.TimeTZ {
			return timePicos(o)
		}
		return "(((" + timePicos(o) + " - " + field(o, "o") + " * 60000000000000) % " + dayPicos + " + " + dayPicos + ") % " + dayPicos + ")"
	}
	return nearestMultiple(utc(s.Args[0])+" - "+utc(s.Args[1]), "1000000000"), nil
}

// ofTypeAtLeastMillis is the result of adding an interval to the value at the given position.
func ofTypeAtLeastMillis(i int) func(Binding) (types.Type, error) {
	return func(b Binding) (types.Type, error) {
		t := b.Args[i]
		t.P = max(t.P, 3)
		return t, nil
	}
}

// intervalTimes multiplies by a number that may have a fraction, which the result has not.
func intervalTimes(interval, factor int, typ string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		return cast("wb_scale_interval("+cast(s.Args[interval].SQL, "BIGINT")+", "+s.Args[factor].SQL+", 'multiply')", typ), nil
	}
}

func intervalDivide(typ string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		return cast("wb_scale_interval("+cast(s.Args[0].SQL, "BIGINT")+", "+s.Args[1].SQL+", 'divide')", typ), nil
	}
}

// arraySubscript fails where DuckDB gives NULL.
func arraySubscript(s *Site) (string, error) {
	return s.once(s.Args[0], func(a Operand) string {
		return s.once(s.Args[1], func(i Operand) string {
			return "CASE WHEN " + i.SQL + " BETWEEN 1 AND len(" + a.SQL + ") THEN " + a.SQL + "[" + i.SQL + "]" +
				" WHEN " + i.SQL + " IS NULL OR " + a.SQL + " IS NULL THEN NULL" +
				" ELSE wb_raise('INVALID_FUNCTION_ARGUMENT', CASE WHEN " + i.SQL + " = 0 THEN 'SQL array indices start at 1'" +
				" WHEN " + i.SQL + " < 0 THEN 'Array subscript is negative: ' || " + i.SQL +
				" ELSE 'Array subscript must be less than or equal to array length: ' || " + i.SQL + " || ' > ' || len(" + a.SQL + ") END) END"
		})
	}), nil
}

// mapSubscript fails where element_at gives NULL.
func mapSubscript(s *Site) (string, error) {
	return s.each(s.Args, func(a []Operand) string {
		message := "'Key not present in map'"
		if text, err := s.caster().Cast(a[1], types.Of(types.Varchar), false); err == nil {
			message = "'Key not present in map: ' || " + text
		}
		return mapLookup(a[0].SQL, a[1].SQL, a[1].Type, raise("INVALID_FUNCTION_ARGUMENT", message))
	}), nil
}
