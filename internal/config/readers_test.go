package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestPropertiesAreRead finds the field that each property fills, by setting it, and looks for the code that reads the
// field: a property that nothing reads would be accepted and do nothing. UsedBy has to name a package that exists.
func TestPropertiesAreRead(t *testing.T) {
	selected := selectors(t)
	checkReaders(t, &ServerTable, selected)
	checkReaders(t, &QueryTable, selected)
	checkReaders(t, &SessionTable, selected)
	checkReaders(t, &SchedulingTable, selected)
	checkReaders(t, &CommunicationTable, selected)
	checkReaders(t, &SpoolingTable, selected)
	checkReaders(t, &ResourcesTable, selected)
	checkReaders(t, &NodeTable, selected)
	checkReaders(t, &ExchangeTable, selected)
	checkReaders(t, &ExchangeS3Table, selected)
	checkReaders(t, &ExchangeAzureTable, selected)
	checkReaders(t, &ExchangeGCSTable, selected)
	checkReaders(t, &ExchangeHDFSTable, selected)
	checkReaders(t, &ResourceGroupsTable, selected)
}

func checkReaders[C any](t *testing.T, table *Table[C], selected map[string]bool) {
	t.Helper()
	for i := range table.Properties {
		p := &table.Properties[i]
		if p.Session != nil && p.Session.Hint {
			continue
		}
		for _, user := range strings.Split(p.UsedBy, ", ") {
			dir := filepath.Join("../..", user)
			if !strings.HasPrefix(user, "cmd/") {
				dir = filepath.Join("..", user)
			}
			if info, err := os.Stat(dir); p.UsedBy == "" || err != nil || !info.IsDir() {
				t.Errorf("%s is used by %q, which is no package", p.label(), user)
			}
		}
		field := fieldOf(p)
		if field == "" {
			t.Errorf("%s fills no field", p.label())
		} else if !selected[field] {
			t.Errorf("%s fills %s, which nothing reads", p.label(), field)
		}
	}
}

func (p *Property[C]) label() string {
	if p.Name == "" {
		return "session property " + p.Session.Name
	}
	return p.Name
}

// samples are values of every kind of property; each property takes two of them that differ.
var samples = []string{"true", "false", "1", "2", "4", "30", "0.5", "0.25", "17MB", "18MB", "2GB", "3GB", "11s", "12s", "a", "b", "127.0.0.1", "127.0.0.2", "127.0.0.1:1", "127.0.0.1:2",
	"http://a:1", "http://b:2", "https://a", "https://b", "/a", "/b", "15%", "25%", "table.go", "value.go"}

// fieldOf returns the name of the field that a property fills: the one in which two of its values differ.
func fieldOf[C any](p *Property[C]) string {
	words := append(strings.Split(p.Value.bounds, ", "), samples...)
	var first *C
	if len(strings.Split(p.Value.bounds, ", ")) == 1 && p.Value.Kind == "word" { // there is nothing else to set
		first = new(C)
	}
	for _, text := range words {
		var c C
		if p.Value.set(&c, text) != nil {
			continue
		}
		if first == nil {
			first = &c
			continue
		}
		if name := difference(reflect.ValueOf(*first), reflect.ValueOf(c)); name != "" {
			return name
		}
	}
	return ""
}

// difference is the name of a field in which two structs differ; of a struct in them, that of the inner one.
func difference(a, b reflect.Value) string {
	for i := range a.NumField() {
		f, x, y := a.Type().Field(i), a.Field(i), b.Field(i)
		if !f.IsExported() || reflect.DeepEqual(x.Interface(), y.Interface()) {
			continue
		}
		if f.Type.Kind() == reflect.Struct && f.Type == reflect.TypeFor[TargetSize]() {
			return difference(x, y)
		}
		return f.Name
	}
	return ""
}

// selectors are the names that stand behind a dot in the code of the program, tests and this package's tables excepted:
// what this package itself reads, it reads in functions.
func selectors(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, root := range []string{"../../cmd", "../../internal"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".pb.go") {
				return err
			}
			own := strings.HasPrefix(path, "../../internal/config/")
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, d := range file.Decls {
				if f, isFunc := d.(*ast.FuncDecl); own && (!isFunc || returnsProperties(f) || fills(f)) {
					continue
				}
				ast.Inspect(d, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok {
						out[s.Sel.Name] = true
					}
					return true
				})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// fills reports whether a function sets and checks fields, which is no use of them.
func fills(f *ast.FuncDecl) bool {
	return strings.HasPrefix(f.Name.Name, "complete") || strings.HasPrefix(f.Name.Name, "check")
}

// returnsProperties reports whether a function makes rows of a table: what it selects there is what is filled.
func returnsProperties(f *ast.FuncDecl) bool {
	if f.Type.Results == nil {
		return false
	}
	for _, r := range f.Type.Results.List {
		if a, ok := r.Type.(*ast.ArrayType); ok {
			if x, ok := a.Elt.(*ast.IndexExpr); ok {
				if name, ok := x.X.(*ast.Ident); ok && name.Name == "Property" {
					return true
				}
			}
		}
	}
	return false
}
