package differential

import (
	"fmt"
	"slices"
	"strings"
)

// column is a column of a relation.
type column struct {
	name string
	typ  kind
}

// relation is a query with columns of distinct names.
type relation struct {
	sql  string
	cols []column
}

// generator makes one query.
type generator struct {
	*tape
	names int
	chain bool // whether there is a chain of joins
}

// query makes a query from a tape.
func query(numbers []uint32) string {
	g := &generator{tape: &tape{numbers: numbers}}
	return g.relation(3).sql
}

func (g *generator) name() string {
	g.names++
	return fmt.Sprintf("c%d", g.names)
}

// relation makes a query; depth bounds how much it nests.
func (g *generator) relation(depth int) relation {
	if depth == 0 {
		return g.table()
	}
	shapes := []func(int) relation{g.filtered, g.joined, g.aggregated, g.windowed, g.combined, g.limited, g.unnested, g.shared, g.projected, g.chained}
	return shapes[g.pick(len(shapes))](depth - 1)
}

// from makes a relation that can stand in FROM, under an alias, and its columns as they are named there.
func (g *generator) from(depth int, alias string) (string, []column) {
	r := g.relation(depth)
	cols := make([]column, len(r.cols))
	for i, c := range r.cols {
		cols[i] = column{alias + "." + c.name, c.typ}
	}
	return "(" + r.sql + ") " + alias, cols
}

// table selects all columns of a table under new names.
func (g *generator) table() relation {
	t := tables[g.pick(len(tables))]
	var out relation
	var items []string
	for _, c := range t.cols {
		n := g.name()
		items = append(items, c.name+" AS "+n)
		out.cols = append(out.cols, column{n, c.typ})
	}
	out.sql = "SELECT " + strings.Join(items, ", ") + " FROM " + t.name
	return out
}

// selecting makes a relation of expressions over a FROM clause.
func (g *generator) selecting(cols []column, from string) relation {
	var out relation
	var items []string
	add := func(sql string, typ kind) {
		n := g.name()
		items = append(items, sql+" AS "+n)
		out.cols = append(out.cols, column{n, typ})
	}
	for _, c := range cols {
		if len(items) == 0 || g.often() {
			add(c.name, c.typ)
		}
	}
	for g.rarely() && len(items) < 8 {
		typ := oneOf(g.tape, kinds...)
		add(g.expr(typ, cols, 2), typ)
	}
	out.sql = "SELECT " + strings.Join(items, ", ") + " FROM " + from
	return out
}

func (g *generator) filtered(depth int) relation {
	from, cols := g.from(depth, "a")
	r := g.selecting(cols, from)
	r.sql += " WHERE " + g.condition(cols, depth)
	return r
}

func (g *generator) projected(depth int) relation {
	from, cols := g.from(depth, "a")
	r := g.selecting(cols, from)
	typ := oneOf(g.tape, kinds...)
	n := g.name()
	r.sql = "SELECT " + oneOf(g.tape, "", "DISTINCT ") + g.expr(typ, cols, 3) + " AS " + n + ", " + strings.TrimPrefix(r.sql, "SELECT ")
	r.cols = append([]column{{n, typ}}, r.cols...)
	return r
}

