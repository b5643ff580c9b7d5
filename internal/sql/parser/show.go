package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// explain reads EXPLAIN [(option, …)] statement or EXPLAIN ANALYZE [VERBOSE] statement.
func (p *parser) explain() ast.Statement {
	at := p.loc()
	p.want("EXPLAIN")
	if p.is("ANALYZE") && !p.isAnalyzeStatement() {
		p.advance()
		p.note(ruleIdentifier)
		s := &ast.ExplainAnalyze{Location: at, Verbose: p.accept("VERBOSE")}
		s.Statement = p.statement()
		return s
	}
	s := &ast.Explain{Location: at}
	if next := p.ahead(1).kind; p.is("(") && (next == "FORMAT" || next == "TYPE") {
		s.Options = parens(p, p.explainOption)
	}
	s.Statement = p.statement()
	return s
}

// isAnalyzeStatement reports whether the statement ANALYZE table stands here.
func (p *parser) isAnalyzeStatement() bool {
	if !p.ahead(1).name {
		return false
	}
	switch p.ahead(2).kind {
	case kindEOF, ".":
		return true
	case "WITH":
		return p.ahead(3).kind == "("
	}
	return false
}

func (p *parser) explainOption() *ast.ExplainOption {
	o := &ast.ExplainOption{Location: p.loc()}
	if o.Name = string(p.wantAny("FORMAT", "TYPE")); o.Name == "FORMAT" {
		o.Value = string(p.wantAny("GRAPHVIZ", "JSON", "TEXT"))
	} else {
		o.Value = string(p.wantAny("DISTRIBUTED", "IO", "LOGICAL", "VALIDATE"))
	}
	return o
}

// show reads what begins with SHOW.
func (p *parser) show() ast.Statement {
	at := p.loc()
	p.want("SHOW")
	switch p.wantAny("CATALOGS", "COLUMNS", "CREATE", "CURRENT", "FUNCTIONS", "GRANTS", "ROLE", "ROLES", "SCHEMAS", "SESSION",
		"STATS", "TABLES") {
	case "CATALOGS":
		return &ast.ShowCatalogs{Location: at, Like: p.likePattern()}
	case "COLUMNS":
		p.wantAny("FROM", "IN")
		return &ast.ShowColumns{Location: at, Table: p.qualifiedName(), Like: p.likePattern()}
	case "CREATE":
		return p.showCreate(at)
	case "CURRENT":
		p.want("ROLES")
		return &ast.ShowRoles{Location: at, Current: true, Catalog: p.inCatalog()}
	case "FUNCTIONS":
		return &ast.ShowFunctions{Location: at, Schema: p.inSchema(), Like: p.likePattern()}
	case "GRANTS":
		s := &ast.ShowGrants{Location: at}
		if p.accept("ON") {
			s.Object = p.grantObject()
		}
		return s
	case "ROLE":
		p.want("GRANTS")
		return &ast.ShowRoleGrants{Location: at, Catalog: p.inCatalog()}
	case "ROLES":
		return &ast.ShowRoles{Location: at, Catalog: p.inCatalog()}
	case "SCHEMAS":
		return &ast.ShowSchemas{Location: at, Catalog: p.inCatalog(), Like: p.likePattern()}
	case "SESSION":
		return &ast.ShowSession{Location: at, Like: p.likePattern()}
	case "STATS":
		p.want("FOR")
		return p.showStats(at)
	}
	return &ast.ShowTables{Location: at, Schema: p.inSchema(), Like: p.likePattern()}
}

// inCatalog reads [FROM|IN catalog].
func (p *parser) inCatalog() *ast.Identifier {
	if p.acceptAny("FROM", "IN") == "" {
		return nil
	}
	return p.identifier()
}

// inSchema reads [FROM|IN schema].
func (p *parser) inSchema() *ast.QualifiedName {
	if p.acceptAny("FROM", "IN") == "" {
		return nil
	}
	return p.qualifiedName()
}

// likePattern reads [LIKE pattern [ESCAPE escape]].
func (p *parser) likePattern() *ast.LikePattern {
	at := p.loc()
	if !p.accept("LIKE") {
		return nil
	}
	return &ast.LikePattern{Location: at, Pattern: p.stringLiteral(), Escape: p.optionalString("ESCAPE")}
}

func (p *parser) showCreate(at ast.Location) ast.Statement {
	s := &ast.ShowCreate{Location: at}
	k := p.wantAny("FUNCTION", "MATERIALIZED", "SCHEMA", "TABLE", "VIEW")
	s.Kind = ast.ShowCreateKind(k)
	if k == "MATERIALIZED" {
		p.want("VIEW")
		s.Kind = ast.ShowCreateMaterializedView
	}
	s.Name = p.qualifiedName()
	return s
}

func (p *parser) showStats(at ast.Location) ast.Statement {
	where := p.loc()
	if p.accept("(") {
		q := p.rootQuery()
		p.want(")")
		return &ast.ShowStats{Location: at, Relation: &ast.TableSubquery{Location: where, Query: q}}
	}
	return &ast.ShowStats{Location: at, Relation: &ast.Table{Location: where, Name: p.qualifiedName()}}
}
