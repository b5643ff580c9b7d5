package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// createStatement reads what begins with CREATE.
func (p *parser) createStatement() ast.Statement {
	at := p.loc()
	p.want("CREATE")
	if p.accept("OR") {
		p.want("REPLACE")
		switch p.wantNoted("FUNCTION", "MATERIALIZED", "TABLE", "VIEW") {
		case "FUNCTION":
			return &ast.CreateFunction{Location: at, Replace: true, Specification: p.functionSpecification()}
		case "MATERIALIZED":
			return p.createMaterializedView(at, true)
		case "TABLE":
			return p.createTable(at, true)
		}
		return p.createView(at, true)
	}
	switch p.wantNoted("CATALOG", "FUNCTION", "MATERIALIZED", "OR", "ROLE", "SCHEMA", "TABLE", "VIEW") {
	case "CATALOG":
		return p.createCatalog(at)
	case "FUNCTION":
		return &ast.CreateFunction{Location: at, Specification: p.functionSpecification()}
	case "MATERIALIZED":
		return p.createMaterializedView(at, false)
	case "ROLE":
		return p.createRole(at)
	case "SCHEMA":
		return p.createSchema(at)
	case "TABLE":
		return p.createTable(at, false)
	}
	return p.createView(at, false)
}

// wantNoted returns the current token's kind, which must be one of the kinds, without reading it.
func (p *parser) wantNoted(kinds ...kind) kind {
	if !p.isAny(kinds...) {
		p.fail()
	}
	return p.kind()
}

func (p *parser) createCatalog(at ast.Location) ast.Statement {
	p.want("CATALOG")
	s := &ast.CreateCatalog{Location: at, IfNotExists: p.ifNotExists(), Name: p.identifier()}
	p.want("USING")
	s.Connector = p.identifier()
	s.Comment = p.optionalString("COMMENT")
	if p.accept("AUTHORIZATION") {
		s.Authorization = p.principal()
	}
	s.Properties = p.withProperties()
	return s
}

func (p *parser) createSchema(at ast.Location) ast.Statement {
	p.want("SCHEMA")
	s := &ast.CreateSchema{Location: at, IfNotExists: p.ifNotExists(), Name: p.qualifiedName()}
	if p.accept("AUTHORIZATION") {
		s.Authorization = p.principal()
	}
	s.Properties = p.withProperties()
	return s
}

// createTable reads CREATE TABLE, with columns or AS a query.
func (p *parser) createTable(at ast.Location, replace bool) ast.Statement {
	p.want("TABLE")
	mode := ast.FailIfExists
	if p.ifNotExists() {
		if replace {
			failAt(at, "'OR REPLACE' and 'IF NOT EXISTS' clauses can not be used together")
		}
		mode = ast.IgnoreIfExists
	} else if replace {
		mode = ast.OrReplace
	}
	name := p.qualifiedName()
	var columns []*ast.Identifier
	if p.is("(") {
		if after := p.ahead(2).kind; p.ahead(1).name && (after == "," || after == ")") {
			columns = p.identifiers()
		} else {
			s := &ast.CreateTable{Location: at, Mode: mode, Name: name, Elements: parens(p, p.tableElement)}
			s.Comment = p.optionalString("COMMENT")
			s.Properties = p.withProperties()
			return s
		}
	}
	s := &ast.CreateTableAsSelect{Location: at, Mode: mode, Name: name, Columns: columns}
	s.Comment = p.optionalString("COMMENT")
	s.Properties = p.withProperties()
	if columns == nil && len(s.Properties) > 0 && p.kind() == kindEOF {
		// Beyond Trino: a table whose columns are those of the files that its properties name.
		return &ast.CreateTable{Location: at, Mode: mode, Name: name, Comment: s.Comment, Properties: s.Properties}
	}
	p.want("AS")
	if p.kind() == "(" && p.ahead(1).kind == "WITH" {
		p.want("(")
		s.Query = p.rootQuery()
		p.want(")")
	} else {
		p.note("(", "WITH")
		s.Query = p.rootQuery()
	}
	if p.accept("WITH") {
		s.NoData = p.accept("NO")
		p.want("DATA")
	}
	return s
}

func (p *parser) tableElement() ast.TableElement {
	if !p.is("LIKE") {
		return p.columnDefinition()
	}
	l := &ast.LikeClause{Location: p.loc()}
	p.want("LIKE")
	l.Table = p.qualifiedName()
	if k := p.acceptAny("INCLUDING", "EXCLUDING"); k != "" {
		p.want("PROPERTIES")
		l.Properties = ast.LikeProperties(k)
	}
	return l
}

