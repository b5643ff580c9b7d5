package coordinator

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// entries are the kinds of the entries of a coordinator's journal, and their size. There are no nodes among them.
func entries(t *testing.T, c *Coordinator) (kinds []string, size int) {
	t.Helper()
	settled(t, c)
	for e, err := range journal.Replay(t.Context(), journalStore{c.cfg.Journal.Store}, c.cfg.Journal.Prefix) {
		if err != nil {
			t.Fatal(err)
		}
		var en struct{ Kind string }
		if e.Payload[0] == snapshotPart {
			en.Kind = "snapshot"
		} else if err := json.Unmarshal(e.Payload, &en); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(en.Kind, "node-") {
			kinds, size = append(kinds, en.Kind), size+len(e.Payload)
		}
	}
	return kinds, size
}

// Of queries that no coordinator goes on with the journal has the beginning and the end.
func TestJournalOfOtherPolicies(t *testing.T) {
	for _, tt := range []struct{ policy, want string }{
		{"NONE", "statement query forget"},
		{"QUERY", "statement query forget"},
		{"TASK", "statement query splits-found splits-found splits-found splits-found finished finished finished forget"},
	} {
		t.Run(tt.policy, func(t *testing.T) {
			c, spool, _ := journaled(t)
			w := join(t, c, "w")
			q := submit(t, c, joined, append(eager, "retry_policy="+tt.policy, "fault_tolerant_execution_adaptive_query_planning_enabled=false")...)
			w.finish(w.feed(map[int]int64{0: 1000, 1: 1000}), spool, "[25]")
			if rows, err := result(t, q); rows != "[25]" || err != nil {
				t.Errorf("%s, %v", rows, err)
			}
			<-q.cleaned
			kinds, size := entries(t, c)
			t.Logf("%d bytes in %d entries: %s", size, len(kinds), strings.Join(kinds, " "))
			got := map[string]int{}
			for _, k := range kinds {
				if k != "tick" && k != "started" { // as often as there are timers
					got[k]++
				}
			}
			for _, k := range strings.Fields(tt.want) {
				got[k]--
			}
			if started := strings.Contains(strings.Join(kinds, " "), "started"); started != (tt.policy == "TASK") {
				t.Errorf("starts are noted: %t", started)
			}
			for k, n := range got {
				if n != 0 {
					t.Errorf("%s: %d too many", k, n)
				}
			}
		})
	}
}

// A query under TASK that finds others running is recovered with the nodes that it really runs on: a snapshot goes before it.
func TestTaskQueryAmongOthers(t *testing.T) {
	c, spool, next := journaled(t)
	busy := join(t, c, "a")
	var others []*query
	var running []string
	for range 2 { // all slots of the first node
		others = append(others, submit(t, c, anyQuery, "retry_policy=QUERY"))
		running = append(running, busy.next().Id)
	}
	free := join(t, c, "b")
	q := submit(t, c, anyQuery)
	task := free.next()
	aged(t, c, q)
	if kinds, _ := entries(t, c); !strings.Contains(strings.Join(kinds, " "), "snapshot") {
		t.Errorf("journal: %v", kinds)
	}
	var live string
	c.loop.read(t.Context(), func(s *scheduler.State) { live = s.Dump() })
	settled(t, c)
	c.broken(errCrash)
	c = next()
	replayed := newRecovery(scheduler.New(schedulerConfig(c.cfg.Scheduling)))
	for e, err := range journal.Replay(t.Context(), journalStore{c.cfg.Journal.Store}, c.cfg.Journal.Prefix) {
		if err != nil {
			t.Fatal(err)
		}
		d := decodedEntry{Entry: e}
		if e.Payload[0] != snapshotPart {
			d.own, d.event, d.side, d.err = decodeEntry(e.Payload)
		}
		if f, ok := d.event.(scheduler.ForgetQuery); ok && f.Query == others[0].sid {
			break // the next coordinator's
		}
		if err := replayed.apply(&d); err != nil {
			t.Fatal(err)
		}
	}
	clock := func(dump string) string { _, rest, _ := strings.Cut(dump, "\n"); return rest } // which ticks may have moved
	if got := replayed.state.Dump(); clock(got) != clock(live) {
		t.Errorf("replayed:\n%s\nlive:\n%s", got, live)
	}
	q = again(t, c, q)
	free.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{task.Id} })
	free.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	busy.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = running })
	for range others {
		select { // whichever node has room
		case task = <-busy.starts:
			busy.finish(task, spool, "[1]")
		case task = <-free.starts:
			free.finish(task, spool, "[1]")
		case <-time.After(patience):
			t.Fatal("the others do not begin anew")
		}
	}
	for i, o := range others {
		if rows, err := result(t, again(t, c, o)); rows != "[1]" || err != nil {
			t.Errorf("other query %d: %s, %v", i, rows, err)
		}
		until(t, "the first run is cancelled", func() bool { return busy.cancelled(running[i]) })
	}
}

// ledger is a connector that commits when it is told to, and remembers what.
type ledger struct {
	connector.Connector
	connector.Writer
	hold chan struct{} // closed when commits may go on

	mu        sync.Mutex
	begun     int
	committed []string
	aborted   int
}

func (*ledger) RepeatableWrites() {}

func (*ledger) BeginWrite(context.Context, *connector.Table, bool, connector.RetryMode, string) (json.RawMessage, error) {
	return json.RawMessage(`{}`), nil
}

func (l *ledger) FinishWrite(ctx context.Context, _ json.RawMessage, fragments [][]byte) error {
	l.mu.Lock()
	l.begun++
	l.mu.Unlock()
	select {
	case <-l.hold:
	case <-ctx.Done():
		return ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range fragments {
		l.committed = append(l.committed, string(f))
	}
	return nil
}

func (l *ledger) AbortWrite(context.Context, json.RawMessage) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.aborted++
	return nil
}

func (l *ledger) commits() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begun
}

// A write under QUERY whose commit was under way is committed by the next coordinator, which runs none of its tasks again. One
// that had not come so far fails, and leaves nothing.
func TestRecoverWriteUnderQuery31246(t *testing.T) {
	for _, committing := range []bool{true, false} {
		c, _, next := journaled(t)
		l := &ledger{Connector: c.cfg.Catalogs["tpch"], hold: make(chan struct{})}
		c.cfg.Catalogs["ledger"] = l
		w := join(t, c, "w")
		q := submit(t, c, "INSERT INTO ledger.tiny.region SELECT * FROM region", "retry_policy=QUERY")
		task := w.next()
		if committing {
			w.report(&rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: task.Id, Fragment: []byte("five rows"), Stats: &rpcv1.Stats{OutputRows: 5}}}})
			until(t, "the commit has begun", func() bool { return l.commits() == 1 })
		}
		settled(t, c)
		c.broken(errCrash)
		c.work.Wait()
		c = next()
		close(l.hold)
		q = again(t, c, q)
		w.register(c, nil)
		rows, err := result(t, q)
		<-q.cleaned
		if committing {
			if rows != "[5]" || err != nil || strings.Join(l.committed, ",") != "five rows" || l.aborted != 0 {
				t.Errorf("%s, %v; committed %q, aborted %d times", rows, err, l.committed, l.aborted)
			}
		} else if err == nil || err.Code != trinoerr.ServerShuttingDown || len(l.committed) != 0 || l.aborted == 0 {
			t.Errorf("%v; committed %q, aborted %d times", err, l.committed, l.aborted)
		}
		w.mu.Lock()
		if len(w.started) != 1 {
			t.Errorf("started %v", w.started)
		}
		w.mu.Unlock()
	}
}
