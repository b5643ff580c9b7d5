//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

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
	t.Parallel()
	c := start(t, localcluster.Config{Workers: 2, Catalogs: standardCatalogs("")})
	one := session(c)
	many := session(c, "retry_policy=TASK", distributed)
	mustRows(t, one, "CREATE TABLE memory.default.two AS SELECT k FROM (VALUES 1, 2) t(k)")
	var scalars []example
	spread := &spreader{client: one, tables: map[string]string{}}
	for _, e := range examples() {
		if e.kind == functions.Scalar {
			scalars = append(scalars, e)
			continue
		}
		t.Run(e.signature, func(t *testing.T) {
			types := wantTexts(t, one, e.sql, nil, e)
			if sql, ok := spread.query(t, e.sql); ok {
				wantTexts(t, many, sql, types, e)
			}
		})
	}
	for batch := range slices.Chunk(scalars, 40) {
		wantScalars(t, one, many, batch)
	}
}

// wantScalars computes examples together: what they have to be is computed once for each statement, and there are many of them.
// When that fails each is computed alone, which tells the one that fails.
func wantScalars(t *testing.T, one, many *client.Client, batch []example) {
	t.Helper()
	var here, there []string
	for i, e := range batch {
		here, there = append(here, fmt.Sprintf("%s AS v%d", e.sql, i)), append(there, fmt.Sprintf("arbitrary(v%d) AS v%[1]d", i))
	}
	list := strings.Join(here, ", ")
	local := "SELECT " + list
	exchanged := "SELECT " + strings.Join(names(len(batch)), ", ") + " FROM (SELECT k, " + strings.Join(there, ", ") +
		" FROM (SELECT k, " + list + " FROM memory.default.two) GROUP BY k) WHERE k = 1"
	types, err := typesOf(t.Context(), one, local, len(batch))
	var got, again []string
	if err == nil {
		got, err = textsOf(t.Context(), one, local, types)
	}
	if err == nil {
		again, err = textsOf(t.Context(), many, exchanged, types)
	}
	if err != nil && len(batch) > 1 {
		for _, e := range batch {
			wantScalars(t, one, many, []example{e})
		}
		if !t.Failed() {
			t.Errorf("%v, but only together\n%s", err, exchanged)
		}
		return
	}
	for i, e := range batch {
		t.Run(e.signature, func(t *testing.T) {
			switch {
			case err != nil:
				t.Errorf("%v\n%s", err, e.sql)
			case got[i] != e.want:
				t.Errorf("%s: %s, wanted %s\n%s", types[i], got[i], e.want, e.sql)
			case again[i] != e.want:
				t.Errorf("%s: %s behind an exchange, wanted %s\n%s", types[i], again[i], e.want, e.sql)
			}
		})
	}
}

// wantTexts runs the query of an example, whose one row has one column, and compares its value's text. It returns the types that it
// is given or, without, finds.
func wantTexts(t *testing.T, cl *client.Client, sql string, types []string, e example) []string {
	t.Helper()
	var err error
	if types == nil {
		types, err = typesOf(t.Context(), cl, sql, 1)
	}
	var got []string
	if err == nil {
		got, err = textsOf(t.Context(), cl, sql, types)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	if got[0] != e.want {
		t.Errorf("%s: %s, wanted %s\n%s", types[0], got[0], e.want, sql)
	}
	return types
}

// names are the names of n columns.
func names(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("v%d", i))
	}
	return out
}

// typesOf are the types of the columns of a query of one row.
func typesOf(ctx context.Context, cl *client.Client, sql string, columns int) ([]string, error) {
	var types []string
	for _, n := range names(columns) {
		types = append(types, "typeof("+n+")")
	}
	return oneRow(ctx, cl, types, sql)
}

// textsOf are the values of a query of one row, each as a varchar, or as JSON when it cannot be cast to varchar.
func textsOf(ctx context.Context, cl *client.Client, sql string, types []string) ([]string, error) {
	var texts []string
	for i, n := range names(len(types)) {
		text := "CAST(" + n + " AS varchar)"
		switch base, _, _ := strings.Cut(types[i], "("); base {
		case "array", "map", "row":
			text = "json_format(CAST(" + n + " AS json))"
		case "json":
			text = "json_format(" + n + ")"
		case "varbinary":
			text = "to_hex(" + n + ")"
		}
		texts = append(texts, text)
	}
	return oneRow(ctx, cl, texts, sql)
}

// oneRow selects texts from a query of one row with as many columns; NULL is "NULL".
func oneRow(ctx context.Context, cl *client.Client, texts []string, sql string) (out []string, err error) {
	got, err := rows(ctx, cl, "SELECT "+strings.Join(texts, ", ")+" FROM ("+sql+") t("+strings.Join(names(len(texts)), ", ")+")")
	if err != nil {
		return nil, err
	}
	if len(got) != 1 {
		return nil, fmt.Errorf("%d rows", len(got))
	}
	var values []*string
	if err := json.Unmarshal([]byte(got[0]), &values); err != nil {
		return nil, err
	}
	for _, v := range values {
		if v == nil {
			out = append(out, "NULL")
		} else {
			out = append(out, *v)
		}
	}
	return out, nil
}

// spreader moves the rows that queries read from their VALUES into tables of two splits.
type spreader struct {
	client *client.Client
	tables map[string]string // by the VALUES
}

// query returns a query over a table in place of VALUES; ok is false for queries that are not over VALUES with an alias.
func (s *spreader) query(t *testing.T, sql string) (over string, ok bool) {
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
	rows := from(t, "SELECT * FROM x", values)
	name := s.tables[rows]
	if name == "" {
		table := fmt.Sprintf("example%d", len(s.tables))
		name = "memory.default." + table
		mustRows(t, s.client, from(t, "CREATE TABLE "+name+" AS SELECT * FROM x WITH NO DATA", values))
		for _, half := range []string{"0", "1"} {
			mustRows(t, s.client, from(t, "INSERT INTO "+name+" SELECT "+columnList(t, s.client, table)+
				" FROM (SELECT *, row_number() OVER () AS example_row FROM x) WHERE example_row % 2 = "+half, values))
		}
		s.tables[rows] = name
	}
	query.From = &ast.AliasedRelation{Relation: table(t, name), Alias: values.Alias, Columns: values.Columns}
	return format.Statement(stmt), true
}

// columnList lists the columns of the table of examples.
func columnList(t *testing.T, cl *client.Client, table string) string {
	t.Helper()
	var names []string
	for _, row := range mustRows(t, cl, "SELECT column_name FROM memory.information_schema.columns WHERE table_name = '"+table+"' ORDER BY ordinal_position") {
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
