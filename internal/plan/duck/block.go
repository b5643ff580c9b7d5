package duck

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// block is a SELECT statement that is still growing. Each plan node adds a clause to the block of its source as long as
// SQL evaluates that clause after those that are already there; otherwise the block is sealed first: it becomes a
// derived table in the FROM of a new block.
type block struct {
	// cols are the columns that expressions of the next node can read.
	cols  map[*plan.Symbol]col
	out   []*plan.Symbol
	outer *scope

	from  string
	chain bool // from has joins, so that it needs parentheses as a join's right side
	where []string

	phase    phase
	distinct bool
	groupBy  string // with the keyword; empty for a global aggregation too
	global   bool   // a global aggregation, which is none unless something in the statement aggregates: see keepGlobal
	having   []string
	order    string
	limit    string
	// fixed columns must not be written twice: they are long, volatile or hold subqueries.
	fixed bool
}

// phase is the last clause that a block has.
type phase uint8

// The phases, in the order in which SQL evaluates clauses.
const (
	rows phase = iota
	grouped
	windowed
	distinct
	ordered
	limited
)

// col is what a symbol is in a block.
type col struct {
	sql string
	// plain is a column of an item in FROM.
	plain bool
	// exact text has the physical type of the symbol without a cast.
	exact bool
	// literal is a constant, which means something else in GROUP BY and ORDER BY.
	literal bool
	// marked is a predicate over a subquery.
	marked bool
}

// scope resolves symbols: those of a block, then those of the queries around it.
type scope struct {
	cols  map[*plan.Symbol]col
	outer *scope
}

func (s *scope) find(sym *plan.Symbol) (col, bool) {
	for ; s != nil; s = s.outer {
		if c, ok := s.cols[sym]; ok {
			return c, true
		}
	}
	return col{}, false
}

func (b *block) scope() *scope { return &scope{b.cols, b.outer} }

// exact returns a column's text with its physical type.
func (b *block) exact(s *plan.Symbol) string {
	c, ok := b.scope().find(s)
	if !ok {
		panic("duck: no column for symbol " + s.Name)
	}
	if c.exact {
		return c.sql
	}
	return castTo(c.sql, physical(s.Type))
}

// render writes the block with the given select list.
func (b *block) render(items []string) string {
	var w strings.Builder
	w.WriteString("SELECT ")
	if b.distinct {
		w.WriteString("DISTINCT ")
	}
	w.WriteString(strings.Join(items, ", "))
	if b.from != "" {
		w.WriteString("\nFROM " + b.from)
	}
	if len(b.where) > 0 {
		w.WriteString("\nWHERE " + strings.Join(b.where, " AND "))
	}
	if b.groupBy != "" {
		w.WriteString("\nGROUP BY " + b.groupBy)
	}
	if len(b.having) > 0 {
		w.WriteString("\nHAVING " + strings.Join(b.having, " AND "))
	}
	if b.order != "" {
		w.WriteString("\nORDER BY " + b.order)
	}
	if b.limit != "" {
		w.WriteString("\n" + b.limit)
	}
	return w.String()
}

// selectAll renders the block with all its columns under their symbols' names.
func (b *block) selectAll() string {
	items := make([]string, 0, len(b.out))
	for _, s := range b.out {
		c, ok := b.scope().find(s)
		if !ok {
			panic("duck: no column for symbol " + s.Name)
		}
		item := c.sql
		if !c.plain || !strings.HasSuffix(item, "."+ident(s.Name)) {
			item += " AS " + ident(s.Name)
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		items = []string{"1 AS " + ident("_")}
	}
	return b.render(items)
}

// seal makes the block a derived table of a new one.
func (l *lowerer) seal(b *block) *block {
	alias := l.alias()
	n := &block{from: "(" + indent(b.selectAll()) + ") AS " + alias, outer: b.outer, out: dedupe(b.out)}
	n.cols = make(map[*plan.Symbol]col, len(n.out))
	for _, s := range n.out {
		c, _ := b.scope().find(s)
		n.cols[s] = col{sql: alias + "." + ident(s.Name), plain: true, exact: c.exact}
	}
	return n
}

func dedupe(syms []*plan.Symbol) []*plan.Symbol {
	seen := map[*plan.Symbol]bool{}
	var out []*plan.Symbol
	for _, s := range syms {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func indent(sql string) string { return strings.ReplaceAll(sql, "\n", "\n  ") }

// open returns the block when a clause of the phase after last can still be added, and a sealed one otherwise.
func (l *lowerer) open(b *block, last phase) *block {
	if b.phase > last || b.fixed {
		return l.seal(b)
	}
	return b
}

// table returns a block that is nothing but an item of FROM, perhaps with conditions: what a join takes.
func (l *lowerer) table(b *block) *block {
	b = l.open(b, rows)
	if b.from == "" {
		return l.seal(b)
	}
	return b
}

// plainFor seals the block when an expression with a nested plan reads columns that are more than column names: inside the
// nested query their text could mean something else. It also does when a TRY or a lambda would have in it what is outside of it.
func (l *lowerer) plainFor(b *block, exprs ...plan.Expr) *block {
	for _, e := range exprs {
		if e == nil {
			continue
		}
		if len(b.triesComputed(e)) > 0 || b.marksLambda(e) {
			return l.seal(b)
		}
		if !hasSubplan(e) {
			continue
		}
		bad := b.phase >= grouped
		plan.FreeSymbols(e, func(s *plan.Symbol) {
			if c, ok := b.cols[s]; ok && !c.plain {
				bad = true
			}
		})
		if bad {
			return l.seal(b)
		}
	}
	return b
}

// triesComputed returns the columns within a TRY that are more than column names: what computes them is outside of it, and so are its
// errors.
func (b *block) triesComputed(e plan.Expr) []*plan.Symbol {
	var tried []*plan.Symbol
	plan.WalkExpr(e, func(e plan.Expr) bool {
		t, ok := e.(*plan.Try)
		if ok {
			plan.FreeSymbols(t.Arg, func(s *plan.Symbol) {
				if c, ok := b.cols[s]; ok && !c.plain && !c.literal && !slices.Contains(tried, s) {
					tried = append(tried, s)
				}
			})
		}
		return !ok
	})
	return tried
}

// keepOutOf makes what a TRY in a condition reads volatile: DuckDB would put it into the TRY where it pushes the condition down.
func (b *block) keepOutOf(cond plan.Expr) {
	if b.phase != rows {
		return // nothing is pushed into aggregations
	}
	for _, s := range b.triesComputed(cond) {
		b.cols = merge(b.cols, map[*plan.Symbol]col{s: {sql: castTo("CASE WHEN random() < 2 THEN "+b.exact(s)+" END", physical(s.Type)), exact: true}})
	}
}

// marksLambda reports whether a lambda in an expression reads a predicate over a subquery, which DuckDB takes in none.
func (b *block) marksLambda(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		if l, ok := e.(*plan.Lambda); ok {
			plan.FreeSymbols(l, func(s *plan.Symbol) { found = found || b.cols[s].marked })
		}
		return !found
	})
	return found
}

func hasSubplan(e plan.Expr) bool {
	found := false
	plan.WalkExpr(e, func(e plan.Expr) bool {
		found = found || plan.Subplan(e) != nil
		return !found
	})
	return found
}
