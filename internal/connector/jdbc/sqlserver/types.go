package sqlserver

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// maxDigits is how many digits of a second's fraction can be read; a seventh is cut.
const maxDigits = 6

// ReadAs says how a column is read.
func (Dialect) ReadAs(c *jdbc.NativeColumn, _ *jdbc.Settings) (jdbc.Mapping, bool) {
	simple := func(kind types.Kind, compare jdbc.Comparison) (jdbc.Mapping, bool) {
		return jdbc.Mapping{Type: types.Of(kind), Compare: compare}, true
	}
	// A value with a seventh digit is not equal to what is read of it.
	moment := func(of func(p int) types.Type) (jdbc.Mapping, bool) {
		m := jdbc.Mapping{Type: of(min(c.Scale, maxDigits)), Compare: jdbc.Order}
		if c.Scale > maxDigits {
			m.Compare = jdbc.NotCompared
		}
		return m, true
	}
	switch c.Base {
	case "bit":
		return simple(types.Boolean, jdbc.Equality)
	case "tinyint", "smallint": // the first is unsigned
		return simple(types.SmallInt, jdbc.Order)
	case "int":
		return simple(types.Integer, jdbc.Order)
	case "bigint":
		return simple(types.BigInt, jdbc.Order)
	case "real":
		return simple(types.Real, jdbc.NotCompared)
	case "float":
		return simple(types.Double, jdbc.Equality)
	case "decimal", "numeric":
		return jdbc.Mapping{Type: types.DecimalOf(c.Precision, c.Scale), Compare: jdbc.Order}, true
	case "money":
		return jdbc.Mapping{Type: types.DecimalOf(19, 4), Compare: jdbc.Order}, true
	case "smallmoney":
		return jdbc.Mapping{Type: types.DecimalOf(10, 4), Compare: jdbc.Order}, true
	case "char", "nchar":
		return jdbc.Mapping{Type: types.CharN(c.Length), Compare: jdbc.Containment}, true
	case "varchar", "nvarchar":
		// Texts are equal that differ in spaces at the end and, by most collations, in case or accents.
		m := jdbc.Mapping{Type: types.Of(types.Varchar), Compare: jdbc.Containment}
		if c.Length > 0 {
			m.Type = types.VarcharN(c.Length)
		}
		return m, true
	case "text", "ntext":
		return simple(types.Varchar, jdbc.NotCompared)
	case "binary", "varbinary", "image":
		return simple(types.Varbinary, jdbc.NotCompared)
	case "date":
		return simple(types.Date, jdbc.Order)
	case "time":
		return moment(types.TimeP)
	case "datetime2":
		return moment(types.TimestampP)
	case "datetime":
		return jdbc.Mapping{Type: types.TimestampP(3), Compare: jdbc.NotCompared}, true // in steps of 1/300 s
	case "smalldatetime":
		return jdbc.Mapping{Type: types.TimestampP(0), Compare: jdbc.Order}, true
	case "datetimeoffset":
		return moment(types.TimestampTZP)
	}
	return jdbc.Mapping{}, false
}

// maxLength is how many characters a text may have that is not of the type without a bound.
const maxLength = 4000

// TypeFor is the type of a new column.
func (Dialect) TypeFor(t types.Type) (string, bool) {
	switch t.Kind {
	case types.Boolean:
		return "bit", true
	case types.TinyInt:
		return "tinyint", true
	case types.SmallInt:
		return "smallint", true
	case types.Integer:
		return "int", true
	case types.BigInt:
		return "bigint", true
	case types.Real:
		return "real", true
	case types.Double:
		return "float(53)", true
	case types.Decimal:
		return fmt.Sprintf("decimal(%d, %d)", t.P, t.S), true
	case types.Char:
		if t.P <= maxLength {
			return fmt.Sprintf("nchar(%d)", max(t.P, 1)), true
		}
		return "nvarchar(max)", true
	case types.Varchar:
		if t.P <= maxLength {
			return fmt.Sprintf("nvarchar(%d)", max(t.P, 1)), true
		}
		return "nvarchar(max)", true
	case types.Varbinary:
		return "varbinary(max)", true
	case types.Date:
		return "date", true
	case types.Time:
		return fmt.Sprintf("time(%d)", t.P), t.P <= maxDigits
	case types.Timestamp:
		return fmt.Sprintf("datetime2(%d)", t.P), t.P <= maxDigits
	case types.TimestampTZ:
		return fmt.Sprintf("datetimeoffset(%d)", t.P), t.P <= maxDigits
	}
	return "", false
}