func (g *generator) joined(depth int) relation {
	left, l := g.from(depth, "a")
	right, r := g.from(depth/2, "b")
	both := append(append([]column(nil), l...), r...)
	kind := oneOf(g.tape, "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
	from := left + " " + kind + " " + right
	if kind != "CROSS JOIN" {
		from += " ON " + g.equality(l, r)
		if g.rarely() && kind != "FULL JOIN" {
			from += " AND " + g.comparison(both)
		}
	} else {
		from += " WHERE " + g.equality(l, r)
	}
	return g.selecting(both, from)
}

// chained joins several tables by joins of all kinds, with conditions over one or two of those before, and such that NULLs fulfil: what can be
// put in another order, and what must not.
func (g *generator) chained(depth int) relation {
	if g.chain { // several of them would have too many rows
		return g.filtered(depth)
	}
	g.chain = true
	from, all := "", []column(nil)
	for i := range 3 + g.pick(2) {
		t := g.table()
		alias := fmt.Sprintf("j%d", i)
		var cols []column
		for _, c := range t.cols {
			cols = append(cols, column{alias + "." + c.name, c.typ})
		}
		if i == 0 {
			from, all = "("+t.sql+") "+alias, cols
			continue
		}
		kind := oneOf(g.tape, "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
		on := g.equality(all, cols)
		if kind == "JOIN" || kind == "LEFT JOIN" {
			number, _ := g.columnOf(bigint, all)
			switch n := g.pick(4); {
			case n == 1 && i == 1: // only for the first ones, for the sake of the number of rows
				on = "(" + on + " OR " + number + " IS NULL)"
			case n == 1:
				on = g.expr(bigint, all, 0) + " + " + number + " = " + g.expr(bigint, cols, 0)
			case n == 2:
				on += " AND " + number + " <= " + g.expr(bigint, cols, 0)
			}
		}
		from += " " + kind + " (" + t.sql + ") " + alias + " ON " + on
		all = append(slices.Clone(all), cols...)
	}
	r := g.selecting(all, from)
	if g.rarely() {
		r.sql += " WHERE " + g.comparison(all)
	}
	return r
}

// equality makes an equality between columns of two relations: of the same type, if there are any.
func (g *generator) equality(l, r []column) string {
	a := oneOf(g.tape, l...)
	if b, ok := g.columnOf(a.typ, r); ok {
		return a.name + " = " + b
	}
	return g.expr(bigint, l, 1) + " = " + g.expr(bigint, r, 1)
}

func (g *generator) aggregated(depth int) relation {
	from, cols := g.from(depth, "a")
	var out relation
	var items, keys []string
	for _, c := range cols {
		if len(keys) < 3 && c.typ != array && c.typ != row && g.pick(3) == 2 {
			n := g.name()
			keys = append(keys, c.name)
			items = append(items, c.name+" AS "+n)
			out.cols = append(out.cols, column{n, c.typ})
		}
	}
	for {
		sql, typ := g.aggregate(cols)
		n := g.name()
		items = append(items, sql+" AS "+n)
		out.cols = append(out.cols, column{n, typ})
		if len(items) > 6 || !g.often() {
			break
		}
	}
	out.sql = "SELECT " + strings.Join(items, ", ") + " FROM " + from
	if g.rarely() {
		out.sql += " WHERE " + g.condition(cols, depth)
	}
	if len(keys) > 0 {
		list := strings.Join(keys, ", ")
		out.sql += " GROUP BY " + oneOf(g.tape, list, list, list, "ROLLUP ("+list+")", "CUBE ("+list+")", "GROUPING SETS (("+list+"), ("+keys[0]+"), ())")
	}
	if g.rarely() {
		out.sql += " HAVING count(*) > " + oneOf(g.tape, "0", "1", "3")
	}
	return out
}

func (g *generator) windowed(depth int) relation {
	from, cols := g.from(depth, "a")
	r := g.selecting(cols, from)
	order := ordinals(cols)
	over := " OVER (" + oneOf(g.tape, "", "PARTITION BY "+oneOf(g.tape, cols...).name+" ") + "ORDER BY " + order + ")"
	call, typ := "row_number()", bigint
	switch g.pick(6) {
	case 1:
		call = oneOf(g.tape, "rank()", "dense_rank()", "ntile(3)", "count(*)")
	case 2:
		c := oneOf(g.tape, cols...)
		call, typ = oneOf(g.tape, "lag", "lead", "first_value", "last_value", "min", "max")+"("+c.name+")", c.typ
	case 3:
		call, typ = "sum("+g.expr(bigint, cols, 1)+")", bigint
	case 4:
		call, typ = "sum("+g.expr(decimal, cols, 1)+")", bigDecimal
		over = strings.TrimSuffix(over, ")") + " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)"
	case 5:
		call = "count(" + oneOf(g.tape, cols...).name + ")"
		over = strings.TrimSuffix(over, ")") + " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING)"
	}
	n := g.name()
	r.sql = "SELECT " + call + over + " AS " + n + ", " + strings.TrimPrefix(r.sql, "SELECT ")
	r.cols = append([]column{{n, typ}}, r.cols...)
	return r
}

// combined is a set operation over columns of the same types.
func (g *generator) combined(depth int) relation {
	l, r := g.relation(depth), g.relation(depth/2)
	var out relation
	side := func(from relation, alias string) string {
		var items []string
		for i, c := range out.cols {
			items = append(items, g.exprOf(c.typ, from.cols, alias, i == 0))
		}
		return "SELECT " + strings.Join(items, ", ") + " FROM (" + from.sql + ") " + alias
	}
	for range 1 + g.pick(3) {
		out.cols = append(out.cols, column{g.name(), oneOf(g.tape, l.cols...).typ})
	}
	op := oneOf(g.tape, "UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
	var names []string
	for _, c := range out.cols {
		names = append(names, c.name)
	}
	out.sql = "SELECT * FROM (" + side(l, "x") + " " + op + " " + side(r, "y") + ") u (" + strings.Join(names, ", ") + ")"
	return out
}

func (g *generator) exprOf(typ kind, cols []column, alias string, plain bool) string {
	var named []column
	for _, c := range cols {
		named = append(named, column{alias + "." + c.name, c.typ})
	}
	if name, ok := g.columnOf(typ, named); ok && (plain || g.often()) {
		return "CAST(" + name + " AS " + string(typ) + ")"
	}
	return "CAST(" + g.expr(typ, named, 1) + " AS " + string(typ) + ")"
}

// limited cuts off rows after a total order: rows that are equal in all columns are the only ones without an order.
func (g *generator) limited(depth int) relation {
	r := g.relation(depth)
	r.sql = "SELECT * FROM (" + r.sql + ") l ORDER BY " + ordinals(r.cols) + oneOf(g.tape, "", "", " OFFSET 3 ROWS") + " LIMIT " + oneOf(g.tape, "5", "1", "50", "ALL")
	return r
}

// ordinals orders by all columns, by name.
func ordinals(cols []column) string {
	var out []string
	for _, c := range cols {
		out = append(out, c.name)
	}
	return strings.Join(out, ", ")
}

func (g *generator) unnested(depth int) relation {
	from, cols := g.from(depth, "a")
	arr := g.expr(array, cols, 1)
	join := oneOf(g.tape, "CROSS JOIN UNNEST("+arr+") AS n (e)", "LEFT JOIN UNNEST("+arr+") AS n (e) ON true",
		"CROSS JOIN UNNEST("+arr+") WITH ORDINALITY AS n (e, o)")
	all := append(append([]column(nil), cols...), column{"n.e", bigint})
	if strings.Contains(join, "ORDINALITY") {
		all = append(all, column{"n.o", bigint})
	}
	return g.selecting(all, from+" "+join)
}

// shared names a relation twice.
func (g *generator) shared(depth int) relation {
	r := g.relation(depth)
	w := "w" + g.name()
	var l, both []column
	var rc []column
	for _, c := range r.cols {
		l = append(l, column{"a." + c.name, c.typ})
		rc = append(rc, column{"b." + c.name, c.typ})
	}
	both = append(append(both, l...), rc...)
	out := g.selecting(both, w+" a "+oneOf(g.tape, "JOIN", "LEFT JOIN", "FULL JOIN")+" "+w+" b ON "+g.equality(l, rc))
	out.sql = "WITH " + w + " AS (" + r.sql + ") " + out.sql
	return out
}
