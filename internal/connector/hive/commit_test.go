package hive

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// stage writes a file of some rows as an attempt and returns its fragment. values are those of the partitioning columns.
func stage(t *testing.T, c *Connector, handle []byte, id string, values ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	writeFile(t, path, 3, 10)
	s, err := c.Sink(t.Context(), handle, id)
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]*string, len(values))
	for i := range values {
		texts[i] = &values[i]
	}
	if err := s.Add(t.Context(), path, texts, 3, 100); err != nil {
		t.Fatal(err)
	}
	fragment, err := s.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fragment
}

func rowsOf(t *testing.T, c *Connector, name connector.SchemaTable) int {
	t.Helper()
	table := describe(t, c, name)
	s, err := c.Statistics(t.Context(), connector.Scan{Table: name, Handle: table.Handle})
	if err != nil {
		t.Fatal(err)
	}
	return int(s.Rows)
}

// files lists what lies below a directory, metadata and unnamed parts left out.
func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".trinoSchema" {
			list = append(list, strings.TrimPrefix(path, dir))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return list
}

// A commit that stops in the middle, with a file moved and another not, is gone on with; one that is given up is taken back.
func TestInterruptedCommit(t *testing.T) {
	for _, end := range []string{"finish", "abort"} {
		for _, create := range []bool{true, false} {
			for _, partitioned := range []bool{false, true} {
				name := end
				if create {
					name += " create"
				}
				var values [2][]string
				var properties map[string]any
				if partitioned {
					name += " partitioned"
					values = [2][]string{{"x"}, {"y"}}
					properties = map[string]any{propPartitionedBy: []string{"k"}}
				}
				t.Run(name, func(t *testing.T) {
					c, root := open(t)
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
					interrupt(t, c, handle, fragments)
					if end == "abort" {
						if err := c.AbortWrite(t.Context(), handle); err != nil {
							t.Fatal(err)
						}
						if left := files(t, filepath.Join(root, "m", "s")); len(left) > 0 {
							t.Errorf("files are left: %q", left)
						}
						return
					}
					for range 2 {
						if err := c.FinishWrite(t.Context(), handle, fragments); err != nil {
							t.Fatal(err)
						}
					}
					if n := rowsOf(t, c, def.Name); n != 6 {
						t.Errorf("%d rows, want 6", n)
					}
					if left := files(t, filepath.Join(root, "m", "s")); len(left) != 2 {
						t.Errorf("files are %q", left)
					}
				})
			}
		}
	}
}

// interrupt begins a commit: its plan is written and the first file moved.
func interrupt(t *testing.T, c *Connector, handle []byte, fragments [][]byte) {
	t.Helper()
	w, err := readWrite(handle)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := c.plan(t.Context(), w, fragments)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.publish(t.Context(), w, plan.Files[0]); err != nil {
		t.Fatal(err)
	}
}

// Of two writes that create the same table one wins.
func TestCreateRace(t *testing.T) {
	c, root := open(t)
	def := definition("t", "id bigint, name varchar", nil)
	var handles, fragments [2][]byte
	for i, id := range []string{"q1", "q2"} {
		h, err := c.BeginWrite(t.Context(), def, true, connector.RetriesEnabled, id)
		if err != nil {
			t.Fatal(err)
		}
		handles[i], fragments[i] = h, stage(t, c, h, "a")
	}
	if err := c.FinishWrite(t.Context(), handles[0], fragments[:1]); err != nil {
		t.Fatal(err)
	}
	if err := c.FinishWrite(t.Context(), handles[1], fragments[1:]); err == nil || err.Error() != "Table 'h.s.t' already exists" {
		t.Errorf("got %v", err)
	}
	if err := c.AbortWrite(t.Context(), handles[1]); err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, c, def.Name); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
	if left := files(t, filepath.Join(root, "m", "s")); len(left) != 1 {
		t.Errorf("files are %q", left)
	}
}

