package coordinator

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/system"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// named shows a row of a table of schema runtime by column.
func named(t *testing.T, table string, row []any) map[string]any {
	t.Helper()
	c, err := system.New(connector.CatalogConfig{Catalog: system.Catalog})
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Table(t.Context(), connector.SchemaTable{Schema: "runtime", Table: table})
	if err != nil || len(d.Columns) != len(row) {
		t.Fatalf("%d values for %d columns, %v", len(row), len(d.Columns), err)
	}
	out := map[string]any{}
	for i, col := range d.Columns {
		out[col.Name] = row[i]
	}
	return out
}

func TestTaskRows(t *testing.T) {
	id := scheduler.TaskID{Query: "q", Stage: 2, Partition: 3, Attempt: 1}
	running := scheduler.TaskID{Query: "q", Stage: 2, Partition: 4}
	begun := scheduler.InstantOf(at(0))
	q := &query{inputs: map[attemptKey]input{keyOf(id): {rows: 5, bytes: 50}},
		running: map[string]*rpcv1.Progress{running.String(): {InputRows: 7, InputBytes: 70}},
		lastTasks: []scheduler.TaskInfo{
			{Task: id, Node: "n1", State: scheduler.AttemptFinished, Started: begun, Ended: begun.Add(time.Second), CPU: 30 * time.Millisecond,
				Wall: 900 * time.Millisecond, Rows: 2, Bytes: 20, Splits: 4, MemBytes: 1000, PeakMemory: 600, Failure: "GENERIC_INTERNAL_ERROR", Class: scheduler.Speculative},
			{Task: running, Node: "n2", State: scheduler.AttemptRunning, Started: begun, Splits: 3},
		}}
	rows := q.taskRows(nil)
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	check := func(row []any, want map[string]any) {
		t.Helper()
		got := named(t, "tasks", row)
		for name, v := range want {
			if got[name] != v {
				t.Errorf("%s is %v, want %v", name, got[name], v)
			}
		}
	}
	check(rows[0], map[string]any{"node_id": "n1", "task_id": "q.2.3.1", "stage_id": "q.2", "query_id": "q", "state": "FINISHED", "splits": int64(4),
		"completed_splits": int64(4), "running_splits": int64(0), "split_cpu_time_ms": int64(30), "split_scheduled_time_ms": int64(900),
		"raw_input_rows": int64(5), "physical_input_bytes": int64(50), "output_rows": int64(2), "output_bytes": int64(20),
		"attempt": int64(1), "execution_class": "SPECULATIVE", "requested_memory_bytes": int64(1000), "peak_memory_bytes": int64(600),
		"error_code": "GENERIC_INTERNAL_ERROR",
		"created":    types.TimestampTZValue{EpochMillis: at(0).UnixMilli(), Zone: types.UTC},
		"end":        types.TimestampTZValue{EpochMillis: at(time.Second).UnixMilli(), Zone: types.UTC}})
	check(rows[1], map[string]any{"task_id": "q.2.4.0", "state": "RUNNING", "running_splits": int64(3), "raw_input_rows": int64(7), "end": nil, "error_code": nil, "attempt": int64(0)})
}

// What fits beside the attempts of later queries is kept.
func TestAttemptsAreBounded(t *testing.T) {
	c := &Coordinator{queries: map[scheduler.QueryID]*query{}}
	for _, id := range []scheduler.QueryID{"old", "big", "new"} {
		q := &query{lastTasks: make([]scheduler.TaskInfo, maxKeptAttempts/2)}
		if id == "big" {
			q.lastTasks = make([]scheduler.TaskInfo, maxKeptAttempts)
		}
		c.queries[id] = q
		c.order = append(c.order, id)
	}
	c.boundAttempts()
	for id, want := range map[scheduler.QueryID]int{"old": maxKeptAttempts / 2, "big": 0, "new": maxKeptAttempts / 2} {
		if got := len(c.queries[id].lastTasks); got != want {
			t.Errorf("query %s keeps %d attempts, want %d", id, got, want)
		}
	}
}

func TestQueryRow(t *testing.T) {
	q := &query{id: "q", req: protocol.SubmitRequest{SQL: "SELECT 1", Session: protocol.Session{User: "alice"}}, created: at(0), state: stateRunning,
		analysis: 3 * time.Millisecond}
	got := named(t, "queries", q.systemRow())
	for name, want := range map[string]any{"query_id": "q", "state": "RUNNING", "user": "alice", "source": nil, "query": "SELECT 1",
		"analysis_time_ms": int64(3), "end": nil, "error_code": nil} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}
