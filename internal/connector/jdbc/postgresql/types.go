package postgresql

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// simple are the types that have no parameters.
var simple = map[string]jdbc.Mapping{
	"bool":   {Type: types.Of(types.Boolean), Compare: jdbc.Order},
	"int2":   {Type: types.Of(types.SmallInt), Compare: jdbc.Order},
	"int4":   {Type: types.Of(types.Integer), Compare: jdbc.Order},
	"int8":   {Type: types.Of(types.BigInt), Compare: jdbc.Order},
	"float4": {Type: types.Of(types.Real), Compare: jdbc.Equality},
	"float8": {Type: types.Of(types.Double), Compare: jdbc.Equality},
	"text":   textMapping(types.Of(types.Varchar)),
	"name":   {Type: types.Of(types.Varchar)},
	"bytea":  {Type: types.Of(types.Varbinary), Compare: jdbc.Order},
	"date":   {Type: types.Of(types.Date), Compare: jdbc.Order},
	"money":  {Type: types.Of(types.Varchar), Read: "%s::text"},
	"uuid":   {Type: types.Of(types.UUID), Compare: jdbc.Order},
	"json":   {Type: types.Of(types.JSON)},
	"jsonb":  {Type: types.Of(types.JSON)},
	"hstore": {Type: types.MapOf(types.Of(types.Varchar), types.Of(types.Varchar))},
}

// textMapping is that of texts: they are equal when their bytes are, but in the order of their collation.
func textMapping(t types.Type) jdbc.Mapping {
	return jdbc.Mapping{Type: t, Compare: jdbc.Equality, Sort: `(%s COLLATE "C")`}
}

// ReadAs says how a column is read.
func (Dialect) ReadAs(c *jdbc.NativeColumn, s *jdbc.Settings) (jdbc.Mapping, bool) {
	switch {
	case c.Detail == "enum":
		return jdbc.Mapping{Type: types.Of(types.Varchar)}, true
	case c.Detail == "domain":
		return jdbc.Mapping{}, false
	case c.Item != nil:
		return readArray(c, s)
	}
	m, ok := simple[c.Base]
	if !ok {
		m, ok = parametric(c, s)
	}
	if c.Detail == "nondeterministic" { // texts of different bytes can be equal
		m.Compare, m.Sort = jdbc.NotCompared, ""
	}
	return m, ok
}

// parametric maps types that have parameters.
func parametric(c *jdbc.NativeColumn, s *jdbc.Settings) (jdbc.Mapping, bool) {
	digits := 6
	if c.Precision >= 0 {
		digits = c.Precision
	}
	switch c.Base {
	case "varchar":
		if c.Length > 0 {
			return textMapping(types.VarcharN(c.Length)), true
		}
		return textMapping(types.Of(types.Varchar)), true
	case "bpchar":
		switch {
		case c.Length < 0: // bpchar without a length, in which spaces at the end do not count
			return jdbc.Mapping{Type: types.Of(types.Varchar)}, true
		case c.Length > 65536:
			return jdbc.Mapping{Type: types.VarcharN(c.Length)}, true
		}
		return jdbc.Mapping{Type: types.CharN(c.Length), Compare: jdbc.Equality}, true
	case "numeric":
		return readNumeric(c, s)
	case "bit":
		return jdbc.Mapping{Type: types.Of(types.Boolean), Read: "(%s = B'1')"}, c.Length == 1
	case "time":
		return jdbc.Mapping{Type: types.TimeP(digits)}, true // 24:00 is read as 00:00
	case "timestamp":
		return jdbc.Mapping{Type: types.TimestampP(digits), Compare: jdbc.Order}, true
	case "timestamptz":
		return jdbc.Mapping{Type: types.TimestampTZP(digits), Compare: jdbc.Order}, true
	}
	return jdbc.Mapping{}, false
}

