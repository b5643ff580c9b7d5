package slot

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// fixture is a slot under test, seen from its worker.
type fixture struct {
	t       *testing.T
	conn    net.Conn
	in      *bufio.Reader
	spool   *local.Store
	scratch string
	ended   chan error
}

func begin(t *testing.T, change func(*Config)) *fixture {
	t.Helper()
	spool, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tpch.New(connector.CatalogConfig{Catalog: "tpch"})
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	f := &fixture{t: t, conn: ours, in: bufio.NewReader(ours), spool: spool, scratch: t.TempDir(), ended: make(chan error, 1)}
	if err := os.WriteFile(filepath.Join(f.scratch, "left by a predecessor"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Catalogs: map[string]connector.Connector{"tpch": tables}, Stores: &store.Registry{Openers: map[string]store.Opener{"file": local.Open}},
		ScratchDir: f.scratch, MemoryBytes: 128 << 20, Threads: 1, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	go func() { f.ended <- Run(cfg, theirs) }()
	t.Cleanup(func() {
		ours.Close()
		if err := <-f.ended; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("Run: %v", err)
		}
	})
	if m, err := rpc.ReadFrame(f.in); err != nil || !m.GetReady() {
		t.Fatalf("first message %v, %v", m, err)
	}
	return f
}

func (f *fixture) send(m *rpcv1.SlotMessage) {
	f.t.Helper()
	if err := rpc.WriteFrame(f.conn, m); err != nil {
		f.t.Fatal(err)
	}
}

// end reads until the attempt's end.
func (f *fixture) end() *rpcv1.SlotMessage {
	f.t.Helper()
	for {
		m, err := rpc.ReadFrame(f.in)
		if err != nil {
			f.t.Fatal(err)
		}
		if m.GetProgress() == nil {
			return m
		}
	}
}

// run runs a task and returns its bundle, or its failure.
func (f *fixture) run(task *rpcv1.Task) (*exchange.Handle, *rpcv1.Failure) {
	f.t.Helper()
	f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: task}})
	m := f.end()
	if got := m.GetFinished().GetTask() + m.GetFailed().GetTask(); got != task.Id {
		f.t.Errorf("end of %s instead of %s", got, task.Id)
	}
	if m.GetFailed() != nil {
		return nil, m.GetFailed().Failure
	}
	h := new(exchange.Handle)
	if err := json.Unmarshal(m.GetFinished().Bundle, h); err != nil {
		f.t.Fatal(err)
	}
	return h, nil
}

// idle checks that nothing of an attempt is left in the scratch directory.
func (f *fixture) idle() {
	f.t.Helper()
	err := filepath.WalkDir(f.scratch, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			f.t.Errorf("left in the scratch directory: %s", path)
		}
		return err
	})
	if err != nil {
		f.t.Error(err)
	}
}

