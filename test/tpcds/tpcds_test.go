//go:build e2e

package tpcds

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// schema is where the tables are.
const schema = "tpcds"

// plans are the ways in which a query is run: as it would be, which is as one task, and divided into many tasks of little
// data, so that all rows go through exchanges.
var plans = []struct {
	name    string
	session map[string]string
}{
	{"one task", nil},
	{"many tasks", map[string]string{
		"waterbear_single_task_input_size": "0B",
		"join_distribution_type":           "PARTITIONED",
		"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min": "500kB",
		"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max": "500kB",
		"fault_tolerant_execution_hash_distribution_compute_task_target_size":          "500kB",
	}},
}

// TestQueries asks all queries as one task and as many, and compares the answers with DuckDB's.
func TestQueries(t *testing.T) {
	url, ref := cluster(t)
	for number := 1; number <= bench.TPCDSCount; number++ {
		t.Run(fmt.Sprintf("%02d", number), func(t *testing.T) {
			sql, err := bench.TPCDSQuery(generated, number)
			if err != nil {
				t.Fatal(err)
			}
			want, _, err := ref.Run(t.Context(), sql)
			if err != nil {
				t.Fatalf("DuckDB: %v", err)
			}
			for _, plan := range plans {
				t.Run(plan.name, func(t *testing.T) {
					s := &bench.Server{URL: url, Catalog: "hive", Schema: schema, Session: plan.session}
					got, took, err := s.Run(t.Context(), sql, nil)
					if err != nil {
						t.Fatal(err)
					}
					if wrong := bench.Compare(got, want, sql); wrong != "" {
						t.Error(wrong)
					}
					t.Logf("%d rows in %v", len(got.Rows), took.Round(time.Millisecond))
				})
			}
		})
	}
}

// cluster starts a cluster with the tables in catalog hive, and DuckDB over the same files.
func cluster(t *testing.T) (url string, ref *bench.Reference) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "hive"), 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := localcluster.Start(t.Context(), localcluster.Config{Binary: binary, DataDir: dir, Workers: 3, MemoryBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	source := filepath.Join(generated, "tables")
	entries, err := os.ReadDir(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(localcluster.HiveDir(dir), "files"), os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	statements := []string{"CREATE SCHEMA hive." + schema}
	var tables []string
	for _, e := range entries {
		tables = append(tables, e.Name())
		statements = append(statements, fmt.Sprintf("CREATE TABLE hive.%s.%s WITH (external_location = 'local:///files/%[2]s')", schema, e.Name()))
	}
	s := &bench.Server{URL: c.URL()}
	for _, sql := range statements {
		if _, _, err := s.Run(t.Context(), sql, nil); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	ref, err = bench.OpenReference(t.Context(), bench.ReferenceConfig{Threads: 1, MemoryBytes: 1 << 30, TableDir: source, Tables: tables})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ref.Close() })
	return c.URL(), ref
}
