package binder

import (
	"reflect"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// explain binds EXPLAIN. The statement is bound too, so that its errors are found.
func (b *binder) explain(s *ast.Explain) (Bound, error) {
	out := &Explain{Type: "DISTRIBUTED", Format: "TEXT"}
	seen := map[string]bool{}
	for _, o := range s.Options {
		if seen[o.Name] {
			return nil, errAt(s, trinoerr.InvalidArguments, "Duplicate EXPLAIN option: %s", o.Name)
		}
		seen[o.Name] = true
		switch o.Name {
		case "TYPE":
			out.Type = o.Value
		case "FORMAT":
			out.Format = o.Value
		}
	}
	if !planned(s.Statement) && out.Type != "VALIDATE" {
		// What has no plan is shown as it is written, whether it could be carried out or not.
		out.Text = format.Statement(s.Statement)
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
		*ast.ShowRoles, *ast.ShowRoleGrants, *ast.DescribeInput, *ast.DescribeOutput:
		return true
	}
	return false
}
