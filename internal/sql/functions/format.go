package functions

import (
	"github.com/waterbear-sql/waterbear/internal/types"
)

// formatFunctions are what FORMAT becomes: a text for each argument that tells its type and value, and the formatting of the
// list of them.
var formatFunctions = []Function{
	{Signature: "$format_argument(T)", Vars: "T", Returns: "varchar", Hidden: true, Emit: formatArgument},
	{Signature: "$format(varchar, array(varchar))", Returns: "varchar", Hidden: true, SQL: "wb_format($1, $2)"},

	{Signature: "format_number(bigint)", Returns: "varchar", SQL: "wb_format_count($1)", Doc: formatNumberDoc,
		Examples: [][2]string{{"format_number(123456)", "123K"}, {"format_number(1000000)", "1M"}, {"format_number(-999)", "-999"}}},
	{Signature: "format_number(double)", Returns: "varchar", SQL: "wb_format_number($1)", Doc: formatNumberDoc,
		Examples: [][2]string{{"format_number(1234.5e0)", "1.23K"}, {"format_number(0.5e0)", "0"}}},
}

const formatNumberDoc = "Shortens a number to three digits and a unit: K, M, B, T or Q for a power of a thousand."

// CanFormat reports whether FORMAT takes values of a type.
func CanFormat(t types.Type) bool {
	switch t.Kind {
	case types.Varbinary, types.Array, types.Map, types.Row, types.Color:
		return false
	}
	return t.Kind == types.Unknown || t.Kind == types.JSON || conversions[t.Kind][types.Varchar] != nil &&
		t.Kind != types.IntervalDayToSecond && t.Kind != types.IntervalYearToMonth
}

// formatArgument writes a text that begins with the letter of its type: see wb_format.
func formatArgument(s *Site) (string, error) {
	return s.once(s.Args[0], func(o Operand) string {
		text := func(letter, sql string) string { return "('" + letter + "' || " + sql + ")" }
		switch o.Type.Kind {
		case types.Unknown:
			return "CAST(NULL AS VARCHAR)"
		case types.Boolean:
			return text("b", cast(o.SQL, "VARCHAR"))
		case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
			return text("i", cast(o.SQL, "VARCHAR"))
		case types.Real:
			return text("r", "wb_real_text("+o.SQL+")")
		case types.Double:
			return text("f", "wb_double_text("+o.SQL+")")
		case types.Decimal:
			return text("n", cast(o.SQL, "VARCHAR"))
		case types.Date:
			return text("d", cast(o.SQL+" - DATE '1970-01-01'", "VARCHAR"))
		case types.Time:
			return text("t", cast(timePicos(o), "VARCHAR"))
		case types.Timestamp:
			return text("l", micros(o)+" || ' ' || "+finePicos(o))
		case types.TimestampTZ:
			return text("z", micros(o)+" || ' ' || "+finePicos(o)+" || ' ' || "+field(o, "z"))
		}
		return text("s", s.caster().text(o))
	}), nil
}
