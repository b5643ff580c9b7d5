package duck

import (
	"maps"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

func (l *lowerer) join(n *plan.Join, outer *scope) *block {
	left := l.table(l.node(n.Left, outer))
	switch {
	case n.Type == plan.Mark, n.Type == plan.Anti && n.NullAware:
		return l.markJoin(n, left, outer)
	case n.Type == plan.Semi || n.Type == plan.Anti:
		return l.semiJoin(n, left, outer)
	}
	right := l.table(l.node(n.Right, outer))
	if subplanIn(n.Filter) && n.Type != plan.Inner && n.Type != plan.Cross {
		n = l.hoistSubqueries(n, &left, &right)
	}
	if n.Type != plan.Inner && n.Type != plan.Cross {
		left, right = l.unmarked(left), l.unmarked(right)
	}
	switch n.Type {
	case plan.Left:
		right = l.optional(right)
	case plan.Right:
		left = l.optional(left)
	case plan.Full:
		left, right = l.optional(left), l.optional(right)
	}
	b := &block{cols: merge(left.cols, right.cols), out: n.Outputs(), outer: outer, chain: true,
		where: append(append([]string(nil), left.where...), right.where...)}
	if subplanIn(n.Filter) && n.Type == plan.Inner {
		b.from = left.from + "\n" + keyword(n.Type, "") + right.item()
		l.addWhere(b, n)
		return b
	}
	on := l.conditions(n, b.scope())
	switch n.Type {
	case plan.Left:
		// A condition on the optional side belongs to the join.
		on = append(on, right.where...)
		b.where = left.where
	case plan.Right:
		on = append(on, left.where...)
		b.where = right.where
	}
	cond := strings.Join(on, " AND ")
	b.from = left.from + "\n" + keyword(n.Type, cond) + right.item()
	switch {
	case cond != "":
		b.from += " ON " + cond
	case n.Type != plan.Inner && n.Type != plan.Cross:
		b.from += " ON true"
	}
	return b
}

// unmarked seals a block with columns that are subqueries, which the condition of an outer join cannot have.
func (l *lowerer) unmarked(b *block) *block {
	for _, c := range b.cols {
		if c.marked {
			return l.seal(b)
		}
	}
	return b
}

// hoistSubqueries computes the subqueries in the condition of an outer join, where DuckDB takes none, as columns of the side
// that they read. A subquery that reads both sides cannot be.
func (l *lowerer) hoistSubqueries(n *plan.Join, left, right **block) *plan.Join {
	c := *n
	c.Filter = plan.MapExpr(n.Filter, func(e plan.Expr) plan.Expr {
		if plan.Subplan(e) == nil {
			return e
		}
		side := left
		readsLeft, readsRight := false, false
		plan.FreeSymbols(e, func(s *plan.Symbol) {
			_, inLeft := (*left).cols[s]
			_, inRight := (*right).cols[s]
			readsLeft, readsRight = readsLeft || inLeft, readsRight || inRight
		})
		if readsRight {
			side = right
		}
		if readsLeft && readsRight {
			l.notSupported("Subquery over both sides in the condition of an outer join is not supported")
			return e
		}
		*side = l.plainFor(*side, e)
		l.names++
		sym := &plan.Symbol{Name: "$subquery" + strconv.Itoa(l.names), Type: e.Type()}
		b := **side
		b.cols = merge(b.cols, map[*plan.Symbol]col{sym: {sql: l.expr(e, b.scope())}})
		b.out = append(append([]*plan.Symbol(nil), b.out...), sym)
		*side = l.seal(&b)
		return &plan.Ref{Sym: sym}
	})
	return &c
}

func subplanIn(e plan.Expr) bool { return e != nil && hasSubplan(e) }

func (l *lowerer) addWhere(b *block, n *plan.Join) {
	b.where = append(b.where, l.conditions(n, b.scope())...)
}

// keyword is the join operator; without a condition an inner join is a cross join.
func keyword(t plan.JoinType, cond string) string {
	if (t == plan.Inner || t == plan.Cross) && cond == "" {
		return "CROSS JOIN "
	}
	if t == plan.Inner || t == plan.Cross {
		return "JOIN "
	}
	return string(t) + " JOIN "
}

// item is the block's FROM as the right side of a join.
func (b *block) item() string {
	if b.chain {
		return "(" + indent(b.from) + ")"
	}
	return b.from
}

// optional prepares the side of an outer join whose columns may be NULL: columns that are computed would not be, and
// conditions of a chain of joins cannot move into ON.
func (l *lowerer) optional(b *block) *block {
	for _, s := range b.out {
		if !b.cols[s].plain {
			return l.seal(b)
		}
	}
	if len(b.where) > 0 {
		return l.seal(b)
	}
	return b
}

func merge(a, b map[*plan.Symbol]col) map[*plan.Symbol]col {
	m := make(map[*plan.Symbol]col, len(a)+len(b))
	maps.Copy(m, a)
	maps.Copy(m, b)
	return m
}

// conditions are the terms of ON.
func (l *lowerer) conditions(n *plan.Join, sc *scope) []string {
	var out []string
	for _, q := range n.Equi {
		out = append(out, l.expr(&plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right}, sc))
	}
	for _, c := range plan.Conjuncts(n.Filter) {
		out = append(out, l.expr(c, sc))
	}
	return out
}

