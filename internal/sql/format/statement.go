package format

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// statement writes a statement.
func (p *printer) statement(s ast.Statement, indent int) {
	for _, area := range []func(*printer, ast.Statement, int) bool{
		(*printer).manipulation, (*printer).definition, (*printer).alteration, (*printer).view, (*printer).security,
		(*printer).sessionStatement, (*printer).showing, (*printer).routine,
	} {
		if area(p, s, indent) {
			return
		}
	}
	unknown(s)
}

// properties writes WITH (…) on lines of its own.
func (p *printer) properties(list []*ast.Property) {
	if len(list) == 0 {
		return
	}
	p.put("\nWITH (\n")
	for i, q := range list {
		p.line(1, property(q), when(i+1 < len(list), ","), "\n")
	}
	p.put(")")
}

func property(q *ast.Property) string {
	if q.Value == nil {
		return identifier(q.Name) + " = DEFAULT"
	}
	return identifier(q.Name) + " = " + expression(q.Value)
}

func properties(list []*ast.Property) string { return join(list, ", ", property) }

// comment returns the text of a COMMENT clause on a line of its own.
func comment(s *ast.StringLiteral) string { return after("\nCOMMENT ", s, str) }

func authorization(a *ast.Principal) string { return after("\nAUTHORIZATION ", a, principal) }

func ifExists(is bool) string { return when(is, "IF EXISTS ") }

func ifNotExists(is bool) string { return when(is, "IF NOT EXISTS ") }

func cascade(is bool) string { return when(is, " CASCADE") + when(!is, " RESTRICT") }

func inCatalog(c *ast.Identifier) string { return after(" IN ", c, identifier) }

// where writes a WHERE clause.
func (p *printer) where(prefix string, e ast.Expression) {
	if e != nil {
		p.put(prefix, "WHERE ", expression(e))
	}
}

// manipulation writes statements of queries and rows.
func (p *printer) manipulation(s ast.Statement, indent int) bool {
	switch s := s.(type) {
	case *ast.Query:
		p.query(s, indent)
	case *ast.Insert:
		p.put("INSERT INTO ", Name(s.Table), columnAliases(s.Columns), "\n")
		p.query(s.Query, indent)
	case *ast.Delete:
		p.put("DELETE FROM ", Name(s.Table))
		p.where(" ", s.Where)
	case *ast.Truncate:
		p.put("TRUNCATE TABLE ", Name(s.Table))
	case *ast.Update:
		p.put("UPDATE ", Name(s.Table), " SET")
		for i, a := range s.Assignments {
			p.put("\n")
			p.line(indent+1, assignment(a), when(i+1 < len(s.Assignments), ","))
		}
		p.where("\n", s.Where)
	case *ast.Merge:
		p.merge(s, indent)
	case *ast.Call:
		p.put("CALL ", Name(s.Procedure), "(", callArguments(s.Arguments), ")")
	default:
		return false
	}
	return true
}

func assignment(a *ast.Assignment) string {
	return identifier(a.Column) + " = " + expression(a.Value)
}

func callArguments(list []*ast.CallArgument) string {
	return join(list, ", ", func(a *ast.CallArgument) string {
		return after("", a.Name, identifier) + when(a.Name != nil, " => ") + expression(a.Value)
	})
}

func (p *printer) merge(s *ast.Merge, indent int) {
	p.put("MERGE INTO ", Name(s.Table), after(" ", s.Alias, identifier), "\n")
	p.line(indent+1, "USING ")
	p.relation(s.Source, indent+2)
	p.put("\n")
	p.line(indent+1, "ON ", expression(s.Condition))
	for _, c := range s.Cases {
		p.put("\n")
		switch c := c.(type) {
		case *ast.MergeUpdate:
			p.mergeWhen("WHEN MATCHED", c.Condition, indent)
			p.put("UPDATE SET")
			for i, a := range c.Assignments {
				p.put("\n")
				p.line(indent+1, when(i == 0, "  "), when(i > 0, ", "), assignment(a))
			}
		case *ast.MergeDelete:
			p.mergeWhen("WHEN MATCHED", c.Condition, indent)
			p.put("DELETE")
		case *ast.MergeInsert:
			p.mergeWhen("WHEN NOT MATCHED", c.Condition, indent)
			p.put("INSERT ", when(len(c.Columns) > 0, "("+identifiers(c.Columns)+") "), "VALUES (", expressions(c.Values), ")")
		default:
			unknown(c)
		}
	}
}

// mergeWhen writes WHEN … AND condition THEN.
func (p *printer) mergeWhen(when string, condition ast.Expression, indent int) {
	p.line(indent, when)
	if condition != nil {
		p.put(" AND ", expression(condition))
	}
	p.put("\n")
	p.line(indent+1, "THEN ")
}
