//go:build e2e

package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/testbinary"
)

// patience bounds every wait: long, as the machine may be busy. Temporary things have to be gone within cleaning.
const (
	patience = 4 * time.Minute
	cleaning = 30 * time.Second
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	flag.Parse()
	// Many runs mostly wait: for each other's commits, for calls that hang, for the loss of a node.
	if err := flag.Set("test.parallel", "11"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return testbinary.Main(func(path string) int {
		binary = path
		return m.Run()
	})
}

// cluster is a cluster whose processes look for faults in a directory.
type cluster struct {
	*localcluster.Cluster
	faults fault.Dir
	dir    string // of all its files
}

// properties are the fixed configuration: quick retries, short patience with calls, though not too short for a busy machine.
var properties = map[string]string{
	"retry-initial-delay": "1ms", "query.remote-task.max-error-duration": "5s", "exchange.max-error-duration": "5s",
	"waterbear.range-alignment-enabled": "false", // faults are aimed at exchanges between stages
}

// session are the session properties of all runs: even tiny queries run in stages.
var session = map[string]string{
	"waterbear_single_task_input_size": "0B", "join_distribution_type": "PARTITIONED", "query_retry_attempts": "2", "task_retry_attempts_per_task": "2",
}

// aside runs a statement that only serves the run of another one, as cheaply as it can: small ones are one task.
func (c *cluster) aside(ctx context.Context, sql string) (answer, error) {
	return c.ask(ctx, Task, "", sql, "waterbear_single_task_input_size=512MB")
}

// manyReaders makes many tasks that read an output, so that some of them read it from another worker.
var manyReaders = []string{"fault_tolerant_execution_hash_distribution_compute_task_target_size=1kB", "fault_tolerant_execution_hash_distribution_write_task_target_size=50kB"}

// startCluster runs a cluster until the test ends; the environment leads its processes to the faults. Workers are lost after a
// silence of loss. The logs of a cluster that failed are shown.
func startCluster(t *testing.T, faults fault.Dir, workers int, loss time.Duration) *cluster {
	t.Helper()
	dir := t.TempDir()
	c := &cluster{faults: faults, dir: dir}
	catalogs := map[string]map[string]string{
		"tpch":   {"connector.name": "tpch", "tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL", "tpch.splits-per-node": "4"},
		"memory": {"connector.name": "memory", "memory.row-level-changes": "true"},
		"hive": {"connector.name": "hive", "hive.metastore": "file", "hive.metastore.catalog.dir": "local:///", "fs.native-local.enabled": "true",
			"local.location": localcluster.HiveDir(dir)},
	}
	of := maps.Clone(properties)
	of["waterbear.node-loss-timeout"] = fmt.Sprintf("%.0fs", loss.Seconds())
	var err error
	c.Cluster, err = localcluster.Start(t.Context(), localcluster.Config{Binary: binary, DataDir: dir, Workers: workers, MemoryBytes: 1 << 30,
		Slots: 2, Threads: 1, Properties: of, Catalogs: catalogs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			showLogs(t, c.LogDir())
		}
	})
	for _, catalog := range []string{"hive", "memory"} {
		if _, err := c.aside(t.Context(), "CREATE SCHEMA "+catalog+".m"); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// showLogs prints the end of every node's log.
func showLogs(t *testing.T, dir string) {
	const most = 8 << 10
	files, _ := filepath.Glob(filepath.Join(dir, "*.log")) // the pattern is well-formed
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Log(err)
			continue
		}
		t.Logf("%s:\n%s", filepath.Base(f), text[max(0, len(text)-most):])
	}
}

// answer is what came of a statement that has succeeded.
type answer struct {
	id     string
	rows   []string // as JSON
	count  *int64   // of a statement that writes
	failed int      // attempts, by the statistics
}

// failure is the error of a statement.
type failure struct{ name, message string }

func (f *failure) Error() string { return f.name + ": " + f.message }

// client is a client with a policy and a trace token.
func (c *cluster) client(p Policy, trace string, more ...string) *client.Client {
	s := client.Session{User: "matrix", Catalog: "tpch", Schema: "tiny", TraceToken: trace, Properties: map[string]string{"retry_policy": string(p)}}
	for k, v := range session {
		s.Properties[k] = v
	}
	for _, m := range more {
		k, v, _ := strings.Cut(m, "=")
		s.Properties[k] = v
	}
	return &client.Client{Server: c.URL(), HTTP: http.DefaultClient, Session: s}
}

// ask runs a statement. The answer has the id of a statement that failed, too.
func (c *cluster) ask(ctx context.Context, p Policy, trace, sql string, more ...string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	q, err := c.client(p, trace, more...).Start(ctx, sql)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", sql, err)
	}
	a := answer{id: q.Now().ID}
	for more := true; more; more, err = q.Next(ctx) {
		now := q.Now()
		if e := now.Error; e != nil {
			return a, &failure{e.Name, e.Message}
		}
		var page []json.RawMessage
		if len(now.Data) > 0 {
			if err := json.Unmarshal(now.Data, &page); err != nil {
				return a, err
			}
		}
		for _, row := range page {
			a.rows = append(a.rows, string(row))
		}
		a.count, a.failed = now.UpdateCount, failedTasks(now.Stats.RootStage)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", sql, err)
	}
	return a, err
}

// failedTasks adds up the failed attempts of a stage and those below it.
func failedTasks(s *protocol.StageStats) int {
	if s == nil {
		return 0
	}
	n := s.FailedTasks
	for i := range s.SubStages {
		n += failedTasks(&s.SubStages[i])
	}
	return n
}

// left lists what is there of a query in the cluster's directories: outputs, scratch files, files of tables.
func (c *cluster) left(t *testing.T, query string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(c.dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && strings.Contains(path, query) {
			out = append(out, strings.TrimPrefix(path, c.dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return out
}