func (l *lowerer) semiJoin(n *plan.Join, left *block, outer *scope) *block {
	right := l.table(l.node(n.Right, outer))
	if right.chain && len(right.where) > 0 {
		right = l.seal(right)
	}
	sc := &scope{merge(left.cols, right.cols), outer}
	on := append(l.conditions(n, sc), right.where...)
	if len(on) == 0 {
		on = []string{"true"}
	}
	left.from += "\n" + string(n.Type) + " JOIN " + right.item() + " ON " + strings.Join(on, " AND ")
	left.chain = true
	return left
}

// markJoin writes joins that SQL expresses as a predicate: NOT IN, and IN or EXISTS as a value.
func (l *lowerer) markJoin(n *plan.Join, left *block, outer *scope) *block {
	for _, s := range left.out {
		if !left.cols[s].plain {
			left = l.seal(left)
			break
		}
	}
	right := l.table(l.node(n.Right, left.scope()))
	var value string
	if n.NullAware {
		arg := l.expr(n.Equi[0].Left, left.scope())
		key := l.expr(n.Equi[0].Right, right.scope())
		for _, c := range plan.Conjuncts(n.Filter) {
			right.where = append(right.where, l.expr(c, right.scope()))
		}
		not := ""
		if n.Type == plan.Anti {
			not = "NOT "
		}
		value = arg + " " + not + "IN (" + indent(right.render([]string{key})) + ")"
	} else {
		right.where = append(right.where, l.conditions(n, &scope{right.cols, left.scope()})...)
		value = "EXISTS (" + indent(right.render([]string{"1"})) + ")"
	}
	if n.Type == plan.Anti {
		left.where = append(left.where, value)
		return left
	}
	left.cols = merge(left.cols, map[*plan.Symbol]col{n.MarkSym: {sql: "(" + value + ")", exact: true, marked: true}})
	left.out = n.Outputs()
	return left
}

// lateral evaluates the right side for each row of the left.
func (l *lowerer) lateral(n *plan.LateralJoin, outer *scope) *block {
	left := l.table(l.node(n.Left, outer))
	for _, s := range left.out {
		if !left.cols[s].plain {
			left = l.seal(left)
			break
		}
	}
	right := l.node(n.Right, left.scope())
	alias := l.alias()
	b := &block{cols: left.cols, out: n.Outputs(), outer: outer, chain: true, where: left.where}
	added := map[*plan.Symbol]col{}
	for _, s := range right.out {
		c, _ := right.scope().find(s)
		added[s] = col{sql: alias + "." + ident(s.Name), plain: true, exact: c.exact}
	}
	b.cols = merge(left.cols, added)
	item := "LATERAL (" + indent(right.selectAll()) + ") AS " + alias
	var on []string
	for _, c := range plan.Conjuncts(n.Filter) {
		on = append(on, l.expr(c, b.scope()))
	}
	switch {
	case n.Type == plan.Left:
		if len(on) == 0 {
			on = []string{"true"}
		}
		b.from = left.from + "\nLEFT JOIN " + item + " ON " + strings.Join(on, " AND ")
	case len(on) > 0:
		b.from = left.from + "\nJOIN " + item + " ON " + strings.Join(on, " AND ")
	default:
		b.from = left.from + "\nCROSS JOIN " + item
	}
	return b
}
