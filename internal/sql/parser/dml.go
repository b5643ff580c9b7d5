package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

func (p *parser) insert() ast.Statement {
	s := &ast.Insert{Location: p.loc()}
	p.wantAll("INSERT", "INTO")
	s.Table = p.qualifiedName()
	if p.is("(") && p.ahead(1).name {
		s.Columns = p.identifiers()
	}
	s.Query = p.rootQuery()
	return s
}

func (p *parser) deleteStatement() ast.Statement {
	s := &ast.Delete{Location: p.loc()}
	p.wantAll("DELETE", "FROM")
	s.Table, s.Where = p.qualifiedName(), p.optionalWhere()
	return s
}

func (p *parser) truncate() ast.Statement {
	at := p.loc()
	p.wantAll("TRUNCATE", "TABLE")
	return &ast.Truncate{Location: at, Table: p.qualifiedName()}
}

func (p *parser) update() ast.Statement {
	s := &ast.Update{Location: p.loc()}
	p.want("UPDATE")
	s.Table = p.qualifiedName()
	p.want("SET")
	s.Assignments = list(p, p.assignment)
	s.Where = p.optionalWhere()
	return s
}

// assignment reads column = value.
func (p *parser) assignment() *ast.Assignment {
	a := &ast.Assignment{Location: p.loc(), Column: p.identifier()}
	p.want("=")
	a.Value = p.expression()
	return a
}

func (p *parser) merge() ast.Statement {
	s := &ast.Merge{Location: p.loc()}
	p.wantAll("MERGE", "INTO")
	s.Table = p.qualifiedName()
	if p.accept("AS") || p.isName() {
		s.Alias = p.identifier()
	}
	p.want("USING")
	s.Source = p.relation()
	p.want("ON")
	s.Condition = p.expression()
	for first := true; first || p.is("WHEN"); first = false {
		s.Cases = append(s.Cases, p.mergeCase())
	}
	return s
}

func (p *parser) mergeCase() ast.MergeCase {
	at := p.loc()
	p.want("WHEN")
	matched := p.wantAny("MATCHED", "NOT") == "MATCHED"
	if !matched {
		p.want("MATCHED")
	}
	var condition ast.Expression
	if p.accept("AND") {
		condition = p.expression()
	}
	p.want("THEN")
	switch {
	case !matched:
		c := &ast.MergeInsert{Location: at, Condition: condition}
		p.want("INSERT")
		if p.is("(") {
			c.Columns = p.identifiers()
		}
		p.want("VALUES")
		c.Values = parens(p, p.expression)
		return c
	case p.wantAny("UPDATE", "DELETE") == "DELETE":
		return &ast.MergeDelete{Location: at, Condition: condition}
	}
	p.want("SET")
	return &ast.MergeUpdate{Location: at, Condition: condition, Assignments: list(p, p.assignment)}
}

func (p *parser) call() ast.Statement {
	s := &ast.Call{Location: p.loc()}
	p.want("CALL")
	s.Procedure, s.Arguments = p.qualifiedName(), p.callArguments()
	return s
}
