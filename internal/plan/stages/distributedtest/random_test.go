package distributedtest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var (
	randomQueries = flag.Int("random-queries", 60, "how many random queries TestRandom runs")
	randomSeed    = flag.Uint64("random-seed", 1, "the seed of the first")
)

// TestRandom compares random queries. A failure names its seed; -random-seed=N -random-queries=1 runs it again.
func TestRandom(t *testing.T) {
	c := newCluster(t)
	unanswered := 0
	for i := range *randomQueries {
		seed := *randomSeed + uint64(i)
		sql := newGenerator(seed).query()
		diff := c.compare(sql, modes[i%len(modes):i%len(modes)+1])
		switch {
		case strings.HasPrefix(diff, "bind:") && strings.HasSuffix(diff, "from outer scope not allowed in this context"):
			unanswered++ // a join's condition with a correlated comparison
		case strings.HasPrefix(diff, "as bound:"):
			unanswered++ // DuckDB does not know all forms of correlation
			t.Logf("seed %d: %s\n%s", seed, sql, diff)
		case diff != "":
			t.Errorf("seed %d: %s\n%s", seed, sql, diff)
		}
	}
	if c.fieldsAlone == 0 {
		t.Error("no query reads fields of rows without the rows")
	}
	t.Logf("%d of %d queries read fields of rows without the rows", c.fieldsAlone, *randomQueries)
	if unanswered*4 > *randomQueries {
		t.Errorf("%d of %d queries have no answer to compare with", unanswered, *randomQueries)
	}
}

// TestRandomAggregations is TestRandom for aggregations above joins and unions and those with DISTINCT, and checks that the rewrites for them are met.
func TestRandomAggregations(t *testing.T) {
	c := newCluster(t)
	unanswered := 0
	for i := range *randomQueries {
		seed := *randomSeed + uint64(i)
		g := newGenerator(seed)
		sql := g.eagerQuery()
		if i%3 == 0 {
			from, s := g.relation(2, nil)
			sql, _ = g.multiDistinct(from, "", s)
		}
		diff := c.compare(sql, modes[i%len(modes):i%len(modes)+1])
		switch {
		case strings.HasPrefix(diff, "as bound:"), strings.HasPrefix(diff, "bind:") && strings.Contains(diff, "outer scope not allowed"):
			unanswered++
			t.Logf("seed %d: %s\n%s", seed, sql, diff)
		case diff != "":
			t.Errorf("seed %d: %s\n%s", seed, sql, diff)
		}
	}
	if unanswered*4 > *randomQueries {
		t.Errorf("%d of %d queries have no answer to compare with", unanswered, *randomQueries)
	}
	t.Logf("%d plans with an aggregation below a join, %d with distinct aggregates in steps", c.eager, c.distinct)
	if *randomQueries >= 30 && (c.eager == 0 || c.distinct == 0) {
		t.Errorf("%d plans with an aggregation below a join, %d with distinct aggregates in steps", c.eager, c.distinct)
	}
}

// generator makes queries that are valid and leave nothing open.
type generator struct {
	r       *rand.Rand
	aliases int
}

func newGenerator(seed uint64) *generator {
	return &generator{r: rand.New(rand.NewPCG(seed, seed))}
}

// column is a name in scope; all are integers but those with text and rows of the type of w.r.
type column struct {
	name string
	text bool
	row  bool
}

// withFields adds the fields of a scope's rows.
func (s scope) withFields() scope {
	out := s
	for _, c := range s {
		if c.row {
			out = append(out, column{name: c.name + ".x"}, column{name: c.name + ".s.y"}, column{name: c.name + ".s.c", text: true})
		}
	}
	return out
}

// scope is what expressions can read.
type scope []column

func (g *generator) pick(s ...string) string { return s[g.r.IntN(len(s))] }
func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }
func (g *generator) alias() string           { g.aliases++; return fmt.Sprintf("q%d", g.aliases) }

// ints are the integer columns of a scope.
func (s scope) ints() scope {
	var out scope
	for _, c := range s {
		if !c.text && !c.row {
			out = append(out, c)
		}
	}
	return out
}