func (p *parser) columnDefinition() *ast.ColumnDefinition {
	c := &ast.ColumnDefinition{Location: p.loc(), Name: p.qualifiedName(), Type: p.dataType()}
	c.NotNull = p.acceptAll("NOT", "NULL")
	c.Comment = p.optionalString("COMMENT")
	c.Properties = p.withProperties()
	return c
}

func (p *parser) createView(at ast.Location, replace bool) ast.Statement {
	p.want("VIEW")
	s := &ast.CreateView{Location: at, Replace: replace, Name: p.qualifiedName()}
	s.Comment = p.optionalString("COMMENT")
	if p.accept("SECURITY") {
		s.Security = ast.SecurityMode(p.wantAny("DEFINER", "INVOKER"))
	}
	s.Properties = p.withProperties()
	p.want("AS")
	s.Query = p.rootQuery()
	return s
}

func (p *parser) createMaterializedView(at ast.Location, replace bool) ast.Statement {
	p.wantAll("MATERIALIZED", "VIEW")
	s := &ast.CreateMaterializedView{Location: at, Replace: replace, IfNotExists: p.ifNotExists(), Name: p.qualifiedName()}
	if p.accept("GRACE") {
		p.want("PERIOD")
		s.GracePeriod = p.intervalLiteral()
	}
	s.Comment = p.optionalString("COMMENT")
	s.Properties = p.withProperties()
	p.want("AS")
	s.Query = p.rootQuery()
	return s
}

// dropStatement reads what begins with DROP.
func (p *parser) dropStatement() ast.Statement {
	at := p.loc()
	p.want("DROP")
	switch p.wantAny("CATALOG", "FUNCTION", "MATERIALIZED", "ROLE", "SCHEMA", "TABLE", "VIEW") {
	case "CATALOG":
		return &ast.DropCatalog{Location: at, IfExists: p.ifExists(), Name: p.identifier(), Cascade: p.cascade()}
	case "FUNCTION":
		s := &ast.DropFunction{Location: at, IfExists: p.ifExists()}
		s.Name, s.Parameters = p.functionDeclaration()
		return s
	case "MATERIALIZED":
		p.want("VIEW")
		return &ast.DropMaterializedView{Location: at, IfExists: p.ifExists(), Name: p.qualifiedName()}
	case "ROLE":
		return &ast.DropRole{Location: at, IfExists: p.ifExists(), Name: p.identifier(), Catalog: p.optionalIdentifier("IN")}
	case "SCHEMA":
		return &ast.DropSchema{Location: at, IfExists: p.ifExists(), Name: p.qualifiedName(), Cascade: p.cascade()}
	case "TABLE":
		return &ast.DropTable{Location: at, IfExists: p.ifExists(), Name: p.qualifiedName()}
	}
	return &ast.DropView{Location: at, IfExists: p.ifExists(), Name: p.qualifiedName()}
}

// cascade reads [CASCADE|RESTRICT].
func (p *parser) cascade() bool { return p.acceptAny("CASCADE", "RESTRICT") == "CASCADE" }

// alterStatement reads what begins with ALTER.
func (p *parser) alterStatement() ast.Statement {
	at := p.loc()
	p.want("ALTER")
	p.note("MATERIALIZED", "SCHEMA", "TABLE", "VIEW")
	switch p.kind() {
	case "TABLE":
		p.advance()
		return p.alterTable(at)
	case "SCHEMA":
		p.advance()
		name := p.qualifiedName()
		if p.accept("RENAME") {
			p.want("TO")
			return &ast.RenameSchema{Location: at, Name: name, Target: p.identifier()}
		}
		return p.setAuthorization(at, "SCHEMA", name)
	case "VIEW":
		p.advance()
		name := p.qualifiedName()
		if p.accept("RENAME") {
			p.want("TO")
			return &ast.RenameView{Location: at, Name: name, Target: p.qualifiedName()}
		}
		return p.setAuthorization(at, "VIEW", name)
	case "MATERIALIZED":
		if p.ahead(1).kind == "VIEW" {
			p.wantAll("MATERIALIZED", "VIEW")
			return p.alterMaterializedView(at)
		}
	}
	kind := p.identifier()
	return p.setAuthorization(at, kind.Canonical(), p.qualifiedName())
}

// setAuthorization reads SET AUTHORIZATION principal.
func (p *parser) setAuthorization(at ast.Location, kind string, name *ast.QualifiedName) ast.Statement {
	p.wantAll("SET", "AUTHORIZATION")
	return &ast.SetAuthorization{Location: at, Kind: kind, Name: name, Principal: p.principal()}
}

