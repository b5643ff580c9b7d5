// Package format prints syntax trees as SQL, in the layout that SHOW CREATE VIEW, SHOW CREATE FUNCTION and the like
// show in Trino.
//
// What it prints parses to the tree that it was given, positions aside. It knows the grammar's precedences but not what
// the trees mean.
//
// Start with Statement; expression.go, query.go, relation.go and statement.go each print an area of package ast.
package format

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// Statement returns the text of a statement.
func Statement(s ast.Statement) string {
	var p printer
	p.statement(s, 0)
	return p.String()
}

// Query returns the text of a query.
func Query(q *ast.Query) string {
	var p printer
	p.query(q, 0)
	return p.String()
}

// Expression returns the text of an expression.
func Expression(e ast.Expression) string { return expression(e) }

// DataType returns the text of a type.
func DataType(t ast.DataType) string { return dataType(t) }

// Name returns the text of a qualified name.
func Name(n *ast.QualifiedName) string {
	return join(n.Parts, ".", identifier)
}

// Identifier returns the text of a name: quoted if it was, or if it could not be read back otherwise.
func Identifier(id *ast.Identifier) string { return identifier(id) }

// printer collects text. An indent counts steps of three spaces.
type printer struct{ strings.Builder }

// put writes the texts.
func (p *printer) put(texts ...string) {
	for _, t := range texts {
		p.WriteString(t)
	}
}

// line writes the texts after an indent.
func (p *printer) line(indent int, texts ...string) {
	p.put(spaces(indent))
	p.put(texts...)
}

// clause writes a keyword and its items: one on the same line, several on lines of their own.
func clause[T any](p *printer, indent int, keyword string, items []T, text func(T) string) {
	switch len(items) {
	case 0:
	case 1:
		p.line(indent, keyword, " ", text(items[0]), "\n")
	default:
		p.line(indent, keyword, "\n")
		for i, item := range items {
			p.line(indent+1, text(item), when(i+1 < len(items), ","), "\n")
		}
	}
}

func spaces(indent int) string { return strings.Repeat("   ", indent) }

// join returns the texts of items with sep between.
func join[T any](items []T, sep string, text func(T) string) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = text(item)
	}
	return strings.Join(texts, sep)
}

// when returns text if it is wanted.
func when(wanted bool, text string) string {
	if wanted {
		return text
	}
	return ""
}

// after returns prefix and the text of n, or nothing if there is no n.
func after[T any](prefix string, n *T, text func(*T) string) string {
	if n == nil {
		return ""
	}
	return prefix + text(n)
}

// quantifier returns the word before text, where DISTINCT may stand: none unless it is needed. It is before a column or
// function named all with something after it: there that word would be taken for the quantifier.
func quantifier(distinct bool, text string) string {
	switch {
	case distinct:
		return "DISTINCT "
	case len(text) > 3 && strings.EqualFold(text[:3], "ALL") && strings.IndexByte(" ([", text[3]) >= 0:
		return "ALL "
	}
	return ""
}

func identifier(id *ast.Identifier) string {
	if id.Delimited || parser.IsReserved(id.Value) {
		return `"` + strings.ReplaceAll(id.Value, `"`, `""`) + `"`
	}
	return id.Value
}

func identifiers(names []*ast.Identifier) string { return join(names, ", ", identifier) }

func str(s *ast.StringLiteral) string { return quote(s.Value) }

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// unknown panics for a node that the package doesn't know, which is a bug.
func unknown(n ast.Node) string { panic(fmt.Sprintf("format: unknown node %T", n)) }
