//go:build e2e

package e2e

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// TestBench runs the benchmark twice on tiny data: on a cluster of its own, which loads the tables, and on a running
// one, which finds them. All answers have to agree with DuckDB's, from single tasks as well as distributed.
func TestBench(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := benchmark(t, "--data-dir", dir, "--workers", "2", "--single-task", "off")
	if !strings.Contains(first.log, "loaded lineitem: 60175 rows") {
		t.Errorf("the tables were not loaded:\n%s", first.log)
	}
	catalogs := localcluster.DefaultCatalogs(dir)
	catalogs["tpch"] = bench.SourceCatalog()
	c := start(t, localcluster.Config{DataDir: dir, Workers: 2, Catalogs: catalogs})
	second := benchmark(t, "--data-dir", dir, "--url", c.URL())
	if strings.Contains(second.log, "loaded") {
		t.Errorf("the tables were loaded again:\n%s", second.log)
	}
	for _, run := range []benchmarkRun{first, second} {
		if len(run.report.Timings) != bench.QueryCount {
			t.Errorf("%d queries, want %d", len(run.report.Timings), bench.QueryCount)
		}
		for _, q := range run.report.Timings {
			if q.Wrong != "" {
				t.Errorf("query %d: %s", q.Query, q.Wrong)
			}
		}
	}
}

type benchmarkRun struct {
	report bench.Report
	log    string
}

// benchmark runs `waterbear bench tpch` on tiny data.
func benchmark(t *testing.T, args ...string) benchmarkRun {
	t.Helper()
	var out benchmarkRun
	stdout, stderr, err := command(t, append([]string{"bench", "tpch", "--scale", "0.01", "--runs", "1", "--format", "json"}, args...)...)
	if err != nil {
		t.Errorf("bench: %v\n%s", err, stderr)
	}
	out.log = stderr
	if err := json.Unmarshal([]byte(stdout), &out.report); err != nil {
		t.Fatalf("bench: %v\n%s\n%s", err, stdout, stderr)
	}
	return out
}

// TestDemo runs the demo on data that are as small as lets it kill a worker in time.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stdout, stderr, err := command(t, "demo", "--data-dir", dir, "--scale", "0.1")
	if err != nil {
		t.Fatalf("demo: %v\n%s\n%s", err, stdout, stderr)
	}
	for _, want := range []string{"kill -9", "It equals DuckDB's: 5 rows", "run again elsewhere", "Time: "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in:\n%s", want, stdout)
		}
	}
	wantOnlyLogs(t, dir)
}

// command runs the program under test.
func command(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// TestToolsRefuse checks what the tools say about flags that make no sense.
func TestToolsRefuse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args string
		want string
	}{
		{"bench", "Usage: waterbear bench tpch"},
		{"bench tpch --scale 0", "--scale must be greater than 0"},
		{"bench tpch --scale NaN", "--scale must be greater than 0"},
		{"bench tpch --runs 0", "--runs must be at least 1"},
		{"bench tpch --queries 1,23", `"23" is no TPC-H query: they count from 1 to 22`},
		{"bench tpch --format xml", "--format must be one of text, markdown, json"},
		{"bench tpch --single-task no", "--single-task must be auto or off"},
		{"bench tpch --url http://127.0.0.1:1", "--data-dir must say where the files of catalog hive are"},
		{"demo --workers 1", "--workers must be at least 2"},
		{"demo extra", `unexpected argument "extra"`},
	} {
		_, stderr, err := command(t, strings.Fields(tt.args)...)
		if err == nil {
			t.Errorf("%s: exit code 0", tt.args)
		}
		if !strings.Contains(stderr, tt.want) {
			t.Errorf("%s: said %q, want %q", tt.args, stderr, tt.want)
		}
	}
}
