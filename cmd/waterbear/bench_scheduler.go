package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"

	"github.com/waterbear-sql/waterbear/internal/scaling"
	"github.com/waterbear-sql/waterbear/internal/scheduler/sim"
)

const benchSchedulerUsage = `Usage: waterbear bench scheduler [flags]

Measures the scheduler by itself, on simulated clusters of growing size that run one query of growing size: the time of an
event (on the clock, and of the processors with all that goes with it), and the memory of a task. Neither ought to grow.

With --plans tpch or tpcds it plans the queries of a benchmark for tables of 100 TB as the coordinator of 1,000 nodes does, runs
these plans on a simulated cluster, with nodes that are killed and coordinators that are replaced if asked for, and prints what each costs coordinator
and storage (docs/scaling.md). No data is needed, but texts of TPC-DS: see --from.

`

// schedulerSizes are the clusters and queries that are measured: first a larger query, then a larger cluster.
var schedulerSizes = []struct{ nodes, tasks int }{
	{1000, 1000}, {1000, 10_000}, {1000, 100_000}, {1000, 1_000_000}, {10, 100_000}, {100, 100_000},
}

func runBenchScheduler(ctx context.Context, args []string) int {
	fs := flag.NewFlagSet("bench scheduler", flag.ContinueOnError)
	p := benchPlans{Options: scaling.DefaultOptions()}
	p.flags(fs)
	most := fs.Int("tasks", 1_000_000, "tasks of the largest query")
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), benchSchedulerUsage)
		fs.PrintDefaults()
	}
	if code, ok := parse(fs, args); !ok {
		return code
	}
	if p.workloads != "" {
		return p.run(ctx)
	}
	fmt.Printf("%s, %d processors, %s\n\n", runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Printf("%8s %10s %10s %12s %10s %10s %12s %14s %14s\n", "nodes", "tasks", "events", "events/s", "ns/event", "cpu ns", "longest", "bytes/task", "at peak")
	for _, size := range schedulerSizes {
		if size.tasks > *most || ctx.Err() != nil {
			continue
		}
		s, err := sim.MeasureScale(size.nodes, size.tasks)
		if err != nil {
			return fail("bench", err)
		}
		fmt.Printf("%8d %10d %10d %12.0f %10d %10d %12v %14d %14d\n", s.Nodes, s.Tasks, s.Events, float64(s.Events)/s.Elapsed.Seconds(),
			s.PerEvent().Nanoseconds(), s.Processor.Nanoseconds()/int64(s.Events), s.Longest.Round(1000), s.AtRest, s.Peak)
	}
	if err := ctx.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