// readNumeric maps decimals. Those of too many digits, or of any number, are rounded if the settings allow it.
func readNumeric(c *jdbc.NativeColumn, s *jdbc.Settings) (jdbc.Mapping, bool) {
	if c.Precision > 0 {
		p, scale := max(c.Precision+max(-c.Scale, 0), c.Scale), max(c.Scale, 0)
		if p <= types.MaxDecimalPrecision {
			return jdbc.Mapping{Type: types.DecimalOf(p, scale), Compare: jdbc.Order}, true
		}
	}
	if s.DecimalMapping != jdbc.AllowOverflow {
		return jdbc.Mapping{}, false
	}
	scale := s.DecimalScale
	if c.Precision > 0 {
		scale = min(scale, max(c.Scale, 0))
	}
	return jdbc.Mapping{Type: types.DecimalOf(types.MaxDecimalPrecision, scale), Read: rounded(s.DecimalRounding, scale)}, true
}

// rounded is the SQL that rounds a number to some digits after the point.
func rounded(r jdbc.Rounding, scale int) string {
	unit := "1" + strings.Repeat("0", scale)
	switch r {
	case jdbc.HalfUp:
		return fmt.Sprintf("round(%%s, %d)", scale)
	case jdbc.Down:
		return fmt.Sprintf("trunc(%%s, %d)", scale)
	case jdbc.Ceiling:
		return "(ceil(%s * " + unit + ") / " + unit + ")"
	case jdbc.Floor:
		return "(floor(%s * " + unit + ") / " + unit + ")"
	case jdbc.Up:
		return "(sign(%s) * ceil(abs(%s) * " + unit + ") / " + unit + ")"
	case jdbc.HalfDown:
		return "(sign(%s) * ceil(abs(%s) * " + unit + " - 0.5) / " + unit + ")"
	case jdbc.HalfEven:
		return "(CASE WHEN abs(%s * " + unit + " - trunc(%s * " + unit + ")) = 0.5 THEN 2 * round(%s * " + unit + " * 0.5) ELSE round(%s * " + unit + ") END / " + unit + ")"
	}
	return "(%s + 0)" // as it is; digits too many are an error of the reader
}

// readArray maps arrays as the settings say.
func readArray(c *jdbc.NativeColumn, s *jdbc.Settings) (jdbc.Mapping, bool) {
	switch s.ArrayMapping {
	case jdbc.ArraysAsJSON:
		return jdbc.Mapping{Type: types.Of(types.JSON), Read: "array_to_json(%s)"}, true
	case jdbc.ArraysAsArray:
		item, ok := Dialect{}.ReadAs(c.Item, s)
		// c.Precision is the number of dimensions.
		return jdbc.Mapping{Type: types.ArrayOf(item.Type)}, ok && item.Read == "" && c.Precision <= 1 && item.Type.Kind != types.TimestampTZ
	}
	return jdbc.Mapping{}, false
}

// CastToText shows any value as text.
func (Dialect) CastToText() string { return "%s::text" }

// TypeFor is the type of a new column.
func (d Dialect) TypeFor(t types.Type) (string, bool) {
	switch t.Kind {
	case types.Boolean:
		return "boolean", true
	case types.TinyInt, types.SmallInt:
		return "smallint", true
	case types.Integer:
		return "integer", true
	case types.BigInt:
		return "bigint", true
	case types.Real:
		return "real", true
	case types.Double:
		return "double precision", true
	case types.Decimal:
		return fmt.Sprintf("numeric(%d, %d)", t.P, t.S), true
	case types.Char:
		return fmt.Sprintf("char(%d)", max(t.P, 1)), true
	case types.Varchar:
		if t.P == 0 || t.P > 10_485_760 {
			return "varchar", true
		}
		return fmt.Sprintf("varchar(%d)", t.P), true
	case types.Varbinary:
		return "bytea", true
	case types.Date:
		return "date", true
	case types.Time:
		return fmt.Sprintf("time(%d)", min(t.P, 6)), t.P <= 6
	case types.Timestamp:
		return fmt.Sprintf("timestamp(%d)", min(t.P, 6)), t.P <= 6
	case types.TimestampTZ:
		return fmt.Sprintf("timestamptz(%d)", min(t.P, 6)), t.P <= 6
	case types.UUID:
		return "uuid", true
	case types.JSON:
		return "jsonb", true
	case types.Array:
		item, ok := d.TypeFor(t.Elem(0))
		return item + "[]", ok && t.Elem(0).Kind != types.TimestampTZ
	}
	return "", false
}
