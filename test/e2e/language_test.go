//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/compat"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// TestStatements runs the example of every statement on the compatibility page and holds it against what the page says.
func TestStatements(t *testing.T) {
	catalogs := map[string]map[string]string{"tpch": {"connector.name": "tpch"},
		"memory": {"connector.name": "memory", "memory.row-level-changes": "true"}}
	c := start(t, localcluster.Config{Workers: 1, Catalogs: catalogs})
	for _, s := range compat.Statements {
		t.Run(s.Name, func(t *testing.T) {
			cl := session(c)
			for _, sql := range s.Setup {
				mustRows(t, cl, sql)
			}
			defer func() {
				for _, sql := range s.Cleanup {
					mustRows(t, cl, sql)
				}
			}()
			_, err := rows(t.Context(), cl, s.SQL)
			var f *failure
			switch errors.As(err, &f); {
			case s.Support == compat.Yes && err != nil && !strings.HasPrefix(s.Name, "CALL"):
				t.Error(err)
			case s.Support == compat.Refused && (f == nil || f.name != "NOT_SUPPORTED" || f.line == 0):
				t.Errorf("%v, wanted NOT_SUPPORTED at a place", err)
			case s.Support == compat.Connector && (f == nil || f.name == "SYNTAX_ERROR" || f.name == "GENERIC_INTERNAL_ERROR"):
				t.Errorf("%v, wanted a refusal", err)
			}
		})
	}
}

// example is an example of a function's entry.
type example struct {
	signature, sql, want string
	kind                 functions.Kind
}

func examples() (out []example) {
	for _, f := range functions.All() {
		for _, e := range f.Examples {
			out = append(out, example{f.Signature, e[0], e[1], f.Kind})
		}
	}
	return out
}

// TestEveryFunctionHasAnExample demands a description of every overload and an example of every name.
func TestEveryFunctionHasAnExample(t *testing.T) {
	shown := map[string]bool{}
	for _, f := range functions.All() {
		if f.Hidden {
			continue
		}
		if f.Doc == "" {
			t.Errorf("%s is not described", f.Signature)
		}
		shown[f.Name] = shown[f.Name] || len(f.Examples) > 0
	}
	for name, ok := range shown {
		if !ok {
			t.Errorf("%s has no example", name)
		}
	}
}

// TestExamples computes the examples of all functions in one task, and again such that an exchange is between the
// function and its value, or between the two steps of an aggregate.
func TestExamples(t *testing.T) {
	c := start(t, localcluster.Config{Workers: 2, Catalogs: standardCatalogs("")})
	one := session(c)
	many := session(c, "retry_policy=TASK", "waterbear_single_task_input_size=0B")
	mustRows(t, one, "CREATE TABLE memory.default.two AS SELECT k FROM (VALUES 1, 2) t(k)")
	for _, e := range examples() {
		t.Run(e.signature, func(t *testing.T) {
			if e.kind != functions.Scalar {
				wantText(t, one, e.sql, e.want)
				if sql, ok := spread(t, one, e.sql); ok {
					defer mustRows(t, one, "DROP TABLE memory.default.example")
					wantText(t, many, sql, e.want)
				}
				return
			}
			wantText(t, one, "SELECT "+e.sql, e.want)
			wantText(t, many, "SELECT v FROM (SELECT k, arbitrary(v) AS v FROM (SELECT k, "+e.sql+
				" AS v FROM memory.default.two) GROUP BY k) WHERE k = 1", e.want)
		})
	}
}

// wantText runs a query of one row and one column and compares its value's text.
func wantText(t *testing.T, cl *client.Client, sql, want string) {
	t.Helper()
	typ, got, err := textOf(t.Context(), cl, sql)
	if err != nil {
		t.Errorf("%v\n%s", err, sql)
	} else if got != want {
		t.Errorf("%s: %s, wanted %s\n%s", typ, got, want, sql)
	}
}

