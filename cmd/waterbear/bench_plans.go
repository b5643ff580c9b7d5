package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/scaling"
)

// benchPlans are the flags of `waterbear bench scheduler --plans`.
type benchPlans struct {
	scaling.Options
	workloads, queries, from string
}

func (o *benchPlans) flags(fs *flag.FlagSet) {
	fs.StringVar(&o.workloads, "plans", "", "run plans of tpch, tpcds or, separated by a comma, both")
	fs.Float64Var(&o.Scale, "scale", o.Scale, "scale factor of plans")
	fs.StringVar(&o.queries, "queries", "", "numbers of the queries, such as 1,3,9-12 (default all)")
	fs.StringVar(&o.from, "from", ".cache/tpcds/sf1", "directory with texts of TPC-DS, which `make tpcds-data` makes")
	fs.IntVar(&o.Cluster.Nodes, "nodes", o.Cluster.Nodes, "nodes of the cluster that runs plans")
	fs.IntVar(&o.Cluster.Slots, "slots", o.Cluster.Slots, "slots of each")
	fs.Var(sizeFlag{&o.Cluster.Memory}, "memory", "memory of each")
	fs.Var(sizeFlag{&o.Cluster.Rate}, "rate", "what a task reads in a second")
	fs.Var(sizeFlag{&o.SplitBytes}, "split-size", "what a split is of a table's files")
	fs.IntVar(&o.Cluster.Kills, "kills", 0, "nodes that are killed in each query")
	fs.IntVar(&o.Cluster.Restarts, "restarts", 0, "coordinators that are replaced in each query")
	fs.Var(pairs(o.Session), "session", "session property name=value for plans; can be repeated")
}

// statements are the texts.
func (o *benchPlans) statements() (out []scaling.Statement, err error) {
	for name := range strings.SplitSeq(o.workloads, ",") {
		w := bench.TPCH(o.Scale)
		switch name {
		case "tpch":
		case "tpcds":
			w = &bench.Workload{Name: "TPC-DS", Count: bench.TPCDSCount, Query: func(n int) (string, error) { return bench.TPCDSQuery(o.from, n) }}
		default:
			return nil, fmt.Errorf("--plans must name tpch or tpcds, but has %q", name)
		}
		numbers, err := w.ParseQueries(o.queries)
		if err != nil {
			return nil, err
		}
		for _, n := range numbers {
			sql, err := w.Query(n)
			if err != nil {
				return nil, err
			}
			out = append(out, scaling.Statement{Workload: name, Number: n, SQL: sql})
		}
	}
	return out, nil
}

func (o *benchPlans) run(ctx context.Context) int {
	statements, err := o.statements()
	if err != nil {
		return fail("bench", err)
	}
	c := &o.Cluster
	fmt.Printf("%s, %d processors, %s; scale factor %g, %d nodes of %d slots, %d kills, %d restarts\n\n", runtime.GOARCH, runtime.NumCPU(), runtime.Version(),
		o.Scale, c.Nodes, c.Slots, c.Kills, c.Restarts)
	fmt.Printf("%9s %6s %8s %9s %9s %9s %9s %9s %9s %9s %9s %9s %9s %9s %9s %9s %9s %9s\n", "query", "stages", "tasks", "attempts", "events", "plan ms", "plan kB",
		"events s", "cpu s", "longest", "heap MB", "snap MB", "restore", "takes s", "read TB", "write GB", "fetch GB", "PUT k/GET k")
	err = scaling.Measure(ctx, o.Options, statements, func(r *scaling.Result) {
		if r.PlanCost == nil {
			fmt.Printf("%9s a stage is expected to put out %.0f TB: not run\n", fmt.Sprintf("%s %d", r.Workload, r.Number), r.Largest/1e12)
			return
		}
		fmt.Printf("%9s %6d %8d %9d %9d %9.1f %9.1f %9.3f %9.3f %9s %9.1f %9.1f %9s %9.1f %9.2f %9.1f %9.1f %9s\n", fmt.Sprintf("%s %d", r.Workload, r.Number), r.Stages, r.Tasks,
			r.Attempts, r.Events, r.Planning.Seconds()*1000, float64(r.Record)/1e3, r.Elapsed.Seconds(), r.Processor.Seconds(), r.Longest.Round(100*time.Microsecond),
			float64(r.Heap)/1e6, float64(r.Snapshot)/1e6, r.Restore.Round(time.Millisecond), r.Takes.Seconds(), float64(r.Read)/1e12, float64(r.Written)/1e9, float64(r.Fetched)/1e9,
			fmt.Sprintf("%.1f/%.0f", float64(r.Puts)/1e3, float64(r.Gets)/1e3))
	})
	if err != nil {
		fmt.Fprintln(os.Stderr)
		return fail("bench", err)
	}
	return 0
}
