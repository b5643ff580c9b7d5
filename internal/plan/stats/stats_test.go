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
