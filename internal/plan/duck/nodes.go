package duck

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

// node lowers a plan into a block. outer resolves correlated references.
func (l *lowerer) node(n plan.Node, outer *scope) *block {
	switch n := n.(type) {
	case *plan.Scan:
		return l.scan(n, outer)
	case *plan.RemoteSource:
		return l.remote(n, outer)
	case *plan.Values:
		return l.values(n, outer)
	case *plan.Filter:
		return l.filter(n, outer)
	case *plan.Project:
		return l.project(n, outer)
	case *plan.Output:
		b := l.node(n.Source, outer)
		if b.distinct {
			b = l.seal(b)
		}
		if b.global && len(dedupe(n.Symbols)) < len(b.cols) {
			b.keepGlobal()
		}
		b.out = n.Symbols
		return b
	case *plan.Exchange:
		return l.node(n.Source, outer)
	case *plan.Aggregate:
		return l.aggregate(n, outer)
	case *plan.Distinct:
		if zoned(n.Outputs()) {
			return l.aggregate(&plan.Aggregate{Source: n.Source, Keys: dedupe(n.Outputs())}, outer)
		}
		b := l.open(l.node(n.Source, outer), windowed)
		b.phase, b.distinct = distinct, true
		return b
	case *plan.Window:
		return l.window(n, outer)
	case *plan.MatchRecognize:
		return l.matchRecognize(n, outer)
	case *plan.Join:
		return l.join(n, outer)
	case *plan.LateralJoin:
		return l.lateral(n, outer)
	case *plan.SetOp:
		return l.setOp(n, outer)
	case *plan.Sort:
		return l.sort(l.node(n.Source, outer), n.Keys)
	case *plan.TopN:
		b := l.sort(l.node(n.Source, outer), n.Keys)
		b.phase, b.limit = limited, "LIMIT "+strconv.FormatInt(n.Count, 10)
		return b
	case *plan.Limit:
		return l.limit(n, outer)
	case *plan.Unnest:
		return l.unnest(n, outer)
	case *plan.Sample:
		return l.sample(n, outer)
	case *plan.SingleRow:
		return l.singleRow(n, outer)
	case *plan.RowNumber:
		return l.rowNumber(n, outer)
	case *plan.CTE:
		return l.cte(n, outer)
	case *plan.CTERef:
		return l.cteRef(n, outer)
	case *plan.RecursiveCTE:
		return l.recursive(n, outer)
	}
	panic(fmt.Sprintf("duck: cannot lower a %T here", n))
}

// input adds a table that the statement reads.
func (l *lowerer) input(in Input) string {
	in.Name = "in" + strconv.Itoa(len(l.inputs))
	l.inputs = append(l.inputs, in)
	return in.Name
}

func (l *lowerer) scan(n *plan.Scan, outer *scope) *block {
	name, alias := l.input(Input{Scan: n}), l.alias()
	b := &block{from: name + " AS " + alias, out: n.Symbols, outer: outer, cols: map[*plan.Symbol]col{}}
	for i, s := range n.Symbols {
		raw := alias + "." + ident(n.Table.Columns[i].Name)
		sql := fromTable(raw, s.Type)
		b.cols[s] = col{sql: sql, plain: sql == raw, exact: true}
	}
	return b
}

// remote reads another stage's output. Reading in parallel does not keep an order, so an ordered source is ordered again.
func (l *lowerer) remote(n *plan.RemoteSource, outer *scope) *block {
	name, alias := l.input(Input{Remote: n}), l.alias()
	b := &block{from: name + " AS " + alias, out: n.Symbols, outer: outer, cols: map[*plan.Symbol]col{}}
	for _, s := range n.Symbols {
		b.cols[s] = col{sql: alias + "." + ident(s.Name), plain: true, exact: true}
	}
	if len(n.OrderBy) > 0 {
		return l.sort(b, n.OrderBy)
	}
	return b
}

