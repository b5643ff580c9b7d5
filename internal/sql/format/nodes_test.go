package format_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

func typeName(n any) string { return fmt.Sprintf("%T", n) }

// nodeNames returns the names of the structs of package ast that have a Location: the kinds of nodes.
func nodeNames(t *testing.T) []string {
	files, err := filepath.Glob("../ast/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources of package ast: %v", err)
	}
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && hasLocation(spec) {
				names = append(names, spec.Name.Name)
			}
			return true
		})
	}
	return names
}

func hasLocation(spec *ast.TypeSpec) bool {
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return false
	}
	for _, f := range s.Fields.List {
		if id, ok := f.Type.(*ast.Ident); ok && len(f.Names) == 0 && id.Name == "Location" {
			return true
		}
	}
	return false
}