// textOf returns the type of a query's one value, and the value as a varchar, or as JSON when it cannot be cast to varchar.
func textOf(ctx context.Context, cl *client.Client, sql string) (typ, text string, err error) {
	described, err := rows(ctx, cl, "SELECT typeof(v) FROM ("+sql+") t(v)")
	if err != nil || len(described) != 1 {
		return "", "not one row", err
	}
	var name [1]string
	if err := json.Unmarshal([]byte(described[0]), &name); err != nil {
		return "", "", err
	}
	value := "CAST(v AS varchar)"
	switch base, _, _ := strings.Cut(name[0], "("); base {
	case "array", "map", "row":
		value = "json_format(CAST(v AS json))"
	case "json":
		value = "json_format(v)"
	case "varbinary":
		value = "to_hex(v)"
	}
	out, err := rows(ctx, cl, "SELECT "+value+" FROM ("+sql+") t(v)")
	if err != nil || len(out) != 1 {
		return name[0], "not one row", err
	}
	var texts [1]*string
	if err := json.Unmarshal([]byte(out[0]), &texts); err != nil {
		return name[0], "", err
	}
	if texts[0] == nil {
		return name[0], "NULL", nil
	}
	return name[0], *texts[0], nil
}

// spread moves the rows that a query reads from its VALUES into a table of two splits and returns the query over the table.
// It does nothing for queries that are not over VALUES with an alias.
func spread(t *testing.T, cl *client.Client, sql string) (string, bool) {
	t.Helper()
	stmt, err := parser.ParseStatement(sql)
	if err != nil {
		t.Fatal(err)
	}
	var query *ast.QuerySpecification
	ast.Walk(stmt, func(n ast.Node) bool {
		if q, ok := n.(*ast.QuerySpecification); ok && query == nil {
			if _, ok := q.From.(*ast.AliasedRelation); ok {
				query = q
			}
		}
		return query == nil
	})
	if query == nil {
		return "", false
	}
	values := query.From.(*ast.AliasedRelation)
	mustRows(t, cl, from(t, "CREATE TABLE memory.default.example AS SELECT * FROM x WITH NO DATA", values))
	for _, half := range []string{"0", "1"} {
		mustRows(t, cl, from(t, "INSERT INTO memory.default.example SELECT "+columnList(t, cl)+
			" FROM (SELECT *, row_number() OVER () AS example_row FROM x) WHERE example_row % 2 = "+half, values))
	}
	query.From = &ast.AliasedRelation{Relation: table(t, "memory.default.example"), Alias: values.Alias, Columns: values.Columns}
	return format.Statement(stmt), true
}

// columnList lists the columns of the table of an example.
func columnList(t *testing.T, cl *client.Client) string {
	t.Helper()
	var names []string
	for _, row := range mustRows(t, cl, "SELECT column_name FROM memory.information_schema.columns WHERE table_name = 'example' ORDER BY ordinal_position") {
		names = append(names, strings.Trim(row, "[]"))
	}
	return strings.Join(names, ", ")
}

// from replaces the table x of a statement by a relation.
func from(t *testing.T, sql string, r ast.Relation) string {
	t.Helper()
	stmt, err := parser.ParseStatement(sql)
	if err != nil {
		t.Fatal(err)
	}
	ast.Walk(stmt, func(n ast.Node) bool {
		if q, ok := n.(*ast.QuerySpecification); ok {
			if x, ok := q.From.(*ast.Table); ok && x.Name.Suffix() == "x" {
				q.From = r
			}
		}
		return true
	})
	return format.Statement(stmt)
}

// table is a table as a relation.
func table(t *testing.T, name string) ast.Relation {
	t.Helper()
	stmt, err := parser.ParseStatement("TABLE " + name)
	if err != nil {
		t.Fatal(err)
	}
	var out *ast.QualifiedName
	ast.Walk(stmt, func(n ast.Node) bool {
		if q, ok := n.(*ast.QualifiedName); ok {
			out = q
		}
		return true
	})
	return &ast.Table{Name: out}
}
