package mysql

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// whole are the types of whole numbers, and what they are when they are unsigned.
var whole = map[string][2]types.Type{
	"tinyint":   {types.Of(types.TinyInt), types.Of(types.SmallInt)},
	"smallint":  {types.Of(types.SmallInt), types.Of(types.Integer)},
	"mediumint": {types.Of(types.Integer), types.Of(types.Integer)},
	"int":       {types.Of(types.Integer), types.Of(types.BigInt)},
	"bigint":    {types.Of(types.BigInt), types.DecimalOf(20, 0)},
}

// ReadAs says how a column is read.
func (d Dialect) ReadAs(c *jdbc.NativeColumn, s *jdbc.Settings) (jdbc.Mapping, bool) {
	unsigned := strings.Contains(c.Type, "unsigned")
	if pair, ok := whole[c.Base]; ok {
		m := jdbc.Mapping{Type: pair[0], Compare: jdbc.Order}
		if unsigned {
			m.Type = pair[1]
		}
		return m, true
	}
	switch c.Base {
	case "bit":
		return jdbc.Mapping{Type: types.Of(types.Boolean), Read: "(%s + 0)"}, c.Precision == 1 && !d.MariaDB
	case "float":
		return jdbc.Mapping{Type: types.Of(types.Real), Read: "(%s + 0e0)", Written: true}, true // as itself it has six digits only
	case "double":
		return jdbc.Mapping{Type: types.Of(types.Double), Compare: jdbc.Equality}, true
	case "decimal":
		return readDecimal(c, s)
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum":
		return readText(c)
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return jdbc.Mapping{Type: types.Of(types.Varbinary), Compare: jdbc.Order}, c.Base != "binary" || !d.MariaDB
	case "json":
		return jdbc.Mapping{Type: types.Of(types.JSON)}, true
	case "date":
		return jdbc.Mapping{Type: types.Of(types.Date), Compare: jdbc.Order}, true
	case "time":
		return jdbc.Mapping{Type: types.TimeP(max(c.Precision, 0)), Compare: jdbc.Order}, true
	case "datetime":
		return jdbc.Mapping{Type: types.TimestampP(max(c.Precision, 0)), Compare: jdbc.Order}, true
	case "timestamp":
		if d.MariaDB {
			return jdbc.Mapping{Type: types.TimestampP(max(c.Precision, 0)), Compare: jdbc.Order}, true
		}
		return jdbc.Mapping{Type: types.TimestampTZP(max(c.Precision, 0)), Compare: jdbc.Order}, true
	}
	return jdbc.Mapping{}, false
}

// readDecimal maps decimals. Those of too many digits are rounded if the settings allow it.
func readDecimal(c *jdbc.NativeColumn, s *jdbc.Settings) (jdbc.Mapping, bool) {
	if c.Precision <= types.MaxDecimalPrecision {
		return jdbc.Mapping{Type: types.DecimalOf(c.Precision, c.Scale), Compare: jdbc.Order}, true
	}
	if s.DecimalMapping != jdbc.AllowOverflow {
		return jdbc.Mapping{}, false
	}
	scale := min(c.Scale, s.DecimalScale)
	read, ok := rounded(s.DecimalRounding, scale)
	return jdbc.Mapping{Type: types.DecimalOf(types.MaxDecimalPrecision, scale), Read: read}, ok
}

// rounded is the SQL that rounds a number to some digits after the point.
func rounded(r jdbc.Rounding, scale int) (string, bool) {
	unit := "1" + strings.Repeat("0", scale)
	at := func(format string) string {
		return strings.NewReplacer("U", unit, "S", fmt.Sprint(scale)).Replace(format)
	}
	switch r {
	case jdbc.HalfUp:
		return at("round(%s, S)"), true
	case jdbc.Down:
		return at("truncate(%s, S)"), true
	case jdbc.Ceiling:
		return at("truncate(ceiling(%s * U) / U, S)"), true
	case jdbc.Floor:
		return at("truncate(floor(%s * U) / U, S)"), true
	case jdbc.Up:
		return at("truncate(sign(%s) * ceiling(abs(%s) * U) / U, S)"), true
	case jdbc.HalfDown:
		return at("truncate(sign(%s) * ceiling(abs(%s) * U - 0.5) / U, S)"), true
	case jdbc.HalfEven:
		return at("truncate(CASE WHEN abs(%s * U - truncate(%s * U, 0)) = 0.5 THEN 2 * round(%s * U * 0.5) ELSE round(%s * U) END / U, S)"), true
	}
	return "(%s + 0)", true // as it is; digits too many are an error of the reader
}

// readText maps texts. Most collations find texts equal that differ in case, accents or spaces at the end.
func readText(c *jdbc.NativeColumn) (jdbc.Mapping, bool) {
	m := jdbc.Mapping{Type: types.Of(types.Varchar), Compare: jdbc.Containment, Sort: "CAST(CONVERT(%s USING utf8mb4) AS BINARY)"}
	switch {
	case c.Base == "char":
		m.Type, m.Sort = types.CharN(c.Length), ""
	case c.Length >= 0 && c.Length < types.UnboundedLength:
		m.Type = types.VarcharN(c.Length)
	}
	if c.Base == "enum" {
		m.Compare, m.Sort = jdbc.NotCompared, "" // values are ordered by their numbers
	} else if c.Base != "char" && (c.Detail == "utf8mb4_0900_bin" || c.Detail == "utf8mb4_nopad_bin") {
		m.Compare, m.Sort = jdbc.Order, ""
	}
	return m, true
}

// TypeFor is the type of a new column.
func (d Dialect) TypeFor(t types.Type) (string, bool) {
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		return "tinyint", true
	case types.SmallInt:
		return "smallint", true
	case types.Integer:
		return "int", true
	case types.BigInt:
		return "bigint", true
	case types.Real:
		return "float", true
	case types.Double:
		return "double precision", true
	case types.Decimal:
		return fmt.Sprintf("decimal(%d, %d)", t.P, t.S), t.S <= 30
	case types.Char:
		return fmt.Sprintf("char(%d)", max(t.P, 1)), t.P <= 255
	case types.Varchar:
		return textType(t.P), true
	case types.Varbinary:
		return "mediumblob", true
	case types.JSON:
		return "json", !d.MariaDB
	case types.Date:
		return "date", true
	case types.Time:
		return fmt.Sprintf("time(%d)", t.P), t.P <= 6
	case types.Timestamp:
		return fmt.Sprintf("datetime(%d)", t.P), t.P <= 6
	case types.TimestampTZ:
		return fmt.Sprintf("timestamp(%d) NULL", t.P), t.P <= 6 && !d.MariaDB
	}
	return "", false
}

// textType is the type for texts of at most so many characters. A row of varchar columns has a limit that longer ones soon exceed.
func textType(length int) string {
	switch {
	case length <= 255:
		return fmt.Sprintf("varchar(%d)", max(length, 1))
	case length <= 65535/4:
		return "text"
	case length <= 16777215/4:
		return "mediumtext"
	}
	return "longtext"
}
