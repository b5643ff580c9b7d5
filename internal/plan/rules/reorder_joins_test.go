package rules

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// optimizer.max-reordered-joins: of larger groups not every order is compared, so that other ones are found, whatever the property allows.
func TestMaxReorderedJoins(t *testing.T) {
	catalogs := plantest.New(t)
	optimized := func(sql string, most int) string {
		root, err := catalogs.Bind("tpch.sf1", sql)
		if err != nil {
			t.Fatal(err)
		}
		c := &Context{Symbols: plan.NewSymbols(root), Estimator: stats.New(catalogs.Statistics), MaxReorderedJoins: most}
		return plan.Print(Optimize(root, c, true), plan.PrintOptions{})
	}
	others := 0
	for n, sql := range plantest.TPCH(t) {
		all := optimized(sql, 0)
		for _, most := range []int{8, 1_000_000} {
			if optimized(sql, most) != all {
				t.Errorf("query %d: another plan with %d", n+1, most)
			}
		}
		if optimized(sql, 2) != all {
			others++
		}
	}
	if others == 0 {
		t.Error("the property has no effect")
	}
	t.Logf("%d plans change", others)
}
