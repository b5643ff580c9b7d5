package differential

import (
	"fmt"
	"strings"
)

// kind is the type of an expression, as SQL writes it.
type kind string

// The types that columns have. Sums and averages are exact: their answers do not depend on the order of the rows.
const (
	bigint     kind = "bigint"
	varchar    kind = "varchar"
	decimal    kind = "decimal(12,2)"
	bigDecimal kind = "decimal(38,2)"
	double     kind = "double"
	boolean    kind = "boolean"
	date       kind = "date"
	timestamp  kind = "timestamp(3)"
	array      kind = "array(bigint)"
	row        kind = "row(i bigint, n row(s varchar, i bigint))"
)

var kinds = []kind{bigint, varchar, decimal, double, boolean, date, timestamp, array, row}

// operands are the places in a template by their letter.
var operands = map[byte]kind{'i': bigint, 's': varchar, 'd': decimal, 'f': double, 'b': boolean, 't': date, 'z': timestamp, 'a': array, 'r': row}

// templates are expressions of each type; %i is an expression of type bigint, and so on. No value of the tables makes them fail.
var templates = map[kind][]string{
	bigint: {"(%i + %i)", "(%i - 3)", "(%i * 2)", "abs(%i)", "length(%s)", "cardinality(%a)", "year(%t)", "CAST(%d AS bigint)", "coalesce(%i, %i)", "nullif(%i, %i)",
		"CASE WHEN %b THEN %i ELSE %i END", "element_at(%a, 1)", "date_diff('day', %t, %t)", "(%i / 3)", "(%i %% 5)", "greatest(%i, %i)", "array_max(%a)",
		"element_at(MAP(ARRAY['a', 'b'], ARRAY[%i, %i]), %s)", "strpos(%s, 'a')", "%r.i", "%r.n.i"},
	varchar: {"upper(%s)", "(%s || %s)", "substr(%s, 1, 2)", "CAST(%i AS varchar)", "CAST(%d AS varchar)", "CAST(%t AS varchar)", "coalesce(%s, 'none')",
		"CASE WHEN %b THEN %s END", "reverse(%s)", "lpad(%s, 4, '-')", "CAST(%z AS varchar)", "json_format(CAST(%a AS json))", "%r.n.s"},
	decimal: {"CAST(%i AS decimal(12,2))", "CAST(%d + %d AS decimal(12,2))", "abs(%d)", "CAST(round(%d, 1) AS decimal(12,2))", "coalesce(%d, DECIMAL '0.50')", "CAST(%d / 3 AS decimal(12,2))",
		"CASE WHEN %b THEN %d ELSE -%d END"},
	double: {"CAST(%i AS double)", "(%f + %f)", "abs(%f)", "floor(%f)", "nullif(%f, 0.5e0)", "CAST(%d AS double)"},
	boolean: {"(%i < %i)", "(%s = %s)", "(%d >= %d)", "NOT %b", "(%b AND %b)", "(%b OR %b)", "(%i IS NULL)", "(%s IS NOT NULL)", "(%i BETWEEN %i AND %i)", "(%s LIKE 'a%%')",
		"(%i IN (1, 2, NULL))", "(%i IS DISTINCT FROM %i)", "contains(%a, %i)", "(%t < %t)", "(%z > %z)", "(%f <> %f)", "(%r IS NULL)", "(%r.i = %i)"},
	date:      {"date_add('day', %i, %t)", "date_trunc('month', %t)", "CAST(%z AS date)", "coalesce(%t, DATE '2020-02-29')"},
	timestamp: {"CAST(%t AS timestamp(3))", "(%z + INTERVAL '1' HOUR)", "date_trunc('hour', %z)", "coalesce(%z, TIMESTAMP '2020-01-01 00:00:00.125')"},
	array:     {"ARRAY[%i, 1]", "filter(%a, x -> x > 2)", "transform(%a, x -> x + %i)", "slice(%a, 1, 2)", "array_sort(%a)", "coalesce(%a, ARRAY[])", "array_distinct(%a)"},
	row:       {"CAST(ROW(%i, ROW(%s, %i)) AS row(i bigint, n row(s varchar, i bigint)))", "CASE WHEN %b THEN %r END", "coalesce(%r, %r)"},
}

// literals of each type; the first is the simplest.
var literals = map[kind][]string{
	bigint: {"1", "0", "7", "CAST(NULL AS bigint)"}, varchar: {"'a'", "''", "'ä€'", "CAST(NULL AS varchar)"},
	decimal: {"CAST(1.50 AS decimal(12,2))", "CAST(-3.25 AS decimal(12,2))"}, bigDecimal: {"CAST(0 AS decimal(38,2))"},
	double: {"0.5e0", "-2.25e0"}, boolean: {"true", "false", "CAST(NULL AS boolean)"}, date: {"DATE '2020-01-31'", "DATE '1969-12-31'"},
	timestamp: {"TIMESTAMP '2020-01-01 12:34:56.789'"}, array: {"ARRAY[BIGINT '1', 2]", "CAST(ARRAY[] AS array(bigint))"},
	row: {"CAST(ROW(1, ROW('a', NULL)) AS row(i bigint, n row(s varchar, i bigint)))", "CAST(NULL AS row(i bigint, n row(s varchar, i bigint)))"},
}

