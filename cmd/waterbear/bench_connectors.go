package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

const benchConnectorsUsage = `Usage: waterbear bench connectors --catalog FILE [flags]

Measures how fast rows come out of databases and lakes: for each catalog file, table lineitem of TPC-H is written into schema waterbear_bench of the catalog, unless it
is there, and read by turns through a cluster of its own and barely: with one connection of the database's driver, or with DuckDB in this process from
the same files, those that are not on this machine transferred first. The test servers are a way to have all of them: make bench-connectors.

`

func runBenchConnectors(ctx context.Context, args []string) int {
	var cluster localcluster.Config
	fs := flag.NewFlagSet("bench connectors", flag.ContinueOnError)
	localClusterFlags(fs, &cluster, "")
	scale := fs.Float64("scale", 1, "scale factor")
	runs := fs.Int("runs", 3, "how often each reading is timed; the median counts")
	format := fs.String("format", "text", strings.Join(bench.Formats, ", "))
	var sources []bench.ConnectorSource
	fs.Func("catalog", "catalog file of a source, such as etc/catalog/postgresql.properties; can be repeated", func(file string) error {
		s, err := catalogSource(file)
		sources = append(sources, s)
		return err
	})
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), benchConnectorsUsage)
		fs.PrintDefaults()
	}
	if code, ok := parse(fs, args); !ok {
		return code
	}
	var err error
	switch {
	case len(sources) == 0:
		err = errors.New("name at least one --catalog")
	case !(*scale > 0) || *runs < 1:
		err = errors.New("--scale must be greater than 0 and --runs at least 1")
	case !slices.Contains(bench.Formats, *format):
		err = fmt.Errorf("--format must be one of %s, but is %s", strings.Join(bench.Formats, ", "), *format)
	}
	if err != nil {
		return fail("bench", err)
	}
	cluster.Catalogs = map[string]map[string]string{"tpch": bench.SourceCatalog()}
	for _, s := range sources {
		cluster.Catalogs[s.Catalog] = s.Properties
	}
	c, err := startPassingCluster(ctx, &cluster)
	if err != nil {
		return fail("bench", err)
	}
	defer os.RemoveAll(cluster.DataDir)
	defer c.Close()
	threads := max(1, cluster.Workers) * max(1, cluster.Slots) * max(1, cluster.Threads)
	if cluster.Threads == 0 {
		threads = runtime.NumCPU()
	}
	r := &bench.ConnectorReport{Setup: [][2]string{
		{"Machine", fmt.Sprintf("%s, %d processors", runtime.GOARCH, runtime.NumCPU())},
		{"Cluster", fmt.Sprintf("%d workers, retry policy %s", cluster.Workers, cluster.RetryPolicy)},
		{"Read", fmt.Sprintf("lineitem of TPC-H, scale factor %g, median of %d", *scale, *runs)},
		{"DuckDB", fmt.Sprintf("%d threads", min(threads, runtime.NumCPU()))},
	}}
	r.Timings, err = bench.MeasureConnectors(ctx, &bench.Server{URL: c.URL()}, bench.ConnectorOptions{Sources: sources, Scale: *scale, Runs: *runs,
		Threads: min(threads, runtime.NumCPU()), Cluster: c, Log: os.Stderr})
	if err == nil {
		err = r.Write(os.Stdout, *format)
	}
	if err != nil {
		return fail("bench", err)
	}
	if r.Failures() > 0 {
		return 1
	}
	return 0
}

// catalogSource reads a catalog file.
func catalogSource(file string) (s bench.ConnectorSource, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	f, err := config.ParseProperties(file, string(text), os.LookupEnv)
	if err != nil {
		return s, err
	}
	s = bench.ConnectorSource{Catalog: strings.TrimSuffix(filepath.Base(file), ".properties"), Properties: map[string]string{}}
	for _, e := range f.Entries {
		s.Properties[e.Key] = e.Value
	}
	return s, nil
}