// A table that is dropped while it is written makes the write fail.
func TestDroppedDuringWrite(t *testing.T) {
	c, _ := open(t)
	def := definition("t", "id bigint, name varchar", nil)
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	handle, err := c.BeginWrite(t.Context(), def, false, connector.RetriesEnabled, "q1")
	if err != nil {
		t.Fatal(err)
	}
	fragment := stage(t, c, handle, "a")
	if err := c.DropTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	if err := c.FinishWrite(t.Context(), handle, [][]byte{fragment}); err == nil || err.Error() != "Table 's.t' was dropped during query" {
		t.Errorf("got %v", err)
	}
	if err := c.AbortWrite(t.Context(), handle); err != nil {
		t.Error(err)
	}
	if _, err := c.Sink(t.Context(), handle, "late"); err == nil {
		t.Error("a sink of a write that has ended opens")
	}
}

func TestWriteErrors(t *testing.T) {
	c, root := open(t)
	ext, _ := external(t, c, root, "e", "id bigint")
	begin := func(def *connector.Table, create bool) error {
		_, err := c.BeginWrite(t.Context(), def, create, connector.NoRetries, "q")
		return err
	}
	inTheWay := filepath.Join(root, "m", "s", "taken")
	if err := os.MkdirAll(filepath.Join(inTheWay, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	partitioned := definition("p", "id bigint, k varchar", map[string]any{propPartitionedBy: []string{"k"}})
	handle, err := c.BeginWrite(t.Context(), partitioned, true, connector.NoRetries, "q")
	if err != nil {
		t.Fatal(err)
	}
	w, err := readWrite(handle)
	if err != nil {
		t.Fatal(err)
	}
	foreign := "ü"
	_, badValue := w.partition([]*string{&foreign})
	lz4, _ := open(t, "hive.compression-codec=LZ4")
	_, badCodec := lz4.BeginWrite(t.Context(), definition("t", "id bigint", nil), true, connector.NoRetries, "q")
	tests := []struct {
		name, want string
		err        error
	}{
		{"external", "Cannot write to non-managed Hive table", begin(ext, false)},
		{"external create", "Writes to non-managed Hive tables is disabled",
			begin(definition("n", "id bigint", map[string]any{propLocation: "local:///n"}), true)},
		{"directory exists", "Target directory for table 's.taken' already exists: local:///m/s/taken", begin(definition("taken", "id bigint", nil), true)},
		{"partition value", "Hive partition keys can only contain printable ASCII characters (0x20 - 0x7E). Invalid value: C3 BC", badValue},
		{"codec", "Compression codec LZ4 not supported for Parquet", badCodec},
	}
	for _, tt := range tests {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("%s: got %v, want %q", tt.name, tt.err, tt.want)
		}
	}
}

func TestSyncPartitionMetadata(t *testing.T) {
	c, root := open(t)
	def := definition("t", "id bigint, name varchar, k varchar, l date", map[string]any{
		propPartitionedBy: []string{"k", "l"}, propLocation: "local:///data"})
	for _, dir := range []string{"k=a/l=2020-01-01", "k=b%2F/l=2020-01-02", "K=c/L=2020-01-03", "other/x", ".k=h/l=2020-01-01"} {
		if err := os.MkdirAll(filepath.Join(root, "data", dir), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(root, "data", dir, "f"), 2, 10)
	}
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	call := func(mode string, sensitive bool) error {
		t.Helper()
		return c.Procedures()[0].Run(t.Context(), []any{"S", "t", mode, sensitive})
	}
	for _, step := range []struct {
		mode      string
		sensitive bool
		rows      int
	}{{"DROP", true, 0}, {"ADD", true, 4}, {"full", false, 6}, {"FULL", true, 4}} {
		if err := call(step.mode, step.sensitive); err != nil {
			t.Fatal(err)
		}
		if n := rowsOf(t, c, def.Name); n != step.rows {
			t.Errorf("after %s there are %d rows, want %d", step.mode, n, step.rows)
		}
	}
	if err := os.RemoveAll(filepath.Join(root, "data", "k=a")); err != nil {
		t.Fatal(err)
	}
	if err := call("FULL", true); err != nil || rowsOf(t, c, def.Name) != 2 {
		t.Errorf("%v; there are %d rows, want 2", err, rowsOf(t, c, def.Name))
	}
	table := describe(t, c, def.Name)
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[2:4],
		Constraint: []connector.Domain{{Column: "k", Values: []any{"b/"}}}}
	if got := strings.Join(splits(t, c, scan), " "); got != "f:2" {
		t.Errorf("splits are %q", got)
	}
	scan.Constraint[0].Values = []any{"c"}
	if got := splits(t, c, scan); len(got) != 0 {
		t.Errorf("splits are %q", got)
	}
	if err := call("X", true); err == nil || err.Error() != "Invalid partition metadata sync mode: X" {
		t.Errorf("got %v", err)
	}
	var h handle
	if err := json.Unmarshal(table.Handle, &h); err != nil || h.Name != table.Name {
		t.Errorf("handle is %s", table.Handle)
	}
}

