//go:build e2e

package e2e

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// scale is that of schema tiny.
const scale = 0.01

// TestQueries asks the 22 queries of the benchmark, over generated data and over files, as one task and as many, and compares
// the answers with those of DuckDB in this process over the same files.
func TestQueries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, faults := faulty(t, localcluster.Config{Workers: 3, Catalogs: standardCatalogs(dir)})
	if err := bench.Load(t.Context(), &bench.Server{URL: c.URL()}, scale, io.Discard); err != nil {
		t.Fatal(err)
	}
	ref, err := bench.OpenReference(t.Context(), bench.ReferenceConfig{Threads: 1, MemoryBytes: 1 << 30,
		TableDir: filepath.Join(dir, bench.SchemaOf(scale))})
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Close()
	all, err := bench.TPCH(scale).ParseQueries("")
	if err != nil {
		t.Fatal(err)
	}
	for _, tables := range []struct{ catalog, schema string }{{"hive", bench.SchemaOf(scale)}, {"tpch", "tiny"}} {
		for _, plan := range []struct {
			name       string
			properties []string
			tasks      int // at least
		}{{"one task", nil, len(all)}, {"many tasks", manyTasks, 8 * len(all)}} {
			t.Run(tables.catalog+"/"+plan.name, func(t *testing.T) {
				s := &bench.Server{URL: c.URL(), Catalog: tables.catalog, Schema: tables.schema, Session: map[string]string{}}
				for _, p := range plan.properties {
					name, value, _ := strings.Cut(p, "=")
					s.Session[name] = value
				}
				o := observe(t, c, faults)
				timings, err := bench.Run(t.Context(), bench.Options{Workload: bench.TPCH(scale), Queries: all, Log: io.Discard}, s, ref)
				if err != nil {
					t.Fatal(err)
				}
				for _, q := range timings {
					if q.Wrong != "" {
						t.Errorf("query %d: %s", q.Query, q.Wrong)
					}
				}
				if n := len(o.of(o.writes, "")); n < plan.tasks {
					t.Errorf("%d tasks ran, want at least %d", n, plan.tasks)
				}
				emptySpool(t, c)
			})
		}
	}
}
