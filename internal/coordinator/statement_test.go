package coordinator

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// slowTables is a connector whose tables are not described, and not made, while it is shut.
type slowTables struct {
	connector.Connector
	shut chan struct{} // closed when it opens

	mu    sync.Mutex
	asked int
	made  int
}

func (s *slowTables) wait(ctx context.Context) error {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	select {
	case <-s.shut:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slowTables) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	return s.Connector.Table(ctx, name)
}

// CreateSchema implements connector.SchemaWriter.
func (s *slowTables) CreateSchema(ctx context.Context, _ string, _ map[string]any) error {
	s.mu.Lock()
	s.made++
	s.mu.Unlock()
	return s.wait(ctx)
}

// DropSchema implements connector.SchemaWriter.
func (s *slowTables) DropSchema(ctx context.Context, _ string, _ bool) error { return s.wait(ctx) }

func (s *slowTables) open() { close(s.shut) }

func (s *slowTables) count() (asked, made int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked, s.made
}

// slowly replaces the tables of a coordinator, before it plans anything, and of its successors: they share the map.
func slowly(c *Coordinator) *slowTables {
	s := &slowTables{Connector: c.cfg.Catalogs["tpch"], shut: make(chan struct{})}
	c.cfg.Catalogs["tpch"] = s
	return s
}

// A statement that was being planned when the coordinator died is planned anew by the next one, and by the one after that. Its
// client sees a pause.
func TestRecoverStatementBeingPlanned(t *testing.T) {
	c, spool, next := journaled(t)
	tables := slowly(c)
	q := submit(t, c, anyQuery)
	for crash := range 2 {
		until(t, "the statement is being planned", func() bool { n, _ := tables.count(); return n > crash })
		settled(t, c)
		c.broken(errCrash)
		c = next()
		q = again(t, c, q)
	}
	tables.open()
	w := join(t, c, "w")
	task := w.next()
	if !strings.HasPrefix(task.Id, string(q.id)+againMark+"3.") {
		t.Errorf("task %s", task.Id)
	}
	w.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	settled(t, c)
	c.broken(errCrash)
	if n := len(next().Recovered()); n != 0 {
		t.Errorf("%d statements after the end of all", n)
	}
}

// A statement that is carried out without tasks is not carried out twice: the client is told that the outcome is not known.
func TestRecoverStatementBeingCarriedOut(t *testing.T) {
	c, _, next := journaled(t)
	tables := slowly(c)
	q := submit(t, c, "CREATE SCHEMA tpch.another")
	until(t, "the schema is being made", func() bool { _, made := tables.count(); return made == 1 })
	c.broken(errCrash)
	c = next()
	tables.open()
	if _, err := result(t, again(t, c, q)); err == nil || !strings.Contains(err.Msg, "not known whether it has taken effect") {
		t.Errorf("%v", err)
	}
	if _, made := tables.count(); made != 1 {
		t.Errorf("made %d times", made)
	}
	settled(t, c)
	c.broken(errCrash)
	if n := len(next().Recovered()); n != 0 {
		t.Errorf("%d statements after the end of all", n)
	}
}

