//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// patience bounds every wait of a test: long, as the machine may be busy, but not for ever.
const patience = 3 * time.Minute

// distributed makes even tiny queries run in stages.
const distributed = "waterbear_single_task_input_size=0B"

// manyTasks makes many tasks of little data, all of which goes through the exchange. A task that a test holds is not raced
// by another attempt.
var manyTasks = slices.Clip([]string{distributed, "waterbear_backup_attempts=false", "join_distribution_type=PARTITIONED", "retry_initial_delay=100ms",
	"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min=200kB",
	"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max=200kB",
	"fault_tolerant_execution_hash_distribution_compute_task_target_size=200kB",
	"fault_tolerant_execution_arbitrary_distribution_write_task_target_size_min=200kB",
	"fault_tolerant_execution_arbitrary_distribution_write_task_target_size_max=200kB"})

// midway aims at a task in the middle of a query: the first of the last stage that reads partitions of others. The client's plans
// stay as they are from now on, or the stage might not come.
func midway(t *testing.T, cl *client.Client, sql string) string {
	t.Helper()
	cl.Session.Properties["fault_tolerant_execution_adaptive_query_planning_enabled"] = "false"
	plan := strings.Join(mustRows(t, cl, "EXPLAIN "+sql), "\n")
	found := regexp.MustCompile(`Fragment (\d+) \[HASH\]`).FindStringSubmatch(plan)
	if found == nil {
		t.Fatalf("no stage reads partitions: %s", plan)
	}
	return found[1] + ".0.0"
}

// fragmentWith finds the stage of a statement whose plan has a text.
func fragmentWith(t *testing.T, cl *client.Client, sql, text string) string {
	t.Helper()
	plan := strings.Join(mustRows(t, cl, "EXPLAIN "+sql), "\n")
	for _, f := range strings.Split(plan, "Fragment ")[1:] {
		if number, rest, _ := strings.Cut(f, " "); strings.Contains(rest, text) {
			return number
		}
	}
	t.Fatalf("no stage has %q: %s", text, plan)
	return ""
}

// faulty starts a cluster whose processes look for faults in a directory.
func faulty(t *testing.T, cfg localcluster.Config) (*localcluster.Cluster, fault.Dir) {
	t.Helper()
	dir := t.TempDir()
	cfg.Env = append(cfg.Env, faultpoint.Env+"="+dir)
	if cfg.Catalogs == nil {
		cfg.Catalogs = standardCatalogs("")
	}
	return start(t, cfg), fault.Dir(dir)
}

// standardCatalogs are catalogs over which the standard's queries can be asked: columns as in the specification, and
// decimals, so that answers are exact. A directory adds a catalog of files in it.
func standardCatalogs(hive string) map[string]map[string]string {
	c := map[string]map[string]string{
		"tpch":   {"connector.name": "tpch", "tpch.column-naming": "STANDARD", "tpch.double-type-mapping": "DECIMAL", "tpch.splits-per-node": "4"},
		"memory": {"connector.name": "memory"},
	}
	if hive != "" {
		c["hive"] = map[string]string{"connector.name": "hive", "hive.metastore": "file", "hive.metastore.catalog.dir": "local:///",
			"fs.native-local.enabled": "true", "local.location": hive}
	}
	return c
}

