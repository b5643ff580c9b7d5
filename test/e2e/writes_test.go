//go:build e2e

package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// source has the rows that are written; checksum is what tells whether they arrived, each once.
const (
	source   = "SELECT l_orderkey, l_linenumber, l_extendedprice, l_comment FROM lineitem"
	checksum = "SELECT count(*), sum(l_orderkey), sum(l_linenumber), sum(l_extendedprice), count(DISTINCT l_orderkey * 10 + l_linenumber), min(l_comment) FROM "
)

// written are the files below a directory that hold rows or will.
func written(t *testing.T, dir string) []string {
	t.Helper()
	return slices.DeleteFunc(files(t, dir), func(f string) bool { return strings.Contains(f, ".trino") || !strings.Contains(f, ".") })
}

// TestWrites lets statements that write go wrong at every step: rows arrive once or not at all, and nothing is left besides.
func TestWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, faults := faulty(t, localcluster.Config{Workers: 3, Catalogs: standardCatalogs(dir)})
	cl := session(c, manyTasks...)
	mustRows(t, cl, "CREATE SCHEMA hive.w")
	mustRows(t, cl, "CREATE SCHEMA memory.w")
	once := mustRows(t, cl, checksum+"("+source+")")
	faultNames := []string{"", "task-held-before-run", "task-held-after-write", "slot-crash-after-write", "task-fails-after-write",
		"commit-fails-before", "commit-fails-after"}
	// strike sends a statement and does to it what the fault says; held tasks lose their worker.
	strike := func(t *testing.T, cl *client.Client, name, sql string) *statement {
		if name == "" {
			return begin(t, cl, sql)
		}
		at := fault.Aim{Task: "*.1.0"}
		if strings.HasPrefix(name, "commit") {
			at.Task = ""
		}
		a := arm(t, faults, name, at)
		q := begin(t, cl, sql)
		s := struck(t, a, 1)[0]
		if strings.HasPrefix(name, "task-held") {
			c.KillWorker(workerOf(t, c, s))
			disarm(t, a)
			if _, err := c.AddWorker(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return q
	}
	// What all other combinations give is in the failure matrix.
	for _, tt := range []struct {
		catalog, policy string
		faults          []string
	}{{"hive", "TASK", faultNames}, {"hive", "QUERY", faultNames[2:3]}, {"memory", "TASK", faultNames[1:3]}} {
		for i, name := range tt.faults {
			t.Run(tt.catalog+"/"+name+"/"+tt.policy, func(t *testing.T) {
				cl := session(c, append(manyTasks, "retry_policy="+tt.policy)...)
				table := fmt.Sprintf("%s.w.t%d_%s", tt.catalog, i, strings.ToLower(tt.policy))
				for n, sql := range []string{"CREATE TABLE " + table + " AS " + source, "INSERT INTO " + table + " " + source} {
					q := strike(t, cl, name, sql)
					if q.wait(t); q.end.UpdateCount == nil || *q.end.UpdateCount != 60175 {
						t.Errorf("%s: update count %v, want 60175", sql, q.end.UpdateCount)
					}
					got := mustRows(t, session(c), checksum+table)
					if n == 0 && !slices.Equal(got, once) {
						t.Errorf("%s: got %s, want %s", sql, got, once)
					}
					if n == 1 {
						half := mustRows(t, session(c), strings.Replace(checksum, "count(*), sum(l_orderkey), sum(l_linenumber), sum(l_extendedprice)",
							"count(*) / 2, sum(l_orderkey) / 2, sum(l_linenumber) / 2, CAST(sum(l_extendedprice) / 2 AS decimal(38,2))", 1)+table)
						if !slices.Equal(half, once) {
							t.Errorf("%s: half of it is %s, want %s", sql, half, once)
						}
					}
				}
				emptySpool(t, c)
				for _, f := range files(t, dir) {
					if strings.Contains(f, "staging") {
						t.Errorf("left behind: %s", f)
					}
				}
			})
		}
	}
	// Writes that fail leave no table and no file.
	for _, tt := range []struct {
		name, policy, sql, code string
		do                      func(t *testing.T, q *statement)
	}{
		{"task-fails-user", "TASK", source, "GENERIC_USER_ERROR", nil},
		{"", "TASK", source + " WHERE 1 / (l_orderkey - 7) < 2", "DIVISION_BY_ZERO", nil},
		{"task-held-after-write", "NONE", source, "REMOTE_HOST_GONE", nil},
		{"commit-held-before", "TASK", source, "USER_CANCELED", func(t *testing.T, q *statement) { q.cancel(t, c) }},
	} {
		for _, catalog := range []string{"hive", "memory"} {
			t.Run(catalog+"/"+tt.name+"/"+tt.code, func(t *testing.T) {
				cl := session(c, append(manyTasks, "retry_policy="+tt.policy)...)
				before := written(t, dir)
				q := strike(t, cl, tt.name, "CREATE TABLE "+catalog+".w.failed AS "+tt.sql)
				if tt.do != nil {
					tt.do(t, q)
				}
				q.fails(t, tt.code)
				emptySpool(t, c)
				until(t, "what was written is removed", func() bool { return slices.Equal(written(t, dir), before) })
				if got := mustRows(t, cl, "SHOW TABLES FROM "+catalog+".w LIKE 'failed'"); len(got) > 0 {
					t.Errorf("there is a table")
				}
				if left := files(t, filepath.Join(dir, "w", "failed")); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		}
	}
}
