package coordinator

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// showing is a task of a fake worker that shows rows while it runs.
type showing struct {
	w      *fakeWorker
	task   *rpcv1.Task
	writer *exchange.Writer
	shown  int
}

func show(w *fakeWorker, task *rpcv1.Task, st store.Store) *showing {
	w.t.Helper()
	writer, err := exchange.NewWriter(context.Background(), exchange.WriterConfig{Store: st, Prefix: task.GetRows().GetPrefix(), Producer: task.Id})
	if err != nil {
		w.t.Fatal(err)
	}
	return &showing{w: w, task: task, writer: writer}
}

// page shows pages of a row each.
func (s *showing) page(rows ...string) {
	s.w.t.Helper()
	for _, r := range rows {
		if err := s.writer.AppendPage(1, []byte(r)); err != nil {
			s.w.t.Fatal(err)
		}
	}
	h, err := s.writer.Publish()
	if err != nil {
		s.w.t.Fatal(err)
	}
	s.w.report(&rpcv1.Event{Kind: &rpcv1.Event_Grown{Grown: &rpcv1.Grown{Task: s.task.Id, More: s.encode(h), First: int64(s.shown)}}})
	s.shown += len(rows)
}

// finish ends the task with pages that were not shown.
func (s *showing) finish(rows ...string) {
	s.w.t.Helper()
	for _, r := range rows {
		if err := s.writer.AppendPage(1, []byte(r)); err != nil {
			s.w.t.Fatal(err)
		}
	}
	h, err := s.writer.Close()
	if err != nil {
		s.w.t.Fatal(err)
	}
	s.w.report(&rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: s.task.Id, Bundle: s.encode(h), Stats: &rpcv1.Stats{OutputRows: h.Rows()}}}})
}

func (s *showing) encode(h exchange.Handle) []byte {
	s.w.t.Helper()
	raw, err := json.Marshal(h)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return raw
}

// disk is where the outputs of a fake worker lie under NONE: not in a spool.
func disk(t *testing.T) *local.Store {
	t.Helper()
	st, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

const oneTask = "SELECT comment FROM nation"

// Rows of the only task are shown while it runs, and each once: those that were shown, and those that come with its end. An event that is
// repeated changes nothing.
func TestResultStreams(t *testing.T) {
	c, _ := testCoordinator(t, func(c *Config) { c.Query.ResultUnreadSize = 8 })
	w := join(t, c, "w")
	q := submit(t, c, oneTask, "retry_policy=NONE")
	task := w.next()
	if task.GetRows().GetUnreadBytes() != 8 {
		t.Fatalf("%v", task.GetRows())
	}
	s := show(w, task, disk(t))
	s.page("[0]", "[1]")
	var got []string
	at := ""
	read := func(want string) {
		t.Helper()
		p := page(t, q, at)
		if len(p.Data) != 1 || string(p.Data[0]) != want || p.Last || p.Stats.State != stateRunning {
			t.Fatalf("got %s (last %t, %s), want %s", p.Data, p.Last, p.Stats.State, want)
		}
		got, at = append(got, want), p.Next
	}
	read("[0]")
	read("[1]")
	p, err := q.Next(t.Context(), 1, at, 1, 1)
	if err != nil || len(p.Data) > 0 || p.Last || p.Next != at {
		t.Fatalf("got %s, last %t, %v", p.Data, p.Last, err)
	}
	until(t, "the task knows what was read", func() bool { return w.hasRead(task.Id) == 2 })
	s.page("[2]")
	w.mu.Lock()
	again := w.reported[len(w.reported)-1].GetGrown()
	w.mu.Unlock()
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Grown{Grown: again}})
	read("[2]")
	s.page("[3]")
	s.finish("[4]")
	for last := false; !last; {
		p := page(t, q, at)
		for _, d := range p.Data {
			got = append(got, string(d))
		}
		at, last = p.Next, p.Last
	}
	if strings.Join(got, "") != "[0][1][2][3][4]" {
		t.Errorf("got %v", got)
	}
}

