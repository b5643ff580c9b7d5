package distributedtest

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

var correlatedQueries = flag.Int("correlated-queries", 40, "how many random correlated queries TestCorrelated runs")

// TestCorrelated compares random correlated subqueries with what they are for each row outside: the same query with the values of the row
// in the place of its columns, which nobody has to unnest. A failure names its seed; -random-seed=N -correlated-queries=1 runs it again.
func TestCorrelated(t *testing.T) {
	c := newCluster(t)
	local := modes[4]
	if !local.local {
		t.Fatal("the mode for one task has moved")
	}
	unanswered := 0
	for i := range *correlatedQueries {
		seed, way := *randomSeed+uint64(i), modes[i%4]
		row := (&correlatedGenerator{newGenerator(seed)}).query()
		sql := inOne(row)
		diff := c.compare("-- same as: "+rowByRow(row)+"\n"+sql, []mode{local, way})
		switch {
		case strings.HasPrefix(diff, "as bound:"):
			unanswered++ // subqueries of subqueries are left to DuckDB there
			t.Logf("seed %d: %s\n%s", seed, sql, diff)
		case diff != "":
			t.Errorf("seed %d: %s\n%s", seed, sql, diff)
		case dependent(t, sql, way):
			t.Errorf("seed %d: %s\na subquery is left", seed, sql)
		}
	}
	if unanswered*10 > *correlatedQueries {
		t.Errorf("%d of %d queries have no answer to compare with", unanswered, *correlatedQueries)
	}
}