func (p *parser) alterMaterializedView(at ast.Location) ast.Statement {
	exists := p.ifExists()
	name := p.qualifiedName()
	if p.accept("RENAME") {
		p.want("TO")
		return &ast.RenameMaterializedView{Location: at, IfExists: exists, Name: name, Target: p.qualifiedName()}
	}
	if exists {
		p.fail()
	}
	return p.setPropertiesOrAuthorization(at, "MATERIALIZED VIEW", name)
}

// setPropertiesOrAuthorization reads SET PROPERTIES … or SET AUTHORIZATION ….
func (p *parser) setPropertiesOrAuthorization(at ast.Location, kind string, name *ast.QualifiedName) ast.Statement {
	p.want("SET")
	if p.wantAny("PROPERTIES", "AUTHORIZATION") == "AUTHORIZATION" {
		return &ast.SetAuthorization{Location: at, Kind: kind, Name: name, Principal: p.principal()}
	}
	return &ast.SetProperties{Location: at, MaterializedView: kind != "TABLE", Name: name, Properties: list(p, p.property)}
}

// alterTable reads the rest of ALTER TABLE.
func (p *parser) alterTable(at ast.Location) ast.Statement {
	exists := p.ifExists()
	table := p.qualifiedName()
	kinds := []kind{"ADD", "ALTER", "DROP", "RENAME"}
	if !exists {
		kinds = append(kinds, "EXECUTE", "SET")
	}
	switch p.wantNoted(kinds...) {
	case "ADD":
		return p.addColumn(at, exists, table)
	case "ALTER":
		return p.alterColumn(at, exists, table)
	case "DROP":
		p.wantAll("DROP", "COLUMN")
		return &ast.DropColumn{Location: at, IfExists: exists, Table: table, ColumnIfExists: p.ifExists(), Column: p.qualifiedName()}
	case "EXECUTE":
		p.advance()
		s := &ast.TableExecute{Location: at, Table: table, Procedure: p.identifier()}
		if p.is("(") {
			s.Arguments = p.callArguments()
		}
		s.Where = p.optionalWhere()
		return s
	case "SET":
		return p.setPropertiesOrAuthorization(at, "TABLE", table)
	}
	p.want("RENAME")
	if p.wantAny("TO", "COLUMN") == "TO" {
		return &ast.RenameTable{Location: at, IfExists: exists, Name: table, Target: p.qualifiedName()}
	}
	s := &ast.RenameColumn{Location: at, IfExists: exists, Table: table, ColumnIfExists: p.ifExists(), Column: p.qualifiedName()}
	p.want("TO")
	s.Target = p.identifier()
	return s
}

func (p *parser) addColumn(at ast.Location, exists bool, table *ast.QualifiedName) ast.Statement {
	p.wantAll("ADD", "COLUMN")
	s := &ast.AddColumn{Location: at, IfExists: exists, Table: table, IfNotExists: p.ifNotExists(), Column: p.columnDefinition()}
	where := p.loc()
	if k := p.acceptAny("FIRST", "LAST", "AFTER"); k != "" {
		s.Position = &ast.ColumnPosition{Location: where, Kind: ast.ColumnPositionKind(k)}
		if k == "AFTER" {
			s.Position.After = p.identifier()
		}
	}
	return s
}

func (p *parser) alterColumn(at ast.Location, exists bool, table *ast.QualifiedName) ast.Statement {
	p.wantAll("ALTER", "COLUMN")
	column := p.qualifiedName()
	if len(column.Parts) == 1 && p.accept("DROP") {
		p.wantAll("NOT", "NULL")
		return &ast.DropNotNull{Location: at, IfExists: exists, Table: table, Column: column.Parts[0]}
	}
	p.wantAll("SET", "DATA", "TYPE")
	return &ast.SetColumnType{Location: at, IfExists: exists, Table: table, Column: column, Type: p.dataType()}
}

// commentOn reads COMMENT ON ….
func (p *parser) commentOn() ast.Statement {
	s := &ast.CommentOn{Location: p.loc()}
	p.wantAll("COMMENT", "ON")
	s.Kind = ast.CommentKind(p.wantAny("TABLE", "VIEW", "COLUMN"))
	s.Name = p.qualifiedName()
	p.want("IS")
	if !p.accept("NULL") {
		s.Comment = p.stringLiteral()
	}
	return s
}

func (p *parser) analyze() ast.Statement {
	at := p.loc()
	p.want("ANALYZE")
	return &ast.Analyze{Location: at, Table: p.qualifiedName(), Properties: p.withProperties()}
}

func (p *parser) refresh() ast.Statement {
	at := p.loc()
	p.wantAll("REFRESH", "MATERIALIZED", "VIEW")
	return &ast.RefreshMaterializedView{Location: at, Name: p.qualifiedName()}
}