func (g *generator) query() string {
	sql, cols := g.selection(3, nil)
	if g.chance(30) {
		var keys []string
		for i := range cols {
			keys = append(keys, fmt.Sprint(i+1)+g.pick("", " DESC", " NULLS FIRST"))
		}
		sql = "SELECT * FROM (" + sql + ") ORDER BY " + strings.Join(keys, ", ")
		if g.chance(40) {
			sql += fmt.Sprintf(" OFFSET %d", g.r.IntN(6))
		}
		sql += fmt.Sprintf(" LIMIT %d", g.r.IntN(20))
	}
	if g.chance(20) {
		name := g.alias()
		return "WITH " + name + "(" + names(cols) + ") AS (" + sql + ") SELECT * FROM " + name + " x WHERE " +
			g.pick("x.c0 IS NULL OR ", "") + "EXISTS (SELECT 1 FROM " + name + " y WHERE y.c0 = x.c0)"
	}
	return sql
}

func names(cols scope) string {
	var out []string
	for i := range cols {
		out = append(out, fmt.Sprintf("c%d", i))
	}
	return strings.Join(out, ", ")
}

// selection makes a query; outer are the columns of the queries around it.
func (g *generator) selection(depth int, outer scope) (string, scope) {
	if depth > 1 && g.chance(12) {
		return g.setOperation(depth-1, outer)
	}
	from, s := g.relation(depth-1, outer)
	where := ""
	if g.chance(60) {
		where = " WHERE " + g.predicate(s, outer, depth-1)
	}
	if g.chance(45) {
		return g.grouped(from, where, s, depth)
	}
	var items []string
	var out scope
	for i := range 1 + g.r.IntN(3) {
		e, c := g.value(s, outer, depth-1)
		c.name = fmt.Sprintf("c%d", i)
		items = append(items, e+" AS "+c.name)
		out = append(out, c)
	}
	return "SELECT " + g.pick("", "", "DISTINCT ") + strings.Join(items, ", ") + " FROM " + from + where, out
}

// grouped makes an aggregation.
func (g *generator) grouped(from, where string, s scope, depth int) (string, scope) {
	var keys, items []string
	var out scope
	add := func(e string, c column) {
		c.name = fmt.Sprintf("c%d", len(items))
		items = append(items, e+" AS "+c.name)
		out = append(out, c)
	}
	if g.chance(25) {
		return g.multiDistinct(from, where, s)
	}
	for range g.r.IntN(3) {
		c := s[g.r.IntN(len(s))]
		keys = append(keys, c.name)
		add(c.name, c)
	}
	for range 1 + g.r.IntN(3) {
		e, text := g.aggregate(s)
		add(e, column{text: text})
	}
	sql := "SELECT " + strings.Join(items, ", ") + " FROM " + from + where
	if len(keys) > 0 {
		list := strings.Join(keys, ", ")
		sql += " GROUP BY " + g.pick(list, list, list, list, "ROLLUP ("+list+")", "CUBE ("+list+")", "GROUPING SETS (("+list+"), ("+keys[0]+"))")
	}
	if g.chance(20) {
		a, _ := g.aggregate(s.ints())
		sql += " HAVING " + a + g.pick(" > 1", " IS NOT NULL", " <> 3")
	}
	return sql, out
}

