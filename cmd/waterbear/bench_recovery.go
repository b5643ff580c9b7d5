package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/waterbear-sql/waterbear/internal/coordinator"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
)

const benchRecoveryUsage = `Usage: waterbear bench recovery [flags]

Measures how long a coordinator takes to take over from one that died in the middle of a query of many tasks: from the events
in the journal, and from a snapshot and the events of the last tenth of the tasks. The journal is written first, to a local
directory; that is not timed.

`

func runBenchRecovery(ctx context.Context, args []string) int {
	fs := flag.NewFlagSet("bench recovery", flag.ContinueOnError)
	tasks := fs.Int("tasks", 100_000, "finished tasks of the query")
	place := fs.String("dir", "", "directory below which the journal is written, and removed again (default: that for temporary files)")
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), benchRecoveryUsage)
		fs.PrintDefaults()
	}
	if code, ok := parse(fs, args); !ok {
		return code
	}
	if *tasks < 2 {
		return fail("bench", fmt.Errorf("-tasks=%d: at least 2", *tasks))
	}
	fmt.Printf("%s, %d processors, %s\n\n", runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Printf("%-10s %10s %10s %10s %12s %14s %10s\n", "from", "tasks", "events", "segments", "bytes/task", "journal bytes", "takeover")
	for _, from := range []string{"events", "snapshot"} {
		if err := benchRecovery(ctx, *place, from, *tasks); err != nil {
			return fail("bench", err)
		}
	}
	return 0
}

func benchRecovery(ctx context.Context, place, from string, tasks int) error {
	dir, err := os.MkdirTemp(place, "waterbear-recovery-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	st, err := local.New(dir)
	if err != nil {
		return err
	}
	r, err := coordinator.MeasureRecovery(ctx, st, tasks, from == "snapshot")
	if err != nil {
		return err
	}
	fmt.Printf("%-10s %10d %10d %10d %12d %14d %10v\n", from, r.Tasks, r.Events, r.Segments, r.Bytes/int64(tasks), r.Bytes, r.Elapsed.Round(time.Millisecond))
	return nil
}
