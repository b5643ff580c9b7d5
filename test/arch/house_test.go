package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/waterbear-sql/waterbear/"

// root is the repository, seen from here.
const root = "../.."

// pkg is a package of this module, as `go list` sees it.
type pkg struct {
	ImportPath, Dir, Name, Doc                   string
	GoFiles, CgoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports, Deps     []string
}

// path is the import path without the module's.
func (p *pkg) path() string { return strings.TrimPrefix(p.ImportPath, module) }

// generated reports whether a generator wrote the package.
func (p *pkg) generated() bool { return strings.HasPrefix(p.path(), "internal/rpc/rpcv1") }

// ours are the packages of this module among imports, each once, in order.
func ours(imports ...[]string) []string {
	var out []string
	for _, i := range slices.Concat(imports...) {
		if rest, ok := strings.CutPrefix(i, module); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var loadOnce = sync.OnceValues(func() ([]*pkg, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Name,Doc,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports,Deps",
		"-tags=e2e,invariants", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.New("go list: " + err.Error() + "\n" + stderr.String())
	}
	var pkgs []*pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(pkg)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, err
		}
		pkgs = append(pkgs, p)
	}
})

// packages returns all packages of the module.
func packages(t *testing.T) []*pkg {
	t.Helper()
	pkgs, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}

// source is a parsed file.
type source struct {
	name string // relative to the repository
	test bool
	fset *token.FileSet
	file *ast.File
}

// at is the position of a node, for messages.
func (s *source) at(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", s.name, p.Line)
}

// sources parses the files of a package.
func sources(t *testing.T, p *pkg) []*source {
	t.Helper()
	var out []*source
	add := func(names []string, test bool) {
		for _, name := range names {
			path := filepath.Join(p.Dir, name)
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if !ast.IsGenerated(f) {
				out = append(out, &source{name: p.path() + "/" + name, test: test, fset: fset, file: f})
			}
		}
	}
	add(slices.Concat(p.GoFiles, p.CgoFiles), false)
	add(slices.Concat(p.TestGoFiles, p.XTestGoFiles), true)
	return out
}

// exemptions are places that a rule leaves alone: what is exempt, and why.
type exemptions map[string]string

// check reports exemptions that nothing needs any more.
func (e exemptions) check(t *testing.T, used map[string]bool) {
	t.Helper()
	for what, why := range e {
		if !used[what] {
			t.Errorf("%s is exempt (%s) but keeps the rule: remove the exemption", what, why)
		}
	}
}

// within reports whether a package is the one that a pattern names, or, when the pattern ends in /..., it or one below it.
func within(path, pattern string) bool {
	if dir, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == dir || strings.HasPrefix(path, dir+"/")
	}
	return path == pattern
}
