package functions

import (
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// jsonFunctions are the functions over JSON.
var jsonFunctions = slices.Concat(jsonTextFunctions, constructFunctions)

// jsonTextFunctions are the functions over values of the type JSON, which lies in DuckDB as canonical text.
var jsonTextFunctions = []Function{
	{Signature: "json_format(json)", Returns: "varchar", SQL: "$1"},
	{Signature: "json_parse(varchar(x))", Returns: "json", SQL: "wb_json_parse($1)"},
	{Signature: "json_extract(json, JsonPath)", Returns: "json", SQL: "wb_json_extract($1, $2)"},
	{Signature: "json_extract(varchar(x), JsonPath)", Returns: "json", SQL: "wb_json_extract($1, $2)"},
	{Signature: "json_extract_scalar(json, JsonPath)", Returns: "varchar", SQL: "wb_json_extract_scalar($1, $2)"},
	{Signature: "json_extract_scalar(varchar(x), JsonPath)", Returns: "varchar(x)", SQL: "wb_json_extract_scalar($1, $2)"},
	{Signature: "json_size(json, JsonPath)", Returns: "bigint", SQL: "wb_json_size($1, $2)"},
	{Signature: "json_size(varchar(x), JsonPath)", Returns: "bigint", SQL: "wb_json_size($1, $2)"},
	{Signature: "json_array_get(json, bigint)", Returns: "json", SQL: "wb_json_array_get($1, $2)"},
	{Signature: "json_array_get(varchar(x), bigint)", Returns: "json", SQL: "wb_json_array_get($1, $2)"},
	{Signature: "json_array_contains(json, boolean)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'b', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(json, bigint)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'i', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(json, double)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'd', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(json, varchar(x))", Returns: "boolean", SQL: "wb_json_array_contains($1, 's', $2)"},
	{Signature: "json_array_contains(varchar(x), boolean)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'b', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(varchar(x), bigint)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'i', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(varchar(x), double)", Returns: "boolean", SQL: "wb_json_array_contains($1, 'd', CAST($2 AS VARCHAR))"},
	{Signature: "json_array_contains(varchar(x), varchar(y))", Returns: "boolean", SQL: "wb_json_array_contains($1, 's', $2)"},
	{Signature: "is_json_scalar(json)", Returns: "boolean", SQL: "NOT regexp_matches($1, '^\\s*[\\[{]')"},
	{Signature: "is_json_scalar(varchar(x))", Returns: "boolean", SQL: "NOT regexp_matches(wb_json_parse($1), '^[\\[{]')"},
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

// jsonOf makes JSON text of a value of any type. The second result is false when there is no conversion.
func (c *Caster) jsonOf(o Operand) (string, bool) {
	switch o.Type.Kind {
	case types.Unknown:
		return "CAST(NULL AS VARCHAR)", true
	case types.JSON:
		return o.SQL, true
	case types.Array:
		e := c.fresh(o.Type.Elem(0))
		elem, ok := c.jsonOf(e)
		return "('[' || array_to_string(list_transform(" + o.SQL + ", lambda " + e.SQL + ": coalesce(" + elem + ", 'null')), ',') || ']')", ok
	case types.Map:
		e := c.fresh(o.Type)
		value, ok := c.jsonOf(Operand{SQL: e.SQL + ".value", Type: o.Type.Elem(1), Cheap: true})
		key := Operand{SQL: e.SQL + ".key", Type: o.Type.Elem(0), Cheap: true}
		if conversions[key.Type.Kind][types.Varchar] == nil {
			return "", false
		}
		entry := "wb_json_string(" + c.text(key) + ") || ':' || coalesce(" + value + ", 'null')"
		return "('{' || array_to_string(list_sort(list_transform(map_entries(" + o.SQL + "), lambda " + e.SQL + ": " + entry + ")), ',') || '}')", ok
	case types.Row:
		ok := true
		text := c.once(o, func(o Operand) string {
			var parts strings.Builder
			parts.WriteString("'{'")
			for i, f := range o.Type.Args {
				value, fits := c.jsonOf(Operand{SQL: field(o, "f"+strconv.Itoa(i+1)), Type: f.Type, Cheap: true})
				ok = ok && fits
				comma := ","
				if i == 0 {
					comma = ""
				}
				name := string(wire.AppendString(nil, f.Name))
				parts.WriteString(" || '" + comma + strings.ReplaceAll(name, "'", "''") + ":' || coalesce(" + value + ", 'null')")
			}
			return "CASE WHEN " + o.SQL + " IS NOT NULL THEN " + parts.String() + " || '}' END"
		})
		return text, ok
	}
	f := conversions[o.Type.Kind][types.JSON]
	if f == nil {
		return "", false
	}
	return f(c, o, types.Of(types.JSON)), true
}

// fromJSON reads a JSON scalar.
func fromJSON(c *Caster, o Operand, to types.Type) string {
	name := strings.ToUpper(to.String())
	if to.Kind == types.Varchar {
		name = to.String()
	}
	return c.once(o, func(o Operand) string {
		scalar := "CASE WHEN " + o.SQL + " <> 'null' THEN wb_json_scalar(" + o.SQL + ", '" + name + "') END"
		if to.Kind == types.Varchar {
			return toVarchar(c, Operand{SQL: scalar, Type: types.Of(types.Varchar)}, to)
		}
		return cast(scalar, c.TypeSQL(to))
	})
}
