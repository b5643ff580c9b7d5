package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

func (p *parser) use() ast.Statement {
	s := &ast.Use{Location: p.loc()}
	p.want("USE")
	s.Schema = p.identifier()
	if p.kind() == "." {
		p.advance()
		s.Catalog, s.Schema = s.Schema, p.identifier()
	}
	return s
}

// set reads what begins with SET.
func (p *parser) set() ast.Statement {
	at := p.loc()
	p.want("SET")
	switch p.wantNoted("PATH", "ROLE", "SESSION", "TIME") {
	case "PATH":
		p.advance()
		return &ast.SetPath{Location: at, Elements: list(p, p.pathElement)}
	case "ROLE":
		return p.setRole(at)
	case "TIME":
		p.wantAll("TIME", "ZONE")
		if next := p.ahead(1).kind; p.is("LOCAL") && next == kindEOF {
			p.advance()
			return &ast.SetTimeZone{Location: at}
		}
		return &ast.SetTimeZone{Location: at, Zone: p.expression()}
	}
	p.want("SESSION")
	if next := p.ahead(1).kind; p.is("AUTHORIZATION") && next != "=" && next != "." {
		p.advance()
		s := &ast.SetSessionAuthorization{Location: at}
		if p.isString() {
			s.User = p.stringLiteral()
		} else {
			s.User = p.identifier()
		}
		return s
	}
	s := &ast.SetSession{Location: at, Name: p.qualifiedName()}
	p.want("=")
	s.Value = p.expression()
	return s
}

// pathElement reads [catalog.]schema.
func (p *parser) pathElement() *ast.PathElement {
	e := &ast.PathElement{Location: p.loc(), Schema: p.identifier()}
	if p.accept(".") {
		e.Catalog, e.Schema = e.Schema, p.identifier()
	}
	return e
}

func (p *parser) reset() ast.Statement {
	at := p.loc()
	p.wantAll("RESET", "SESSION")
	if p.is("AUTHORIZATION") && p.ahead(1).kind == kindEOF {
		p.advance()
		return &ast.ResetSessionAuthorization{Location: at}
	}
	return &ast.ResetSession{Location: at, Name: p.qualifiedName()}
}

func (p *parser) startTransaction() ast.Statement {
	s := &ast.StartTransaction{Location: p.loc()}
	p.wantAll("START", "TRANSACTION")
	if p.isAny("ISOLATION", "READ") {
		s.Modes = list(p, p.transactionMode)
	}
	return s
}

func (p *parser) transactionMode() ast.TransactionMode {
	at := p.loc()
	if p.wantAny("ISOLATION", "READ") == "READ" {
		return &ast.AccessMode{Location: at, ReadOnly: p.wantAny("ONLY", "WRITE") == "ONLY"}
	}
	p.want("LEVEL")
	level := p.wantAny("READ", "REPEATABLE", "SERIALIZABLE")
	switch level {
	case "READ":
		level += " " + p.wantAny("COMMITTED", "UNCOMMITTED")
	case "REPEATABLE":
		p.want("READ")
		level += " READ"
	}
	return &ast.IsolationLevel{Location: at, Level: string(level)}
}

func (p *parser) commit() ast.Statement {
	at := p.loc()
	p.want("COMMIT")
	p.accept("WORK")
	return &ast.Commit{Location: at}
}

func (p *parser) rollback() ast.Statement {
	at := p.loc()
	p.want("ROLLBACK")
	p.accept("WORK")
	return &ast.Rollback{Location: at}
}

func (p *parser) prepare() ast.Statement {
	s := &ast.Prepare{Location: p.loc()}
	p.want("PREPARE")
	s.Name = p.identifier()
	p.want("FROM")
	s.Statement = p.statement()
	return s
}

func (p *parser) deallocate() ast.Statement {
	at := p.loc()
	p.wantAll("DEALLOCATE", "PREPARE")
	return &ast.Deallocate{Location: at, Name: p.identifier()}
}

func (p *parser) execute() ast.Statement {
	at := p.loc()
	p.want("EXECUTE")
	if p.is("IMMEDIATE") && isStringKind(p.ahead(1).kind) {
		p.advance()
		return &ast.ExecuteImmediate{Location: at, Statement: p.stringLiteral(), Arguments: p.using()}
	}
	return &ast.Execute{Location: at, Name: p.identifier(), Arguments: p.using()}
}

// describe reads DESCRIBE INPUT|OUTPUT name, or DESCRIBE table.
func (p *parser) describe() ast.Statement {
	at := p.loc()
	if p.advance().kind == "DESCRIBE" && p.isAny("INPUT", "OUTPUT") && p.ahead(1).name {
		if p.advance().kind == "INPUT" {
			return &ast.DescribeInput{Location: at, Name: p.identifier()}
		}
		return &ast.DescribeOutput{Location: at, Name: p.identifier()}
	}
	return &ast.ShowColumns{Location: at, Table: p.qualifiedName()}
}