// A snapshot has the statements that are being planned, and not those that have ended.
func TestSnapshotHasStatements(t *testing.T) {
	c, _, next := journaled(t)
	slowly(c)
	ended := submit(t, c, "SELECT nonsense(")
	if _, err := result(t, ended); err == nil {
		t.Error("no error")
	}
	q := submit(t, c, anyQuery)
	settled(t, c)
	var parts [][]byte
	var failure error
	c.loop.read(t.Context(), func(s *scheduler.State) { parts, _, failure = c.snapshot(s) })
	if failure != nil {
		t.Fatal(failure)
	}
	first, last, err := c.recorder.log.Snapshot(parts...)
	if err == nil {
		err = c.recorder.log.Wait(t.Context(), last)
	}
	if err == nil {
		err = c.recorder.log.Truncate(t.Context(), first)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.broken(errCrash)
	c = next()
	if n := len(c.Recovered()); n != 1 {
		t.Fatalf("%d statements", n)
	}
	if q := again(t, c, q); time.Since(q.created) > time.Hour || q.req.SQL != anyQuery || q.req.Session.User != "u" {
		t.Errorf("%+v", q.req)
	}
}

// A statement that has begun anew is known once, though the journal may end before it says that its first run is forgotten.
func TestStatementBegunAnewIsOne(t *testing.T) {
	for _, planned := range []bool{false, true} {
		c, _, next := journaled(t)
		tables := slowly(c)
		q := submit(t, c, anyQuery)
		if planned {
			tables.open()
			w := join(t, c, "w")
			w.next()
		}
		settled(t, c)
		c.broken(errCrash)
		c.work.Wait()
		anew := *q.statement()
		anew.Before, anew.Run = q.sid, anew.ID+againMark+"2"
		payload, err := encodeEntry(note{kind: kindStatement, side: side{Query: &anew}})
		if err != nil {
			t.Fatal(err)
		}
		st := journalStore{c.cfg.Journal.Store}
		log, err := journal.Open(t.Context(), st, c.cfg.Journal.Prefix, journal.Config{}, func(journal.Entry) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = log.Run(ctx) })
		ticket, err := log.Append(t.Context(), payload)
		if err == nil {
			err = log.Wait(t.Context(), ticket)
		}
		stop()
		wg.Wait()
		if err != nil {
			t.Fatal(err)
		}
		c = next()
		if n := len(c.Recovered()); n != 1 {
			t.Errorf("planned %t: %d statements", planned, n)
		}
		if got := again(t, c, q); got.sid != anew.ID+againMark+"3" {
			t.Errorf("planned %t: goes on as %s", planned, got.sid)
		}
		until(t, "the first run is forgotten", func() bool {
			known := false
			c.loop.read(t.Context(), func(s *scheduler.State) { known = slices.Contains(s.QueryIDs(), q.sid) })
			return !known
		})
	}
}

// lateStore keeps the answer to whoever writes that a statement is being carried out; the object is there.
type lateStore struct {
	store.Store
	came, open chan struct{}
}

func (s *lateStore) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	w, err := s.Store.Create(ctx, key, o)
	return &lateWriter{Writer: w, s: s}, err
}

type lateWriter struct {
	store.Writer
	s    *lateStore
	late bool
}

func (w *lateWriter) Write(p []byte) (int, error) {
	w.late = w.late || bytes.Contains(p, []byte(kindBegun))
	return w.Writer.Write(p)
}

func (w *lateWriter) Close() error {
	err := w.Writer.Close()
	if w.late {
		close(w.s.came)
		<-w.s.open
	}
	return err
}

// A coordinator that was paused when the journal had just been told that a statement is being carried out does not carry it out
// when it goes on: the client has learned that the outcome is not known, and may have acted on that.
func TestPausedCoordinatorDoesNotCarryOut18851(t *testing.T) {
	var cfg Config
	var st *lateStore
	c, _ := testCoordinator(t, func(c *Config) {
		dir, err := local.New(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		st = &lateStore{dir, make(chan struct{}), make(chan struct{})}
		cfg = *c
		cfg.Journal = &JournalConfig{Store: dir, Prefix: "journal/"}
		c.Journal = &JournalConfig{Store: st, Prefix: "journal/"}
	})
	tables := slowly(c)
	tables.open()
	q := submit(t, c, "CREATE SCHEMA tpch.another")
	<-st.came
	next := runCoordinator(t, cfg)
	if _, err := result(t, again(t, next, q)); err == nil || !strings.Contains(err.Msg, "not known whether it has taken effect") {
		t.Errorf("%v", err)
	}
	c.proven.Store(0) // it was paused for long
	close(st.open)
	until(t, "the first has ended", func() bool { return c.ctx.Err() != nil })
	c.work.Wait()
	if _, made := tables.count(); made != 0 {
		t.Errorf("made %d times", made)
	}
}
