package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// benchFlags are the flags of `waterbear bench tpch`.
type benchFlags struct {
	cluster    localcluster.Config
	url        string
	scale      float64
	runs       int
	queries    string
	format     string
	singleTask string
	footprint  bool
	noQueries  bool
	session    map[string]string
	duckThread int
}

const benchUsage = `Usage: waterbear bench tpch [flags]
       waterbear bench scheduler [flags]
       waterbear bench recovery [flags]
       waterbear bench exchange [flags]

Runs the queries of TPC-H against a cluster and against DuckDB in this process, on the same files by turns, compares the
answers and prints the times. Without --url it starts a cluster of its own. The tables are loaded once, into catalog hive.

`

func runBench(ctx context.Context, args []string) int {
	if len(args) > 0 && args[0] == "scheduler" {
		return runBenchScheduler(ctx, args[1:])
	}
	if len(args) > 0 && args[0] == "recovery" {
		return runBenchRecovery(ctx, args[1:])
	}
	if len(args) > 0 && args[0] == "exchange" {
		return runBenchExchange(ctx, args[1:])
	}
	o := benchFlags{session: map[string]string{}}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	localClusterFlags(fs, &o.cluster, "data")
	fs.StringVar(&o.url, "url", "", "coordinator of a running cluster, whose catalog hive keeps its files below hive/ in --data-dir")
	fs.Float64Var(&o.scale, "scale", 1, "scale factor")
	fs.IntVar(&o.runs, "runs", 3, "how often each query is timed; the median counts")
	fs.StringVar(&o.queries, "queries", "", "numbers of the queries, such as 1,3,9-12 (default all)")
	fs.StringVar(&o.format, "format", "text", strings.Join(bench.Formats, ", "))
	fs.StringVar(&o.singleTask, "single-task", "auto", "auto runs small queries as one task; off distributes all of them")
	fs.BoolVar(&o.footprint, "footprint", false, "measure start, latency of SELECT 1, idle memory and size of the program as well")
	fs.BoolVar(&o.noQueries, "no-queries", false, "do not run the queries; for --footprint alone")
	fs.IntVar(&o.duckThread, "duckdb-threads", 0, "threads of DuckDB (default: as many as the cluster's tasks can use at a time)")
	fs.Var(pairs(o.session), "session", "session property name=value; can be repeated")
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), benchUsage)
		fs.PrintDefaults()
	}
	if len(args) == 0 || args[0] != "tpch" {
		fs.SetOutput(os.Stderr)
		fs.Usage()
		return 2
	}
	if code, ok := parse(fs, args[1:]); !ok {
		return code
	}
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	report, err := o.run(ctx, given)
	if err == nil {
		err = report.Write(os.Stdout, o.format)
	}
	if err != nil {
		return fail("bench", err)
	}
	if bench.Summarize(report.Timings).Wrong > 0 {
		return 1
	}
	return 0
}

// check reports flags that make no sense.
func (o *benchFlags) check(given map[string]bool) error {
	switch {
	case !(o.scale > 0):
		return fmt.Errorf("--scale must be greater than 0, but is %g", o.scale)
	case o.runs < 1:
		return fmt.Errorf("--runs must be at least 1, but is %d", o.runs)
	case !slices.Contains(bench.Formats, o.format):
		return fmt.Errorf("--format must be one of %s, but is %s", strings.Join(bench.Formats, ", "), o.format)
	case o.singleTask != "auto" && o.singleTask != "off":
		return fmt.Errorf("--single-task must be auto or off, but is %s", o.singleTask)
	case o.url != "" && !given["data-dir"]:
		return errors.New("with --url, --data-dir must say where the files of catalog hive are: DuckDB reads them too")
	case o.url != "" && o.footprint:
		return errors.New("--footprint measures a cluster of its own, not that of --url")
	}
	return checkLocalCluster(&o.cluster)
}

