package functions

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// jsonFunctions are the functions over JSON, which lies in DuckDB as canonical text.
var jsonFunctions = []Function{
	{Signature: "json_format(json)", Returns: "varchar", SQL: "$1"},
	{Signature: "json_parse(varchar(x))", Returns: "json", SQL: "wb_json_parse($1)"},
	{Signature: "json_array_length(json)", Returns: "bigint", SQL: "wb_json_array_length($1)"},
	{Signature: "json_array_length(varchar(x))", Returns: "bigint", SQL: "wb_json_array_length($1)"},
}

// toJSON makes JSON text of a simple value.
func toJSON(c *Caster, o Operand, to types.Type) string {
	switch o.Type.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Decimal:
		return cast(o.SQL, "VARCHAR")
	case types.Double, types.Real:
		return "wb_json_number(" + cast(o.SQL, "DOUBLE") + ")"
	}
	return "wb_json_string(" + c.text(o) + ")"
}

// fromJSON reads a JSON scalar.
func fromJSON(c *Caster, o Operand, to types.Type) string {
	return c.once(o, func(o Operand) string {
		scalar := "CASE WHEN " + o.SQL + " <> 'null' THEN wb_json_scalar(" + o.SQL + ", '" + strings.ToUpper(to.String()) + "') END"
		if to.Kind == types.Varchar {
			return toVarchar(c, Operand{SQL: scalar, Type: types.Of(types.Varchar)}, to)
		}
		return cast(scalar, c.TypeSQL(to))
	})
}
