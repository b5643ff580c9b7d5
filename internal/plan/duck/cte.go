package duck

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// cte is a named query at the head of the statement.
type cte struct {
	name      string
	recursive bool
	columns   []string
	sql       string
}

func (l *lowerer) defineCTE(id int) *cte {
	c := &cte{name: "c" + strconv.Itoa(id)}
	if id < 0 { // of the distribution's own
		c.name = "d" + strconv.Itoa(-id)
	}
	l.ctes[id] = c
	return c
}

func (l *lowerer) cte(n *plan.CTE, outer *scope) *block {
	def := l.node(n.Def, outer)
	c := l.defineCTE(n.ID)
	var items []string
	for i, s := range n.Def.Outputs() {
		name := ident("x" + strconv.Itoa(i))
		c.columns = append(c.columns, name)
		items = append(items, def.exact(s)+" AS "+name)
	}
	if len(items) == 0 {
		items = []string{"1 AS " + ident("_")}
	}
	c.sql = def.render(items)
	l.order = append(l.order, c)
	return l.node(n.Body, outer)
}

func (l *lowerer) cteRef(n *plan.CTERef, outer *scope) *block {
	c := l.ctes[n.ID]
	if c == nil {
		panic("duck: CTE " + n.Name + " is not defined")
	}
	alias := l.alias()
	b := &block{from: c.name + " AS " + alias, out: n.Symbols, outer: outer, cols: map[*plan.Symbol]col{}}
	for i, s := range n.Symbols {
		b.cols[s] = col{sql: alias + "." + c.columns[i], plain: true, exact: true}
	}
	return b
}

// recursive counts the rounds in a further column, to stop where Trino does.
func (l *lowerer) recursive(n *plan.RecursiveCTE, outer *scope) *block {
	c := l.defineCTE(n.ID)
	c.recursive = true
	for i := range n.Symbols {
		c.columns = append(c.columns, ident("x"+strconv.Itoa(i)))
	}
	base := l.recursivePart(l.node(n.Base, outer), n, n.Base, c, "0")
	step := l.seal(l.node(n.Step, outer))
	depth := "(SELECT max(d) FROM " + c.name + ")"
	limit := strconv.Itoa(n.MaxDepth)
	next := "CASE WHEN " + depth + " >= " + limit + " THEN wb_raise('NOT_SUPPORTED', 'Recursion depth limit exceeded (" + limit +
		"). Use ''max_recursion_depth'' session property to modify the limit.') ELSE " + depth + " + 1 END"
	c.sql = base + "\nUNION ALL\n" + l.recursivePart(step, n, n.Step, c, next)
	l.order = append(l.order, c)
	return l.cteRef(&plan.CTERef{ID: n.ID, Name: n.Name, Symbols: n.Symbols}, outer)
}

func (l *lowerer) recursivePart(b *block, n *plan.RecursiveCTE, part plan.Node, c *cte, depth string) string {
	var items []string
	for i, s := range part.Outputs() {
		src, _ := b.scope().find(s)
		items = append(items, castTo(src.sql, physical(n.Symbols[i].Type))+" AS "+c.columns[i])
	}
	return b.render(append(items, castTo(depth, "INTEGER")+" AS d"))
}

// with writes the head of the statement.
func (l *lowerer) with() string {
	if len(l.order) == 0 {
		return ""
	}
	word := "WITH "
	var parts []string
	for _, c := range l.order {
		as := " AS MATERIALIZED ("
		if c.recursive {
			word, as = "WITH RECURSIVE ", " AS ("
		}
		parts = append(parts, c.name+as+indent(c.sql)+")")
	}
	return word + strings.Join(parts, ",\n") + "\n"
}