func (l *lowerer) values(n *plan.Values, outer *scope) *block {
	b := &block{out: n.Symbols, outer: outer, cols: map[*plan.Symbol]col{}}
	sc := &scope{nil, outer}
	if len(n.Rows) == 1 {
		for i, e := range n.Rows[0] {
			b.cols[n.Symbols[i]] = l.column(e, sc)
			b.fixed = b.fixed || l.mustNotRepeat(e, b.cols[n.Symbols[i]].sql)
		}
		return b
	}
	alias := l.alias()
	if len(n.Symbols) == 0 {
		b.from = "range(" + strconv.Itoa(len(n.Rows)) + ") AS " + alias
		return b
	}
	var names []string
	for _, s := range n.Symbols {
		names = append(names, ident(s.Name))
		b.cols[s] = col{sql: alias + "." + ident(s.Name), plain: true, exact: true}
	}
	if len(n.Rows) == 0 {
		var nulls []string
		for _, s := range n.Symbols {
			nulls = append(nulls, literal(s.Type, nil)+" AS "+ident(s.Name))
		}
		b.from = "(SELECT " + strings.Join(nulls, ", ") + " WHERE false) AS " + alias
		return b
	}
	var tuples []string
	for _, r := range n.Rows {
		var items []string
		for i, e := range r {
			c := l.column(e, sc)
			if !c.exact {
				c.sql = castTo(c.sql, physical(n.Symbols[i].Type))
			}
			items = append(items, c.sql)
		}
		tuples = append(tuples, "("+strings.Join(items, ", ")+")")
	}
	b.from = "(VALUES " + strings.Join(tuples, ", ") + ") AS " + alias + "(" + strings.Join(names, ", ") + ")"
	return b
}

// filter adds conditions to WHERE or HAVING.
func (l *lowerer) filter(n *plan.Filter, outer *scope) *block {
	b := l.open(l.node(n.Source, outer), grouped)
	b.keepOutOf(n.Pred)
	b = l.plainFor(b, n.Pred)
	for _, c := range plan.Conjuncts(n.Pred) {
		text := l.expr(c, b.scope())
		if b.phase == grouped {
			b.having = append(b.having, text)
		} else {
			b.where = append(b.where, text)
		}
	}
	return b
}

// project replaces the columns: expressions take the place of the symbols that they define.
func (l *lowerer) project(n *plan.Project, outer *scope) *block {
	b := l.node(n.Source, outer)
	if b.fixed || b.distinct {
		b = l.seal(b)
	}
	var exprs []plan.Expr
	for _, a := range n.Cols {
		exprs = append(exprs, a.Expr)
	}
	b = l.plainFor(b, exprs...)
	if b.global && !b.readsAll(exprs) {
		b.keepGlobal()
	}
	cols := map[*plan.Symbol]col{}
	var out []*plan.Symbol
	for _, a := range n.Cols {
		c := l.column(a.Expr, b.scope())
		b.fixed = b.fixed || l.mustNotRepeat(a.Expr, c.sql)
		cols[a.Sym] = c
		out = append(out, a.Sym)
	}
	b.cols, b.out = cols, out
	return b
}

// longText is the length from which on an expression is not written twice.
const longText = 300

func (l *lowerer) mustNotRepeat(e plan.Expr, sql string) bool {
	if len(sql) > longText {
		return true
	}
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		_, costly := e.(*plan.OrderKey)
		found = found || costly || plan.Subplan(e) != nil || isVolatile(e)
		return !found
	})
	return found
}

// column writes an expression that becomes a column.
func (l *lowerer) column(e plan.Expr, sc *scope) col {
	switch e := e.(type) {
	case *plan.Ref:
		if c, ok := sc.find(e.Sym); ok {
			return c
		}
	case *plan.Const:
		return col{sql: l.expr(e, sc), exact: true, literal: true}
	case *plan.Cast:
		return col{sql: l.expr(e, sc)}
	}
	return col{sql: l.expr(e, sc)}
}

