package duck

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Everything that comes from users reaches SQL text through this file: identifiers and literals.

// ident quotes an identifier.
func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// text quotes a string. DuckDB's parser ends at a NUL character, so that one is spliced in.
func text(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.IndexByte(s, 0) < 0 {
		return q
	}
	return "(" + strings.ReplaceAll(q, "\x00", "' || chr(0) || '") + ")"
}

func castTo(sql, typ string) string { return "CAST(" + sql + " AS " + typ + ")" }

// literal writes a constant with exactly the DuckDB type of its SQL type.
func literal(t types.Type, v any) string {
	if v == nil {
		if t.Kind == types.Unknown {
			return "NULL"
		}
		return castTo("NULL", physical(t))
	}
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return integerLiteral(t, v)
	case float64:
		return floatLiteral(v, "DOUBLE")
	case float32:
		return floatLiteral(float64(v), "FLOAT")
	case types.Int128:
		if digits := decimalText(v, t.S); len(digits) > types.MaxDecimalPrecision {
			// DuckDB may read so long a number as a DOUBLE.
			return castTo(text(digits), physical(t))
		}
		return castTo(decimalText(v, t.S), physical(t))
	case string:
		if t.Kind == types.Char {
			return text(strings.TrimRight(v, " "))
		}
		return text(v)
	case []byte:
		return "from_hex('" + strings.ToUpper(hex.EncodeToString(v)) + "')"
	case types.DateValue:
		return dateLiteral(v)
	case types.TimeValue:
		return timeLiteral(t, v)
	case types.TimeTZValue:
		return structLiteral(t, strconv.FormatInt(v.Picos, 10), strconv.Itoa(v.OffsetMinutes))
	case types.TimestampValue:
		return timestampLiteral(t, v)
	case types.TimestampTZValue:
		return timestampTZLiteral(t, v)
	case types.IntervalDTValue:
		return castTo(strconv.FormatInt(int64(v), 10), "BIGINT")
	case types.IntervalYMValue:
		return castTo(strconv.FormatInt(int64(v), 10), "INTEGER")
	case types.UUIDValue:
		return castTo(text(v.String()), "UUID")
	case types.IPAddressValue:
		return "from_hex('" + strings.ToUpper(hex.EncodeToString(v[:])) + "')"
	case []any:
		return compositeLiteral(t, v)
	case []types.MapEntry:
		return mapLiteral(t, v)
	}
	panic("duck: constant of " + t.String() + " has an unknown representation")
}

// integerLiteral relies on DuckDB reading a plain number as INTEGER when it fits.
func integerLiteral(t types.Type, v int64) string {
	s := strconv.FormatInt(v, 10)
	switch {
	case t.Kind == types.Integer && v > math.MinInt32:
		if v < 0 {
			return "(" + s + ")"
		}
		return s
	default:
		return castTo(s, physical(t))
	}
}

func floatLiteral(v float64, typ string) string {
	bits := 64
	if typ == "FLOAT" {
		bits = 32
	}
	switch {
	case math.IsNaN(v):
		return castTo("'nan'", typ)
	case math.IsInf(v, 1):
		return castTo("'inf'", typ)
	case math.IsInf(v, -1):
		return castTo("'-inf'", typ)
	}
	s := strconv.FormatFloat(v, 'e', -1, bits)
	if typ == "DOUBLE" && !math.Signbit(v) {
		return s
	}
	// DuckDB folds the sign of a literal zero away; a text keeps it.
	return castTo(text(s), typ)
}

// decimalText writes an unscaled integer with its decimal point.
func decimalText(v types.Int128, scale int) string {
	s := v.String()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if scale == 0 {
		return sign + s
	}
	if len(s) <= scale {
		s = strings.Repeat("0", scale-len(s)+1) + s
	}
	return sign + s[:len(s)-scale] + "." + s[len(s)-scale:]
}

func dateLiteral(v types.DateValue) string {
	s := v.String()
	if len(s) == len("2000-01-01") && s[0] != '-' && s[0] != '+' {
		return "DATE " + text(s)
	}
	return "(DATE '1970-01-01' + (" + strconv.FormatInt(int64(v), 10) + "))"
}

func timeLiteral(t types.Type, v types.TimeValue) string {
	if t.P > microPrecision {
		return castTo(strconv.FormatInt(int64(v), 10), "BIGINT")
	}
	return castTo(text(types.Text(types.TimeP(microPrecision), v)), "TIME")
}

func microsLiteral(us int64) string {
	return "make_timestamp(" + castTo(strconv.FormatInt(us, 10), "BIGINT") + ")"
}

// timestampText writes microseconds as a TIMESTAMP literal where DuckDB's syntax allows it.
func timestampText(us int64) string {
	const year0001, year9999 = -62135596800000000, 253402300799999999
	if us < year0001 || us > year9999 {
		return microsLiteral(us)
	}
	s := types.Text(types.TimestampP(microPrecision), types.TimestampValue{EpochMicros: us})
	return "TIMESTAMP " + text(strings.TrimSuffix(strings.TrimRight(s, "0"), "."))
}

func timestampLiteral(t types.Type, v types.TimestampValue) string {
	if t.P <= microPrecision {
		return timestampText(v.EpochMicros)
	}
	return structLiteral(t, timestampText(v.EpochMicros), strconv.Itoa(int(v.PicosOfMicro)))
}

func timestampTZLiteral(t types.Type, v types.TimestampTZValue) string {
	us, picos := v.EpochMillis*1000+int64(v.PicosOfMilli)/1_000_000, v.PicosOfMilli%1_000_000
	if t.P <= microPrecision {
		return structLiteral(t, timestampText(us), text(v.Zone.String()))
	}
	return structLiteral(t, timestampText(us), strconv.Itoa(int(picos)), text(v.Zone.String()))
}

func structLiteral(t types.Type, fields ...string) string {
	return castTo("row("+strings.Join(fields, ", ")+")", physical(t))
}

func compositeLiteral(t types.Type, vs []any) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		e := t.Args[0].Type
		if t.Kind == types.Row {
			e = t.Args[i].Type
		}
		parts[i] = literal(e, v)
	}
	if t.Kind == types.Row {
		return castTo("row("+strings.Join(parts, ", ")+")", physical(t))
	}
	return castTo("["+strings.Join(parts, ", ")+"]", physical(t))
}

func mapLiteral(t types.Type, entries []types.MapEntry) string {
	var keys, values []string
	for _, e := range entries {
		keys = append(keys, literal(t.Elem(0), e.Key))
		values = append(values, literal(t.Elem(1), e.Value))
	}
	return castTo("MAP(["+strings.Join(keys, ", ")+"], ["+strings.Join(values, ", ")+"])", physical(t))
}
