package format

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// definition writes CREATE and DROP of catalogs, schemas and tables.
func (p *printer) definition(s ast.Statement, indent int) bool {
	switch s := s.(type) {
	case *ast.CreateCatalog:
		p.put("CREATE CATALOG ", ifNotExists(s.IfNotExists), identifier(s.Name), " USING ", identifier(s.Connector),
			comment(s.Comment), authorization(s.Authorization))
		p.properties(s.Properties)
	case *ast.DropCatalog:
		p.put("DROP CATALOG ", ifExists(s.IfExists), identifier(s.Name), cascade(s.Cascade))
	case *ast.CreateSchema:
		p.put("CREATE SCHEMA ", ifNotExists(s.IfNotExists), Name(s.Name), authorization(s.Authorization))
		p.properties(s.Properties)
	case *ast.DropSchema:
		p.put("DROP SCHEMA ", ifExists(s.IfExists), Name(s.Name), cascade(s.Cascade))
	case *ast.CreateTable:
		p.put("CREATE ", table(s.Mode), Name(s.Name))
		if len(s.Elements) > 0 {
			p.put(" (\n", join(s.Elements, ",\n", tableElement), "\n)")
		}
		p.put(comment(s.Comment))
		p.properties(s.Properties)
	case *ast.CreateTableAsSelect:
		p.put("CREATE ", table(s.Mode), Name(s.Name), when(len(s.Columns) > 0, "( "+identifiers(s.Columns)+" )"),
			comment(s.Comment))
		p.properties(s.Properties)
		p.put(" AS ")
		p.query(s.Query, indent)
		p.put(when(s.NoData, " WITH NO DATA"))
	case *ast.DropTable:
		p.put("DROP TABLE ", ifExists(s.IfExists), Name(s.Name))
	case *ast.CommentOn:
		p.put("COMMENT ON ", string(s.Kind), " ", Name(s.Name), " IS ", when(s.Comment == nil, "NULL"), after("", s.Comment, str))
	case *ast.Analyze:
		p.put("ANALYZE ", Name(s.Table))
		p.properties(s.Properties)
	default:
		return false
	}
	return true
}

// table returns the words between CREATE and the name of a table.
func table(m ast.SaveMode) string {
	switch m {
	case ast.IgnoreIfExists:
		return "TABLE IF NOT EXISTS "
	case ast.OrReplace:
		return "OR REPLACE TABLE "
	}
	return "TABLE "
}

func tableElement(e ast.TableElement) string {
	switch e := e.(type) {
	case *ast.ColumnDefinition:
		return spaces(1) + columnDefinition(e)
	case *ast.LikeClause:
		return spaces(1) + "LIKE " + Name(e.Table) + when(e.Properties != "", " "+string(e.Properties)+" PROPERTIES")
	}
	return unknown(e)
}

func columnDefinition(c *ast.ColumnDefinition) string {
	return Name(c.Name) + " " + dataType(c.Type) + when(c.NotNull, " NOT NULL") + after(" COMMENT ", c.Comment, str) +
		when(len(c.Properties) > 0, " WITH ("+properties(c.Properties)+")")
}

// alteration writes ALTER of schemas and tables.
func (p *printer) alteration(s ast.Statement, _ int) bool {
	switch s := s.(type) {
	case *ast.RenameSchema:
		p.put("ALTER SCHEMA ", Name(s.Name), " RENAME TO ", identifier(s.Target))
	case *ast.SetAuthorization:
		p.put("ALTER ", s.Kind, " ", Name(s.Name), " SET AUTHORIZATION ", principal(s.Principal))
	case *ast.RenameTable:
		p.alterTable(s.IfExists, s.Name, "RENAME TO ", Name(s.Target))
	case *ast.AddColumn:
		p.alterTable(s.IfExists, s.Table, "ADD COLUMN ", ifNotExists(s.IfNotExists), columnDefinition(s.Column))
		if w := s.Position; w != nil {
			p.put(" ", string(w.Kind), after(" ", w.After, identifier))
		}
	case *ast.RenameColumn:
		p.alterTable(s.IfExists, s.Table, "RENAME COLUMN ", ifExists(s.ColumnIfExists), Name(s.Column), " TO ", identifier(s.Target))
	case *ast.DropColumn:
		p.alterTable(s.IfExists, s.Table, "DROP COLUMN ", ifExists(s.ColumnIfExists), Name(s.Column))
	case *ast.SetColumnType:
		p.alterTable(s.IfExists, s.Table, "ALTER COLUMN ", Name(s.Column), " SET DATA TYPE ", dataType(s.Type))
	case *ast.DropNotNull:
		p.alterTable(s.IfExists, s.Table, "ALTER COLUMN ", identifier(s.Column), " DROP NOT NULL")
	case *ast.SetProperties:
		p.put("ALTER ", when(s.MaterializedView, "MATERIALIZED VIEW "), when(!s.MaterializedView, "TABLE "), Name(s.Name),
			" SET PROPERTIES ", properties(s.Properties))
	case *ast.TableExecute:
		p.alterTable(false, s.Table, "EXECUTE ", identifier(s.Procedure))
		p.put(when(len(s.Arguments) > 0, "("+callArguments(s.Arguments)+")"))
		p.where("\n", s.Where)
	default:
		return false
	}
	return true
}

func (p *printer) alterTable(exists bool, name *ast.QualifiedName, texts ...string) {
	p.put("ALTER TABLE ", ifExists(exists), Name(name), " ")
	p.put(texts...)
}

// view writes statements about views.
func (p *printer) view(s ast.Statement, indent int) bool {
	switch s := s.(type) {
	case *ast.CreateView:
		p.put("CREATE ", when(s.Replace, "OR REPLACE "), "VIEW ", Name(s.Name), after(" COMMENT ", s.Comment, str),
			when(s.Security != "", " SECURITY "+string(s.Security)))
		p.properties(s.Properties)
		p.put(" AS\n")
		p.query(s.Query, indent)
	case *ast.CreateMaterializedView:
		p.put("CREATE ", when(s.Replace, "OR REPLACE "), "MATERIALIZED VIEW ", ifNotExists(s.IfNotExists), Name(s.Name))
		if s.GracePeriod != nil {
			p.put("\nGRACE PERIOD ", interval(s.GracePeriod))
		}
		p.put(comment(s.Comment))
		p.properties(s.Properties)
		p.put(" AS\n")
		p.query(s.Query, indent)
	case *ast.DropView:
		p.put("DROP VIEW ", ifExists(s.IfExists), Name(s.Name))
	case *ast.DropMaterializedView:
		p.put("DROP MATERIALIZED VIEW ", ifExists(s.IfExists), Name(s.Name))
	case *ast.RenameView:
		p.put("ALTER VIEW ", Name(s.Name), " RENAME TO ", Name(s.Target))
	case *ast.RenameMaterializedView:
		p.put("ALTER MATERIALIZED VIEW ", ifExists(s.IfExists), Name(s.Name), " RENAME TO ", Name(s.Target))
	case *ast.RefreshMaterializedView:
		p.put("REFRESH MATERIALIZED VIEW ", Name(s.Name))
	default:
		return false
	}
	return true
}
