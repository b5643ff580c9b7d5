package format_test

import (
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// statements returns the statements of testdata/statements.sql: one or more lines each, with a line of ;; between.
func statements(t testing.TB) []string {
	text, err := os.ReadFile("testdata/statements.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "\n\n")
	return strings.Split(strings.TrimSpace(list), "\n;;\n")
}

// TestRoundTrip checks that what is printed parses to the tree that was printed.
func TestRoundTrip(t *testing.T) {
	list := statements(t)
	if len(list) < 200 {
		t.Fatalf("only %d statements", len(list))
	}
	for _, sql := range list {
		s, err := parser.ParseStatement(sql)
		if err != nil {
			t.Errorf("%s\n%v", sql, err)
			continue
		}
		roundTrip(t, s)
	}
}

func roundTrip(t *testing.T, s ast.Statement) {
	t.Helper()
	text := format.Statement(s)
	again, err := parser.ParseStatement(text)
	if err != nil {
		t.Errorf("printed text does not parse: %v\n%s", err, text)
		return
	}
	if !ast.Identical(s, again) {
		t.Errorf("printed text has another tree:\n%s\nand prints as\n%s", text, format.Statement(again))
	}
}

// TestEveryNode checks that the statements have every kind of node that a tree can have.
func TestEveryNode(t *testing.T) {
	seen := map[string]bool{}
	for _, sql := range statements(t) {
		s, err := parser.ParseStatement(sql)
		if err != nil {
			t.Fatal(err)
		}
		ast.Walk(s, func(n ast.Node) bool {
			seen[strings.TrimPrefix(typeName(n), "*ast.")] = true
			return true
		})
	}
	for _, name := range nodeNames(t) {
		if !seen[name] {
			t.Errorf("no statement has a %s", name)
		}
	}
}

// TestLayout runs testdata/layout.txt: statements and their text as Trino lays it out.
func TestLayout(t *testing.T) {
	datadriven.RunTest(t, "testdata/layout.txt", func(t *testing.T, d *datadriven.TestData) string {
		s, err := parser.ParseStatement(d.Input)
		if err != nil {
			return err.Error()
		}
		return format.Statement(s)
	})
}

// TestHandMade checks trees that no text gives, but that code may make.
func TestHandMade(t *testing.T) {
	a := &ast.Identifier{Value: "a"}
	lambda := &ast.Lambda{Parameters: []*ast.Identifier{a}, Body: a}
	minus := &ast.ArithmeticUnary{Negative: true, Value: a}
	zoned := &ast.AtTimeZone{Value: a, Zone: &ast.StringLiteral{Value: "x"}}
	tests := []struct {
		e    ast.Expression
		want string
	}{
		{&ast.Subscript{Base: lambda, Index: a}, "((a) -> a)[a]"},
		{&ast.Subscript{Base: minus, Index: a}, "(-(a))[a]"},
		{&ast.Dereference{Base: zoned, Field: a}, "(a AT TIME ZONE 'x').a"},
		{&ast.Dereference{Base: &ast.LongLiteral{Text: "1", Value: 1}, Field: a}, "(1).a"},
		{&ast.AtTimeZone{Value: minus, Zone: &ast.StringLiteral{Value: "x"}}, "(-(a)) AT TIME ZONE 'x'"},
		{&ast.Comparison{Op: ast.OpEqual, Left: lambda, Right: lambda}, "(((a) -> a) = ((a) -> a))"},
		{&ast.Identifier{Value: "select", Delimited: true}, `"select"`},
	}
	for _, tt := range tests {
		got := format.Expression(tt.e)
		if got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
		again, err := parser.ParseExpression(got)
		if err != nil || !ast.Identical(tt.e, again) {
			t.Errorf("%s reads back as another tree (%v)", got, err)
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	for _, sql := range statements(f) {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if s, err := parser.ParseStatement(sql); err == nil {
			roundTrip(t, s)
		}
	})
}
