package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// statement binds any statement.
func (b *binder) statement(stmt ast.Statement) (Bound, error) {
	switch s := stmt.(type) {
	case *ast.Query:
		return b.queryStatement(s)
	case *ast.CreateTableAsSelect:
		return b.createTableAs(s)
	case *ast.Insert:
		return b.insert(s)
	case *ast.Delete:
		return b.deleteFrom(s)
	case *ast.Truncate:
		return b.truncate(s)
	case *ast.Update:
		return b.update(s)
	case *ast.Merge:
		return b.merge(s)
	case *ast.Explain:
		return b.explain(s)
	case *ast.ExplainAnalyze:
		return b.explainAnalyze(s)
	case *ast.Call:
		return b.call(s)
	case *ast.Analyze:
		return b.analyze(s)
	}
	for _, area := range []func(ast.Statement) (Bound, bool, error){b.definition, b.sessionStatement, b.show, b.role, b.privilege} {
		if bound, ok, err := area(stmt); ok {
			return bound, err
		}
	}
	switch stmt.(type) {
	case *ast.CreateCatalog:
		return nil, errAt(stmt, trinoerr.NotSupported, "CREATE CATALOG is not supported by the static catalog store")
	case *ast.DropCatalog:
		return nil, errAt(stmt, trinoerr.NotSupported, "DROP CATALOG is not supported by the static catalog store")
	}
	return nil, unsupported(stmt, "Statement")
}

// definition binds the statements that change schemas, tables and views.
func (b *binder) definition(stmt ast.Statement) (bound Bound, ok bool, err error) {
	ok = true
	switch s := stmt.(type) {
	case *ast.CreateSchema:
		bound, err = b.createSchema(s)
	case *ast.DropSchema:
		bound, err = b.dropSchema(s)
	case *ast.RenameSchema:
		bound, err = b.renameSchema(s)
	case *ast.CreateTable:
		bound, err = b.createTable(s)
	case *ast.DropTable:
		bound, err = b.dropTable(s)
	case *ast.RenameTable:
		bound, err = b.renameTable(s)
	case *ast.AddColumn:
		bound, err = b.addColumn(s)
	case *ast.DropColumn:
		bound, err = b.dropColumn(s)
	case *ast.RenameColumn:
		bound, err = b.renameColumn(s)
	case *ast.CommentOn:
		bound, err = b.commentOn(s)
	case *ast.SetColumnType:
		bound, err = b.setColumnType(s)
	case *ast.SetProperties:
		bound, err = b.setProperties(s)
	case *ast.TableExecute:
		bound, err = b.tableExecute(s)
	case *ast.DropNotNull:
		bound, err = b.dropNotNull(s)
	case *ast.CreateFunction:
		bound, err = b.createFunction(s)
	case *ast.DropFunction:
		bound, err = b.dropFunction(s)
	case *ast.CreateView:
		bound, err = b.createView(s)
	case *ast.CreateMaterializedView:
		bound, err = b.createMaterializedView(s)
	case *ast.DropView:
		bound, err = b.dropView(s)
	case *ast.DropMaterializedView:
		bound, err = b.dropMaterializedView(s)
	case *ast.RenameView:
		bound, err = b.renameView(s)
	case *ast.RenameMaterializedView:
		bound, err = b.renameMaterializedView(s)
	case *ast.RefreshMaterializedView:
		bound, err = b.refreshMaterializedView(s)
	default:
		ok = false
	}
	return bound, ok, err
}

// sessionStatement binds the statements about the session, transactions and prepared statements.
func (b *binder) sessionStatement(stmt ast.Statement) (bound Bound, ok bool, err error) {
	ok = true
	switch s := stmt.(type) {
	case *ast.Use:
		bound, err = b.use(s)
	case *ast.SetSession:
		bound, err = b.setSession(s)
	case *ast.ResetSession:
		bound, err = b.resetSession(s)
	case *ast.SetTimeZone:
		bound, err = b.setTimeZone(s)
	case *ast.SetPath:
		bound, err = b.setPath(s)
	case *ast.SetRole:
		bound, err = b.setRole(s)
	case *ast.SetSessionAuthorization:
		bound, err = b.setSessionAuthorization(s)
	case *ast.ResetSessionAuthorization:
		bound = &SetSessionAuthorization{}
	case *ast.StartTransaction:
		bound, err = b.startTransaction(s)
	case *ast.Commit:
		bound = &Commit{}
	case *ast.Rollback:
		bound = &Rollback{}
	case *ast.Prepare:
		bound, err = b.prepare(s)
	case *ast.Deallocate:
		bound, err = b.deallocate(s)
	case *ast.Execute:
		bound, err = b.execute(s)
	case *ast.ExecuteImmediate:
		bound, err = b.executeImmediate(s)
	case *ast.DescribeInput:
		bound, err = b.describeInput(s)
	case *ast.DescribeOutput:
		bound, err = b.describeOutput(s)
	default:
		ok = false
	}
	return bound, ok, err
}

// show binds the statements that list something.
func (b *binder) show(stmt ast.Statement) (bound Bound, ok bool, err error) {
	ok = true
	switch s := stmt.(type) {
	case *ast.ShowCatalogs:
		bound, err = b.showCatalogs(s)
	case *ast.ShowSchemas:
		bound, err = b.showSchemas(s)
	case *ast.ShowTables:
		bound, err = b.showTables(s)
	case *ast.ShowColumns:
		bound, err = b.showColumns(s)
	case *ast.ShowFunctions:
		bound, err = b.showFunctions(s)
	case *ast.ShowSession:
		bound, err = b.showSession(s)
	case *ast.ShowCreate:
		bound, err = b.showCreate(s)
	case *ast.ShowStats:
		bound, err = b.showStats(s)
	case *ast.ShowRoles:
		bound, err = b.showRoles(s, s.Catalog, "Role")
	case *ast.ShowRoleGrants:
		bound, err = b.showRoles(s, s.Catalog, "Role Grants")
	case *ast.ShowGrants:
		bound, err = b.showGrants(s)
	default:
		ok = false
	}
	return bound, ok, err
}

// queryStatement binds a query whose rows go to the client. What its WITH SESSION sets is in the environment already.
func (b *binder) queryStatement(q *ast.Query) (Bound, error) {
	rel, err := b.query(q, nil, false)
	if err != nil {
		return nil, err
	}
	return b.output(rel)
}

// output names the columns of a query's result.
func (b *binder) output(rel *relation) (Bound, error) {
	out := &plan.Output{Source: rel.node}
	for i, f := range rel.visible() {
		out.Names = append(out.Names, columnName(f.name, i))
		out.Symbols = append(out.Symbols, f.sym)
		b.aliasedOutputs = append(b.aliasedOutputs, f.aliased)
	}
	if err := b.fillInformationSchema(out); err != nil {
		return nil, err
	}
	return &Query{Plan: out}, nil
}

// columnName is the name of a result's column: _col0 and so on for one without.
func columnName(name string, i int) string {
	if name == "" {
		return "_col" + itoa(i)
	}
	return name
}

// uniqueNames refuses columns of a new table that have no name or the same one.
func uniqueNames(n ast.Node, names []string) error {
	seen := map[string]bool{}
	for i, name := range names {
		if name == "" {
			return errAt(n, trinoerr.MissingColumnName, "Column name not specified at position %d", i+1)
		}
		name = strings.ToLower(name)
		if seen[name] {
			return errAt(n, trinoerr.DuplicateColumnName, "Column name '%s' specified more than once", name)
		}
		seen[name] = true
	}
	return nil
}
