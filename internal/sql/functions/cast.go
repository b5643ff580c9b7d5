package functions

import (
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Caster writes conversions with Trino's semantics.
type Caster struct {
	// TypeSQL names the DuckDB type that holds a SQL type.
	TypeSQL func(types.Type) string
	// Zone is the session's time zone, which conversions between local times and instants use.
	Zone string
	// Now is the statement's start.
	Now time.Time

	names int
}

// Cast writes the conversion of an operand. try gives NULL where the conversion fails. A pair of types without a
// conversion is TYPE_MISMATCH.
func (c *Caster) Cast(o Operand, to types.Type, try bool) (string, error) {
	if o.Type.Equal(to) {
		return o.SQL, nil
	}
	sql, err := c.convert(o, to)
	if err != nil || !try || cannotFail(o.Type, to) {
		return sql, err
	}
	return "TRY(" + sql + ")", nil
}

// CanCast reports whether there is a conversion.
func CanCast(from, to types.Type) bool {
	c := &Caster{TypeSQL: func(types.Type) string { return "T" }, Zone: "UTC"}
	_, err := c.convert(Operand{SQL: "x", Type: from, Cheap: true}, to)
	return err == nil
}

// cannotFail holds for the conversions that succeed for every value.
func cannotFail(from, to types.Type) bool {
	return from.Kind == types.Varchar && to.Kind == types.Varchar || types.CanCoerce(from, to) && to.Kind != types.Decimal
}

// conversion writes a conversion between two kinds.
type conversion func(c *Caster, o Operand, to types.Type) string

// conversions is the table of Trino's casts between simple types; casts of composite types go by their parts.
var conversions map[types.Kind]map[types.Kind]conversion

func init() {
	conversions = map[types.Kind]map[types.Kind]conversion{
		types.Boolean: {
			types.TinyInt: plain, types.SmallInt: plain, types.Integer: plain, types.BigInt: plain, types.Real: plain, types.Double: plain,
			types.Decimal: plain, types.Varchar: toVarchar, types.Char: toChar, types.JSON: toJSON,
		},
		types.TinyInt: fromInteger, types.SmallInt: fromInteger, types.Integer: fromInteger, types.BigInt: fromInteger,
		types.Real: fromFloat, types.Double: fromFloat,
		types.Decimal: {
			types.TinyInt: decimalToInteger, types.SmallInt: decimalToInteger, types.Integer: decimalToInteger, types.BigInt: decimalToInteger, types.Real: plain, types.Double: plain,
			types.Boolean: decimalToBoolean, types.Decimal: toDecimal, types.Varchar: toVarchar, types.Char: toChar, types.JSON: toJSON,
		},
		types.Varchar: fromText, types.Char: fromText,
		types.Varbinary: fromBinary,
		types.Date: {
			types.Varchar: toVarchar, types.Char: toChar, types.Timestamp: dateToTimestamp, types.TimestampTZ: dateToTimestamp, types.JSON: toJSON,
		},
		types.Time: {
			types.Varchar: toVarchar, types.Char: toChar, types.Time: timeToTime, types.TimeTZ: timeToTimeTZ, types.Timestamp: timeToTimestamp,
			types.TimestampTZ: timeToTimestamp,
		},
		types.TimeTZ: {types.Varchar: toVarchar, types.Char: toChar, types.Time: timeTZToTime, types.TimeTZ: timeTZToTimeTZ},
		types.Timestamp: {
			types.Varchar: toVarchar, types.Char: toChar, types.Date: timestampToDate, types.Time: timestampToTime,
			types.Timestamp: timestampToTimestamp, types.TimestampTZ: timestampToZoned, types.TimeTZ: timestampToTimeTZ, types.JSON: toJSON,
		},
		types.TimestampTZ: {
			types.Varchar: toVarchar, types.Char: toChar, types.Date: timestampToDate, types.Time: timestampToTime,
			types.Timestamp: zonedToTimestamp, types.TimestampTZ: zonedToZoned, types.TimeTZ: zonedToTimeTZ,
		},
		types.IntervalDayToSecond: {types.Varchar: toVarchar}, types.IntervalYearToMonth: {types.Varchar: toVarchar},
		types.UUID: {types.Varchar: toVarchar, types.Varbinary: uuidToBinary}, types.IPAddress: {types.Varchar: toVarchar, types.Varbinary: ipToBinary},
		types.JSON:        fromJSONTypes,
		types.HyperLogLog: fromHyperLogLog, types.P4HyperLogLog: fromHyperLogLog, types.QDigest: {types.Varbinary: unchanged}, types.TDigest: {types.Varbinary: unchanged},
		types.SetDigest: {types.Varbinary: unchanged, types.HyperLogLog: setDigestToHyperLogLog},
	}
}

var fromInteger = map[types.Kind]conversion{
	types.TinyInt: narrow, types.SmallInt: narrow, types.Integer: narrow, types.BigInt: narrow, types.Real: plain, types.Double: plain,
	types.Boolean: plain, types.Decimal: toDecimal, types.Varchar: toVarchar, types.Char: toChar, types.JSON: toJSON,
}

var fromFloat = map[types.Kind]conversion{
	types.TinyInt: roundFloat, types.SmallInt: roundFloat, types.Integer: roundFloat, types.BigInt: roundFloat, types.Real: toReal,
	types.Double: plain, types.Boolean: plain, types.Decimal: floatToDecimal, types.Varchar: toVarchar, types.Char: toChar, types.JSON: toJSON,
}

var fromText = map[types.Kind]conversion{
	types.TinyInt: parseInteger, types.SmallInt: parseInteger, types.Integer: parseInteger, types.BigInt: parseInteger,
	types.Real: parseReal, types.Double: parseDouble, types.Decimal: parseDecimal, types.Boolean: parseBoolean, types.Varchar: toVarchar,
	types.Char: toChar, types.Varbinary: textToBinary, types.Date: parseDate, types.Time: parseTime, types.TimeTZ: parseTimeTZ,
	types.Timestamp: parseTimestamp, types.TimestampTZ: parseTimestampTZ, types.UUID: parseUUID, types.IPAddress: parseIP, types.JSON: toJSON,
	types.CodePoints: paddedText, types.JSONPath: paddedText,
}

func (c *Caster) convert(o Operand, to types.Type) (string, error) {
	if o.Type.Kind == types.Unknown {
		return cast("NULL", c.TypeSQL(to)), nil
	}
	if o.Type.Kind == to.Kind {
		switch to.Kind {
		case types.Array:
			return c.castArray(o, to)
		case types.Map:
			return c.castMap(o, to)
		case types.Row:
			return c.castRow(o, to)
		}
	}
	if to.Kind == types.JSON && len(o.Type.Args) > 0 {
		if text, ok := c.jsonOf(o); ok {
			return text, nil
		}
		return "", trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast %s to JSON", o.Type)
	}
	if o.Type.Kind == types.JSON && !hasJSONKeys(to) {
		return "", trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast JSON to %s", to)
	}
	if f := conversions[o.Type.Kind][to.Kind]; f != nil {
		return f(c, o, to), nil
	}
	if o.Type.Equal(to) {
		return o.SQL, nil
	}
	return "", trinoerr.New(trinoerr.TypeMismatch, "Cannot cast %s to %s", o.Type, to)
}

// once names an operand that is used several times.
func (c *Caster) once(o Operand, use func(Operand) string) string {
	if o.Cheap || o.Const {
		return use(o)
	}
	c.names++
	inner := o
	inner.SQL, inner.Cheap = "_k"+strconv.Itoa(c.names), true
	return "list_transform([" + o.SQL + "], lambda " + inner.SQL + ": " + use(inner) + ")[1]"
}

func (c *Caster) fresh(t types.Type) Operand {
	c.names++
	return Operand{SQL: "_k" + strconv.Itoa(c.names), Type: t, Cheap: true}
}

// simpleElements reports whether DuckDB's own cast of a composite type does the same to every part.
func native(from, to types.Type) bool {
	if from.Equal(to) {
		return true
	}
	if from.Kind == to.Kind && len(from.Args) > 0 && len(from.Args) == len(to.Args) {
		for i := range from.Args {
			if !native(from.Args[i].Type, to.Args[i].Type) {
				return false
			}
		}
		return true
	}
	return from.Integral() && (to.Integral() || to.Kind == types.Double) || from.Kind == types.Varchar && to.Kind == types.Varchar && to.P >= from.P ||
		from.Kind == types.Unknown || from.Kind == types.Decimal && to.Kind == types.Decimal
}

func (c *Caster) castArray(o Operand, to types.Type) (string, error) {
	if native(o.Type, to) {
		return cast(o.SQL, c.TypeSQL(to)), nil
	}
	e := c.fresh(o.Type.Elem(0))
	elem, err := c.convertPart(e, to.Elem(0))
	return "list_transform(" + o.SQL + ", lambda " + e.SQL + ": " + elem + ")", err
}

// convertPart is convert for a part, whose type may be the same.
func (c *Caster) convertPart(o Operand, to types.Type) (string, error) {
	if o.Type.Equal(to) {
		return o.SQL, nil
	}
	return c.convert(o, to)
}

func (c *Caster) castMap(o Operand, to types.Type) (string, error) {
	if native(o.Type, to) {
		return cast(o.SQL, c.TypeSQL(to)), nil
	}
	e := c.fresh(o.Type)
	key, err := c.convertPart(Operand{SQL: e.SQL + ".key", Type: o.Type.Elem(0), Cheap: true}, to.Elem(0))
	if err != nil {
		return "", err
	}
	value, err := c.convertPart(Operand{SQL: e.SQL + ".value", Type: o.Type.Elem(1), Cheap: true}, to.Elem(1))
	return cast("map_from_entries(list_transform(map_entries("+o.SQL+"), lambda "+e.SQL+": row("+key+", "+value+")))", c.TypeSQL(to)), err
}

func (c *Caster) castRow(o Operand, to types.Type) (string, error) {
	if len(o.Type.Args) != len(to.Args) {
		return "", trinoerr.New(trinoerr.TypeMismatch, "Cannot cast %s to %s", o.Type, to)
	}
	if native(o.Type, to) {
		return cast(o.SQL, c.TypeSQL(to)), nil
	}
	var failed error
	sql := c.once(o, func(o Operand) string {
		parts := make([]string, len(to.Args))
		for i := range to.Args {
			f := Operand{SQL: "struct_extract(" + o.SQL + ", 'f" + strconv.Itoa(i+1) + "')", Type: o.Type.Elem(i), Cheap: true}
			part, err := c.convertPart(f, to.Elem(i))
			if err != nil {
				failed = err
			}
			parts[i] = part
		}
		return "CASE WHEN " + o.SQL + " IS NOT NULL THEN " + cast("row("+strings.Join(parts, ", ")+")", c.TypeSQL(to)) + " END"
	})
	return sql, failed
}

// The conversions of numbers.

func plain(c *Caster, o Operand, to types.Type) string { return cast(o.SQL, c.TypeSQL(to)) }

var integerBounds = map[types.Kind][2]string{
	types.TinyInt: {"-128", "127"}, types.SmallInt: {"-32768", "32767"}, types.Integer: {"-2147483648", "2147483647"},
	types.BigInt: {"-9223372036854775808", "9223372036854775807"},
}

func narrow(c *Caster, o Operand, to types.Type) string {
	if o.Type.Kind < to.Kind || o.Const {
		if v, ok := o.Value.(int64); o.Type.Kind < to.Kind || !ok || fitsInteger(v, to) {
			return cast(o.SQL, c.TypeSQL(to))
		}
	}
	b := integerBounds[to.Kind]
	return c.once(o, func(o Operand) string {
		return "CASE WHEN " + o.SQL + " NOT BETWEEN " + b[0] + " AND " + b[1] + " THEN " +
			raise("NUMERIC_VALUE_OUT_OF_RANGE", "'Out of range for "+to.String()+": ' || "+o.SQL) + " ELSE " + cast(o.SQL, c.TypeSQL(to)) + " END"
	})
}

func fitsInteger(v int64, t types.Type) bool {
	b := integerBounds[t.Kind]
	lo, _ := strconv.ParseInt(b[0], 10, 64)
	hi, _ := strconv.ParseInt(b[1], 10, 64)
	return v >= lo && v <= hi
}

// roundFloat rounds half away from zero, which DuckDB's cast does not.
func roundFloat(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		failed := "wb_float_to_integer(" + cast(o.SQL, "DOUBLE") + ", " + strconv.FormatBool(o.Type.Kind == types.Real) + ", '" + to.String() + "')"
		return "coalesce(TRY_CAST(round(" + o.SQL + ") AS " + c.TypeSQL(to) + "), " + cast(failed, c.TypeSQL(to)) + ")"
	})
}