// orders scans a table of the generated catalog.
func orders(t *testing.T) *rpcv1.Input {
	t.Helper()
	c, err := tpch.New(connector.CatalogConfig{Catalog: "tpch"})
	if err != nil {
		t.Fatal(err)
	}
	table, err := c.Table(t.Context(), connector.SchemaTable{Schema: "tiny", Table: "orders"})
	if err != nil || table == nil {
		t.Fatal(table, err)
	}
	scan := connector.Scan{Table: connector.SchemaTable{Schema: "tiny", Table: "orders"}, Handle: table.Handle, Columns: table.Columns[:1]}
	source, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	splits, err := source.Next(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	in := &rpcv1.TableSplits{Catalog: "tpch", Types: []string{"BIGINT"}}
	if in.Scan, err = json.Marshal(scan); err != nil {
		t.Fatal(err)
	}
	for _, s := range splits {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		in.Splits = append(in.Splits, raw)
	}
	return &rpcv1.Input{Name: "in0", Source: &rpcv1.Input_Table{Table: in}}
}

// writing is a task that writes the rows of a statement into n partitions.
func (f *fixture) writing(id, sql string, n int32, inputs ...*rpcv1.Input) *rpcv1.Task {
	out := &rpcv1.ExchangeOutput{Partitions: n, Store: f.spool.URI(), Prefix: strings.ReplaceAll(id, ".", "/") + "/", PacedColumn: "k"}
	if n > 1 {
		out.PartitionColumn = "p"
	}
	return &rpcv1.Task{Id: id, Sql: sql, Inputs: inputs, Output: &rpcv1.Task_Exchange{Exchange: out}}
}

// reading is an input that reads partitions of bundles with the column k.
func reading(t *testing.T, partitions []int32, handles ...*exchange.Handle) *rpcv1.Input {
	t.Helper()
	in := &rpcv1.ExchangePartitions{Partitions: partitions, Columns: []*rpcv1.Column{{Name: "key", Type: "BIGINT", FileName: "k"}}}
	for _, h := range handles {
		raw, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		in.Bundles = append(in.Bundles, raw)
	}
	return &rpcv1.Input{Name: "in0", Source: &rpcv1.Input_Exchange{Exchange: in}}
}

// many is a statement with more rows than travel inside a handle.
const many = "SELECT k, (k % 3)::INTEGER AS p FROM (SELECT range AS k FROM range(300000))"

// Two stages: one reads a table and writes partitions, the other reads some of them.
func TestStages(t *testing.T) {
	f := begin(t, nil)
	made, failed := f.run(f.writing("q.0.0.0", "SELECT orderkey AS k, (orderkey % 3)::INTEGER AS p FROM in0", 3, orders(t)))
	if failed != nil {
		t.Fatal(failed)
	}
	if made.Rows() != 15000 || made.Producer != "q.0.0.0" {
		t.Errorf("%d rows of %s", made.Rows(), made.Producer)
	}
	partitions := map[int]bool{}
	for _, s := range made.Segments {
		partitions[s.Partition] = true
	}
	if len(partitions) != 3 {
		t.Errorf("partitions %v", partitions)
	}
	f.idle()
	read, failed := f.run(f.writing("q.1.0.0", "SELECT key AS k FROM in0 WHERE key % 3 <> 1", 1, reading(t, []int32{0, 1}, made)))
	if failed != nil {
		t.Fatal(failed)
	}
	want := int64(0)
	for _, s := range made.Segments {
		if s.Partition == 0 {
			want += s.Rows
		}
	}
	if read.Rows() != want {
		t.Errorf("%d rows, want %d", read.Rows(), want)
	}
	none, failed := f.run(f.writing("q.1.1.0", "SELECT key AS k FROM in0", 1, reading(t, []int32{7}, made)))
	if failed != nil || none.Rows() != 0 {
		t.Errorf("of an empty partition: %v, %v", none, failed)
	}
	f.idle()
}

// Every failure is classified, leaves nothing, and leaves the slot in order.
func TestFailures(t *testing.T) {
	f := begin(t, func(c *Config) {
		c.Fault = func(_ context.Context, point, task string) error {
			if task == "q.9.0.0" && point == faultpoint.AfterWrite {
				return trinoerr.New(trinoerr.GenericInternalError, faultpoint.Message)
			}
			if task == "q.9.1.0" && point == faultpoint.BeforeRun {
				panic("a bug")
			}
			return nil
		}
	})
	large, failed := f.run(f.writing("q.0.0.0", many, 3))
	if failed != nil || len(large.Objects) == 0 {
		t.Fatalf("%v, %v", large, failed)
	}
	gone := *large
	gone.Producer, gone.Objects = "q.0.1.0", slices.Clone(large.Objects)
	gone.Objects[0].Key = "nowhere"
	for _, tt := range []struct {
		name string
		task *rpcv1.Task
		code string
		lost string
	}{
		{"division", f.writing("q.1.0.0", "SELECT error('x') AS k", 1), "", ""},
		{"wrong statement", f.writing("q.1.1.0", "SELEC", 1), "", ""},
		{"lost input", f.writing("q.1.2.0", "SELECT key AS k FROM in0", 1, reading(t, []int32{0}, &gone)), "", "q.0.1.0"},
		{"unknown catalog", f.writing("q.1.3.0", "SELECT 1 AS k", 1, &rpcv1.Input{Name: "in0",
			Source: &rpcv1.Input_Table{Table: &rpcv1.TableSplits{Catalog: "nosuch"}}}), "CATALOG_NOT_FOUND", ""},
		{"no output", &rpcv1.Task{Id: "q.1.4.0", Sql: "SELECT 1"}, "GENERIC_INTERNAL_ERROR", ""},
		{"no source", f.writing("q.1.5.0", "SELECT 1 AS k", 1, &rpcv1.Input{Name: "in0"}), "GENERIC_INTERNAL_ERROR", ""},
		{"after the write", f.writing("q.9.0.0", many, 3), "GENERIC_INTERNAL_ERROR", ""},
		{"a bug of ours", f.writing("q.9.1.0", many, 3), "GENERIC_INTERNAL_ERROR", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, failed := f.run(tt.task)
			if failed == nil || tt.code != "" && failed.Code != tt.code || failed.LostOutput != tt.lost || failed.Message == "" {
				t.Errorf("got %v", failed)
			}
			f.idle()
			if _, failed := f.run(f.writing("q.2.0.0", "SELECT 1 AS k", 1)); failed != nil {
				t.Errorf("the next attempt: %v", failed)
			}
		})
	}
}