// dependent reports whether a plan for many tasks still has something that is evaluated for each row of something else.
func dependent(t *testing.T, sql string, m mode) (left bool) {
	root, err := bind(t, sql)
	if err != nil {
		t.Fatal(err)
	}
	fragments, err := distribute(root, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fragments {
		plan.WalkAll(f.Root, func(n plan.Node) bool {
			_, lateral := n.(*plan.LateralJoin)
			left = left || lateral || len(plan.Subplans(n)) > 0
			return !left
		})
	}
	return left
}

// A template is a query over one row outside, whose columns are written §a, §b and §c: what it selects, what it joins, and its condition.
type template struct{ items, join, where string }

// inOne is the query over all rows of o.
func inOne(t template) string {
	sql := "SELECT " + t.items + " FROM o" + t.join + t.where
	return strings.NewReplacer("§a", "o.a", "§b", "o.b", "§c", "o.c").Replace(sql)
}

// rowByRow is the union of the query for each of them.
func rowByRow(t template) string {
	var all []string
	for _, r := range outerRows {
		sql := "SELECT " + t.items + " FROM (VALUES 1) one(one)" + t.join + t.where
		all = append(all, strings.NewReplacer("§a", "CAST("+r[0]+" AS bigint)", "§b", "CAST("+r[1]+" AS bigint)", "§c", "CAST("+r[2]+" AS varchar)").Replace(sql))
	}
	return strings.Join(all, " UNION ALL ")
}

// correlatedGenerator makes subqueries that read the row outside anywhere. All of their columns are integers, and are called c0, c1 …
type correlatedGenerator struct{ *generator }

func (g *correlatedGenerator) query() template {
	t := template{items: "§a AS a, §b AS b, §c AS c"}
	if g.chance(25) {
		n := 1 + g.r.IntN(3)
		kind := g.pick(" CROSS JOIN LATERAL ", " LEFT JOIN LATERAL ")
		t.join = kind + "(" + g.subquery(3, n, nil) + ") l"
		var cols []string
		for i := range n {
			cols = append(cols, fmt.Sprintf("l.c%d", i))
		}
		if strings.HasPrefix(kind, " LEFT") {
			t.join += " ON " + g.pick("true", g.plainCondition(append(cols, "§a", "§b")))
		}
		t.items += ", l.*"
	} else {
		for i := range 1 + g.r.IntN(2) {
			t.items += fmt.Sprintf(", %s AS v%d", g.value(3), i)
		}
	}
	if g.chance(50) {
		t.where = " WHERE " + g.condition(2, []string{"§a", "§b"})
	}
	return t
}

// value makes an expression with a subquery.
func (g *correlatedGenerator) value(depth int) string {
	switch g.r.IntN(6) {
	case 0, 1:
		return g.scalar(depth, nil)
	case 2:
		return "CASE WHEN §a > 2 THEN " + g.scalar(depth, nil) + " WHEN §b IS NULL THEN -1 ELSE " + g.pick("§b", "0") + " END"
	case 3:
		return "try(100 / nullif(" + g.scalar(depth, nil) + ", 0))"
	}
	return "(" + g.membership(depth, []string{"§a", "§b"}) + ")"
}

// scalar makes a subquery of one value.
func (g *correlatedGenerator) scalar(depth int, outer []string) string {
	sub := g.subquery(depth-1, 2, outer)
	if g.chance(50) {
		return "(SELECT " + g.aggregate([]string{"c0", "c1", "§a"}) + g.pick("", " + §b", " + 1") + " FROM (" + sub + "))"
	}
	return "(SELECT c0 FROM (" + sub + ") ORDER BY c0, c1 LIMIT 1)"
}

// membership makes EXISTS, IN, ANY or ALL.
func (g *correlatedGenerator) membership(depth int, own []string) string {
	arg := own[g.r.IntN(len(own))]
	switch g.r.IntN(4) {
	case 0:
		return g.pick("", "NOT ") + "EXISTS (" + g.subquery(depth-1, 1, nil) + ")"
	case 1:
		return arg + g.pick(" = ", " <> ", " < ", " >= ") + g.pick("ALL", "ANY") + " (" + g.subquery(depth-1, 1, nil) + ")"
	}
	return arg + g.pick(" IN", " NOT IN") + " (" + g.subquery(depth-1, 1, nil) + ")"
}

// subquery makes a query of so many columns. outer are further columns that it may read.
func (g *correlatedGenerator) subquery(depth, columns int, outer []string) string {
	if depth <= 0 {
		from, cols := g.relation(0, outer)
		return g.selection(from, cols, columns, 0, outer)
	}
	var all []string
	for i := range columns {
		all = append(all, fmt.Sprintf("c%d", i))
	}
	list := strings.Join(all, ", ")
	switch g.r.IntN(14) {
	case 0:
		return "SELECT * FROM ((" + g.subquery(depth-1, columns, outer) + ") " + g.pick("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL") + " (" +
			g.subquery(depth-1, columns, outer) + "))"
	case 1, 2:
		sql := "SELECT " + list + " FROM (" + g.subquery(depth-1, columns, outer) + ") ORDER BY " + list
		return sql + g.pick("", "", " OFFSET 1") + fmt.Sprintf(" LIMIT %d", 1+g.r.IntN(3))
	case 3:
		w := g.alias()
		return "SELECT * FROM (WITH " + w + " AS (" + g.subquery(depth-1, columns, outer) + ") SELECT x.* FROM " + w + " x " + g.pick("JOIN ", "LEFT JOIN ") + w + " y ON x.c0 = y.c0" + g.pick("", " AND y.c0 > §a") + ")"
	case 4, 5, 6:
		return g.group(depth, columns, outer)
	case 7:
		from, cols := g.relation(depth-1, outer)
		items := []string{g.pick("row_number() OVER (PARTITION BY "+cols[0]+" ORDER BY "+strings.Join(cols, ", ")+")",
			"sum("+g.of(cols, "§a")+") OVER (PARTITION BY "+g.of(cols, "§b")+")", "count(*) OVER (PARTITION BY "+cols[0]+" + §a)",
			"max("+cols[1]+" + §a) OVER (ORDER BY "+cols[0]+")") + " AS c0"}
		for i := 1; i < columns; i++ {
			items = append(items, g.of(cols, "§a")+fmt.Sprintf(" AS c%d", i))
		}
		return "SELECT " + strings.Join(items, ", ") + " FROM " + from + g.where(cols, depth-1, outer)
	}
	from, cols := g.relation(depth-1, outer)
	return g.selection(from, cols, columns, depth, outer)
}

func (g *correlatedGenerator) selection(from string, cols []string, columns, depth int, outer []string) string {
	var items []string
	for i := range columns {
		items = append(items, g.expression(cols, depth)+fmt.Sprintf(" AS c%d", i))
	}
	return "SELECT " + g.pick("", "", "DISTINCT ") + strings.Join(items, ", ") + " FROM " + from + g.where(cols, depth, outer)
}

func (g *correlatedGenerator) where(cols []string, depth int, outer []string) string {
	if g.chance(25) {
		return ""
	}
	return " WHERE " + g.condition(depth, append(append([]string(nil), cols...), outer...))
}

// group makes an aggregation.
func (g *correlatedGenerator) group(depth, columns int, outer []string) string {
	from, cols := g.relation(depth-1, outer)
	var items []string
	by := ""
	if g.chance(60) {
		key, other := g.of(cols), g.of(cols)
		items = append(items, key+" AS c0")
		by = " GROUP BY " + g.pick(key, key, "ROLLUP ("+key+")", "CUBE ("+key+", "+other+")", "GROUPING SETS (("+key+"), ())", "GROUPING SETS (("+key+"), ("+key+", "+other+"))")
	} else if g.chance(20) {
		by = " GROUP BY GROUPING SETS ((), ())"
	}
	for i := len(items); i < columns; i++ {
		items = append(items, g.aggregate(append([]string{"§a"}, cols...))+fmt.Sprintf(" AS c%d", i))
	}
	if columns == 1 && by != "" && g.chance(50) {
		by += " HAVING " + g.aggregate(cols) + g.pick(" > ", " = ", " <> ") + g.pick("1", "§a", "§b")
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM " + from + g.where(cols, depth-1, outer) + by
}

func (g *correlatedGenerator) aggregate(cols []string) string {
	x := g.of(cols)
	sql := g.pick("count(*)", "count("+x+")", "sum("+x+")", "max("+x+")", "min("+x+" + §b)", "count(DISTINCT "+x+")", "sum(DISTINCT "+x+")", "count_if("+x+" > §a)",
		"coalesce(sum("+x+"), 99)")
	if g.chance(20) && !strings.HasPrefix(sql, "coalesce") {
		sql += " FILTER (WHERE " + g.plainCondition(append([]string{"§a"}, cols...)) + ")"
	}
	return sql
}

// relation makes an item of FROM with at least two columns.
func (g *correlatedGenerator) relation(depth int, outer []string) (string, []string) {
	a := g.alias()
	if depth <= 0 || g.chance(45) {
		switch g.r.IntN(8) {
		case 0, 1:
			return "t " + a, []string{a + ".a", a + ".b"}
		case 2, 3:
			return "u " + a, []string{a + ".a", a + ".x"}
		case 4:
			return "v " + a, []string{a + ".a", a + ".y"}
		case 5:
			return "e " + a, []string{a + ".a", a + ".z"}
		case 6:
			return "(VALUES (§a, 1), (2, §b), (NULL, 4)) " + a + "(x, y)", []string{a + ".x", a + ".y"}
		}
		return "(SELECT * FROM UNNEST(ARRAY[§a, 3, NULL]) WITH ORDINALITY) " + a + "(x, y)", []string{a + ".x", a + ".y"}
	}
	if g.chance(40) {
		return "(" + g.subquery(depth, 2, outer) + ") " + a, []string{a + ".c0", a + ".c1"}
	}
	left, ls := g.relation(depth-1, outer)
	if g.chance(25) {
		return left + " CROSS JOIN LATERAL (" + g.subquery(depth-1, 2, append(append([]string(nil), outer...), ls...)) + ") " + a, append(ls, a+".c0", a+".c1")
	}
	right, rs := g.relation(0, outer)
	both := append(append([]string(nil), ls...), rs...)
	on := g.of(ls) + " = " + g.of(rs)
	if g.chance(40) {
		on += " AND " + g.plainCondition(append([]string{"§a", "§b"}, both...))
	}
	return "(" + left + g.pick(" JOIN ", " JOIN ", " LEFT JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ") + right + " ON " + on + ")", both
}

func (g *correlatedGenerator) of(cols []string, more ...string) string {
	all := append(append([]string(nil), cols...), more...)
	return all[g.r.IntN(len(all))]
}

func (g *correlatedGenerator) expression(cols []string, depth int) string {
	switch n := g.r.IntN(10); {
	case n < 1 && depth > 0:
		return g.scalar(depth-1, nil)
	case n < 3:
		return g.of(cols) + " + " + g.of(cols, "§a", "§b")
	case n < 4:
		return "coalesce(" + g.of(cols) + ", §a)"
	case n < 5:
		return g.pick("§a", "§b", "length(§c)")
	}
	return g.of(cols)
}

func (g *correlatedGenerator) condition(depth int, cols []string) string {
	switch n := g.r.IntN(12); {
	case n < 2 && depth > 0:
		return "(" + g.condition(depth-1, cols) + g.pick(" AND ", " OR ") + g.condition(depth-1, cols) + ")"
	case n < 3 && depth > 0:
		return "NOT (" + g.condition(depth-1, cols) + ")"
	case n < 5 && depth > 0:
		return g.membership(depth-1, cols)
	case n < 6 && depth > 0:
		return g.of(cols) + g.pick(" = ", " < ") + g.scalar(depth-1, nil)
	}
	return g.plainCondition(cols)
}

func (g *correlatedGenerator) plainCondition(cols []string) string {
	a := g.of(cols)
	return g.pick(a+" = §a", a+" = §a", a+" = §b", a+" < §b", a+" <> §a", a+" IS DISTINCT FROM §a", a+" IS NOT DISTINCT FROM §b", a+" + §b > 4", "§a IS NULL", a+" > 2",
		"coalesce("+a+", §a) < 5", a+" IN (§a, §b, 3)")
}