// question is the text of a query of the benchmark.
func question(t *testing.T, number int) string {
	t.Helper()
	text, err := bench.Query(number, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// statement is a statement under way.
type statement struct {
	id   string
	done chan struct{} // closed at its end
	rows []string
	err  error
	took time.Duration
	end  *client.Results
}

// begin sends a statement and follows it in the background.
func begin(t *testing.T, cl *client.Client, sql string) *statement {
	t.Helper()
	begun := time.Now()
	q, err := cl.Start(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	r := &statement{id: q.Now().ID, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.rows, r.err = drain(t.Context(), q)
		r.took, r.end = time.Since(begun), q.Now()
	}()
	return r
}

// wait returns the rows of a statement that has to succeed.
func (r *statement) wait(t *testing.T) []string {
	t.Helper()
	r.ended(t)
	if r.err != nil {
		t.Fatalf("query %s: %v", r.id, r.err)
	}
	return r.rows
}

// ended waits for the statement's end.
func (r *statement) ended(t *testing.T) {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatalf("query %s does not end", r.id)
	}
}

// cancel cancels the statement, as another client would.
func (r *statement) cancel(t *testing.T, c *localcluster.Cluster) {
	t.Helper()
	res := get(t, c, http.MethodDelete, "/v1/query/"+r.id)
	res.Body.Close()
	if res.StatusCode/100 != 2 {
		t.Fatalf("DELETE answered %s", res.Status)
	}
}

// fails waits for a failure with one of the given names.
func (r *statement) fails(t *testing.T, names ...string) {
	t.Helper()
	r.ended(t)
	var failed *failure
	if !errors.As(r.err, &failed) || !slices.Contains(names, failed.name) {
		t.Errorf("query %s ended with %v, want %v", r.id, r.err, names)
	}
}

// arm makes a fault ready, until the end of the test.
func arm(t *testing.T, d fault.Dir, name string, at fault.Aim) *fault.Armed {
	t.Helper()
	a, err := d.Arm(name, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { disarm(t, a) })
	return a
}

func disarm(t *testing.T, a *fault.Armed) {
	t.Helper()
	if err := a.Disarm(); err != nil {
		t.Error(err)
	}
}

// struck waits until a fault has struck n times.
func struck(t *testing.T, a *fault.Armed, n int) []faultpoint.Strike {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := a.Await(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// workerOf is the index of the worker in whose slot a fault has struck.
func workerOf(t *testing.T, c *localcluster.Cluster, s faultpoint.Strike) int {
	t.Helper()
	i := slices.Index(c.WorkerPIDs(), s.Parent)
	if i < 0 {
		t.Fatalf("%+v is on none of the workers %v", s, c.WorkerPIDs())
	}
	return i
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// files lists what is in a directory, at any depth, directories below it included.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && path != dir {
			out = append(out, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// spooled is what lies in a directory of the exchange, but for the coordinators' journal and their marks.
func spooled(t *testing.T, dir string) []string {
	t.Helper()
	return slices.DeleteFunc(files(t, dir), func(f string) bool {
		top, _, _ := strings.Cut(f, "/")
		return top == "journal" || top == "owners"
	})
}

// emptySpool waits until nothing is left of any query. Cleaning goes on for a moment after a query's end.
func emptySpool(t *testing.T, c *localcluster.Cluster) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if left = spooled(t, c.SpoolDir()); len(left) == 0 {
			return
		}
	}
	t.Errorf("left in the spool: %v", left)
}

// attempt is a task's id without its query and its number.
func attempt(task string) (partition string, number int) {
	_, rest, _ := strings.Cut(task, ".")
	i := strings.LastIndexByte(rest, '.')
	number, _ = strconv.Atoi(rest[i+1:]) // ids are well-formed
	return rest[:i], number
}

// taskRow is a row of system.runtime.tasks.
type taskRow struct{ task, node, state string }

// tasks reads what the system catalog says about the attempts of a query.
func tasks(t *testing.T, c *localcluster.Cluster, query string) []taskRow {
	t.Helper()
	var out []taskRow
	for _, row := range mustRows(t, session(c), "SELECT task_id, node_id, state FROM system.runtime.tasks WHERE query_id = '"+query+"'") {
		f := strings.Split(strings.Trim(row, `[]"`), `","`)
		if len(f) != 3 {
			t.Fatalf("row %s", row)
		}
		out = append(out, taskRow{f[0], f[1], f[2]})
	}
	return out
}

// get asks the coordinator for a resource.
func get(t *testing.T, c *localcluster.Cluster, method, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Trino-User", "e2e")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// queryState asks the coordinator for the state of a query.
func queryState(t *testing.T, c *localcluster.Cluster, id string) string {
	t.Helper()
	res := get(t, c, http.MethodGet, "/v1/query/"+id)
	defer res.Body.Close()
	var q struct{ State string }
	if err := json.NewDecoder(res.Body).Decode(&q); err != nil {
		t.Fatal(err)
	}
	return q.State
}

// nodeCount asks the coordinator how many workers it knows.
func nodeCount(t *testing.T, c *localcluster.Cluster) int {
	t.Helper()
	res := get(t, c, http.MethodGet, "/v1/node")
	defer res.Body.Close()
	var nodes []struct {
		ID    string `json:"nodeId"`
		State string `json:"state"`
	}
	if err := json.NewDecoder(res.Body).Decode(&nodes); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, node := range nodes {
		if node.ID != localcluster.CoordinatorID && node.State == "ACTIVE" {
			n++
		}
	}
	return n
}

// write writes a file of a test.
func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
