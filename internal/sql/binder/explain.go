package binder

import (
	"reflect"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// explain binds EXPLAIN. The statement is bound too, so that its errors are found.
func (b *binder) explain(s *ast.Explain) (Bound, error) {
	out := &Explain{Type: "DISTRIBUTED", Format: "TEXT"}
	seen := map[string]bool{}
	for _, o := range s.Options {
		if seen[o.Name] {
			continue // the first one counts
		}
		seen[o.Name] = true
		switch o.Name {
		case "TYPE":
			out.Type = o.Value
		case "FORMAT":
			out.Format = o.Value
		}
	}
	stmt, args, err := b.executed(s.Statement)
	if err != nil {
		return nil, err
	}
	if !planned(stmt) {
		// What has no plan is not analysed: it is shown, whether it could be carried out or not.
		if out.Type == "VALIDATE" {
			return b.isTrue("Valid"), nil
		}
		out.Text = heading(stmt)
		if len(args) > 0 {
			out.Text += "\nParameters: [" + texts(args) + "]"
		}
		return out, nil
	}
	inner, err := b.statement(s.Statement)
	if err != nil {
		return nil, err
	}
	if out.Type == "VALIDATE" {
		return b.isTrue("Valid"), nil
	}
	out.Statement = inner
	return out, nil
}

// executed returns the statement that EXECUTE runs and its arguments; others are themselves.
func (b *binder) executed(s ast.Statement) (ast.Statement, []ast.Expression, error) {
	switch s := s.(type) {
	case *ast.Execute:
		stmt, err := b.prepared(s.Name)
		return stmt, s.Arguments, err
	case *ast.ExecuteImmediate:
		stmt, err := parser.ParseStatementAt(s.Statement.Value, s.Statement.Pos())
		return stmt, s.Arguments, err
	}
	return s, nil, nil
}

// heading shows a statement without a plan; of those that define something, what it is called.
func heading(s ast.Statement) string {
	switch s := s.(type) {
	case *ast.CreateTable:
		return "CREATE TABLE " + format.Name(s.Name)
	case *ast.CreateView:
		return "CREATE VIEW " + format.Name(s.Name)
	case *ast.Prepare:
		return "PREPARE " + s.Name.Value
	}
	return format.Statement(s)
}

// explainAnalyze binds EXPLAIN ANALYZE, which runs the statement.
func (b *binder) explainAnalyze(s *ast.ExplainAnalyze) (Bound, error) {
	if !planned(s.Statement) {
		return nil, trinoerr.New(trinoerr.NotSupported, "EXPLAIN ANALYZE doesn't support statement type: %s",
			reflect.TypeOf(s.Statement).Elem().Name())
	}
	inner, err := b.statement(s.Statement)
	if err != nil {
		return nil, err
	}
	return &Explain{Statement: inner, Analyze: true, Verbose: s.Verbose, Type: "DISTRIBUTED", Format: "TEXT"}, nil
}

// planned reports whether a statement becomes a plan.
func planned(s ast.Statement) bool {
	switch s.(type) {
	case *ast.Query, *ast.CreateTableAsSelect, *ast.Insert, *ast.Delete, *ast.Update, *ast.Merge, *ast.Explain,
		*ast.ExplainAnalyze, *ast.Execute, *ast.ExecuteImmediate, *ast.ShowCatalogs, *ast.ShowSchemas, *ast.ShowTables,
		*ast.ShowColumns, *ast.ShowFunctions, *ast.ShowSession, *ast.ShowCreate, *ast.ShowStats, *ast.ShowGrants,
		*ast.ShowRoles, *ast.ShowRoleGrants, *ast.DescribeInput, *ast.DescribeOutput, *ast.Analyze:
		return true
	}
	return false
}
