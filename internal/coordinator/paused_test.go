package coordinator

import (
	"context"
	"encoding/json"
	"maps"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// gate is a connector that keeps whoever comes to one of its doors until it is opened.
type gate struct {
	*ledger
	came chan struct{} // has a token for each that is kept
	open chan struct{}

	door    string
	changes int // guarded by the ledger's lock
}

func (g *gate) keep(door string) {
	if door == g.door {
		g.came <- struct{}{}
		<-g.open // whatever becomes of the caller: its process does not run
	}
}

func (g *gate) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	g.keep("plan")
	return g.ledger.Connector.Table(context.WithoutCancel(ctx), name)
}

// BeginWrite implements connector.Writer.
func (g *gate) BeginWrite(context.Context, *connector.Table, bool, connector.RetryMode, string) (json.RawMessage, error) {
	g.keep("begin")
	return json.RawMessage(`{}`), nil
}

// DropTable implements connector.TableCreator.
func (g *gate) DropTable(context.Context, *connector.Table) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.changes++
	return nil
}

// CreateTable implements connector.TableCreator.
func (*gate) CreateTable(context.Context, *connector.Table) error { return nil }

// A coordinator that was paused goes on after another one has taken over, whatever it was about to do: it commits, takes back,
// changes and deletes nothing, and stops no task. The other one brings the statement to its end.
func TestPausedCoordinatorDoesNothing18851(t *testing.T) {
	const insert = "INSERT INTO gated.tiny.region SELECT * FROM region"
	for _, tt := range []struct {
		name, door, sql, policy string
		// end is what the first coordinator learns of the query while it goes on.
		end error
	}{
		{name: "before a write begins", door: "begin", sql: insert, policy: "TASK"},
		{name: "before a write begins, under QUERY", door: "begin", sql: insert, policy: "QUERY"},
		{name: "before a write is taken back", door: "begin", sql: insert, policy: "TASK",
			end: trinoerr.New(trinoerr.UserCanceled, "Query was canceled")},
		{name: "before a table is dropped", door: "plan", sql: "DROP TABLE gated.tiny.region", policy: "TASK"},
		{name: "before the tasks of a query are stopped", sql: anyQuery, policy: "TASK",
			end: trinoerr.New(trinoerr.UserCanceled, "Query was canceled")},
		{name: "before a query is cleaned up after", sql: anyQuery, policy: "QUERY",
			end: trinoerr.New(trinoerr.AbandonedQuery, "Query was abandoned by the client")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, spool, next := journaled(t)
			tables := first.cfg.Catalogs["tpch"]
			shut := &gate{ledger: &ledger{Connector: tables, hold: make(chan struct{})}, came: make(chan struct{}, 100), open: make(chan struct{}), door: tt.door}
			free := &gate{ledger: &ledger{Connector: tables, hold: make(chan struct{})}}
			close(shut.hold)
			close(free.hold)
			first.cfg.Catalogs["gated"] = free // the other one's
			first.cfg.Catalogs = maps.Clone(first.cfg.Catalogs)
			first.cfg.Catalogs["gated"] = shut
			w := join(t, first, "w")
			q := submit(t, first, tt.sql, "retry_policy="+tt.policy)
			var running *rpcv1.Task
			if tt.door != "" {
				<-shut.came
				settled(t, first)
			} else {
				running = w.next()
				aged(t, first, q)
			}

			second := next()
			w.register(second, func(r *rpcv1.RegisterRequest) {
				if running != nil {
					r.Tasks = []string{running.Id}
				}
			})
			first.proven.Store(0) // it was paused for long
			if tt.end != nil {
				q.fail(tt.end)
			}
			close(shut.open)
			until(t, "the first has ended", func() bool { return first.ctx.Err() != nil })
			first.work.Wait()

			other := again(t, second, q)
			want := "[25]"
			switch {
			case tt.door == "plan":
				want = ""
			case running == nil || tt.policy == "QUERY":
				running = w.next()
			}
			switch {
			case tt.sql == insert:
				want = "[5]"
				w.report(&rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: running.Id, Fragment: []byte("five rows"), Stats: &rpcv1.Stats{OutputRows: 5}}}})
			case running != nil:
				w.finish(running, spool, want)
			}
			if rows, err := result(t, other); rows != want || err != nil {
				t.Errorf("%s, %v", rows, err)
			}
			if n := len(shut.committed); n+shut.aborted+shut.changes != 0 {
				t.Errorf("the first has committed %d, taken back %d, changed %d times", n, shut.aborted, shut.changes)
			}
			if tt.door == "plan" && free.changes != 1 {
				t.Errorf("changed %d times", free.changes)
			}
			if tt.sql == insert && len(free.committed) != 1 {
				t.Errorf("committed %q", free.committed)
			}
			if tt.policy == "TASK" && running != nil && w.cancelled(running.Id) {
				t.Error("the task was stopped")
			}
		})
	}
}

// A coordinator that has nothing to do notices too that another one has taken over: workers would go on announcing themselves to it.
func TestIdleCoordinatorIsReplaced(t *testing.T) {
	first, _, next := journaled(t)
	introduced(t, first)
	settled(t, first)
	next()
	until(t, "the first has ended", func() bool { return first.ctx.Err() != nil })
}