// decimalToInteger rounds, and words the failure as Trino does: with the rounded number when that is short.
func decimalToInteger(c *Caster, o Operand, to types.Type) string {
	fits := map[types.Kind]int{types.TinyInt: 2, types.SmallInt: 4, types.Integer: 9, types.BigInt: 18}[to.Kind]
	if o.Type.P-o.Type.S <= fits {
		return cast(o.SQL, c.TypeSQL(to))
	}
	return c.once(o, func(o Operand) string {
		shown := cast(o.SQL, "VARCHAR")
		if o.Type.P <= maxShortDecimal {
			shown = cast(cast(o.SQL, decimalSQL(maxShortDecimal, 0)), "VARCHAR")
		}
		return "coalesce(TRY_CAST(" + o.SQL + " AS " + c.TypeSQL(to) + "), CASE WHEN " + o.SQL + " IS NOT NULL THEN " +
			cannotCast(shown, upperName(to)) + " END)"
	})
}

// toReal becomes infinite where DuckDB's cast fails.
func toReal(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		return "coalesce(TRY_CAST(" + o.SQL + " AS FLOAT), CAST(CASE WHEN " + o.SQL + " > 0 THEN 'inf' WHEN " + o.SQL + " < 0 THEN '-inf' END AS FLOAT))"
	})
}