// sort adds ORDER BY.
func (l *lowerer) sort(b *block, keys []plan.SortKey) *block {
	b = l.open(b, windowed)
	b = l.plainFor(b, keyExprs(keys)...)
	b.order = l.sortKeys(keys, b.scope())
	b.phase = ordered
	return b
}

func keyExprs(keys []plan.SortKey) []plan.Expr {
	var out []plan.Expr
	for _, k := range keys {
		out = append(out, k.Expr)
	}
	return out
}

// sortKeys writes an ordering. Constants order nothing, and DuckDB would take them for column numbers.
func (l *lowerer) sortKeys(keys []plan.SortKey, sc *scope) string {
	var parts []string
	for _, k := range keys {
		if l.column(k.Expr, sc).literal {
			continue
		}
		parts = append(parts, l.sortable(k.Expr, sc)+" "+directions(k))
	}
	return strings.Join(parts, ", ")
}

// directions says how a key orders.
func directions(k plan.SortKey) string {
	out := "NULLS LAST"
	if k.NullsFirst {
		out = "NULLS FIRST"
	}
	if k.Desc {
		return "DESC " + out
	}
	return out
}

// orderKey writes the value that stands for an ordering: what DuckDB itself sorts by.
func (l *lowerer) orderKey(e *plan.OrderKey, sc *scope) string {
	var args []string
	for _, k := range e.Keys {
		how := directions(k)
		if !k.Desc {
			how = "ASC " + how
		}
		args = append(args, l.sortable(k.Expr, sc), "'"+how+"'")
	}
	return "create_sort_key(" + strings.Join(args, ", ") + ")"
}

func (l *lowerer) limit(n *plan.Limit, outer *scope) *block {
	b := l.node(n.Source, outer)
	if len(n.WithTies) > 0 {
		return l.withTies(b, n)
	}
	if b.phase == limited {
		b = l.seal(b)
	}
	var parts []string
	if n.Count >= 0 {
		parts = append(parts, "LIMIT "+strconv.FormatInt(n.Count, 10))
	}
	if n.Offset > 0 {
		parts = append(parts, "OFFSET "+strconv.FormatInt(n.Offset, 10))
	}
	if len(parts) > 0 {
		b.phase, b.limit = limited, strings.Join(parts, " ")
	}
	return b
}

// withTies numbers the rows by rank, which ties share.
func (l *lowerer) withTies(b *block, n *plan.Limit) *block {
	if n.Offset > 0 {
		if b.phase == limited {
			b = l.seal(b)
		}
		b.phase, b.limit = limited, "OFFSET "+strconv.FormatInt(n.Offset, 10)
	}
	b = l.seal(b)
	order := l.sortKeys(n.WithTies, b.scope())
	b.where = append(b.where, "true QUALIFY rank() OVER (ORDER BY "+order+") <= "+strconv.FormatInt(n.Count, 10))
	b.phase, b.order = ordered, order
	return b
}

// sample keeps each row with the given probability.
func (l *lowerer) sample(n *plan.Sample, outer *scope) *block {
	b := l.open(l.node(n.Source, outer), rows)
	b.where = append(b.where, "random() * 100 < "+castTo(l.expr(n.Percent, b.scope()), "DOUBLE"))
	return b
}

// singleRow makes exactly one row of at most one.
func (l *lowerer) singleRow(n *plan.SingleRow, outer *scope) *block {
	if a, ok := n.Source.(*plan.Aggregate); ok && len(a.Keys) == 0 && len(a.Sets) == 0 {
		return l.node(n.Source, outer)
	}
	b := l.seal(l.node(n.Source, outer))
	for s, c := range b.cols {
		c.sql, c.plain = "first("+c.sql+")", false
		b.cols[s] = c
	}
	b.phase = grouped
	b.having = append(b.having, "CASE WHEN count(*) > 1 THEN "+
		"wb_raise('SUBQUERY_MULTIPLE_ROWS', 'Scalar sub-query has returned multiple rows') ELSE true END")
	return l.seal(b)
}

