package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler/sim"
)

const chaosUsage = `Usage: waterbear chaos sim [flags]

Plays simulated clusters with faults against the scheduler: one cluster, its queries and all that goes wrong for each seed.
It stops at the first seed that breaks a rule, and prints the shortest list of events found that does so.

`

func runChaos(ctx context.Context, args []string) int {
	fs := flag.NewFlagSet("chaos", flag.ContinueOnError)
	seeds := fs.Int64("seeds", 10_000, "number of seeds")
	from := fs.Int64("from", 0, "first seed")
	workers := fs.Int("workers", runtime.GOMAXPROCS(0), "how many seeds are played at a time")
	trace := fs.Bool("trace", false, "of a seed that breaks a rule, print the actions as well")
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), chaosUsage)
		fs.PrintDefaults()
	}
	if len(args) == 0 || args[0] != "sim" {
		fs.SetOutput(os.Stderr)
		fs.Usage()
		return 2
	}
	if code, ok := parse(fs, args[1:]); !ok {
		return code
	}
	if *seeds < 1 || *workers < 1 {
		return fail("chaos", errors.New("--seeds and --workers must be at least 1"))
	}
	begun, told := time.Now(), time.Now()
	sum, err := sim.RunSeeds(ctx, *from, *seeds, *workers, func(s sim.Summary) {
		if time.Since(told) >= 10*time.Second {
			told = time.Now()
			rate := float64(s.Seeds) / time.Since(begun).Seconds()
			fmt.Fprintf(os.Stderr, "%s; %.0f seeds a second, %v to go\n", s, rate, time.Duration(float64(*seeds-s.Seeds)/rate*float64(time.Second)).Round(time.Second))
		}
	})
	fmt.Printf("%s in %v\n", sum, time.Since(begun).Round(time.Millisecond))
	if v, ok := errors.AsType[*sim.Violation](err); ok && *trace {
		fmt.Print(sim.Trace(v.Events))
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fail("chaos", err)
	}
	return 0
}