// floatToDecimal rounds the shortest text of the number, as Trino does.
func floatToDecimal(c *Caster, o Operand, to types.Type) string {
	name := "wb_double_decimal"
	if o.Type.Kind == types.Real {
		name = "wb_real_decimal"
	}
	return scaled(name+"("+o.SQL+", "+strconv.Itoa(to.P)+", "+strconv.Itoa(to.S)+")", to)
}

func toDecimal(c *Caster, o Operand, to types.Type) string {
	if o.Type.Kind == types.Decimal && to.P-to.S > o.Type.P-o.Type.S && to.S >= o.Type.S ||
		o.Type.Integral() && to.P-to.S >= map[types.Kind]int{types.TinyInt: 3, types.SmallInt: 5, types.Integer: 10, types.BigInt: 19}[o.Type.Kind] {
		return cast(o.SQL, c.TypeSQL(to))
	}
	return c.checked(o, "$", to, "CAST($ AS VARCHAR)")
}

// checked casts and words the failure as Trino does. The marks $ in from and shown stand for the operand.
func (c *Caster) checked(o Operand, from string, to types.Type, shown string) string {
	return c.once(o, func(o Operand) string {
		fill := func(s string) string { return strings.ReplaceAll(s, "$", o.SQL) }
		return "coalesce(TRY_CAST(" + fill(from) + " AS " + c.TypeSQL(to) + "), CASE WHEN " + o.SQL + " IS NOT NULL THEN " +
			raise("INVALID_CAST_ARGUMENT", "'Cannot cast "+upperName(o.Type)+" ''' || "+fill(shown)+" || ''' to "+upperName(to)+"'") + " END)"
	})
}