// A failure after rows were shown is the end of the query, whatever it was; no row comes after it.
func TestStreamFails(t *testing.T) {
	for name, tt := range map[string]struct {
		harm func(w *fakeWorker, s *showing, st *local.Store)
		code string
	}{
		"the task fails": {func(w *fakeWorker, s *showing, _ *local.Store) {
			w.fail(s.task.Id, trinoerr.New(trinoerr.DivisionByZero, "Division by zero"))
		}, "DIVISION_BY_ZERO"},
		"the worker dies": {func(w *fakeWorker, _ *showing, _ *local.Store) { w.die() }, "REMOTE_HOST_GONE"},
		"what was shown is lost": {func(_ *fakeWorker, s *showing, st *local.Store) {
			s.page("[1]")
			if err := st.DeletePrefix(context.Background(), s.task.GetRows().Prefix); err != nil {
				panic(err)
			}
		}, "PAGE_TRANSPORT_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := testCoordinator(t, nil)
			w := join(t, c, "w")
			q := submit(t, c, oneTask, "retry_policy=NONE")
			st := disk(t)
			s := show(w, w.next(), st)
			s.page("[0]")
			p := page(t, q, "")
			tt.harm(w, s, st)
			for at := p.Next; ; at = p.Next {
				var err error
				if p, err = q.Next(t.Context(), 1, at, patience, 1); err != nil {
					t.Fatal(err)
				}
				if len(p.Data) > 0 && tt.code != "PAGE_TRANSPORT_ERROR" {
					t.Errorf("%s comes after the failure", p.Data)
				}
				if p.Last {
					break
				}
			}
			if p.Err == nil || p.Err.Code.Name != tt.code {
				t.Errorf("got %v, want %s", p.Err, tt.code)
			}
		})
	}
}

// The client's cancellation ends a task that has shown rows.
func TestCancelStream(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	w := join(t, c, "w")
	q := submit(t, c, oneTask, "retry_policy=NONE")
	s := show(w, w.next(), disk(t))
	s.page("[0]")
	page(t, q, "")
	q.Cancel(trinoerr.New(trinoerr.UserCanceled, "Query was canceled"))
	until(t, "the task is cancelled", func() bool { return w.cancelled(s.task.Id) })
}

// Rows are shown only where they can never be another attempt's.
func TestWhatStreams(t *testing.T) {
	for _, tt := range []struct {
		sql, properties string
		streams         bool
	}{
		{oneTask, "retry_policy=NONE", true},
		{oneTask, "retry_policy=TASK", false},
		{oneTask, "retry_policy=QUERY", false},
		{oneTask, "retry_policy=QUERY query_retry_attempts=0", true},
		{"SELECT CAST(orderkey AS decimal(15,2)) * CAST(linenumber AS decimal(15,2)) FROM lineitem", "retry_policy=NONE", false}, // it may begin again, with wider numbers
		{"EXPLAIN ANALYZE " + oneTask, "retry_policy=NONE", false},
	} {
		c, _ := testCoordinator(t, nil)
		w := join(t, c, "w")
		q := submit(t, c, tt.sql, strings.Fields(tt.properties)...)
		task := w.next()
		if got := task.GetRows().GetUnreadBytes() > 0; got != tt.streams {
			t.Errorf("%s, %s: %v", tt.sql, tt.properties, task.GetRows())
		}
		q.Cancel(trinoerr.New(trinoerr.UserCanceled, "Query was canceled"))
	}
	c, _ := testCoordinator(t, inParts(t))
	w := join(t, c, "w")
	submit(t, c, wide, append([]string{"retry_policy=NONE"}, inTasks...)...)
	if task := w.next(); task.GetRows().GetUnreadBytes() > 0 {
		t.Error("one of several tasks shows its rows")
	}
}
