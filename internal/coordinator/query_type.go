package coordinator

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// queryType is Trino's type of a statement, by which resource groups are selected; that of a prepared one is the type of what it
// executes. It is empty for one that will turn out wrong.
func queryType(stmt ast.Statement, prepared map[string]string) string {
	switch s := stmt.(type) {
	case *ast.Query:
		return "SELECT"
	case *ast.Explain:
		return "EXPLAIN"
	case *ast.ExplainAnalyze:
		return queryType(s.Statement, prepared)
	case *ast.Insert, *ast.CreateTableAsSelect, *ast.RefreshMaterializedView:
		return "INSERT"
	case *ast.Update:
		return "UPDATE"
	case *ast.Delete:
		return "DELETE"
	case *ast.Merge:
		return "MERGE"
	case *ast.Analyze:
		return "ANALYZE"
	case *ast.TableExecute:
		return "ALTER_TABLE_EXECUTE"
	case *ast.ShowTables, *ast.ShowSchemas, *ast.ShowCatalogs, *ast.ShowColumns, *ast.ShowFunctions, *ast.ShowSession, *ast.ShowCreate, *ast.ShowStats,
		*ast.ShowGrants, *ast.ShowRoles, *ast.ShowRoleGrants, *ast.DescribeInput, *ast.DescribeOutput:
		return "DESCRIBE"
	case *ast.Execute:
		return textType(prepared[s.Name.Value])
	case *ast.ExecuteImmediate:
		return textType(s.Statement.Value)
	}
	return "DATA_DEFINITION"
}

func textType(text string) string {
	stmt, err := parser.ParseStatement(text)
	switch stmt.(type) {
	case nil, *ast.Execute, *ast.ExecuteImmediate:
		return ""
	}
	if err != nil {
		return ""
	}
	return queryType(stmt, nil)
}