// fields are those of rows, by their types.
var fields = map[kind][]string{bigint: {".i", ".n.i"}, varchar: {".n.s"}}

// columnOf picks a column of a type, or a field of a row.
func (g *generator) columnOf(typ kind, cols []column) (string, bool) {
	var fit []string
	for _, c := range cols {
		if c.typ == typ {
			fit = append(fit, c.name)
		}
		if c.typ == row {
			for _, f := range fields[typ] {
				fit = append(fit, c.name+f)
			}
		}
	}
	if len(fit) == 0 {
		return "", false
	}
	return oneOf(g.tape, fit...), true
}

// expr makes an expression of a type over columns.
func (g *generator) expr(typ kind, cols []column, depth int) string {
	name, ok := g.columnOf(typ, cols)
	if ok && (depth == 0 || g.pick(3) < 2) {
		return name
	}
	list := templates[typ]
	if depth == 0 || len(list) == 0 || g.pick(4) == 0 {
		return oneOf(g.tape, literals[typ]...)
	}
	template := oneOf(g.tape, list...)
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] != '%' {
			b.WriteByte(template[i])
			continue
		}
		i++
		if template[i] == '%' {
			b.WriteByte('%')
		} else {
			b.WriteString(g.expr(operands[template[i]], cols, depth-1))
		}
	}
	return b.String()
}

func (g *generator) comparison(cols []column) string { return g.expr(boolean, cols, 2) }

// condition makes a condition, with subqueries now and then.
func (g *generator) condition(cols []column, depth int) string {
	if g.pick(3) < 2 {
		return g.comparison(cols)
	}
	from, inner := g.from(depth/2, "s")
	mine := oneOf(g.tape, cols...)
	same, ok := g.columnOf(mine.typ, inner)
	if !ok {
		mine, same = column{g.expr(bigint, cols, 1), bigint}, g.expr(bigint, inner, 1)
	}
	switch g.pick(5) {
	case 1:
		if mine.typ == row { // would be compared with the row of what is selected, which has one field
			return mine.name + " IS NOT NULL"
		}
		return mine.name + oneOf(g.tape, " IN ", " NOT IN ") + "(SELECT " + same + " FROM " + from + ")"
	case 2:
		return fmt.Sprintf("(SELECT count(*) FROM %s WHERE %s = %s) > %s", from, same, mine.name, oneOf(g.tape, "0", "1"))
	case 3:
		return fmt.Sprintf("%s >= (SELECT %s(%s) FROM %s WHERE %s)", g.expr(bigint, cols, 1), oneOf(g.tape, "min", "max", "sum"), g.expr(bigint, inner, 1), from, g.comparison(inner))
	case 4:
		return fmt.Sprintf("EXISTS (SELECT 1 FROM %s WHERE %s = %s AND %s) OR %s", from, same, mine.name, g.comparison(inner), g.comparison(cols))
	}
	return oneOf(g.tape, "", "NOT ") + fmt.Sprintf("EXISTS (SELECT 1 FROM %s WHERE %s = %s)", from, same, mine.name)
}

// aggregate makes a call of an aggregate.
func (g *generator) aggregate(cols []column) (string, kind) {
	call, typ := "count(*)", bigint
	switch g.pick(8) {
	case 1:
		call = "count(" + oneOf(g.tape, cols...).name + ")"
	case 2:
		c := oneOf(g.tape, cols...)
		call = "count(DISTINCT " + c.name + ")"
	case 3:
		call = "sum(" + oneOf(g.tape, "", "DISTINCT ") + g.expr(bigint, cols, 1) + ")"
	case 4:
		call, typ = "sum("+g.expr(decimal, cols, 1)+")", bigDecimal
	case 5:
		c := oneOf(g.tape, cols...)
		if c.typ == array || c.typ == row {
			return "count(" + c.name + ")", bigint
		}
		call, typ = oneOf(g.tape, "min", "max")+"("+c.name+")", c.typ
	case 6:
		call, typ = "avg("+g.expr(decimal, cols, 1)+")", decimal
	case 7:
		call, typ = "bool_or("+g.expr(boolean, cols, 1)+")", boolean
	}
	if g.rarely() {
		call += " FILTER (WHERE " + g.comparison(cols) + ")"
	}
	return call, typ
}
