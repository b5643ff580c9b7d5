package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// fromJSONTypes are the casts of JSON.
var fromJSONTypes = map[types.Kind]conversion{
	types.Varchar: fromJSON, types.BigInt: fromJSON, types.Integer: fromJSON, types.SmallInt: fromJSON, types.TinyInt: fromJSON,
	types.Double: fromJSON, types.Real: fromJSON, types.Boolean: fromJSON, types.Decimal: fromJSON,
	types.Array: nestedFromJSON, types.Map: nestedFromJSON, types.Row: nestedFromJSON,
}

// toJSON makes JSON text of a simple value.
func toJSON(c *Caster, o Operand, to types.Type) string {
	switch o.Type.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		return cast(o.SQL, "VARCHAR")
	case types.Decimal:
		return c.text(o)
	case types.Double:
		return "wb_json_number(" + o.SQL + ")"
	case types.Real:
		return "wb_json_real(" + o.SQL + ")"
	}
	return "wb_json_string(" + c.text(o) + ")"
}

// isJSONKey holds for the types of the keys of maps that go to and from JSON.
func isJSONKey(t types.Type) bool {
	switch t.Kind {
	case types.Unknown, types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double, types.Decimal, types.Varchar:
		return true
	}
	return false
}

// hasJSONKeys holds for types all of whose maps have such keys.
func hasJSONKeys(t types.Type) bool {
	if t.Kind == types.Map && !isJSONKey(t.Elem(0)) {
		return false
	}
	for _, a := range t.Args {
		if !hasJSONKeys(a.Type) {
			return false
		}
	}
	return true
}

// jsonKey makes the text of a key.
func (c *Caster) jsonKey(o Operand) string {
	switch o.Type.Kind {
	case types.Double:
		return "wb_json_number_key(" + o.SQL + ")"
	case types.Real:
		return "wb_json_real_key(" + o.SQL + ")"
	}
	return c.text(o)
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
		ok := isJSONKey(o.Type.Elem(0))
		text := c.once(o, func(o Operand) string {
			k, v := c.fresh(o.Type.Elem(0)), c.fresh(o.Type.Elem(1))
			value, fits := c.jsonOf(v)
			ok = ok && fits
			return "wb_json_members(list_transform(map_keys(" + o.SQL + "), lambda " + k.SQL + ": " + cast(c.jsonKey(k), "VARCHAR") +
				"), list_transform(map_values(" + o.SQL + "), lambda " + v.SQL + ": " + value + "))"
		})
		return text, ok
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
	return c.leafFromText(Operand{SQL: "wb_json_scalar(" + o.SQL + ", " + quotedType(to) + ")"}, to)
}

// quotedType is the name of a type as a SQL text that types.Parse takes back, with the case of field names.
func quotedType(t types.Type) string { return "'" + strings.ReplaceAll(exactName(t), "'", "''") + "'" }

func exactName(t types.Type) string {
	args := make([]string, len(t.Args))
	for i, a := range t.Args {
		args[i] = exactName(a.Type)
		if a.Name != "" {
			args[i] = `"` + strings.ReplaceAll(a.Name, `"`, `""`) + `" ` + args[i]
		}
	}
	if name := map[types.Kind]string{types.Array: "array", types.Map: "map", types.Row: "row"}[t.Kind]; name != "" {
		return name + "(" + strings.Join(args, ", ") + ")"
	}
	return t.String()
}

// leafFromText reads the text of a simple value, which is known to be one. Texts are not cut to the length of a varchar, as
// they are not in Trino.
func (c *Caster) leafFromText(o Operand, to types.Type) string {
	if to.Kind == types.JSON || to.Kind == types.Varchar {
		return o.SQL
	}
	return cast(o.SQL, c.TypeSQL(to))
}

// nestedFromJSON reads JSON as an array, map or row: a native function checks it and gives a list of texts, nested as the type
// is, that are then cast one by one.
func nestedFromJSON(c *Caster, o Operand, to types.Type) string {
	return c.nestedFromText(Operand{SQL: "wb_json_nested(" + o.SQL + ", " + quotedType(to) + ")"}, to)
}

func (c *Caster) nestedFromText(o Operand, to types.Type) string {
	list := Operand{SQL: "wb_json_texts(" + o.SQL + ")"}
	switch to.Kind {
	case types.Array:
		e := c.fresh(types.Of(types.Varchar))
		return "list_transform(" + list.SQL + ", lambda " + e.SQL + ": " + c.nestedFromText(e, to.Elem(0)) + ")"
	case types.Map:
		e := c.fresh(types.Of(types.Varchar))
		pair := c.once(Operand{SQL: "wb_json_texts(" + e.SQL + ")"}, func(p Operand) string {
			return "row(" + c.leafFromText(Operand{SQL: p.SQL + "[1]"}, to.Elem(0)) + ", " + c.nestedFromText(Operand{SQL: p.SQL + "[2]"}, to.Elem(1)) + ")"
		})
		return cast("map_from_entries(list_transform("+list.SQL+", lambda "+e.SQL+": "+pair+"))", c.TypeSQL(to))
	case types.Row:
		return c.once(list, func(l Operand) string {
			parts := make([]string, len(to.Args))
			for i, f := range to.Args {
				parts[i] = c.nestedFromText(Operand{SQL: l.SQL + "[" + strconv.Itoa(i+1) + "]"}, f.Type)
			}
			return "CASE WHEN " + l.SQL + " IS NOT NULL THEN " + cast("row("+strings.Join(parts, ", ")+")", c.TypeSQL(to)) + " END"
		})
	}
	return c.leafFromText(o, to)
}
