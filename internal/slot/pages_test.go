package slot

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// showing is a task that shows its rows, a bigint each, while so many bytes of them are unread.
func (f *fixture) showing(id, sql string, unread int64) *rpcv1.Task {
	f.t.Helper()
	columns, err := json.Marshal([]types.Type{{Kind: types.BigInt}, {Kind: types.Varchar}})
	if err != nil {
		f.t.Fatal(err)
	}
	return &rpcv1.Task{Id: id, Sql: sql, Output: &rpcv1.Task_Rows{Rows: &rpcv1.RowsOutput{Types: columns, Store: f.spool.URI(),
		Prefix: strings.ReplaceAll(id, ".", "/") + "/", UnreadBytes: unread}}}
}

// reader reads what an attempt publishes.
type reader struct {
	f    *fixture
	task string
	h    *exchange.Handle
	text strings.Builder
}

// next reads what comes next: pages, or the attempt's end, which it returns.
func (r *reader) next() (end *rpcv1.SlotMessage) {
	r.f.t.Helper()
	if m := r.f.end(); r.take(m) {
		return m
	}
	return nil
}

// take reads the pages that a message is about. It reports whether the message is the attempt's end instead.
func (r *reader) take(m *rpcv1.SlotMessage) (end bool) {
	r.f.t.Helper()
	g := m.GetGrown()
	if g == nil {
		return true
	}
	more := new(exchange.Handle)
	first := len(r.h.Segments)
	if err := json.Unmarshal(g.More, more); err != nil || g.Task != r.task || g.First != int64(first) || len(more.Segments) == 0 {
		r.f.t.Fatalf("%d pages of %s from %d on, %v", len(more.Segments), g.Task, g.First, err)
	}
	r.h = r.h.Append(more)
	r.read(r.h, first)
	return false
}

func (r *reader) read(h *exchange.Handle, first int) {
	r.f.t.Helper()
	pages, err := (&exchange.Reader{Open: (&store.Registry{Openers: map[string]store.Opener{"file": local.Open}}).Open}).Pages(r.f.t.Context(), h, first, len(h.Segments))
	if err != nil {
		r.f.t.Fatal(err)
	}
	for _, p := range pages {
		r.text.WriteString(strings.ReplaceAll(string(p.Data), "],[", "]\n[") + "\n")
	}
}

// seen tells the slot that all pages were read.
func (r *reader) seen(task string) {
	r.f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Read{Read: &rpcv1.PagesRead{Task: task, Pages: int64(len(r.h.Segments))}}})
}

const longRows = "SELECT i, repeat('x', 1000) FROM range(10000) AS t(i)" // 10 MB

// A task whose rows nobody reads writes as much as may be unread and waits; it goes on as its reader does, and of what was read nothing
// stays. In the end every row has come once, in order.
func TestReaderHoldsTaskBack(t *testing.T) {
	f := begin(t, nil)
	const unread = 1 << 20
	r := &reader{f: f, task: "q.0.0.0", h: &exchange.Handle{}}
	f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: f.showing(r.task, longRows, unread)}})
	waits, told, alive := 0, int64(0), 0
	for {
		m, err := rpc.ReadFrame(f.in)
		if err != nil {
			t.Fatal(err)
		}
		if m.GetProgress() == nil {
			if alive = 0; r.take(m) {
				h := new(exchange.Handle)
				if err := json.Unmarshal(m.GetFinished().GetBundle(), h); err != nil {
					t.Fatal(m, err)
				}
				r.read(h, len(r.h.Segments))
				break
			}
		} else {
			alive++
		}
		left := r.h.Bytes() - told
		if left > unread+publishMost+pageBytes {
			t.Fatalf("%d bytes lie unread", left)
		}
		// The first time it waits it is seen to say no more than that it is alive.
		if left > unread && (alive == 2 || waits > 0) {
			waits++
			r.seen("another task's")
			r.seen(r.task)
			told = r.h.Bytes()
		}
	}
	if waits < 2 {
		t.Errorf("the task waited %d times", waits)
	}
	rows := strings.Split(strings.TrimSpace(r.text.String()), "\n")
	if len(rows) != 10000 {
		t.Errorf("%d rows", len(rows))
	}
	for i, row := range rows {
		var v []any
		if err := json.Unmarshal([]byte(row), &v); err != nil || v[0] != float64(i) {
			t.Fatalf("row %d: %.40s, %v", i, row, err)
		}
	}
	if _, err := store.ReadAll(t.Context(), f.spool, r.h.Objects[0].Key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what was read first is still there: %v", err)
	}
	f.idle()
}

// A cancelled task does not wait for its reader any more.
func TestCancelHeldTask(t *testing.T) {
	f := begin(t, nil)
	r := &reader{f: f, task: "q.0.0.0", h: &exchange.Handle{}}
	f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: f.showing(r.task, longRows, 1)}})
	if end := r.next(); end != nil {
		t.Fatal(end)
	}
	f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Cancel{Cancel: rpc.FailureOf(trinoerr.New(trinoerr.UserCanceled, "enough"))}})
	end := r.next()
	for end == nil {
		end = r.next()
	}
	if end.GetFailed().GetFailure().GetCode() != "USER_CANCELED" {
		t.Errorf("%v", end)
	}
	r.read(r.h, 0) // what was published is there
	f.idle()
}

// What a slow task has given does not wait for a page to fill, and after the end nothing is shown.
func TestLateRowsAreShown(t *testing.T) {
	spool, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	a := &attempt{slot: &slot{conn: &said, cfg: Config{Log: slog.New(slog.DiscardHandler)}}, task: &rpcv1.Task{Id: "q.0.0.0"}}
	w, err := exchange.NewWriter(t.Context(), exchange.WriterConfig{Store: spool, Prefix: "p/", Producer: a.task.Id})
	if err != nil {
		t.Fatal(err)
	}
	p := a.newRowPages(w, nil, 1000, func(err error) { t.Error(err) })
	p.timer = time.AfterFunc(time.Hour, p.late) // the test is the clock
	p.page, p.rows = []byte("[1],[2]"), 2
	p.late()
	p.late() // it had run out when another one was set
	m, err := rpc.ReadFrame(bufio.NewReader(&said))
	if err != nil {
		t.Fatal(err)
	}
	var h exchange.Handle
	if err := json.Unmarshal(m.GetGrown().GetMore(), &h); err != nil || len(h.Segments) != 1 || h.Rows() != 2 || p.timer != nil || p.pause != 2*publishAfter {
		t.Errorf("%v; then after %s, %v", m, p.pause, err)
	}
	said.Reset()
	p.page, p.rows = []byte("[3]"), 1
	if err := p.close(nil); err != nil {
		t.Fatal(err)
	}
	p.late()
	if said.Len() > 0 || a.stats.OutputRows != 3 {
		t.Errorf("%d bytes are said after the end, %d rows", said.Len(), a.stats.OutputRows)
	}
}

// A short statement says nothing before its end, and neither does one whose rows are for nobody yet.
func TestNothingToShow(t *testing.T) {
	f := begin(t, nil)
	for _, task := range []*rpcv1.Task{f.showing("q.0.0.0", "SELECT i, 'x' FROM range(3) AS t(i)", 1<<30), f.showing("q.0.1.0", longRows, 0)} {
		if _, failed := f.run(task); failed != nil {
			t.Errorf("%s: %v", task.Id, failed)
		}
	}
}
