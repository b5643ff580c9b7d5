package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Comparer writes comparisons of values whose SQL meaning differs from DuckDB's: of values with parts, where a NULL inside
// makes the answer unknown or is an error, of NaN, of padded texts, and of zoned times, which are compared by their instant.
//
// The operands are written several times and have to be cheap.
type Comparer struct {
	// Prefix begins the names of lambda parameters; it keeps those of nested calls apart.
	Prefix string

	names int
}

func (c *Comparer) fresh() string {
	c.names++
	return c.Prefix + strconv.Itoa(c.names)
}

// partNames are the names of the fields that hold the parts of a row.
func partOf(row string, i int) string {
	return "struct_extract(" + row + ", 'f" + strconv.Itoa(i+1) + "')"
}

// Equal writes the operator "=", which is NULL when the operands are equal but for NULLs in them.
func (c *Comparer) Equal(a, b string, t types.Type) string {
	switch t.Kind {
	case types.Row:
		terms := make([]string, len(t.Args))
		for i, f := range t.Args {
			terms[i] = c.Equal(partOf(a, i), partOf(b, i), f.Type)
		}
		return "CASE WHEN " + a + " IS NOT NULL AND " + b + " IS NOT NULL THEN " + strings.Join(terms, " AND ") + " END"
	case types.Array:
		i := c.fresh()
		each := c.Equal(a+"["+i+"]", b+"["+i+"]", t.Elem(0))
		return "CASE WHEN len(" + a + ") <> len(" + b + ") THEN false ELSE " +
			c.all("list_transform(range(1, len("+a+") + 1 + 0 * len("+b+")), lambda "+i+": "+each+")") + " END"
	case types.Map:
		k := c.fresh()
		each := "CASE WHEN NOT map_contains(" + b + ", " + k + ".key) THEN false ELSE " +
			c.Equal(k+".value", "map_extract_value("+b+", "+k+".key)", t.Elem(1)) + " END"
		return "CASE WHEN cardinality(" + a + ") <> cardinality(" + b + ") THEN false WHEN " + b + " IS NOT NULL THEN " +
			c.all("list_transform(map_entries("+a+"), lambda "+k+": "+each+")") + " END"
	}
	if isFloat(t) {
		return "(" + a + " = " + b + " AND NOT isnan(" + a + "))"
	}
	return "(" + Identity(a, t) + " = " + Identity(b, t) + ")"
}

// all is the conjunction of a list of truth values.
func (c *Comparer) all(list string) string {
	r := c.fresh()
	return "list_transform([" + list + "], lambda " + r + ": CASE WHEN " + r + " IS NULL THEN NULL WHEN list_contains(" + r +
		", false) THEN false WHEN len(" + r + ") > list_count(" + r + ") THEN NULL ELSE true END)[1]"
}

// Order writes -1, 0 or 1 as a is below, equal to or above b, neither of which is NULL. NaN is above all numbers, or below
// them with nanFirst. NULLs inside the operands are an error where they would decide.
func (c *Comparer) Order(a, b string, t types.Type, nanFirst bool) string {
	switch t.Kind {
	case types.Row:
		terms := make([]string, len(t.Args))
		for i, f := range t.Args {
			x, y := partOf(a, i), partOf(b, i)
			terms[i] = "nullif(" + c.orderPart(x, y, f.Type, nanFirst, "ROW comparison not supported for fields with null elements") + ", 0)"
		}
		return "coalesce(" + strings.Join(terms, ", ") + ", 0)"
	case types.Array:
		i, n := c.fresh(), c.fresh()
		e := t.Elem(0)
		x, y := a+"["+i+"]", b+"["+i+"]"
		differs := Identity(x, e) + " IS DISTINCT FROM " + Identity(y, e) + " OR " + x + " IS NULL"
		first := "list_filter(range(1, least(len(" + a + "), len(" + b + ")) + 1), lambda " + i + ": " + differs + ")[1]"
		x, y = a+"["+n+"]", b+"["+n+"]"
		part := c.orderPart(x, y, e, nanFirst, "ARRAY comparison not supported for arrays with null elements")
		return "list_transform([" + first + "], lambda " + n + ": CASE WHEN " + n + " IS NULL THEN CAST(sign(len(" + a + ") - len(" + b +
			")) AS INTEGER) ELSE " + part + " END)[1]"
	case types.Char:
		a, b = padded(a, t), padded(b, t)
	}
	a, b = Identity(a, t), Identity(b, t)
	plain := "WHEN " + a + " < " + b + " THEN -1 WHEN " + a + " > " + b + " THEN 1 ELSE 0 END"
	if nanFirst && isFloat(t) {
		return "CASE WHEN isnan(" + a + ") THEN CASE WHEN isnan(" + b + ") THEN 0 ELSE -1 END WHEN isnan(" + b + ") THEN 1 " + plain
	}
	return "CASE " + plain
}