// An INSERT that overwrites replaces the rows of the table partitions that it has rows for, also when it was interrupted anywhere.
func TestOverwritePartitions(t *testing.T) {
	session := func(value string) context.Context {
		return connector.WithSession(t.Context(), func() *connector.Session {
			return &connector.Session{Properties: map[string]string{"h.insert_existing_partitions_behavior": value}}
		})
	}
	insert := func(c *Connector, ctx context.Context, query string, keys ...string) error {
		def := definition("t", "a varchar, k varchar", map[string]any{"format": "JSON", "partitioned_by": []string{"k"}})
		existing, err := c.Table(ctx, def.Name)
		if err != nil {
			return err
		}
		write, err := c.BeginWrite(ctx, def, existing == nil, connector.RetriesEnabled, query)
		if err != nil {
			return err
		}
		s, err := c.Sink(ctx, write, query)
		if err != nil {
			return err
		}
		rows := make([]string, len(keys))
		for i := range rows {
			rows[i] = query
		}
		if _, err := s.(connector.BatchSink).Write(ctx, texts(rows, keys)); err != nil {
			return err
		}
		f, err := s.Finish(ctx)
		if err != nil {
			return err
		}
		if err := c.FinishWrite(ctx, write, [][]byte{f}); err != nil {
			if e := c.AbortWrite(ctx, write); e != nil {
				t.Fatal(e)
			}
			return err
		}
		return c.FinishWrite(ctx, write, [][]byte{f})
	}
	c, _ := open(t)
	rows := func() string {
		table, err := c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: "t"})
		if err != nil {
			t.Fatal(err)
		}
		list, _ := scanLines(t, c, table, "k", "a")
		return strings.Join(list, " ")
	}
	for _, step := range []struct{ behavior, query, keys, want string }{
		{"APPEND", "q1", "p q", "p|q1 q|q1"},
		{"APPEND", "q2", "p r", "p|q1 p|q2 q|q1 r|q2"},
		{"OVERWRITE", "q3", "p s p", "p|q3 p|q3 q|q1 r|q2 s|q3"},
		{"ERROR", "q4", "p", ""},
		{"ERROR", "q5", "z", "p|q3 p|q3 q|q1 r|q2 s|q3 z|q5"},
	} {
		err := insert(c, session(step.behavior), step.query, strings.Fields(step.keys)...)
		if step.want == "" {
			if err == nil || trinoerr.CodeOf(err) != trinoerr.HivePartitionReadOnly || !strings.Contains(err.Error(), "Cannot insert into an existing partition of Hive table: k=p") {
				t.Errorf("%s: %v", step.query, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := rows(); got != step.want {
			t.Errorf("%s: got %s, want %s", step.query, got, step.want)
		}
	}
	// A commit that fails before it has removed anything leaves the old rows.
	c.env.InCommit = func(context.Context, string) error { return errors.New("no") }
	if err := insert(c, session("OVERWRITE"), "q6", "p"); err == nil {
		t.Fatal("the commit did not fail")
	}
	c.env.InCommit = nil
	if got, want := rows(), "p|q3 p|q3 q|q1 r|q2 s|q3 z|q5"; got != want {
		t.Errorf("after an abort: got %s, want %s", got, want)
	}
	p, err := c.partitionOf(t.Context(), definitionMeta(t, c), "k=p")
	if err != nil || p.Parameters[paramQuery] != "q3" && p.Parameters[paramRows] == "1" {
		t.Errorf("partition: %+v, %v", p, err)
	}
}

func definitionMeta(t *testing.T, c *Connector) *metastore.Table {
	t.Helper()
	m, err := c.store.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: "t"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
