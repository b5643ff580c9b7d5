package coordinator

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/memory"
	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// onceOnly can do all that tables in memory can, but says nothing about repeated attempts.
type onceOnly struct {
	connector.Connector
	connector.TableCreator
	connector.RowChanger
}

// changeable opens a connector whose rows can be changed, with a table t.
func changeable(t *testing.T) *memory.Connector {
	t.Helper()
	f, err := config.ParseProperties("memory.properties", "memory.row-level-changes=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := memory.New(connector.CatalogConfig{Catalog: "memory", File: f, Env: connector.Env{Coordinator: true, Blobs: blob.NewStore(1 << 20)}})
	if err != nil {
		t.Fatal(err)
	}
	def := &connector.Table{Name: connector.SchemaTable{Schema: "default", Table: "t"}, Columns: []connector.Column{{Name: "a", Type: types.Of(types.BigInt)}}}
	if err := m.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	return m
}

// slowToUndo takes its time to remove what a write has left.
type slowToUndo struct {
	*memory.Connector
	undone atomic.Bool
}

func (s *slowToUndo) AbortWrite(ctx context.Context, handle json.RawMessage) error {
	time.Sleep(100 * time.Millisecond)
	s.undone.Store(true)
	return s.Connector.AbortWrite(ctx, handle)
}

// Who hears that a write has failed finds nothing left of it: the statement can be asked again at once.
func TestFailedWriteIsUndoneWhenItsClientHears(t *testing.T) {
	m := &slowToUndo{Connector: changeable(t)}
	c, _ := testCoordinator(t, func(cfg *Config) { cfg.Catalogs["memory"] = m })
	w := join(t, c, "w")
	q := submit(t, c, "CREATE TABLE memory.default.new AS SELECT nationkey FROM nation")
	w.fail(w.next().Id, trinoerr.New(trinoerr.GenericUserError, "enough"))
	if _, err := result(t, q); err == nil || err.Msg != "enough" || !m.undone.Load() {
		t.Errorf("%v; undone: %v", err, m.undone.Load())
	}
}

// settler is a ledger that keeps something until a write's end is known.
type settler struct {
	*ledger
	settled atomic.Int32
}

func (s *settler) SettleWrite(context.Context, json.RawMessage) error {
	s.settled.Add(1)
	return nil
}

// What lets a commit be repeated stays while the journal does not know the end of the write: a coordinator that dies after its commit leaves it to its
// successor, which commits again. Who hears that a write has ended finds nothing of it any more; a write that fails is not settled but undone.
func TestWritesAreSettledWhenTheirEndIsKnown(t *testing.T) {
	for _, policy := range []string{"QUERY", "TASK"} {
		for _, fails := range []bool{false, true} {
			c, _, next := journaled(t)
			l := &settler{ledger: &ledger{Connector: c.cfg.Catalogs["tpch"], hold: make(chan struct{})}}
			close(l.hold)
			c.cfg.Catalogs["ledger"] = l
			w := join(t, c, "w")
			q := submit(t, c, "INSERT INTO ledger.tiny.region SELECT * FROM region", "retry_policy="+policy)
			task := w.next()
			if fails {
				w.fail(task.Id, trinoerr.New(trinoerr.GenericUserError, "enough"))
				_, err := result(t, q)
				if err == nil || l.settled.Load() != 0 || l.aborted != 1 {
					t.Errorf("%s: %v; settled %d times, aborted %d times", policy, err, l.settled.Load(), l.aborted)
				}
				continue
			}
			w.report(&rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: task.Id, Fragment: []byte("rows"), Stats: &rpcv1.Stats{OutputRows: 5}}}})
			until(t, "it is committed", func() bool { q.mu.Lock(); defer q.mu.Unlock(); return q.rows != nil })
			settled(t, c)
			c.broken(errCrash)
			c.work.Wait()
			if n := l.settled.Load(); n != 0 {
				t.Errorf("%s: settled %d times before the end", policy, n)
			}
			c = next()
			w.register(c, nil)
			rows, err := result(t, again(t, c, q))
			if n := l.settled.Load(); rows != "[5]" || err != nil || strings.Join(l.committed, ",") != "rows,rows" || l.aborted != 0 || n != 1 {
				t.Errorf("%s: %s, %v; committed %q, aborted %d times, settled %d times", policy, rows, err, l.committed, l.aborted, n)
			}
		}
	}
}

// writingStatements are statements that write, and the type of each as /v1/query shows it.
var writingStatements = []struct{ sql, kind string }{
	{"CREATE TABLE memory.default.new AS SELECT nationkey FROM nation", "INSERT"},
	{"INSERT INTO memory.default.t SELECT nationkey FROM nation", "INSERT"},
	{"DELETE FROM memory.default.t WHERE a > 1", "DELETE"},
	{"UPDATE memory.default.t SET a = 1", "UPDATE"},
	{"MERGE INTO memory.default.t USING nation ON a = nationkey WHEN NOT MATCHED THEN INSERT VALUES (nationkey)", "MERGE"},
}

// A connector that has not said that its writes can be repeated refuses them where a query may be retried, before any task.
func TestRetriesNeedSupport(t *testing.T) {
	for _, policy := range []string{"NONE", "QUERY", "TASK"} {
		for _, repeatable := range []bool{false, true} {
			m := changeable(t)
			c, _ := testCoordinator(t, func(cfg *Config) {
				cfg.Catalogs["memory"] = onceOnly{m, m, m}
				if repeatable {
					cfg.Catalogs["memory"] = m
				}
			})
			w := join(t, c, "w")
			for _, tt := range writingStatements {
				q := submit(t, c, tt.sql, "retry_policy="+policy)
				if repeatable || policy == "NONE" {
					task := w.next()
					if task.GetWrite() == nil || (task.GetWrite().RowIdColumns == 2) != (tt.kind != "INSERT") {
						t.Errorf("%s: %s: output %v", policy, tt.sql, task.Output)
					}
					if kind := q.Info().QueryType; kind != tt.kind {
						t.Errorf("%s is of type %s", tt.sql, kind)
					}
					w.fail(task.Id, trinoerr.New(trinoerr.GenericUserError, "enough"))
					_, _ = result(t, q)
					continue
				}
				_, err := result(t, q)
				if err == nil || err.Code != trinoerr.NotSupported || err.Msg != "This connector does not support query retries" {
					t.Errorf("%s: %s: %v", policy, tt.sql, err)
				}
			}
		}
	}
}
