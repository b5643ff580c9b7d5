package connectortest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/slot"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// catalog is what the connector under test is called.
const catalog = "suite"

// slotMemory is enough for what the suite does.
const slotMemory = 256 << 20

// attemptOf runs a task in a slot of its own, as a worker does. When ctx ends the attempt is cancelled.
func attemptOf(ctx context.Context, t *testing.T, c connector.Connector, task *rpcv1.Task) (*rpcv1.Finished, error) {
	t.Helper()
	task.MemoryBytes, task.Threads = slotMemory, 1
	ours, theirs := net.Pipe()
	ended := make(chan error, 1)
	cfg := slot.Config{Catalogs: map[string]connector.Connector{catalog: c}, Stores: &store.Registry{Openers: map[string]store.Opener{"file": local.Open}},
		ScratchDir: t.TempDir(), MemoryBytes: slotMemory, Threads: 1, Log: slog.New(slog.DiscardHandler)}
	go func() { ended <- slot.Run(cfg, theirs) }()
	defer func() {
		ours.Close()
		<-ended // with an error, as the connection does not end in order
		theirs.Close()
	}()
	in := bufio.NewReader(ours)
	if m, err := rpc.ReadFrame(in); err != nil || !m.GetReady() {
		t.Fatalf("the slot says %v, %v", m, err)
	}
	must(t, rpc.WriteFrame(ours, &rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: task}}))
	stop := context.AfterFunc(ctx, func() {
		_ = rpc.WriteFrame(ours, &rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Cancel{Cancel: rpc.FailureOf(context.Cause(ctx))}})
	})
	defer stop()
	for {
		m, err := rpc.ReadFrame(in)
		must(t, err)
		switch k := m.Kind.(type) {
		case *rpcv1.SlotMessage_Finished:
			return k.Finished, nil
		case *rpcv1.SlotMessage_Failed:
			return nil, rpc.ErrorOf(k.Failed.Failure)
		}
	}
}

// attempt writes the rows of a DuckDB query through a sink, and returns the fragment.
func attempt(t *testing.T, c connector.Connector, handle []byte, id, sql string) []byte {
	t.Helper()
	fragment, err := tryAttempt(t, c, handle, id, sql)
	must(t, err)
	return fragment
}

func tryAttempt(t *testing.T, c connector.Connector, handle []byte, id, sql string) ([]byte, error) {
	t.Helper()
	done, err := attemptOf(t.Context(), t, c, &rpcv1.Task{Id: id, Sql: sql,
		Output: &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: catalog, Handle: handle, SinkId: id}}})
	return done.GetFragment(), err
}

// read returns the rows of a table, sorted, each as its values' text with bars between them.
func read(t *testing.T, c connector.Connector, table *connector.Table) []string {
	t.Helper()
	return readScan(t, c, scanOf(table))
}

// readScan returns the rows of a scan.
func readScan(t *testing.T, c connector.Connector, scan connector.Scan) []string {
	t.Helper()
	return readSplits(t, c, scan, splitsOf(t, c, scan, 1000))
}

// readSplits returns the rows of some splits of a scan.
func readSplits(t *testing.T, c connector.Connector, scan connector.Scan, splits []connector.Split) []string {
	t.Helper()
	in, rowTypes, names := tableInput(t, "in0", scan, splits)
	rows := rowsOf(t, c, "SELECT "+strings.Join(names, ", ")+" FROM in0", []*rpcv1.Input{in}, rowTypes)
	slices.Sort(rows)
	return rows
}

// tableInput is an input of a task, with the types of its columns and their names as DuckDB wants them.
func tableInput(t *testing.T, name string, scan connector.Scan, splits []connector.Split) (in *rpcv1.Input, rowTypes []types.Type, names []string) {
	t.Helper()
	table := &rpcv1.TableSplits{Catalog: catalog}
	for _, col := range scan.Columns {
		table.Types = append(table.Types, duck.TableType(col.Type))
		rowTypes, names = append(rowTypes, col.Type), append(names, `"`+strings.ReplaceAll(col.Name, `"`, `""`)+`"`)
	}
	var err error
	table.Scan, err = json.Marshal(scan)
	must(t, err)
	for _, s := range splits {
		raw, err := json.Marshal(s)
		must(t, err)
		table.Splits = append(table.Splits, raw)
	}
	return &rpcv1.Input{Name: name, Source: &rpcv1.Input_Table{Table: table}}, rowTypes, names
}

// rowsOf runs a statement over inputs and returns its rows as texts.
func rowsOf(t *testing.T, c connector.Connector, sql string, inputs []*rpcv1.Input, rowTypes []types.Type) []string {
	t.Helper()
	rows, err := tryRows(t.Context(), t, c, sql, inputs, rowTypes)
	must(t, err)
	return rows
}

func tryRows(ctx context.Context, t *testing.T, c connector.Connector, sql string, inputs []*rpcv1.Input, rowTypes []types.Type) ([]string, error) {
	t.Helper()
	spool, err := local.New(t.TempDir())
	must(t, err)
	raw, err := json.Marshal(rowTypes)
	must(t, err)
	done, err := attemptOf(ctx, t, c, &rpcv1.Task{Id: "suite.0.0.0", Sql: sql, Inputs: inputs,
		Output: &rpcv1.Task_Rows{Rows: &rpcv1.RowsOutput{Types: raw, Store: spool.URI(), Prefix: "suite/"}}})
	if err != nil {
		return nil, err
	}
	var h exchange.Handle
	must(t, json.Unmarshal(done.Bundle, &h))
	r := &exchange.Reader{Open: (&store.Registry{Openers: map[string]store.Opener{"file": local.Open}}).Open}
	pages, err := r.Pages(t.Context(), &h, 0, len(h.Segments))
	must(t, err)
	var out []string
	for _, p := range pages {
		out = append(out, texts(t, p.Data)...)
	}
	return out, nil
}

// texts are rows, as the protocol has them, each as one text.
func texts(t *testing.T, page []byte) (out []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(slices.Concat([]byte("["), page, []byte("]"))))
	d.UseNumber()
	var rows [][]any
	must(t, d.Decode(&rows))
	for _, row := range rows {
		values := make([]string, len(row))
		for i, v := range row {
			values[i] = text(t, v)
		}
		out = append(out, strings.Join(values, "|"))
	}
	return out
}

func text(t *testing.T, v any) string {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return v
	case json.Number:
		return v.String()
	}
	raw, err := json.Marshal(v)
	must(t, err)
	return string(raw)
}