// multiDistinct makes an aggregation with DISTINCT and several arguments.
func (g *generator) multiDistinct(from, where string, s scope) (string, scope) {
	var items []string
	var out scope
	add := func(e string, text bool) {
		name := fmt.Sprintf("c%d", len(items))
		items, out = append(items, e+" AS "+name), append(out, column{name: name, text: text})
	}
	group := ""
	if c := s[g.r.IntN(len(s))]; !c.row && g.chance(60) {
		group = " GROUP BY " + c.name
		add(c.name, c.text)
	}
	for range 1 + g.r.IntN(3) {
		filter := ""
		if g.chance(20) {
			filter = " FILTER (WHERE " + g.comparison(s, nil) + ")"
		}
		add(g.pick("count(DISTINCT ", "sum(DISTINCT ", "min(DISTINCT ")+g.int(s)+g.pick("", "", " + 1")+")"+filter, false)
	}
	if g.chance(50) {
		add(g.aggregate(s))
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM " + from + where + group, out
}

// eagerQuery makes an aggregation above joins, in most cases of the values of one table.
func (g *generator) eagerQuery() string {
	from, s := g.table()
	measured := s
	for range 1 + g.r.IntN(2) {
		right, rs := g.table()
		if g.chance(15) {
			sql, cols := g.setOperation(1, nil)
			a := g.alias()
			right, rs = "("+sql+") "+a, nil
			for _, c := range cols {
				rs = append(rs, column{name: a + "." + c.name, text: c.text})
			}
		}
		on := g.int(s) + " = " + g.int(rs)
		if g.chance(25) {
			on += " AND " + g.comparison(append(append(scope(nil), s...), rs...), nil)
		}
		from += g.pick(" JOIN ", " JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ") + right + " ON " + on
		s = append(append(scope(nil), s...), rs...)
		if g.chance(40) {
			measured = rs
		}
	}
	where := ""
	if g.chance(30) {
		where = " WHERE " + g.comparison(s, nil)
	}
	if g.chance(15) {
		where = " WHERE " + g.predicate(s, nil, 2)
	}
	var keys, items []string
	for range g.r.IntN(3) {
		keys = append(keys, s[g.r.IntN(len(s))].name)
	}
	items = append(items, keys...)
	for range g.r.IntN(4) {
		c := g.int(measured)
		switch g.r.IntN(8) {
		case 0:
			items = append(items, "count(*)")
		case 1:
			items = append(items, "sum(CASE WHEN "+g.comparison(s, nil)+" THEN "+c+g.pick(" END)", " ELSE 0 END)", " ELSE NULL END)"))
		case 2:
			items = append(items, "avg("+c+") FILTER (WHERE "+g.comparison(s, nil)+")")
		case 3:
			items = append(items, "avg(CAST("+c+" AS decimal(20,2)))", "bool_or("+c+" > 2)", "bool_and("+c+" IS NULL)")
		default:
			items = append(items, g.pick("sum(", "count(", "min(", "max(", "avg(", "bitwise_xor_agg(", "sum(DISTINCT ")+c+")")
		}
	}
	if len(items) == 0 {
		items = []string{"count(*)"}
	}
	sql := "SELECT " + strings.Join(items, ", ") + " FROM " + from + where
	if len(keys) > 0 {
		list := strings.Join(keys, ", ")
		sql += " GROUP BY " + g.pick(list, list, list, list, "ROLLUP ("+list+")", "CUBE ("+list+")")
	}
	return sql
}

// aggregate makes a call whose result is an integer, or a text.
func (g *generator) aggregate(s scope) (string, bool) {
	filter := ""
	if g.chance(15) {
		filter = " FILTER (WHERE " + g.comparison(s, nil) + ")"
	}
	if ints := s.ints(); len(ints) > 0 && g.chance(70) {
		c := ints[g.r.IntN(len(ints))].name
		return g.pick("sum("+c+")", "min("+c+")", "max("+c+")", "count("+c+")", "count(DISTINCT "+c+")", "sum(DISTINCT "+c+")",
			"count_if("+c+" > 2)") + filter, false
	}
	if c := s[g.r.IntN(len(s))]; g.chance(50) {
		if c.text && g.chance(50) {
			return g.pick("min(", "max(") + c.name + ")" + filter, true
		}
		return "count(DISTINCT " + c.name + ")" + filter, false
	}
	return "count(*)" + filter, false
}

func (g *generator) setOperation(depth int, outer scope) (string, scope) {
	one := func() string {
		from, s := g.relation(depth-1, outer)
		ints := s.ints()
		a, b := ints[g.r.IntN(len(ints))].name, ints[g.r.IntN(len(ints))].name
		sql := "SELECT " + a + " AS c0, " + b + " AS c1 FROM " + from
		if g.chance(50) {
			sql += " WHERE " + g.predicate(s, outer, depth-1)
		}
		return sql
	}
	sql := one()
	for range 1 + g.r.IntN(2) {
		sql = "(" + sql + ") " + g.pick("UNION", "UNION ALL", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL") + " (" + one() + ")"
	}
	return "SELECT * FROM (" + sql + ")", scope{{name: "c0"}, {name: "c1"}}
}

// relation makes an item of FROM.
func (g *generator) relation(depth int, outer scope) (string, scope) {
	switch n := g.r.IntN(10); {
	case depth <= 0 || n < 4:
		return g.table()
	case n < 5:
		sql, cols := g.selection(depth, nil)
		a := g.alias()
		var s scope
		for _, c := range cols {
			s = append(s, column{name: a + "." + c.name, text: c.text, row: c.row})
		}
		s = s.withFields()
		if len(s.ints()) == 0 {
			return g.table()
		}
		return "(" + sql + ") " + a, s
	default:
		left, ls := g.relation(depth-1, outer)
		right, rs := g.relation(depth-1, outer)
		both := append(append(scope(nil), ls...), rs...)
		kind := g.pick("JOIN", "JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
		if kind == "CROSS JOIN" {
			small, ss := g.small()
			return left + " CROSS JOIN " + small, append(append(scope(nil), ls...), ss...)
		}
		li, ri := ls.ints(), rs.ints()
		on := li[g.r.IntN(len(li))].name + " = " + ri[g.r.IntN(len(ri))].name
		if g.chance(40) {
			on += " AND " + g.comparison(both, nil)
		}
		if g.chance(10) && (kind == "JOIN" || kind == "LEFT JOIN") {
			on += " AND " + g.predicate(rs, nil, 1)
		}
		if strings.Contains(right, " JOIN ") && !strings.HasPrefix(right, "(") {
			right = "(" + right + ")"
		}
		return left + " " + kind + " " + right + " ON " + on, both
	}
}

func (g *generator) table() (string, scope) {
	a := g.alias()
	switch g.r.IntN(12) {
	case 9, 10, 11:
		return "w " + a, scope{{name: a + ".a"}, {name: a + ".r", row: true}}.withFields()
	case 0, 1, 2:
		return "t " + a, scope{{name: a + ".a"}, {name: a + ".b"}, {name: a + ".c", text: true}}
	case 3, 4, 5:
		return "u " + a, scope{{name: a + ".a"}, {name: a + ".x"}, {name: a + ".s", text: true}}
	case 6, 7:
		return g.smallAs(a)
	}
	return "e " + a, scope{{name: a + ".a"}, {name: a + ".z"}}
}

func (g *generator) small() (string, scope) { return g.smallAs(g.alias()) }

func (g *generator) smallAs(a string) (string, scope) {
	s := scope{{name: a + ".a"}, {name: a + ".y"}}
	if g.chance(30) {
		return "(VALUES (1, 2), (3, NULL), (NULL, 4)) " + a + "(a, y)", s
	}
	return "v " + a, s
}

// value makes an expression, of the type that the column tells.
func (g *generator) value(s, outer scope, depth int) (string, column) {
	if g.chance(50) {
		c := s[g.r.IntN(len(s))]
		return c.name, c
	}
	return g.number(s, outer, depth), column{}
}

// number makes an expression of type bigint.
func (g *generator) number(s, outer scope, depth int) string {
	switch n := 10 + g.r.IntN(10); {
	case n < 13:
		i := s.ints()
		return i[g.r.IntN(len(i))].name + g.pick(" + ", " - ", " * ") + i[g.r.IntN(len(i))].name
	case n < 14:
		return "coalesce(" + g.int(s) + ", 7)"
	case n < 15 && depth > 0:
		return "CASE WHEN " + g.predicate(s, outer, depth-1) + " THEN 1 WHEN " + g.predicate(s, outer, depth-1) + " THEN 2 END"
	case n < 18 && depth > 0:
		return g.scalar(s, depth)
	}
	return g.int(s)
}

func (g *generator) int(s scope) string {
	i := s.ints()
	return i[g.r.IntN(len(i))].name
}

// scalar makes a subquery with one value; half of them are correlated.
func (g *generator) scalar(s scope, depth int) string {
	from, inner := g.relation(depth-1, nil)
	a, text := g.aggregate(inner)
	if text {
		a = "count(*)"
	}
	if g.chance(30) {
		a = "coalesce(" + a + ", -1)"
	}
	sql := "(SELECT " + a + " FROM " + from
	if g.chance(60) {
		sql += " WHERE " + g.int(inner) + g.pick(" = ", " = ", " = ", " < ") + g.int(s)
		if g.chance(30) {
			sql += " AND " + g.comparison(inner, s)
		}
	} else if g.chance(30) {
		sql += " WHERE " + g.comparison(inner, nil)
	}
	return sql + ")"
}

// predicate makes a condition.
func (g *generator) predicate(s, outer scope, depth int) string {
	switch n := g.r.IntN(20); {
	case n < 3 && depth > 0:
		return "(" + g.predicate(s, outer, depth-1) + g.pick(" AND ", " OR ") + g.predicate(s, outer, depth-1) + ")"
	case n < 4 && depth > 0:
		return "NOT (" + g.predicate(s, outer, depth-1) + ")"
	case n < 8 && depth > 0:
		from, inner := g.relation(depth-1, nil)
		sql := g.pick("EXISTS", "NOT EXISTS") + " (SELECT 1 FROM " + from + " WHERE "
		if g.chance(80) {
			sql += g.int(inner) + g.pick(" = ", " = ", " > ") + g.int(s) + " AND "
		}
		return sql + g.predicate(inner, s, depth-2) + ")"
	case n < 12 && depth > 0:
		from, inner := g.relation(depth-1, nil)
		sql := g.int(s) + g.pick(" IN", " NOT IN") + " (SELECT " + g.int(inner) + " FROM " + from
		if g.chance(50) {
			sql += " WHERE " + g.predicate(inner, nil, depth-2)
		} else if g.chance(30) {
			sql += " WHERE " + g.int(inner) + " = " + g.int(s)
		}
		return sql + ")"
	case n < 13 && depth > 0:
		from, inner := g.relation(depth-1, nil)
		sql := g.int(s) + g.pick(" > ", " < ", " >= ", " <> ") + g.pick("ALL", "ANY") + " (SELECT " + g.int(inner) + " FROM " + from
		if g.chance(50) {
			sql += " WHERE " + g.int(inner) + " = " + g.int(s)
		}
		return sql + ")"
	case n < 15 && depth > 0:
		return g.int(s) + g.pick(" = ", " < ", " >= ") + g.scalar(s, depth)
	}
	return g.comparison(s, outer)
}

// comparison makes a simple condition.
func (g *generator) comparison(s, outer scope) string {
	a := g.int(s)
	switch g.r.IntN(8) {
	case 0:
		return a + g.pick(" IS NULL", " IS NOT NULL")
	case 1:
		return a + g.pick(" IN (1, 3, 5)", " NOT IN (2, 4)", " BETWEEN 1 AND 4")
	case 2, 3:
		b := s
		if len(outer.ints()) > 0 && g.chance(50) {
			b = outer
		}
		if &b[0] == &s[0] && g.chance(20) {
			// Not with an outer column: DuckDB, which gives the answer to compare with, gets some of those wrong.
			return a + " IS DISTINCT FROM " + g.int(b)
		}
		return a + g.pick(" = ", " <> ", " < ", " >= ") + g.int(b)
	case 4:
		return "coalesce(" + a + ", 0)" + g.pick(" = ", " > ") + fmt.Sprint(g.r.IntN(4))
	}
	return a + g.pick(" = ", " <> ", " < ", " > ", " >= ", " <= ") + fmt.Sprint(g.r.IntN(7))
}