func upperName(t types.Type) string { return strings.ToUpper(t.ProtocolName()) }

func decimalToBoolean(c *Caster, o Operand, to types.Type) string { return "(" + o.SQL + " <> 0)" }

// The conversions of texts.

// charText is the text of a varchar or char as a cast sees it.
func charText(o Operand) Operand {
	o.SQL = padChar(o)
	return o
}

func parseInteger(c *Caster, o Operand, to types.Type) string {
	return c.once(charText(o), func(o Operand) string {
		return "coalesce(CASE WHEN regexp_full_match(" + o.SQL + ", '\\s*[+-]?[0-9]+\\s*') THEN TRY_CAST(" + o.SQL + " AS " + c.TypeSQL(to) +
			") END, CASE WHEN " + o.SQL + " IS NOT NULL THEN " + cannotCast(o.SQL, integerName(to)) + " END)"
	})
}

// integerName is the name that Trino's messages use.
func integerName(t types.Type) string {
	if t.Kind == types.Integer {
		return "INT"
	}
	return upperName(t)
}

func cannotCast(sql, to string) string {
	return raise("INVALID_CAST_ARGUMENT", "'Cannot cast ''' || "+sql+" || ''' to "+to+"'")
}

func parseDouble(c *Caster, o Operand, to types.Type) string {
	return "wb_parse_double(" + padChar(o) + ")"
}

func parseReal(c *Caster, o Operand, to types.Type) string {
	return toReal(c, Operand{SQL: "wb_parse_double(" + padChar(o) + ")", Type: types.Of(types.Double)}, to)
}

