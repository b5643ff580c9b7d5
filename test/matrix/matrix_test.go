//go:build e2e

package matrix

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/test/fault"
)

// TestMatrix runs every cell. Those that strike one query alone share a cluster and run side by side.
func TestMatrix(t *testing.T) {
	results := newResults(t)
	t.Run("shared", func(t *testing.T) {
		r := newRunner(t, startCluster(t, 2, time.Minute), results) // no worker goes, however busy the machine is
		for _, cell := range Cells() {
			if cell.Injection.Alone {
				continue
			}
			t.Run(cell.Name(), func(t *testing.T) {
				t.Parallel()
				r.run(t, cell)
			})
		}
	})
	t.Run("alone", func(t *testing.T) {
		r := newRunner(t, startCluster(t, 3, 4*time.Second), results)
		for _, cell := range Cells() {
			if cell.Injection.Alone {
				t.Run(cell.Name(), func(t *testing.T) { r.run(t, cell) })
			}
		}
	})
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
		if _, err := r.ask(t.Context(), Task, "", strings.ReplaceAll(sql, "{t}", table)); err != nil {
			return table, err
		}
	}
	return table, nil
}

// resultOf looks at what a statement has given and done.
func (r *runner) resultOf(t *testing.T, s *Statement, table string, a answer) (result, error) {
	res := result{rows: slices.Sorted(slices.Values(a.rows)), count: -1}
	if s.Text {
		res.rows = fragment.FindAllString(strings.Join(a.rows, "\n"), -1) // the rest are figures and the table's name
	}
	if a.count != nil {
		res.count = *a.count
	}
	if s.Writes() {
		content, err := r.ask(t.Context(), Task, "", s.look(table))
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

// run runs a cell.
func (r *runner) run(t *testing.T, cell Cell) {
	begun := time.Now()
	defer func() { r.results.add(cell, !t.Failed(), time.Since(begun)) }()
	s, in := cell.Statement, cell.Injection
	if s.Refused != "" {
		r.refused(t, cell)
		return
	}
	u := r.reference(t, s)
	if u.err != nil {
		t.Fatalf("undisturbed: %v", u.err)
	}
	table, err := r.prepare(t, s)
	if err != nil {
		t.Fatal(err)
	}
	var before []string
	if len(s.Setup) > 0 && cell.Want.Kind == Fails {
		a, err := r.ask(t.Context(), Task, "", s.look(table))
		if err != nil {
			t.Fatal(err)
		}
		before = a.rows
	}
	trace := strings.ReplaceAll(t.Name(), "/", "-")
	armed := r.arm(t, in, u, trace)
	end := r.deed(t, in, armed)
	var spread []string
	if in.Huge {
		spread = manyReaders
	}
	a, err := r.ask(t.Context(), cell.Policy, trace, s.sql(table), spread...)
	for tries := 1; in.Huge && err == nil && tries < placements && !r.hasStruck(t, armed); tries++ {
		if s.Writes() {
			if _, err := r.ask(t.Context(), Task, "", "DROP TABLE "+table); err != nil {
				t.Fatal(err)
			}
		}
		a, err = r.ask(t.Context(), cell.Policy, trace, s.sql(table), spread...)
	}
	end()
	r.struck(t, armed, in)
	switch {
	case cell.Want.Kind == Fails:
		r.failed(t, cell, err)
		r.untouched(t, s, table, before)
	case err != nil:
		t.Errorf("query %s: %v", a.id, err)
	default:
		got, err := r.resultOf(t, s, table, a)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, got, u.result)
		if failed := a.failed; (failed > 0) != (cell.Want.Kind == OK) {
			t.Errorf("query %s: %d failed tasks, want it %s", a.id, failed, cell.Want.Kind)
		}
	}
	if s.Writes() {
		if _, err := r.ask(t.Context(), Task, "", "DROP TABLE IF EXISTS "+table); err != nil {
			t.Error(err)
		}
	}
	r.clean(t, a.id)
}

// refused checks that a statement is refused, and changes nothing.
func (r *runner) refused(t *testing.T, cell Cell) {
	table, err := r.prepare(t, cell.Statement)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.ask(t.Context(), cell.Policy, "", cell.Statement.sql(table))
	r.failed(t, cell, err)
}

// arm makes the cell's fault ready for its query.
func (r *runner) arm(t *testing.T, in *Injection, u *undisturbed, trace string) *fault.Armed {
	t.Helper()
	if in.Fault == "" {
		return nil
	}
	at := fault.Aim{Trace: trace, Times: in.Times}
	if stage := u.stages[in.Place]; stage != "" {
		attempts := in.Attempts
		if attempts == "" {
			attempts = "0"
		}
		partition := "0"
		if in.Huge { // whichever is read from another worker
			partition = "*"
		}
		at.Task = stage + "." + partition + "." + attempts
	}
	a, err := r.faults.Arm(in.Fault, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Disarm(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// placements is how often a statement is tried whose tasks may all have been placed where what they read lies.
const placements = 5

// hasStruck reports whether the fault has struck.
func (r *runner) hasStruck(t *testing.T, a *fault.Armed) bool {
	t.Helper()
	strikes, err := a.Strikes()
	if err != nil {
		t.Fatal(err)
	}
	return len(strikes) > 0
}

// struck checks that the fault has struck: otherwise the run shows nothing.
func (r *runner) struck(t *testing.T, a *fault.Armed, in *Injection) {
	t.Helper()
	if a == nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), cleaning) // what cleans up after a query may come a moment later
	defer cancel()
	if _, err := a.Await(ctx, 1); err != nil {
		t.Error(err)
	}
}

// failed checks an error.
func (r *runner) failed(t *testing.T, cell Cell, err error) {
	t.Helper()
	f, ok := errors.AsType[*failure](err)
	if !ok || f.name != cell.Want.Error || !strings.Contains(f.message, cell.Want.Text) {
		t.Errorf("got %v, want %s: %s", err, cell.Want.Error, cell.Want.Text)
	}
}

// untouched checks that a statement that failed has changed nothing.
func (r *runner) untouched(t *testing.T, s *Statement, table string, before []string) {
	t.Helper()
	if !s.Writes() {
		return
	}
	a, err := r.ask(t.Context(), Task, "", s.look(table))
	if len(s.Setup) == 0 {
		if f, ok := errors.AsType[*failure](err); !ok || f.name != "TABLE_NOT_FOUND" {
			t.Errorf("the table is there: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	compare(t, result{content: slices.Sorted(slices.Values(a.rows))}, result{content: slices.Sorted(slices.Values(before))})
}

// compare compares two results.
func compare(t *testing.T, got, want result) {
	t.Helper()
	if !slices.Equal(got.rows, want.rows) {
		t.Errorf("got %d rows %.2000s\nwant %d rows %.2000s", len(got.rows), got.rows, len(want.rows), want.rows)
	}
	if got.count != want.count {
		t.Errorf("update count %d, want %d", got.count, want.count)
	}
	if !slices.Equal(got.content, want.content) {
		t.Errorf("the table has %d rows %.2000s\nwant %d rows %.2000s", len(got.content), got.content, len(want.content), want.content)
	}
}

// clean waits until nothing is left of a query.
func (r *runner) clean(t *testing.T, query string) {
	t.Helper()
	if query == "" {
		return
	}
	var left []string
	for deadline := time.Now().Add(cleaning); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if left = r.left(t, query); len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind by query %s: %v", query, left)
}
