package hive

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// A commit that fails with its files in place and nothing registered, once or more often, and one whose success nobody heard of, are
// carried out again: each row is there once.
func TestFailedCommitDoesNotDuplicate31246(t *testing.T) {
	for _, create := range []bool{true, false} {
		for _, partitioned := range []bool{false, true} {
			for _, failures := range []int{0, 1, 3} {
				c, root := open(t)
				var values [2][]string
				var properties map[string]any
				if partitioned {
					values, properties = [2][]string{{"x"}, {"y"}}, map[string]any{propPartitionedBy: []string{"k"}}
				}
				def := definition("t", "id bigint, name varchar, k varchar", properties)
				if !create {
					if err := c.CreateTable(t.Context(), def); err != nil {
						t.Fatal(err)
					}
					def = describe(t, c, def.Name)
				}
				handle, err := c.BeginWrite(t.Context(), def, create, connector.RetriesEnabled, "q1")
				if err != nil {
					t.Fatal(err)
				}
				fragments := [][]byte{stage(t, c, handle, "a", values[0]...), stage(t, c, handle, "b", values[1]...)}
				stage(t, c, handle, "lost", values[0]...)
				left := failures
				c.env.InCommit = func(context.Context, string) error {
					if left--; left >= 0 {
						return errors.New("injected")
					}
					return nil
				}
				for try := range failures + 2 { // the last one repeats a commit that is done
					if err := c.FinishWrite(t.Context(), handle, fragments); (err != nil) != (try < failures) {
						t.Fatalf("try %d of %d: %v", try, failures, err)
					}
				}
				if err := c.AbortWrite(t.Context(), handle); err != nil { // what is committed stays
					t.Fatal(err)
				}
				if n := rowsOf(t, c, def.Name); n != 6 {
					t.Errorf("create %v, partitioned %v, %d failures: %d rows, want 6", create, partitioned, failures, n)
				}
				if found := files(t, filepath.Join(root, "m", "s")); len(found) != 2 {
					t.Errorf("create %v, partitioned %v, %d failures: files %q", create, partitioned, failures, found)
				}
			}
		}
	}
}

// A sink whose finish has begun keeps what it wrote.
func TestAbortAfterFinishBegan30411(t *testing.T) {
	c, root := open(t)
	def := definition("t", "id bigint, name varchar, k varchar", nil)
	handle, err := c.BeginWrite(t.Context(), def, true, connector.RetriesEnabled, "q1")
	if err != nil {
		t.Fatal(err)
	}
	for _, finish := range []bool{true, false} {
		id := map[bool]string{true: "finished", false: "aborted"}[finish]
		path := filepath.Join(t.TempDir(), "f")
		writeFile(t, path, 3, 10)
		s, err := c.Sink(t.Context(), handle, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Add(t.Context(), path, nil, 3, 100); err != nil {
			t.Fatal(err)
		}
		if finish {
			if _, err := s.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(s.Abort(t.Context()), s.Abort(t.Context())); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Finish(t.Context()); err == nil {
			t.Errorf("%s: finished again", id)
		}
		kept := strings.Contains(strings.Join(files(t, filepath.Join(root, "m", "s")), " "), "/"+id+"/")
		if kept != finish {
			t.Errorf("%s: its file is there: %v", id, kept)
		}
	}
}
