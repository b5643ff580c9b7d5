package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// statements maps the first word of a statement to its rule. What is not here is a query.
var statements map[kind]func(*parser) ast.Statement

// statementWords are the keys of statements, to note them.
var statementWords []kind

func init() {
	statements = map[kind]func(*parser) ast.Statement{
		"ALTER":      (*parser).alterStatement,
		"ANALYZE":    (*parser).analyze,
		"CALL":       (*parser).call,
		"COMMENT":    (*parser).commentOn,
		"COMMIT":     (*parser).commit,
		"CREATE":     (*parser).createStatement,
		"DEALLOCATE": (*parser).deallocate,
		"DELETE":     (*parser).deleteStatement,
		"DENY":       (*parser).deny,
		"DESC":       (*parser).describe,
		"DESCRIBE":   (*parser).describe,
		"DROP":       (*parser).dropStatement,
		"EXECUTE":    (*parser).execute,
		"EXPLAIN":    (*parser).explain,
		"GRANT":      (*parser).grant,
		"INSERT":     (*parser).insert,
		"MERGE":      (*parser).merge,
		"PREPARE":    (*parser).prepare,
		"REFRESH":    (*parser).refresh,
		"RESET":      (*parser).reset,
		"REVOKE":     (*parser).revoke,
		"ROLLBACK":   (*parser).rollback,
		"SET":        (*parser).set,
		"SHOW":       (*parser).show,
		"START":      (*parser).startTransaction,
		"TRUNCATE":   (*parser).truncate,
		"UPDATE":     (*parser).update,
		"USE":        (*parser).use,
	}
	for k := range statements {
		statementWords = append(statementWords, k)
	}
}

// statement reads a statement.
func (p *parser) statement() ast.Statement {
	p.enter(1)
	defer p.leave(1)
	p.note(statementWords...)
	if rule, ok := statements[p.kind()]; ok {
		return rule(p)
	}
	p.note("WITH")
	return p.rootQueryWithSession()
}

// ifExists reads [IF EXISTS]. IF can be a name too.
func (p *parser) ifExists() bool {
	if !p.is("IF") || p.ahead(1).kind != "EXISTS" {
		return false
	}
	p.wantAll("IF", "EXISTS")
	return true
}

// ifNotExists reads [IF NOT EXISTS].
func (p *parser) ifNotExists() bool {
	if !p.is("IF") || p.ahead(1).kind != "NOT" {
		return false
	}
	p.wantAll("IF", "NOT", "EXISTS")
	return true
}

// optionalString reads a string if keyword comes first.
func (p *parser) optionalString(keyword kind) *ast.StringLiteral {
	if !p.accept(keyword) {
		return nil
	}
	return p.stringLiteral()
}

// optionalWhere reads [WHERE condition].
func (p *parser) optionalWhere() ast.Expression {
	if !p.accept("WHERE") {
		return nil
	}
	return p.expression()
}

// withProperties reads [WITH (name = value, …)].
func (p *parser) withProperties() []*ast.Property {
	if !p.accept("WITH") {
		return nil
	}
	return parens(p, p.property)
}

func (p *parser) property() *ast.Property {
	e := &ast.Property{Location: p.loc(), Name: p.identifier()}
	p.want("=")
	if p.is("DEFAULT") && p.isDefaultKeyword() {
		p.advance()
	} else {
		e.Value = p.expression()
	}
	return e
}

// isDefaultKeyword reports whether the DEFAULT at the current token stands alone.
func (p *parser) isDefaultKeyword() bool {
	switch p.ahead(1).kind {
	case ",", ")", kindEOF:
		return true
	}
	return false
}

// callArgument reads [name =>] value.
func (p *parser) callArgument() *ast.CallArgument {
	a := &ast.CallArgument{Location: p.loc()}
	if p.tokens[p.at].name && p.ahead(1).kind == "=>" {
		a.Name = p.identifier()
		p.want("=>")
	} else {
		p.note(ruleIdentifier)
	}
	a.Value = p.expression()
	return a
}

// callArguments reads ([argument, …]).
func (p *parser) callArguments() []*ast.CallArgument {
	p.want("(")
	var arguments []*ast.CallArgument
	if !p.is(")") {
		arguments = list(p, p.callArgument)
	}
	p.want(")")
	return arguments
}

// using reads [USING value, …].
func (p *parser) using() []ast.Expression {
	if !p.accept("USING") {
		return nil
	}
	return p.expressions()
}
