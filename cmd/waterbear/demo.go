package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/demo"
)

// demoQuery is TPC-H query 18: two joins over an aggregation of the largest table, so it has stages of every kind.
const demoQuery = 18

func runDemo(ctx context.Context, args []string) int {
	cfg := demo.Config{Query: demoQuery, Out: os.Stdout}
	fs := flag.NewFlagSet("demo", flag.ContinueOnError)
	localClusterFlags(fs, &cfg.Cluster, "data")
	fs.Float64Var(&cfg.Scale, "scale", 1, "scale factor of the data")
	if code, ok := parse(fs, args); !ok {
		return code
	}
	err := checkLocalCluster(&cfg.Cluster)
	switch {
	case err != nil:
	case !(cfg.Scale > 0):
		err = fmt.Errorf("--scale must be greater than 0, but is %g", cfg.Scale)
	case cfg.Cluster.Workers < 2:
		err = fmt.Errorf("--workers must be at least 2: one is killed, the others go on")
	default:
		cfg.Cluster.Catalogs = benchCatalogs(cfg.Cluster.DataDir)
		maps.Copy(cfg.Cluster.Catalogs["hive"], demo.SmallSplits(cfg.Scale))
		cfg.Reference = referenceConfig(cfg.Cluster.DataDir, bench.TPCH(cfg.Scale), runtime.NumCPU())
		info, statErr := os.Stdout.Stat()
		cfg.Terminal = statErr == nil && info.Mode()&os.ModeCharDevice != 0
		err = demo.Run(ctx, cfg)
	}
	if err != nil {
		return fail("demo", err)
	}
	return 0
}