// An attempt that is cancelled ends at once with the given cause, however early the cancellation comes.
func TestCancel(t *testing.T) {
	f := begin(t, nil)
	endless := "SELECT count(*) AS k FROM range(100000000) a, range(100000000) b WHERE a.range * b.range % 7 = 3"
	for _, wait := range []time.Duration{0, 0, 0, 50 * time.Millisecond} {
		f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: f.writing("q.0.0.0", endless, 1)}})
		time.Sleep(wait)
		begun := time.Now()
		f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Cancel{Cancel: &rpcv1.Failure{Code: "USER_CANCELED", Message: "enough"}}})
		if failed := f.end().GetFailed().GetFailure(); failed.GetCode() != "USER_CANCELED" || failed.GetMessage() != "enough" {
			t.Errorf("after %s: %v", wait, failed)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("after %s: took %s", wait, took)
		}
		f.idle()
	}
	// A cancellation that comes after the end is for nobody.
	if _, failed := f.run(f.writing("q.0.1.0", "SELECT 1 AS k", 1)); failed != nil {
		t.Fatal(failed)
	}
	f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Cancel{Cancel: &rpcv1.Failure{Code: "USER_CANCELED"}}})
	if _, failed := f.run(f.writing("q.0.2.0", "SELECT 1 AS k", 1)); failed != nil {
		t.Errorf("cancelled with its predecessor: %v", failed)
	}
}

// Attempts have their own limits: memory is bounded, and an attempt sees nothing of the one before it.
func TestIsolation(t *testing.T) {
	f := begin(t, nil)
	hungry := f.writing("q.0.0.0", "SELECT len(string_agg(repeat('x', 1000) || range, ',')) AS k FROM range(1000000)", 1)
	hungry.MemoryBytes = 64 << 20
	if _, failed := f.run(hungry); failed.GetCode() != "EXCEEDED_LOCAL_MEMORY_LIMIT" {
		t.Errorf("got %v", failed)
	}
	setting := f.writing("q.1.0.0", "SELECT 1 AS k", 1)
	setting.Setup = []string{"CREATE TEMP TABLE mine AS SELECT 1 AS x"}
	if _, failed := f.run(setting); failed != nil {
		t.Fatal(failed)
	}
	if _, failed := f.run(f.writing("q.1.1.0", "SELECT x AS k FROM mine", 1)); failed == nil {
		t.Error("a table of another attempt can be read")
	}
	if _, failed := f.run(f.writing("q.1.2.0", "SELECT content AS k FROM read_text('/etc/hostname')", 1)); failed == nil {
		t.Error("a file of the machine can be read")
	}
	f.idle()
}

// What the engine says about a file that it was given by number names the file.
func TestNameFile(t *testing.T) {
	a := &attempt{files: map[string]string{"/proc/self/fd/7": "/tables/t/x.parquet"}}
	for _, tt := range []struct{ msg, want string }{
		{`Failed to read file "/proc/self/fd/7": ZSTD Decompression failure`,
			`Failed to read Parquet file: /tables/t/x.parquet: Failed to read file "/tables/t/x.parquet": ZSTD Decompression failure`},
		{`Failed to read file "/proc/self/fd/71": x`, `Failed to read file "/proc/self/fd/71": x`},
		{"Division by zero", "Division by zero"},
	} {
		err := a.nameFile(trinoerr.New(trinoerr.InvalidFunctionArgument, "%s", tt.msg))
		e := trinoerr.From(err)
		if e.Msg != tt.want || (e.Code == trinoerr.HiveBadData) != (tt.msg != tt.want) {
			t.Errorf("%s: %v", tt.msg, e)
		}
	}
	if err := a.nameFile(nil); err != nil {
		t.Error(err)
	}
}
