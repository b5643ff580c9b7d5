package binder

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestPlans compares bound statements with golden plans. "bind" prints the plan, or what the coordinator is to do; "error"
// wants an error and prints it with its name.
func TestPlans(t *testing.T) {
	datadriven.Walk(t, "testdata/plans", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			bound, err := bindText(fakeEnv(t), strings.TrimSpace(d.Input))
			if err != nil {
				if d.Cmd != "error" {
					t.Errorf("%s: %v", d.Pos, err)
				}
				return trinoerr.CodeOf(err).Name + " " + err.Error() + "\n"
			}
			if d.Cmd == "error" {
				t.Errorf("%s: no error", d.Pos)
			}
			return printBound(t, bound)
		})
	})
}

func printBound(t *testing.T, b Bound) string {
	q, ok := b.(*Query)
	if !ok {
		text, err := json.Marshal(b)
		if err == nil {
			text, err = withoutLake(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s %s\n%s\n", strings.TrimPrefix(fmt.Sprintf("%T", b), "*binder."), b.UpdateType(), text)
	}
	checkPlan(t, q.Plan)
	return plan.Print(q.Plan, plan.PrintOptions{})
}

// checkPlan checks what holds for every plan: a node reads only what its sources put out (or an outer query, in a nested
// plan), no symbol is made twice, and names are unique.
func checkPlan(t *testing.T, root plan.Node) {
	plan.FreeSymbolsOfPlan(root, func(s *plan.Symbol) { t.Errorf("nothing produces %s", s.Name) })
	names := map[string]*plan.Symbol{}
	var visit func(n plan.Node)
	visit = func(n plan.Node) {
		plan.Walk(n, func(n plan.Node) bool {
			out := map[*plan.Symbol]bool{}
			for _, s := range n.Outputs() {
				if other := names[s.Name]; other != nil && other != s {
					t.Errorf("two symbols have the name %s", s.Name)
				}
				names[s.Name] = s
				if _, isOutput := n.(*plan.Output); out[s] && !isOutput {
					t.Errorf("%T puts out %s twice", n, s.Name)
				}
				out[s] = true
			}
			for _, e := range plan.NodeExprs(n) {
				plan.WalkExpr(e, func(e plan.Expr) bool {
					if sub := plan.Subplan(e); sub != nil {
						visit(sub)
					}
					return true
				})
			}
			return true
		})
	}
	visit(root)
}

// TestBenchmarkQueries binds the 22 queries of TPC-H on both ways of naming columns.
func TestBenchmarkQueries(t *testing.T) {
	for _, naming := range []string{"STANDARD", "SIMPLIFIED"} {
		file, err := config.ParseProperties("tpch.properties", "tpch.column-naming="+naming, nil)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := tpch.New(connector.CatalogConfig{Catalog: "tpch", File: file})
		if err != nil {
			t.Fatal(err)
		}
		env := fakeEnv(t)
		env.Catalogs = fakeCatalogs{"tpch": conn}
		env.Session.Catalog, env.Session.Schema = "tpch", "tiny"
		text, err := os.ReadFile("testdata/tpch_" + strings.ToLower(naming) + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		queries := strings.Split(string(text), "\n-- ")[1:]
		if len(queries) != 22 {
			t.Fatalf("%s: %d queries, want 22", naming, len(queries))
		}
		for _, q := range queries {
			name, sql, _ := strings.Cut(q, "\n")
			t.Run(naming+"/"+name, func(t *testing.T) {
				b, err := bindText(env, strings.TrimSpace(sql))
				if err != nil {
					t.Fatal(err)
				}
				checkPlan(t, b.(*Query).Plan)
			})
		}
	}
}
