package scaling

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// tpchStatements are queries of TPC-H.
func tpchStatements(t *testing.T, numbers ...int) (out []Statement) {
	t.Helper()
	for _, n := range numbers {
		text, err := os.ReadFile(fmt.Sprintf("../bench/tpch/q%02d.sql", n))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Statement{"tpch", n, string(text)})
	}
	return out
}

// small is a cluster and a scale at which a query takes some thousands of tasks.
func small() Options {
	o := DefaultOptions()
	o.Scale, o.Cluster.Nodes = 1000, 50
	return o
}

// TestRealPlans runs plans of TPC-H through the scheduler, with and without nodes that are killed and coordinators that are replaced: the
// query ends in all cases, and its tasks have read each split once.
func TestRealPlans(t *testing.T) {
	statements := tpchStatements(t, 1, 3, 9, 18, 21)
	calm := map[int]*Result{}
	measure := func(o Options, each func(*Result)) {
		t.Helper()
		if err := Measure(t.Context(), o, statements, each); err != nil {
			t.Fatal(err)
		}
	}
	measure(small(), func(r *Result) {
		calm[r.Number] = r
		if r.Attempts != r.Tasks {
			t.Errorf("query %d: %d attempts of %d tasks, and nothing went wrong", r.Number, r.Attempts, r.Tasks)
		}
		if r.Stages > 1 && (r.Puts == 0 || r.Gets < r.Puts || r.Fetched == 0) {
			t.Errorf("query %d: %d stages, %d writes and %d reads of %d bytes", r.Number, r.Stages, r.Puts, r.Gets, r.Fetched)
		}
	})
	troubled := small()
	troubled.Cluster.Kills, troubled.Cluster.Restarts = 20, 3
	measure(troubled, func(r *Result) {
		before := calm[r.Number]
		if r.Attempts <= r.Tasks || r.Read <= before.Read {
			t.Errorf("query %d: %d attempts of %d tasks, %d bytes read; undisturbed %d", r.Number, r.Attempts, r.Tasks, r.Read, before.Read)
		}
		if r.Snapshot == 0 {
			t.Errorf("query %d: no coordinator took over", r.Number)
		}
	})
}

// TestSameRun checks that a seed gives the same run again.
func TestSameRun(t *testing.T) {
	o := small()
	o.Cluster.Kills, o.Cluster.Restarts = 5, 1
	var runs [][3]int64
	for range 2 {
		if err := Measure(t.Context(), o, tpchStatements(t, 3), func(r *Result) {
			runs = append(runs, [3]int64{int64(r.Events), int64(r.Takes), r.Gets})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if runs[0] != runs[1] {
		t.Errorf("%v, and %v again", runs[0], runs[1])
	}
}

// TestTooLarge checks that a plan that is expected to make too much is not run.
func TestTooLarge(t *testing.T) {
	o := small()
	o.Most = 1e6
	if err := Measure(t.Context(), o, tpchStatements(t, 3), func(r *Result) {
		if r.PlanCost != nil || r.Largest <= o.Most {
			t.Errorf("the plan was run, although a stage is expected to put out %.0f bytes", r.Largest)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// TestTPCDSStatistics checks what grows with the scale factor.
func TestTPCDSStatistics(t *testing.T) {
	if _, err := NewTPCDS(7); err == nil {
		t.Error("the benchmark has no scale factor 7")
	}
	large, err := NewTPCDS(100_000)
	if err != nil {
		t.Fatal(err)
	}
	names, err := large.Tables(t.Context(), "tpcds")
	if err != nil || len(names) != 24 {
		t.Fatalf("%d tables, want 24; %v", len(names), err)
	}
	columns := 0
	for _, n := range names {
		table, err := large.Table(context.Background(), n.SchemaTable)
		if err != nil {
			t.Fatal(err)
		}
		columns += len(table.Columns)
	}
	if columns != 425 {
		t.Errorf("%d columns, want 425", columns)
	}
	s, err := large.Statistics(t.Context(), connector.Scan{Table: connector.SchemaTable{Schema: "tpcds", Table: "store_sales"}})
	if err != nil {
		t.Fatal(err)
	}
	for column, between := range map[string][2]float64{
		"ss_item_sk":       {502_000, 502_000},     // all items
		"ss_customer_sk":   {90e6, 100e6},          // nearly all customers
		"ss_ticket_number": {20e9, 30e9},           // twelve rows each
		"ss_quantity":      {100, 100},             // a domain
		"ss_net_profit":    {566_695, 2_000_000},   // amounts
		"ss_sold_date_sk":  {1823, 1823},           // five years
		"ss_hdemo_sk":      {7200, 7200},           // a table that does not grow
		"ss_cdemo_sk":      {225_783, 1_920_800.0}, // another
	} {
		if d := s.Columns[column].Distinct; d < between[0] || d > between[1] {
			t.Errorf("%s: %g distinct values, want %v", column, d, between)
		}
	}
}
