package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

const benchLatencyUsage = `Usage: waterbear bench latency [flags]

Measures how long small queries take through HTTP: SELECT 1, one row of a table, and a few groups of tpch.tiny; one after the other, and by many clients
at the same time. Without --url it starts a cluster of its own, and prints how much memory its processes have after that.

`

func runBenchLatency(ctx context.Context, args []string) int {
	var cluster localcluster.Config
	session := map[string]string{}
	fs := flag.NewFlagSet("bench latency", flag.ContinueOnError)
	localClusterFlags(fs, &cluster, "")
	url := fs.String("url", "", "coordinator of a running cluster")
	clients := fs.String("clients", "1,100", "how many clients ask at the same time, one measurement after the other")
	runs := fs.Int("runs", 100, "how often each query is asked")
	warm := fs.Int("warm-up", 20, "how often it is asked before, without being measured")
	format := fs.String("format", "text", strings.Join(bench.Formats, ", "))
	fs.Var(pairs(session), "session", "session property name=value; can be repeated")
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), benchLatencyUsage)
		fs.PrintDefaults()
	}
	if code, ok := parse(fs, args); !ok {
		return code
	}
	counts, err := parseCounts(*clients)
	switch {
	case err != nil:
	case *runs < 1 || *warm < 0:
		err = errors.New("--runs must be at least 1, and --warm-up not negative")
	case !slices.Contains(bench.Formats, *format):
		err = fmt.Errorf("--format must be one of %s, but is %s", strings.Join(bench.Formats, ", "), *format)
	}
	if err != nil {
		return fail("bench", err)
	}
	s := &bench.Server{URL: *url, Session: session, Catalog: "tpch", Schema: "tiny"}
	r := &bench.LatencyReport{Setup: [][2]string{{"Machine", fmt.Sprintf("%s, %d processors", runtime.GOARCH, runtime.NumCPU())}}}
	var c *localcluster.Cluster
	if *url == "" {
		if c, err = startPassingCluster(ctx, &cluster); err != nil {
			return fail("bench", err)
		}
		defer os.RemoveAll(cluster.DataDir)
		defer c.Close()
		s.URL = c.URL()
		r.Setup = append(r.Setup, [2]string{"Cluster", fmt.Sprintf("%d workers, retry policy %s", cluster.Workers, cluster.RetryPolicy)})
	}
	failed := 0
	for _, n := range counts {
		for _, q := range bench.SmallQueries {
			bench.MeasureLatency(ctx, s, q, min(n, max(*warm, 1)), *warm)
			l := bench.MeasureLatency(ctx, s, q, n, *runs)
			failed += l.Failed
			r.Latencies = append(r.Latencies, l)
		}
	}
	if c != nil {
		if r.Memory, err = bench.ClusterMemory(c); err != nil {
			return fail("bench", err)
		}
	}
	if err := r.Write(os.Stdout, *format); err != nil {
		return fail("bench", err)
	}
	if failed > 0 {
		return 1
	}
	return 0
}

// startPassingCluster starts a cluster in a directory of its own, of which nothing stays.
func startPassingCluster(ctx context.Context, cfg *localcluster.Config) (*localcluster.Cluster, error) {
	if cfg.DataDir != "" {
		return nil, errors.New("--data-dir is for other benchmarks: this one keeps nothing")
	}
	dir, err := os.MkdirTemp("", "waterbear-bench")
	if err != nil {
		return nil, err
	}
	cfg.DataDir = dir
	err = checkLocalCluster(cfg)
	var c *localcluster.Cluster
	if err == nil {
		c, err = localcluster.Start(ctx, *cfg)
	}
	if err != nil {
		os.RemoveAll(dir)
	}
	return c, err
}

// parseCounts reads numbers such as 1,100.
func parseCounts(text string) (out []int, err error) {
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("--clients must be numbers such as 1,100, but is %s", text)
		}
		out = append(out, n)
	}
	return out, nil
}