// TaskVariable is a DuckDB variable (BIGINT) that numbers the tasks of a stage from 0. Where it is not set it counts as 0.
const TaskVariable = "waterbear_task"

// rowNumber numbers rows; the task's number in the upper bits makes the numbers unique in the query.
func (l *lowerer) rowNumber(n *plan.RowNumber, outer *scope) *block {
	b := l.seal(l.node(n.Source, outer))
	b.cols[n.Sym] = col{sql: "(coalesce(CAST(getvariable('" + TaskVariable + "') AS BIGINT), 0) * 1099511627776 + row_number() OVER ())"}
	b.out = append(append([]*plan.Symbol(nil), b.out...), n.Sym)
	return l.seal(b)
}

func (l *lowerer) setOp(n *plan.SetOp, outer *scope) *block {
	if n.Kind == plan.Union && !n.All && zoned(n.Symbols) {
		all := *n
		all.All = true
		return l.aggregate(&plan.Aggregate{Source: &all, Keys: n.Symbols}, outer)
	}
	op := "\n" + string(n.Kind)
	if n.All {
		op += " ALL"
	}
	var parts []string
	for _, in := range n.Inputs {
		b := l.node(in, outer)
		var items []string
		for i, s := range in.Outputs() {
			c, _ := b.scope().find(s)
			if !c.exact {
				c.sql = castTo(c.sql, physical(n.Symbols[i].Type))
			}
			items = append(items, c.sql+" AS "+ident(n.Symbols[i].Name))
		}
		if len(items) == 0 {
			items = []string{"1 AS " + ident("_")}
		}
		sql := b.render(items)
		if b.phase >= ordered {
			sql = "(" + indent(sql) + ")"
		}
		parts = append(parts, sql)
	}
	alias := l.alias()
	text := strings.Join(parts, op+"\n")
	apart := n.Kind != plan.Union && !n.All && zoned(n.Symbols)
	if apart {
		text = l.members(parts, n)
	}
	b := &block{from: "(" + indent(text) + ") AS " + alias, out: n.Symbols, outer: outer,
		cols: map[*plan.Symbol]col{}}
	for _, s := range n.Symbols {
		b.cols[s] = col{sql: alias + "." + ident(s.Name), plain: true, exact: true}
	}
	if apart {
		return l.aggregateOver(b, &plan.Aggregate{Keys: n.Symbols})
	}
	return b
}

// members writes the rows of the first input that are, or are not, among those of each other one, whatever their zones.
func (l *lowerer) members(inputs []string, n *plan.SetOp) string {
	exists := map[plan.SetOpKind]string{plan.Intersect: "EXISTS", plan.Except: "NOT EXISTS"}[n.Kind]
	first := l.alias()
	var tests []string
	for _, in := range inputs[1:] {
		other := l.alias()
		var same []string
		for _, s := range n.Symbols {
			same = append(same, functions.Identity(first+"."+ident(s.Name), s.Type)+" IS NOT DISTINCT FROM "+
				functions.Identity(other+"."+ident(s.Name), s.Type))
		}
		tests = append(tests, exists+" (SELECT 1 FROM ("+indent(in)+") AS "+other+" WHERE "+strings.Join(same, " AND ")+")")
	}
	return "SELECT * FROM (" + indent(inputs[0]) + ") AS " + first + " WHERE " + strings.Join(tests, " AND ")
}

// zoned reports whether one of the symbols shows zones, which do not matter when rows are compared.
func zoned(syms []*plan.Symbol) bool {
	return slices.ContainsFunc(syms, func(s *plan.Symbol) bool { return functions.HasZone(s.Type) })
}
