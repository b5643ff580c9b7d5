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
	}
	return nil, unsupported(stmt, "Statement")
}

// queryStatement binds a query whose rows go to the client.
func (b *binder) queryStatement(q *ast.Query) (Bound, error) {
	if len(q.Session) > 0 {
		return nil, unsupported(q.Session[0], "WITH SESSION")
	}
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