func (c *Comparer) orderPart(a, b string, t types.Type, nanFirst bool, message string) string {
	return "CASE WHEN " + a + " IS NULL OR " + b + " IS NULL THEN " + raise("NOT_SUPPORTED", "'"+message+"'") + " ELSE " +
		c.Order(a, b, t, nanFirst) + " END"
}

func padded(sql string, t types.Type) string {
	return "rpad(" + sql + ", " + strconv.Itoa(t.P) + ", ' ')"
}

// Identity writes a value that is not distinct from another's exactly when SQL finds the two values not distinct: DuckDB's
// own comparison would tell zones apart. The operand may be written several times.
func Identity(sql string, t types.Type) string {
	if !HasZone(t) {
		return sql
	}
	switch t.Kind {
	case types.TimestampTZ:
		if t.P <= microPrecision {
			return "struct_extract(" + sql + ", 't')"
		}
		return "CASE WHEN " + sql + " IS NOT NULL THEN row(struct_extract(" + sql + ", 't'), struct_extract(" + sql + ", 'p')) END"
	case types.TimeTZ:
		return utcPicos(sql)
	case types.Array:
		e := lambdaName("_u", sql)
		return "list_transform(" + sql + ", lambda " + e + ": " + Identity(e, t.Elem(0)) + ")"
	case types.Map:
		e := lambdaName("_u", sql)
		return "map_from_entries(list_transform(map_entries(" + sql + "), lambda " + e + ": row(" + Identity(e+".key", t.Elem(0)) + ", " +
			Identity(e+".value", t.Elem(1)) + ")))"
	}
	parts := make([]string, len(t.Args))
	for i, f := range t.Args {
		parts[i] = Identity(partOf(sql, i), f.Type)
	}
	return "CASE WHEN " + sql + " IS NOT NULL THEN row(" + strings.Join(parts, ", ") + ") END"
}

// lambdaName makes a name that does not occur in a text.
func lambdaName(prefix, sql string) string {
	name := prefix
	for strings.Contains(sql, name) {
		name += "u"
	}
	return name
}

// utcPicos are the picoseconds since midnight in UTC of a time with time zone.
func utcPicos(sql string) string {
	return "(((struct_extract(" + sql + ", 't') - struct_extract(" + sql + ", 'o') * 60000000000000) % " + dayPicos + " + " + dayPicos + ") % " + dayPicos + ")"
}

// HasZone reports whether values of a type show zones that do not matter when they are compared.
func HasZone(t types.Type) bool {
	if t.Kind == types.TimestampTZ || t.Kind == types.TimeTZ {
		return true
	}
	for _, f := range t.Args {
		if HasZone(f.Type) {
			return true
		}
	}
	return false
}

// hasNull writes whether there is a NULL inside a value; false for types without parts.
func hasNull(sql string, t types.Type) string {
	switch t.Kind {
	case types.Array:
		e := lambdaName("_w", sql)
		inner := e + " IS NULL"
		if deep := hasNull(e, t.Elem(0)); deep != "false" {
			inner += " OR " + deep
		}
		return "len(list_filter(" + sql + ", lambda " + e + ": " + inner + ")) > 0"
	case types.Map:
		return hasNull("map_values("+sql+")", types.ArrayOf(t.Elem(1)))
	case types.Row:
		var terms []string
		for i, f := range t.Args {
			part := partOf(sql, i)
			terms = append(terms, part+" IS NULL")
			if deep := hasNull(part, f.Type); deep != "false" {
				terms = append(terms, deep)
			}
		}
		return "(" + strings.Join(terms, " OR ") + ")"
	}
	return "false"
}