func (o *benchFlags) run(ctx context.Context, given map[string]bool) (*bench.Report, error) {
	if err := o.check(given); err != nil {
		return nil, err
	}
	queries, err := bench.ParseQueries(o.queries)
	if err != nil {
		return nil, err
	}
	r := &bench.Report{Scale: o.scale}
	if o.footprint {
		fmt.Fprintln(os.Stderr, "measuring start, latency and memory")
		if r.Footprint, err = bench.MeasureFootprint(ctx, o.cluster); err != nil {
			return nil, err
		}
	}
	if !o.noQueries {
		r.Timings, err = o.time(ctx, queries)
	}
	r.Setup = o.setup()
	return r, err
}

// time loads the tables and times the queries, on a cluster of its own unless there is a URL.
func (o *benchFlags) time(ctx context.Context, queries []int) ([]bench.Timing, error) {
	if o.url == "" {
		o.cluster.Catalogs = benchCatalogs(o.cluster.DataDir)
		fmt.Fprintf(os.Stderr, "starting a coordinator and %d workers\n", o.cluster.Workers)
		c, err := localcluster.Start(ctx, o.cluster)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		o.url = c.URL()
	}
	if o.singleTask == "off" {
		o.session["waterbear_single_task_input_size"] = "0B"
	}
	s := &bench.Server{URL: o.url, Session: o.session, Catalog: "hive", Schema: bench.SchemaOf(o.scale)}
	fmt.Fprintf(os.Stderr, "loading scale factor %g, unless it is there\n", o.scale)
	if err := bench.Load(ctx, s, o.scale, os.Stderr); err != nil {
		return nil, err
	}
	ref, err := bench.OpenReference(ctx, referenceConfig(o.cluster.DataDir, o.scale, o.duckdbThreads()))
	if err != nil {
		return nil, err
	}
	defer ref.Close()
	fmt.Fprintln(os.Stderr, "running the queries")
	return bench.Run(ctx, bench.Options{Scale: o.scale, Queries: queries, Runs: o.runs, Log: os.Stderr}, s, ref)
}

// benchCatalogs are the default catalogs with generated data as the specification names it.
func benchCatalogs(dataDir string) map[string]map[string]string {
	catalogs := maps.Clone(localcluster.DefaultCatalogs(dataDir))
	catalogs["tpch"] = bench.SourceCatalog()
	return catalogs
}

// referenceConfig gives DuckDB half of the machine's memory, as much as the workers have together.
func referenceConfig(dataDir string, scale float64, threads int) bench.ReferenceConfig {
	return bench.ReferenceConfig{Threads: threads, MemoryBytes: config.LocalHost().MemoryBytes / 2,
		TableDir: filepath.Join(localcluster.HiveDir(dataDir), bench.SchemaOf(scale))}
}

// duckdbThreads is how many threads the cluster's tasks can keep busy: more than cores are of no use.
func (o *benchFlags) duckdbThreads() int {
	if o.duckThread > 0 {
		return o.duckThread
	}
	return runtime.NumCPU()
}

// setup describes what was measured.
func (o *benchFlags) setup() [][2]string {
	cluster := fmt.Sprintf("1 coordinator, %d workers, retry policy %s", o.cluster.Workers, o.cluster.RetryPolicy)
	if o.cluster.Catalogs == nil && !o.noQueries {
		cluster = o.url
	}
	out := [][2]string{
		{"Machine", fmt.Sprintf("%s, %d cores, %.0f GB", cpuName(), runtime.NumCPU(), float64(config.LocalHost().MemoryBytes)/1e9)},
		{"Cluster", cluster},
	}
	if o.noQueries {
		return out
	}
	out = append(out, [2]string{"Data", fmt.Sprintf("TPC-H, scale factor %g, Parquet files on the local disk", o.scale)},
		[2]string{"Queries", fmt.Sprintf("warm, median of %d, single task %s", o.runs, o.singleTask)},
		[2]string{"DuckDB", fmt.Sprintf("in process, %d threads, on the same files", o.duckdbThreads())})
	for _, name := range slices.Sorted(maps.Keys(o.session)) {
		out = append(out, [2]string{"Session", name + "=" + o.session[name]})
	}
	return out
}

// cpuName is the processor's name as the kernel has it.
func cpuName() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
