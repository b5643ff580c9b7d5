package scheduler

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestPure scans the source for what a pure state machine must not have: imports beyond a few, goroutines, channels,
// maps (whose order could decide something) outside of checks, and the clock.
func TestPure(t *testing.T) {
	allowed := []string{
		"cmp", "encoding/binary", "encoding/json", "fmt", "math", "math/bits", "reflect", "slices", "strconv", "strings", "time",
		"github.com/waterbear-sql/waterbear/internal/trinoerr",
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	for _, file := range files {
		name := file.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range tree.Imports {
			if path, _ := strconv.Unquote(imp.Path.Value); !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s", name, path)
			}
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt, *ast.SelectStmt, *ast.ChanType, *ast.SendStmt:
				t.Errorf("%s: goroutine or channel", fset.Position(n.Pos()))
			case *ast.MapType:
				if name != "graph.go" && name != "names.go" { // never ranged over
					t.Errorf("%s: map", fset.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "NewTimer", "Tick"}, n.Sel.Name) {
					t.Errorf("%s: reads the clock", fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
