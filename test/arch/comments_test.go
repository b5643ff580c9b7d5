package arch

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every package says what it is for.
func TestPackageComments(t *testing.T) {
	for _, p := range packages(t) {
		if p.generated() || len(p.GoFiles)+len(p.CgoFiles) == 0 && documentedInTests(t, p) {
			continue
		}
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s has no package comment that starts with %q", p.path(), want)
		}
	}
}

// documentedInTests reports whether a package that consists of tests has its comment there.
func documentedInTests(t *testing.T, p *pkg) bool {
	return slices.ContainsFunc(sources(t, p), func(s *source) bool { return s.file.Doc != nil })
}

// Every exported name is documented: types, functions, methods of exported types, and constants and variables, for which
// a comment on their group will do. What a method does to satisfy an interface of its package is said there, once.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, p := range packages(t) {
		if p.Name == "main" {
			continue
		}
		files := sources(t, p)
		known := slices.Concat(plain, interfaceMethods(files))
		for _, s := range files {
			if s.test {
				continue
			}
			for _, d := range s.file.Decls {
				undocumented(d, known, func(n ast.Node, name string) {
					t.Errorf("%s: %s has no comment", s.at(n), name)
				})
			}
		}
	}
}

// plain are methods that say all there is to say by their names.
var plain = []string{"Error", "String", "GoString", "Unwrap", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "Len", "Less", "Swap"}

// interfaceMethods lists the methods of the interfaces that a package declares.
func interfaceMethods(files []*source) []string {
	var out []string
	for _, s := range files {
		ast.Inspect(s.file, func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok {
				for _, m := range i.Methods.List {
					for _, name := range m.Names {
						out = append(out, name.Name)
					}
				}
			}
			return true
		})
	}
	return out
}

func undocumented(d ast.Decl, known []string, report func(n ast.Node, name string)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc != nil || !d.Name.IsExported() {
			return
		}
		if d.Recv == nil {
			report(d, d.Name.Name)
		} else if r := receiver(d.Recv.List[0].Type); ast.IsExported(r) && !slices.Contains(known, d.Name.Name) {
			report(d, r+"."+d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && spec.Doc == nil && spec.Comment == nil && d.Doc == nil {
					report(spec, spec.Name.Name)
				}
			case *ast.ValueSpec:
				if spec.Doc != nil || spec.Comment != nil || d.Doc != nil {
					continue
				}
				for _, name := range spec.Names {
					if name.IsExported() {
						report(spec, d.Tok.String()+" "+name.Name)
					}
				}
			}
		}
	}
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// What is not done yet is an issue, not a remark.
var postponed = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

func TestNothingIsPostponed(t *testing.T) {
	for _, p := range packages(t) {
		for _, s := range sources(t, p) {
			for _, group := range s.file.Comments {
				for _, c := range group.List {
					if m := postponed.FindString(c.Text); m != "" {
						t.Errorf("%s: a comment says %s", s.at(c), m)
					}
				}
			}
		}
	}
}

// Nothing is skipped because something is missing: what a test needs is installed, and what is known to fail is a list.
func TestNothingIsSkipped(t *testing.T) {
	for _, p := range packages(t) {
		for _, s := range sources(t, p) {
			ast.Inspect(s.file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				x, ok := sel.X.(*ast.Ident)
				if !ok {
					return true
				}
				skips := slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) && slices.Contains([]string{"t", "f", "b", "tb"}, x.Name)
				if skips || x.Name == "testing" && sel.Sel.Name == "Short" {
					t.Errorf("%s: %s.%s", s.at(n), x.Name, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

// Whoever exits takes deferred cleaning and other people's work down with it: only main may.
func TestNothingExitsButMain(t *testing.T) {
	for _, p := range packages(t) {
		if p.Name == "main" {
			continue
		}
		for _, s := range sources(t, p) {
			ast.Inspect(s.file, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok || s.test {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "os" && sel.Sel.Name == "Exit" {
					t.Errorf("%s: os.Exit belongs to main", s.at(n))
				}
				return true
			})
		}
	}
}
