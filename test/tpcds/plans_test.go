//go:build e2e

package tpcds

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/scaling"
)

// TestPlansAtScale plans every sixth query for a terabyte and fifty nodes and runs the plans through the scheduler, while nodes are killed and a
// coordinator is replaced. The simulation itself checks that each split is read once.
func TestPlansAtScale(t *testing.T) {
	o := scaling.DefaultOptions()
	o.Scale, o.Most, o.Cluster.Nodes, o.Cluster.Kills, o.Cluster.Restarts = 1000, 1e13, 50, 3, 1
	var statements []scaling.Statement
	for n := 1; n <= bench.TPCDSCount; n += 6 {
		sql, err := bench.TPCDSQuery(generated, n)
		if err != nil {
			t.Fatal(err)
		}
		statements = append(statements, scaling.Statement{Workload: "tpcds", Number: n, SQL: sql})
	}
	run, several := 0, 0
	if err := scaling.Measure(t.Context(), o, statements, func(r *scaling.Result) {
		if r.PlanCost == nil {
			t.Logf("query %d: a stage is expected to put out %.0f GB", r.Number, r.Largest/1e9)
			return
		}
		run++
		if r.Stages > 1 && r.Tasks > r.Stages {
			several++
		}
	}); err != nil {
		t.Fatal(err)
	}
	if run < 15 || several < 12 {
		t.Errorf("%d plans were run, %d of them with many tasks", run, several)
	}
}
