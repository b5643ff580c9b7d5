package arch

import (
	"go/ast"
	"slices"
	"strconv"
	"testing"
)

// pure are the packages in which equal inputs give equal outputs, byte for byte: they decide, others act.
var pure = []string{
	"internal/plan", "internal/plan/duck", "internal/plan/rules", "internal/plan/stages", "internal/plan/stats",
	"internal/scheduler",
	"internal/sql/ast", "internal/sql/binder", "internal/sql/format", "internal/sql/functions", "internal/sql/jsonpath", "internal/sql/parser", "internal/sql/sqljson",
	"internal/trinoerr", "internal/types", "internal/types/wire",
}

// impure are the imports that pure packages must not have.
var impure = []string{"crypto/rand", "io/ioutil", "log", "log/slog", "math/rand", "math/rand/v2", "net", "net/http", "os", "os/exec", "sync", "sync/atomic", "syscall", "unsafe"}

// clock are the functions of package time that read a clock or wait.
var clock = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}

// pureExempt are files with what they may do nevertheless.
var pureExempt = exemptions{
	"internal/types/zone.go sync": "a cache of decoded time zones: what it holds depends on the name alone",
}

func TestPure(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		if !slices.Contains(pure, p.path()) {
			continue
		}
		for _, s := range sources(t, p) {
			if s.test {
				continue
			}
			report := func(n ast.Node, what string) {
				key := s.name + " " + what
				if used[key] = true; pureExempt[key] == "" {
					t.Errorf("%s: %s in a pure package", s.at(n), what)
				}
			}
			inspectPure(s, report)
		}
	}
	pureExempt.check(t, used)
}

// inspectPure reports everything in a file that reaches out of the function it stands in.
func inspectPure(s *source, report func(n ast.Node, what string)) {
	for _, imp := range s.file.Imports {
		if path, err := strconv.Unquote(imp.Path.Value); err == nil && slices.Contains(impure, path) {
			report(imp, path)
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			report(n, "go")
		case *ast.ChanType:
			report(n, "chan")
		case *ast.SelectStmt:
			report(n, "select")
		case *ast.SendStmt:
			report(n, "send")
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, n.Sel.Name) {
				report(n, "time."+n.Sel.Name)
			}
		}
		return true
	})
}
