package parser

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// isName reports whether the current token can be an identifier.
func (p *parser) isName() bool {
	p.note(ruleIdentifier)
	return p.tokens[p.at].name
}

// identifier reads a name.
func (p *parser) identifier() *ast.Identifier {
	if !p.isName() {
		p.fail()
	}
	at := p.loc()
	t := p.advance()
	switch t.kind {
	case kindQuotedID:
		value := unquote(t.text)
		if value == "" {
			failAt(at, "Zero-length delimited identifier not allowed")
		}
		return &ast.Identifier{Location: at, Value: value, Delimited: true}
	case kindBackquotedID:
		failAt(at, "backquoted identifiers are not supported; use double quotes to quote identifiers")
	case kindDigitID:
		failAt(at, "identifiers must not start with a digit; surround the identifier with double quotes")
	}
	return &ast.Identifier{Location: at, Value: t.text}
}

// optionalIdentifier reads a name if keyword comes first.
func (p *parser) optionalIdentifier(keyword kind) *ast.Identifier {
	if !p.accept(keyword) {
		return nil
	}
	return p.identifier()
}

// qualifiedName reads names with dots between.
func (p *parser) qualifiedName() *ast.QualifiedName {
	n := &ast.QualifiedName{Location: p.loc(), Parts: []*ast.Identifier{p.identifier()}}
	for p.accept(".") {
		n.Parts = append(n.Parts, p.identifier())
	}
	return n
}

// identifiers reads ( name, … ).
func (p *parser) identifiers() []*ast.Identifier { return parens(p, p.identifier) }

// unquote removes the quotes around text and halves doubled ones inside.
func unquote(text string) string {
	quote := text[:1]
	return strings.ReplaceAll(text[1:len(text)-1], quote+quote, quote)
}
