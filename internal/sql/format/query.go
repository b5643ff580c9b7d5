package format

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// query writes a query, ending with a line break.
func (p *printer) query(q *ast.Query, indent int) {
	if len(q.Session) > 0 {
		p.line(indent, "WITH SESSION\n")
		for i, s := range q.Session {
			p.line(indent+1, Name(s.Name), " = ", expression(s.Value), when(i+1 < len(q.Session), ","), "\n")
		}
	}
	if len(q.Functions) > 0 {
		p.line(indent, "WITH\n")
		for i, f := range q.Functions {
			p.line(indent + 1)
			p.functionSpecification(f, indent+1)
			p.put(when(i+1 < len(q.Functions), ","), "\n")
		}
	}
	if q.With != nil {
		p.with(q.With, indent)
	}
	p.body(q.Body, indent)
	p.tail(q.OrderBy, q.Offset, q.Limit, indent)
}

func (p *printer) with(w *ast.With, indent int) {
	p.line(indent, "WITH", when(w.Recursive, " RECURSIVE"), "\n")
	for i, q := range w.Queries {
		p.line(indent, when(i == 0, "  "), when(i > 0, ", "), identifier(q.Name), columnAliases(q.Columns), " AS ")
		p.subquery(q.Query, indent)
		p.put("\n")
	}
}

// columnAliases returns the text of (name, …) after an alias, or nothing.
func columnAliases(columns []*ast.Identifier) string {
	return when(len(columns) > 0, " ("+identifiers(columns)+")")
}

// subquery writes (query).
func (p *printer) subquery(q *ast.Query, indent int) {
	p.put("(\n")
	p.query(q, indent+1)
	p.line(indent, ") ")
}

// tail writes ORDER BY, OFFSET and LIMIT.
func (p *printer) tail(o *ast.OrderBy, offset *ast.Offset, limit ast.RowLimit, indent int) {
	if o != nil {
		p.line(indent, orderBy(o), "\n")
	}
	if offset != nil {
		p.line(indent, "OFFSET ", expression(offset.Count), " ROWS\n")
	}
	switch l := limit.(type) {
	case nil:
	case *ast.Limit:
		p.line(indent, "LIMIT ", expression(l.Count), "\n")
	case *ast.FetchFirst:
		p.line(indent, "FETCH FIRST ")
		if l.Count != nil {
			p.put(expression(l.Count), " ")
		}
		p.put("ROW", when(l.Count != nil, "S"), " ", when(l.WithTies, "WITH TIES"), when(!l.WithTies, "ONLY"), "\n")
	default:
		unknown(l)
	}
}

// querySpecification writes a SELECT.
func (p *printer) querySpecification(s *ast.QuerySpecification, indent int) {
	first := selectItem(s.Select.Items[0]) // once: the time for nested queries would double with each
	p.line(indent, strings.TrimRight("SELECT "+quantifier(s.Select.Distinct, first), " "))
	if len(s.Select.Items) == 1 {
		p.put(" ", first)
	} else {
		for i, item := range s.Select.Items {
			p.put("\n")
			text := first
			if i > 0 {
				text = selectItem(item)
			}
			p.line(indent, when(i == 0, "  "), when(i > 0, ", "), text)
		}
	}
	p.put("\n")
	if s.From != nil {
		p.line(indent, "FROM\n")
		p.line(indent, "  ")
		p.relation(s.From, indent)
	}
	p.put("\n")
	if s.Where != nil {
		p.line(indent, "WHERE ", expression(s.Where), "\n")
	}
	if s.GroupBy != nil {
		elements := join(s.GroupBy.Elements, ", ", groupingElement)
		p.line(indent, "GROUP BY ", when(s.GroupBy.Distinct, " "), quantifier(s.GroupBy.Distinct, elements), elements, "\n")
	}
	if s.Having != nil {
		p.line(indent, "HAVING ", expression(s.Having), "\n")
	}
	clause(p, indent, "WINDOW", s.Windows, func(w *ast.WindowDefinition) string {
		return identifier(w.Name) + " AS (" + windowSpecification(w.Window) + ")"
	})
	p.tail(s.OrderBy, s.Offset, s.Limit, indent)
}

func selectItem(item ast.SelectItem) string {
	switch item := item.(type) {
	case *ast.SingleColumn:
		if item.Alias == nil {
			return expression(item.Value)
		}
		if endsOpen(item.Value) && intervalWords[item.Alias.Canonical()] {
			return operand(item.Value) + " AS " + identifier(item.Alias)
		}
		return operand(item.Value) + " " + alias(item.Alias)
	case *ast.AllColumns:
		if item.Target == nil {
			return "*"
		}
		return dereferenced(item.Target) + ".*" + when(len(item.Aliases) > 0, " AS ("+identifiers(item.Aliases)+")")
	}
	return unknown(item)
}

// alias returns the text of an alias. Some keywords could be taken for the clause that they begin, or for part of the expression:
// they are safe after AS.
func alias(id *ast.Identifier) string {
	if !id.Delimited && ambiguous[id.Canonical()] {
		return "AS " + identifier(id)
	}
	return identifier(id)
}

// ambiguous are the names that need AS before them.
var ambiguous = map[string]bool{
	"AT": true, "COPARTITION": true, "FETCH": true, "FILTER": true, "IGNORE": true, "KEEP": true, "LIMIT": true,
	"MATCH_RECOGNIZE": true, "OFFSET": true, "OVER": true, "PARTITION": true, "PRUNE": true, "RESPECT": true,
	"TABLESAMPLE": true, "WINDOW": true,
}

// intervalWords are the words that could go on with an interval.
var intervalWords = map[string]bool{
	"YEAR": true, "MONTH": true, "DAY": true, "HOUR": true, "MINUTE": true, "SECOND": true, "TO": true,
}

// endsOpen reports whether the text of e may end in an interval.
func endsOpen(e ast.Expression) bool {
	switch e.(type) {
	case *ast.GenericLiteral, *ast.IntervalLiteral, *ast.AtTimeZone, *ast.ArithmeticUnary:
		return true
	}
	return false
}

func groupingElement(g ast.GroupingElement) string {
	switch g := g.(type) {
	case *ast.SimpleGroupBy:
		if len(g.Columns) == 1 {
			return operand(g.Columns[0])
		}
		return "(" + expressions(g.Columns) + ")"
	case *ast.GroupingSets:
		sets := join(g.Sets, ", ", func(set []ast.Expression) string { return "(" + expressions(set) + ")" })
		return string(g.Kind) + " (" + sets + ")"
	case *ast.AutoGroupBy:
		return "AUTO"
	}
	return unknown(g)
}
