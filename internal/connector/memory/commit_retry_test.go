package memory_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/memory"
	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
)

// written is the fragment of an attempt that wrote two rows.
func written(t *testing.T, c *memory.Connector, handle []byte, id string, end func(connector.Sink)) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("rows"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := c.Sink(t.Context(), handle, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(t.Context(), path, nil, 2, 4); err != nil {
		t.Fatal(err)
	}
	if end != nil {
		end(s)
		return nil
	}
	f, err := s.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A commit that fails after the rows have become visible, as often as it likes, is carried out again: each row is there once.
func TestFailedCommitDoesNotDuplicate31246(t *testing.T) {
	for _, failures := range []int{0, 1, 3} {
		left := failures
		store := blob.NewStore(1 << 20)
		c, err := memory.New(connector.CatalogConfig{Catalog: "memory", Env: connector.Env{Blobs: store, InCommit: func(context.Context, string) error {
			if left--; left >= 0 {
				return errors.New("injected")
			}
			return nil
		}}})
		if err != nil {
			t.Fatal(err)
		}
		def := definition(name("default", "t"))
		handle, err := c.BeginWrite(t.Context(), def, true, connector.RetriesEnabled, "q1")
		if err != nil {
			t.Fatal(err)
		}
		fragments := [][]byte{written(t, c, handle, "a", nil), written(t, c, handle, "b", nil)}
		written(t, c, handle, "lost", nil)
		for try := range failures + 2 { // the last one repeats a commit that is done
			if err := c.FinishWrite(t.Context(), handle, fragments); (err != nil) != (try < failures) {
				t.Fatalf("try %d of %d: %v", try, failures, err)
			}
		}
		if err := c.AbortWrite(t.Context(), handle); err != nil { // what is committed stays
			t.Fatal(err)
		}
		table, err := c.Table(t.Context(), def.Name)
		if err != nil || table == nil {
			t.Fatal(table, err)
		}
		s, err := c.Statistics(t.Context(), connector.Scan{Table: def.Name, Handle: table.Handle})
		if err != nil || s.Rows != 4 || len(store.Keys()) != 2 {
			t.Errorf("%d failures: %v rows in %v, %v", failures, s.Rows, store.Keys(), err)
		}
	}
}

// A sink whose finish has begun keeps what it wrote.
func TestAbortAfterFinishBegan30411(t *testing.T) {
	c, store := open(t, "")
	handle, err := c.BeginWrite(t.Context(), definition(name("default", "t")), true, connector.RetriesEnabled, "q1")
	if err != nil {
		t.Fatal(err)
	}
	written(t, c, handle, "finished", func(s connector.Sink) {
		if _, err := s.Finish(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Abort(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if n := len(store.Keys()); n != 1 {
		t.Errorf("%d files after finish and abort, want 1", n)
	}
	written(t, c, handle, "aborted", func(s connector.Sink) {
		if err := errors.Join(s.Abort(t.Context()), s.Abort(t.Context())); err != nil {
			t.Error(err)
		}
		if _, err := s.Finish(t.Context()); err == nil {
			t.Error("finished after an abort")
		}
	})
	if n := len(store.Keys()); n != 1 {
		t.Errorf("%d files after an abort, want 1", n)
	}
}
