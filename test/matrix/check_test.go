//go:build e2e

package matrix

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

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
	a, err := r.aside(t.Context(), s.look(table))
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
