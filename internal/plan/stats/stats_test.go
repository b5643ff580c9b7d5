package stats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// TestEstimates prints a plan with the estimate of each node.
func TestEstimates(t *testing.T) {
	catalogs := plantest.New(t)
	datadriven.RunTest(t, "testdata/estimates.txt", func(t *testing.T, d *datadriven.TestData) string {
		session := "cat.s"
		d.MaybeScanArgs(t, "session", &session)
		root, err := catalogs.Bind(session, d.Input)
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		est := stats.New(catalogs.Statistics)
		n := rules.Optimize(root, &rules.Context{Symbols: plan.NewSymbols(root), Estimator: est}, true)
		return plan.Print(n, plan.PrintOptions{Details: func(n plan.Node) []string {
			rows, bytes := est.Estimate(n)
			if rows < 0 {
				return []string{"unknown"}
			}
			return []string{fmt.Sprintf("%.3g rows, %.3g bytes", rows, bytes)}
		}})
	})
}

// TestColumn asks for what is known of columns after a filter, and of computed ones.
func TestColumn(t *testing.T) {
	catalogs := plantest.New(t)
	root, err := catalogs.Bind("tpch.tiny", "SELECT n_name, n_nationkey, n_nationkey + 1 FROM nation WHERE n_regionkey = 1")
	if err != nil {
		t.Fatal(err)
	}
	est := stats.New(catalogs.Statistics)
	n := rules.Optimize(root, &rules.Context{Symbols: plan.NewSymbols(root), Estimator: est}, true)
	syms := n.Outputs()
	if c := est.Column(n, syms[0]); c.Distinct != 5 || c.NullFraction != 0 || c.Bytes <= 0 || !math.IsNaN(c.Low) {
		t.Errorf("name: %+v", c)
	}
	if c := est.Column(n, syms[1]); c.Distinct != 5 || c.Low != 0 || c.High != 24 || c.Bytes != -1 {
		t.Errorf("nationkey: %+v", c)
	}
	if c := est.Column(n, syms[2]); c.Distinct != -1 || c.NullFraction != -1 || !math.IsNaN(c.High) {
		t.Errorf("computed: %+v", c)
	}
}

// What is computed has as many values as what it is computed of, or fewer.
func TestDistinctOfComputed(t *testing.T) {
	catalogs := plantest.New(t)
	for _, tt := range []struct {
		expr string
		want float64
	}{
		{"year(o_orderdate)", 7}, {"month(o_orderdate)", 12}, {"day_of_week(o_orderdate)", 7}, {"o_orderpriority || o_orderstatus", 15},
		{"upper(o_orderpriority)", 5}, {"o_orderpriority = '1-URGENT'", 2}, {"CASE WHEN o_totalprice > 5 THEN 'a' WHEN o_totalprice > 3 THEN 'b' ELSE 'c' END", 3},
		{"CAST(o_orderdate AS varchar)", 2401}, {"random()", -1}, {"o_custkey * o_orderkey", -1},
	} {
		root, err := catalogs.Bind("tpch.sf1", "SELECT "+tt.expr+" FROM orders")
		if err != nil {
			t.Fatal(err)
		}
		est := stats.New(catalogs.Statistics)
		if got := est.Column(root, root.Outputs()[0]).Distinct; math.Abs(got-tt.want) > math.Abs(tt.want)/50 {
			t.Errorf("%s: %v values, want %v", tt.expr, got, tt.want)
		}
	}
}

// What has been measured of a stage takes the place of what its plan lets expect.
func TestStageOutput(t *testing.T) {
	catalogs := plantest.New(t)
	root, err := catalogs.Bind("tpch.tiny", "SELECT n_name, n_nationkey, n_regionkey FROM nation WHERE n_regionkey = 1")
	if err != nil {
		t.Fatal(err)
	}
	syms := root.Outputs()
	r := &plan.RemoteSource{Stage: 3, Symbols: []*plan.Symbol{{Name: "a", Type: syms[0].Type}, {Name: "b", Type: syms[1].Type}, {Name: "c", Type: syms[2].Type}}}
	known := stats.StageOutput{}
	estimator := func() *stats.Estimator {
		return stats.New(catalogs.Statistics).WithStages(func(*plan.RemoteSource) stats.StageOutput { return known })
	}
	if rows, _ := estimator().Estimate(r); rows != -1 {
		t.Errorf("of nothing known: %v rows", rows)
	}
	known.Plan = root
	if est := estimator(); est.Rows(r) != 5 || est.Distinct(r, r.Symbols[1]) != 5 || est.Column(r, r.Symbols[1]).High != 24 {
		t.Errorf("of the plan: %v rows, %+v", est.Rows(r), est.Column(r, r.Symbols[1]))
	}
	known.Measured, known.Rows, known.Bytes = true, 20, 2000
	if est := estimator(); est.Rows(r) != 20 || math.Abs(est.Width(r)-100) > 1e-6 || est.Distinct(r, r.Symbols[1]) != 20 {
		t.Errorf("measured: %v rows of %v bytes, %v values", est.Rows(r), est.Width(r), est.Distinct(r, r.Symbols[1]))
	}
	known.Columns = []facts.Column{{Output: 1, Rows: 20, Nulls: 5, Distinct: 3, Low: &facts.Value{Int: 7}, High: &facts.Value{Int: 9}}}
	if c := estimator().Column(r, r.Symbols[1]); c.Distinct != 3 || c.NullFraction != 0.25 || c.Low != 7 || c.High != 9 {
		t.Errorf("with facts: %+v", c)
	}
}

func TestIndependent(t *testing.T) {
	for _, tt := range []struct {
		factors []float64
		want    float64
	}{
		{nil, 1},
		{[]float64{0.5}, 0.5},
		{[]float64{1, 0.5}, 0.5},
		{[]float64{0.0001, 0.5}, 0.0001 * math.Pow(0.5, 0.25)},
	} {
		if got := stats.Independent(tt.factors); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("Independent(%v) = %v, want %v", tt.factors, got, tt.want)
		}
	}
}