func parseDecimal(c *Caster, o Operand, to types.Type) string {
	return c.once(charText(o), func(o Operand) string {
		number := "regexp_full_match(" + o.SQL + ", '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?')"
		start := "'Cannot cast VARCHAR ''' || " + o.SQL + " || ''' to " + upperName(to)
		return "coalesce(CASE WHEN " + number + " THEN TRY_CAST(" + o.SQL + " AS " + c.TypeSQL(to) + ") END, CASE WHEN " + o.SQL +
			" IS NOT NULL THEN CASE WHEN " + number + " THEN " + raise("INVALID_CAST_ARGUMENT", start+". Value too large.'") + " ELSE " +
			raise("INVALID_CAST_ARGUMENT", start+". Value is not a number.'") + " END END)"
	})
}

func parseBoolean(c *Caster, o Operand, to types.Type) string {
	return c.once(charText(o), func(o Operand) string {
		return "CASE WHEN lower(" + o.SQL + ") IN ('t', 'true', '1') THEN true WHEN lower(" + o.SQL +
			") IN ('f', 'false', '0') THEN false WHEN " + o.SQL + " IS NOT NULL THEN " + cannotCast(o.SQL, "BOOLEAN") + " END"
	})
}

func paddedText(c *Caster, o Operand, to types.Type) string { return padChar(o) }

func textToBinary(c *Caster, o Operand, to types.Type) string { return "encode(" + padChar(o) + ")" }

func parseDate(c *Caster, o Operand, to types.Type) string {
	return "(DATE '1970-01-01' + CAST(wb_parse_date(" + padChar(o) + ") AS INTEGER))"
}

// toVarchar cuts texts that are too long; a number or date that does not fit is an error.
func toVarchar(c *Caster, o Operand, to types.Type) string {
	text := c.text(o)
	if to.P == types.UnboundedLength {
		return text
	}
	if o.Type.Kind == types.Varchar || o.Type.Kind == types.Char {
		if o.Type.P <= to.P {
			return text
		}
		return "left(" + text + ", " + strconv.Itoa(to.P) + ")"
	}
	return c.once(Operand{SQL: text, Type: to}, func(o Operand) string {
		return "CASE WHEN length(" + o.SQL + ") > " + strconv.Itoa(to.P) + " THEN " +
			raise("INVALID_CAST_ARGUMENT", "'Value ' || "+o.SQL+" || ' cannot be represented as "+to.String()+"'") + " ELSE " + o.SQL + " END"
	})
}

func toChar(c *Caster, o Operand, to types.Type) string {
	return "rtrim(" + toVarchar(c, o, types.VarcharN(to.P)) + ", ' ')"
}

// text is what a cast to varchar gives.
func (c *Caster) text(o Operand) string {
	p := strconv.Itoa(o.Type.P)
	switch o.Type.Kind {
	case types.Varchar, types.JSON:
		return o.SQL
	case types.Char:
		return padChar(o)
	case types.Double:
		return "wb_double_text(" + o.SQL + ")"
	case types.Real:
		return "wb_real_text(" + o.SQL + ")"
	case types.IPAddress:
		return ipText(o)
	case types.Date:
		return "wb_date_text(CAST(" + o.SQL + " - DATE '1970-01-01' AS BIGINT))"
	case types.IntervalDayToSecond:
		return "wb_interval_dt_text(" + o.SQL + ")"
	case types.IntervalYearToMonth:
		return "wb_interval_ym_text(" + o.SQL + ")"
	case types.Time:
		return "wb_time_text(" + timePicos(o) + ", " + p + ")"
	case types.TimeTZ:
		return "wb_timetz_text(" + timePicos(o) + ", CAST(" + field(o, "o") + " AS BIGINT), " + p + ")"
	case types.Timestamp:
		return "wb_timestamp_text(" + micros(o) + ", " + finePicos(o) + ", " + p + ")"
	case types.TimestampTZ:
		return "wb_timestamptz_text(" + micros(o) + ", " + finePicos(o) + ", " + p + ", " + field(o, "z") + ")"
	}
	if o.Type.Kind == types.Decimal && o.Type.P == o.Type.S {
		return decimalFractionText(o)
	}
	return cast(o.SQL, "VARCHAR")
}

// decimalFractionText writes the zero before the point, which DuckDB leaves out when the type has no room for it.
func decimalFractionText(o Operand) string {
	if o.Type.P < types.MaxDecimalPrecision {
		return cast(cast(o.SQL, decimalSQL(o.Type.P+1, o.Type.S)), "VARCHAR")
	}
	return "replace('0' || CAST(" + o.SQL + " AS VARCHAR), '0-.', '-0.')"
}
