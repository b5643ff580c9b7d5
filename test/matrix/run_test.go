//go:build e2e

package matrix

import (
	"strings"
	"testing"
	"time"
)

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
		a, err := r.aside(t.Context(), s.look(table))
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
	for tries := 1; err == nil && tries < in.tries() && !r.hasStruck(t, armed.fault); tries++ {
		if in.Huge {
			time.Sleep(time.Duration(tries) * 100 * time.Millisecond)
		}
		if s.Writes() {
			if _, err := r.aside(t.Context(), "DROP TABLE "+table); err != nil {
				t.Fatal(err)
			}
		}
		a, err = r.ask(t.Context(), cell.Policy, trace, s.sql(table), spread...)
	}
	end()
	r.struck(t, armed.fault)
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
		if _, err := r.aside(t.Context(), "DROP TABLE IF EXISTS "+table); err != nil {
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
