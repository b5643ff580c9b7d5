//go:build e2e

package matrix

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// aloneClusters is how many clusters the cells share that strike a node. Those mostly wait until its loss is noticed.
const aloneClusters = 3

// TestMatrix runs every cell. Those that strike one query alone share a cluster and run side by side, the others have a cluster for
// themselves.
func TestMatrix(t *testing.T) {
	results := newResults(t)
	faults := fault.Dir(t.TempDir()) // of all clusters: faults are aimed, and when not it makes no difference whom they strike
	t.Setenv(faultpoint.Env, string(faults))
	var shared, alone []Cell
	for _, c := range Cells() {
		if c.Injection.Alone {
			alone = append(alone, c)
		} else {
			shared = append(shared, c)
		}
	}
	t.Run("shared", func(t *testing.T) {
		t.Parallel()
		r := newRunner(t, startCluster(t, faults, 2, time.Minute), results) // no worker goes, however busy the machine is
		for _, cell := range shared {
			t.Run(cell.Name(), func(t *testing.T) {
				t.Parallel()
				r.run(t, cell)
			})
		}
	})
	for i := range aloneClusters {
		t.Run(fmt.Sprintf("alone-%d", i), func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, startCluster(t, faults, 3, 4*time.Second), results)
			for j, cell := range alone {
				if j%aloneClusters == i {
					t.Run(cell.Name(), func(t *testing.T) { r.run(t, cell) })
				}
			}
		})
	}
}

// runner runs cells on a cluster.
type runner struct {
	*cluster
	results *results
	number  atomic.Int64

	mu     sync.Mutex
	undone map[string]func() *undisturbed
}

func newRunner(t *testing.T, c *cluster, res *results) *runner {
	t.Helper()
	return &runner{cluster: c, results: res, undone: map[string]func() *undisturbed{}}
}

// undisturbed is what a statement does when nothing goes wrong.
type undisturbed struct {
	result result
	stages map[Place]string // numbers
	err    error
}

// result is what can be compared of two runs.
type result struct {
	rows    []string
	count   int64 // -1: none
	content []string
}

// reference runs a statement undisturbed, once.
func (r *runner) reference(t *testing.T, s *Statement) *undisturbed {
	t.Helper()
	r.mu.Lock()
	once := r.undone[s.Name()]
	if once == nil {
		once = sync.OnceValue(func() *undisturbed { return r.undisturbed(t, s) })
		r.undone[s.Name()] = once
	}
	r.mu.Unlock()
	return once()
}

func (r *runner) undisturbed(t *testing.T, s *Statement) *undisturbed {
	u := &undisturbed{}
	table, err := r.prepare(t, s)
	if err != nil {
		return &undisturbed{err: err}
	}
	explain := strings.TrimPrefix(s.sql(table), "EXPLAIN ANALYZE ")
	plan, err := r.ask(t.Context(), Task, "", "EXPLAIN (TYPE DISTRIBUTED) "+explain)
	if err != nil {
		return &undisturbed{err: err}
	}
	if u.stages, err = stagesOf(s, table, strings.Join(plan.rows, "\n")); err != nil {
		return &undisturbed{err: err}
	}
	a, err := r.ask(t.Context(), Task, "", s.sql(table))
	if err != nil {
		return &undisturbed{err: err}
	}
	u.result, u.err = r.resultOf(t, s, table, a)
	return u
}

// sql is the statement on a table.
func (s *Statement) sql(table string) string { return strings.ReplaceAll(s.SQL, "{t}", table) }

// look shows what it has made of a table.
func (s *Statement) look(table string) string {
	if s.Look != "" {
		return strings.ReplaceAll(s.Look, "{t}", table)
	}
	return "SELECT * FROM " + table
}

// prepare makes the table of a run.
func (r *runner) prepare(t *testing.T, s *Statement) (table string, err error) {
	if !s.Writes() {
		return "", nil
	}
	table = fmt.Sprintf("%s.m.t%d", s.Catalog, r.number.Add(1))
	for _, sql := range s.Setup {
		if _, err := r.aside(t.Context(), strings.ReplaceAll(sql, "{t}", table)); err != nil {
			return table, err
		}
	}
	return table, nil
}

// resultOf looks at what a statement has given and done.
func (r *runner) resultOf(t *testing.T, s *Statement, table string, a answer) (result, error) {
	res := result{rows: slices.Sorted(slices.Values(a.rows)), count: -1}
	if s.Ordered {
		res.rows = a.rows
	}
	if s.Text {
		res.rows = fragment.FindAllString(strings.Join(a.rows, "\n"), -1) // the rest are figures and the table's name
	}
	if a.count != nil {
		res.count = *a.count
	}
	if s.Writes() {
		content, err := r.aside(t.Context(), s.look(table))
		if err != nil {
			return res, err
		}
		res.content = slices.Sorted(slices.Values(content.rows))
	}
	return res, nil
}

// fragment is a stage in an answer of EXPLAIN.
var fragment = regexp.MustCompile(`Fragment (\d+) \[\w+\]`)

// stagesOf finds the stages that the places mean.
func stagesOf(s *Statement, table, plan string) (map[Place]string, error) {
	leaf := "tpch:tiny." + s.Leaf
	if s.Leaf == "{t}" {
		leaf = strings.Replace(table, ".", ":", 1)
	}
	at := fragment.FindAllStringSubmatchIndex(plan, -1)
	out := map[Place]string{}
	for i, m := range at {
		end := len(plan)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		number, text := plan[m[2]:m[3]], plan[m[0]:end]
		result, remote := strings.Contains(text, "Output: RESULT"), strings.Contains(text, "RemoteSource")
		if s.Single || strings.Contains(text, "TableScan[table = "+leaf) {
			out[Leaf] = number
		}
		if remote && !result {
			out[Middle] = number
		}
		if result {
			out[Root] = number
		}
	}
	if out[Leaf] == "" || out[Root] == "" || s.Middle != (out[Middle] != "") {
		return nil, fmt.Errorf("the stages are %v, in %s", out, plan)
	}
	return out, nil
}
