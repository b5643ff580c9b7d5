package format

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

func principal(r *ast.Principal) string {
	return when(r.Kind != "", string(r.Kind)+" ") + identifier(r.Name)
}

func principals(list []*ast.Principal) string { return join(list, ", ", principal) }

func grantor(g *ast.Grantor) string {
	if g.Principal != nil {
		return principal(g.Principal)
	}
	return string(g.Kind)
}

func privileges(names []string) string {
	if names == nil {
		return "ALL PRIVILEGES"
	}
	return strings.Join(names, ", ")
}

func grantObject(g *ast.GrantObject) string {
	return when(g.Kind != "", g.Kind+" ") + Name(g.Name)
}

// security writes statements about roles and privileges.
func (p *printer) security(s ast.Statement, _ int) bool {
	switch s := s.(type) {
	case *ast.CreateRole:
		p.put("CREATE ROLE ", identifier(s.Name), after(" WITH ADMIN ", s.Admin, grantor), inCatalog(s.Catalog))
	case *ast.DropRole:
		p.put("DROP ROLE ", ifExists(s.IfExists), identifier(s.Name), inCatalog(s.Catalog))
	case *ast.GrantRoles:
		p.put("GRANT ", identifiers(s.Roles), " TO ", principals(s.Grantees), when(s.AdminOption, " WITH ADMIN OPTION"),
			after(" GRANTED BY ", s.GrantedBy, grantor), inCatalog(s.Catalog))
	case *ast.RevokeRoles:
		p.put("REVOKE ", when(s.AdminOption, "ADMIN OPTION FOR "), identifiers(s.Roles), " FROM ", principals(s.Grantees),
			after(" GRANTED BY ", s.GrantedBy, grantor), inCatalog(s.Catalog))
	case *ast.Grant:
		p.put("GRANT ", privileges(s.Privileges), " ON ", grantObject(s.Object), " TO ", principal(s.Grantee),
			when(s.GrantOption, " WITH GRANT OPTION"))
	case *ast.Revoke:
		p.put("REVOKE ", when(s.GrantOption, "GRANT OPTION FOR "), privileges(s.Privileges), " ON ", grantObject(s.Object),
			" FROM ", principal(s.Grantee))
	case *ast.Deny:
		p.put("DENY ", privileges(s.Privileges), " ON ", grantObject(s.Object), " TO ", principal(s.Grantee))
	case *ast.SetRole:
		p.put("SET ROLE ", when(s.Role == nil, string(s.Kind)), after("", s.Role, identifier), inCatalog(s.Catalog))
	default:
		return false
	}
	return true
}

func qualified(catalog, schema *ast.Identifier) string {
	return after("", catalog, identifier) + when(catalog != nil, ".") + identifier(schema)
}

// sessionStatement writes statements about the session, transactions and prepared statements.
func (p *printer) sessionStatement(s ast.Statement, indent int) bool {
	switch s := s.(type) {
	case *ast.Use:
		p.put("USE ", qualified(s.Catalog, s.Schema))
	case *ast.SetSession:
		p.put("SET SESSION ", Name(s.Name), " = ", expression(s.Value))
	case *ast.ResetSession:
		p.put("RESET SESSION ", Name(s.Name))
	case *ast.SetSessionAuthorization:
		p.put("SET SESSION AUTHORIZATION ", expression(s.User))
	case *ast.ResetSessionAuthorization:
		p.put("RESET SESSION AUTHORIZATION")
	case *ast.SetTimeZone:
		if s.Zone == nil {
			p.put("SET TIME ZONE LOCAL")
		} else {
			p.put("SET TIME ZONE ", expression(s.Zone))
		}
	case *ast.SetPath:
		p.put("SET PATH ", join(s.Elements, ", ", func(e *ast.PathElement) string { return qualified(e.Catalog, e.Schema) }))
	case *ast.StartTransaction:
		p.put("START TRANSACTION", when(len(s.Modes) > 0, " "), join(s.Modes, ", ", transactionMode))
	case *ast.Commit:
		p.put("COMMIT")
	case *ast.Rollback:
		p.put("ROLLBACK")
	case *ast.Prepare:
		p.put("PREPARE ", identifier(s.Name), " FROM\n")
		p.statement(s.Statement, indent+1)
	case *ast.Deallocate:
		p.put("DEALLOCATE PREPARE ", identifier(s.Name))
	case *ast.Execute:
		p.put("EXECUTE ", identifier(s.Name), when(len(s.Arguments) > 0, " USING "), expressions(s.Arguments))
	case *ast.ExecuteImmediate:
		p.put("EXECUTE IMMEDIATE\n", str(s.Statement), when(len(s.Arguments) > 0, "\nUSING "), expressions(s.Arguments))
	case *ast.DescribeInput:
		p.put("DESCRIBE INPUT ", identifier(s.Name))
	case *ast.DescribeOutput:
		p.put("DESCRIBE OUTPUT ", identifier(s.Name))
	default:
		return false
	}
	return true
}

func transactionMode(m ast.TransactionMode) string {
	switch m := m.(type) {
	case *ast.IsolationLevel:
		return "ISOLATION LEVEL " + m.Level
	case *ast.AccessMode:
		return when(m.ReadOnly, "READ ONLY") + when(!m.ReadOnly, "READ WRITE")
	}
	return unknown(m)
}

func like(l *ast.LikePattern) string {
	return " LIKE " + str(l.Pattern) + after(" ESCAPE ", l.Escape, str)
}

// showing writes EXPLAIN and SHOW.
func (p *printer) showing(s ast.Statement, indent int) bool {
	switch s := s.(type) {
	case *ast.Explain:
		p.put("EXPLAIN ")
		if len(s.Options) > 0 {
			p.put("(", join(s.Options, ", ", func(o *ast.ExplainOption) string { return o.Name + " " + o.Value }), ")")
		}
		p.put("\n")
		p.statement(s.Statement, indent)
	case *ast.ExplainAnalyze:
		p.put("EXPLAIN ANALYZE", when(s.Verbose, " VERBOSE"), "\n")
		p.statement(s.Statement, indent)
	case *ast.ShowTables:
		p.put("SHOW TABLES", after(" FROM ", s.Schema, Name), after("", s.Like, like))
	case *ast.ShowSchemas:
		p.put("SHOW SCHEMAS", after(" FROM ", s.Catalog, identifier), after("", s.Like, like))
	case *ast.ShowCatalogs:
		p.put("SHOW CATALOGS", after("", s.Like, like))
	case *ast.ShowColumns:
		p.put("SHOW COLUMNS FROM ", Name(s.Table), after("", s.Like, like))
	case *ast.ShowFunctions:
		p.put("SHOW FUNCTIONS", after(" FROM ", s.Schema, Name), after("", s.Like, like))
	case *ast.ShowSession:
		p.put("SHOW SESSION", after("", s.Like, like))
	case *ast.ShowCreate:
		p.put("SHOW CREATE ", string(s.Kind), " ", Name(s.Name))
	case *ast.ShowStats:
		p.put("SHOW STATS FOR ")
		p.relation(s.Relation, indent)
	case *ast.ShowGrants:
		p.put("SHOW GRANTS", after(" ON ", s.Object, grantObject))
	case *ast.ShowRoles:
		p.put("SHOW ", when(s.Current, "CURRENT "), "ROLES", after(" FROM ", s.Catalog, identifier))
	case *ast.ShowRoleGrants:
		p.put("SHOW ROLE GRANTS", after(" FROM ", s.Catalog, identifier))
	default:
		return false
	}
	return true
}
