package rules

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// TestRules prints the plan of a statement after a pass, which is the command: the passes before it have run, except
// those in skip=(…). In "session=tpch.sf1" the statement has the benchmark's tables; otherwise those of package plantest.
func TestRules(t *testing.T) {
	catalogs := plantest.New(t)
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			session, order := "cat.s", ""
			d.MaybeScanArgs(t, "session", &session)
			d.MaybeScanArgs(t, "order", &order)
			root, err := catalogs.Bind(session, d.Input)
			if err != nil {
				t.Fatalf("%s: %v", d.Pos, err)
			}
			c := &Context{Symbols: plan.NewSymbols(root), Estimator: stats.New(catalogs.Statistics), ReadsFields: catalogs.ReadsFields, Disabled: map[string]bool{},
				Pushdown: &Pushdown{Context: t.Context(), Connector: catalogs.Connector}}
			c.JoinOrder = map[string]JoinOrder{"": OrderByCost, "none": KeepJoinOrder, "connected": EliminateCrossJoins}[order]
			for _, a := range d.CmdArgs {
				if a.Key == "skip" {
					for _, name := range a.Vals {
						c.Disabled[name] = true
					}
				}
			}
			out := ""
			c.Trace = func(pass string, n plan.Node) {
				checkPass(t, d.Pos, pass, root, n)
				if pass == d.Cmd {
					out = plan.Print(n, plan.PrintOptions{})
					if pass != "prune-columns" && pass != "prune-fields" {
						out = scanColumns.ReplaceAllString(out, "")
					}
				}
			}
			Optimize(root, c, !d.HasArg("local"))
			if c.Pushdown.Err != nil {
				t.Errorf("%s: %v", d.Pos, c.Pushdown.Err)
			}
			if out == "" {
				t.Fatalf("%s: no pass %s", d.Pos, d.Cmd)
			}
			return out
		})
	})
}

// scanColumns matches the lines of scans' columns, which only the pruning of columns is about.
var scanColumns = regexp.MustCompile(`(?m)^[│ ]*\w+ := \w+:[a-z].*\n`)

// checkPass checks what every pass must keep.
func checkPass(t *testing.T, pos, pass string, before, after plan.Node) {
	t.Helper()
	if err := plan.Check(after); err != nil {
		t.Errorf("%s: after %s: %v\n%s", pos, pass, err, plan.Print(after, plan.PrintOptions{}))
	}
	if !sameSymbols(before.Outputs(), after.Outputs()) {
		t.Errorf("%s: %s changes the columns", pos, pass)
	}
}

// TestBenchmarkPasses checks the plans of the benchmark's queries after each pass, with every pass left out in turn.
func TestBenchmarkPasses(t *testing.T) {
	catalogs := plantest.New(t)
	for i, sql := range plantest.TPCH(t) {
		for without := range len(passes) + 1 {
			root, err := catalogs.Bind("tpch.sf1", sql)
			if err != nil {
				t.Fatal(err)
			}
			c := &Context{Symbols: plan.NewSymbols(root), Estimator: stats.New(catalogs.Statistics), ReadsFields: catalogs.ReadsFields, Disabled: map[string]bool{}}
			if without < len(passes) {
				c.Disabled[passes[without].name] = true
			}
			c.Trace = func(pass string, n plan.Node) { checkPass(t, fmt.Sprintf("query %d", i+1), pass, root, n) }
			Optimize(root, c, true)
		}
	}
}

// TestOrder checks the pass table against the pairs that must keep their order.
func TestOrder(t *testing.T) {
	at := map[string]int{}
	for i, p := range passes {
		if _, twice := at[p.name]; twice {
			t.Errorf("two passes are named %s", p.name)
		}
		at[p.name] = i
	}
	for _, o := range order {
		first, ok1 := at[o.first]
		then, ok2 := at[o.then]
		if !ok1 || !ok2 || first >= then {
			t.Errorf("%s must run before %s", o.first, o.then)
		}
	}
}

func BenchmarkOptimize(b *testing.B) {
	catalogs := plantest.New(b)
	for i, sql := range plantest.TPCH(b) {
		root, err := catalogs.Bind("tpch.sf100", sql)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("q%02d", i+1), func(b *testing.B) {
			for b.Loop() {
				Optimize(root, &Context{Symbols: plan.NewSymbols(root), Estimator: stats.New(catalogs.Statistics)}, true)
			}
		})
	}
}

// Passes that remain when nobody wants the plan any more are left out.
func TestOptimizeStops(t *testing.T) {
	catalogs := plantest.New(t)
	root, err := catalogs.Bind("tpch.sf1", plantest.TPCH(t)[4])
	if err != nil {
		t.Fatal(err)
	}
	asked, ran := 0, 0
	Optimize(root, &Context{Symbols: plan.NewSymbols(root), Estimator: stats.New(catalogs.Statistics),
		Stop:  func() bool { asked++; return asked > 3 },
		Trace: func(string, plan.Node) { ran++ }}, true)
	if asked != 4 || ran != 3 {
		t.Errorf("%d passes ran, asked %d times", ran, asked)
	}
}
