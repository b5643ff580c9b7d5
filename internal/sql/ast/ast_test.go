package ast_test

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

func id(name string) *ast.Identifier { return &ast.Identifier{Value: name} }

func sum(a, b ast.Expression) ast.Expression {
	return &ast.ArithmeticBinary{Op: ast.Add, Left: a, Right: b}
}

func TestEqual(t *testing.T) {
	quoted := func(name string) *ast.Identifier { return &ast.Identifier{Value: name, Delimited: true} }
	far := &ast.Identifier{Location: ast.Location{Line: 3, Column: 4}, Value: "a"}
	tests := []struct {
		name             string
		a, b             ast.Node
		equal, identical bool
	}{
		{"position", id("a"), far, true, true},
		{"case", id("a"), id("A"), true, false},
		{"quoted upper", id("a"), quoted("A"), true, false},
		{"quoted lower", id("a"), quoted("a"), false, false},
		{"deep", sum(id("a"), id("b")), sum(far, id("B")), true, false},
		{"operand", sum(id("a"), id("b")), sum(id("a"), id("c")), false, false},
		{"type", id("a"), &ast.StringLiteral{Value: "a"}, false, false},
		{"length", &ast.Row{Items: []ast.Expression{id("a")}}, &ast.Row{}, false, false},
		{"nil field", &ast.Like{Value: id("a"), Pattern: id("b")}, &ast.Like{Value: id("a"), Pattern: id("b"), Escape: id("c")}, false, false},
		{"nil", nil, (*ast.Query)(nil), true, true},
		{"nil and node", nil, id("a"), false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ast.Equal(tt.a, tt.b); got != tt.equal {
				t.Errorf("Equal = %v, want %v", got, tt.equal)
			}
			if got := ast.Identical(tt.a, tt.b); got != tt.identical {
				t.Errorf("Identical = %v, want %v", got, tt.identical)
			}
		})
	}
}

func TestWalk(t *testing.T) {
	tree := &ast.GroupBy{Elements: []ast.GroupingElement{
		&ast.GroupingSets{Sets: [][]ast.Expression{{id("a"), sum(id("b"), id("c"))}, nil, {id("d")}}},
	}}
	var names string
	collect := func(enter func(ast.Node) bool) string {
		names = ""
		ast.Walk(tree, func(n ast.Node) bool {
			if i, ok := n.(*ast.Identifier); ok {
				names += i.Value
			}
			return enter(n)
		})
		return names
	}
	if got := collect(func(ast.Node) bool { return true }); got != "abcd" {
		t.Errorf("visited %q, want all in order", got)
	}
	notSums := func(n ast.Node) bool { _, ok := n.(*ast.ArithmeticBinary); return !ok }
	if got := collect(notSums); got != "ad" {
		t.Errorf("visited %q, want those outside of the sum", got)
	}
	ast.Walk(nil, func(ast.Node) bool { t.Error("visited nil"); return true })
}
