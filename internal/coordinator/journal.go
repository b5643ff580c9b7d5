package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// JournalConfig says where the coordinator's decisions are written down.
type JournalConfig struct {
	Store  store.Store
	Prefix string // of the keys of its segments
}

// side is what the coordinator remembers with an event of the scheduler, in the same record of the journal.
type side struct {
	// Query comes with QuerySubmitted.
	Query *queryRecord `json:"query,omitempty"`
	// Splits are connector.Split as JSON, parallel to those of SplitsFound.
	Splits []json.RawMessage `json:"splits,omitempty"`
	// Output or Fragment comes with TaskFinished: the bundle, or what a write needs to commit.
	Output   *exchange.Handle `json:"output,omitempty"`
	Fragment []byte           `json:"fragment,omitempty"`
}

// queryRecord is a statement that was handed to the scheduler.
type queryRecord struct {
	Run     scheduler.QueryID `json:"run"` // the scheduler's name of it
	ID      scheduler.QueryID `json:"id"`
	Slug    string            `json:"slug"`
	Created time.Time         `json:"created"`
	SQL     string            `json:"sql"`
	Session protocol.Session  `json:"session"` // without what is secret
	// Key is the query's encryption key, wrapped with the cluster's secret.
	Key        []byte                `json:"key,omitempty"`
	Kind       string                `json:"kind"`
	UpdateType string                `json:"updateType,omitempty"`
	Policy     scheduler.RetryPolicy `json:"policy"`
	Columns    []protocol.Column     `json:"columns"`
	Blueprint  *blueprint            `json:"blueprint"`
}

// entry is a payload of the journal: an event as the scheduler encodes it, or its snapshot, and what goes with it.
type entry struct {
	Kind  string          `json:"kind"`
	Event json.RawMessage `json:"event"`
	side
	// Snapshot is what goes with the scheduler's snapshot.
	Snapshot []querySnapshot `json:"snapshot,omitempty"`
}

// querySnapshot is all that the coordinator remembers of a query.
type querySnapshot struct {
	Query     queryRecord                  `json:"query"`
	Splits    map[string][]json.RawMessage `json:"splits,omitempty"` // by stage.source
	Outputs   map[string]*exchange.Handle  `json:"outputs,omitempty"`
	Fragments map[string][]byte            `json:"fragments,omitempty"`
}

// recorder writes the scheduler's events to the journal and holds actions back until what led to them is durable. Its
// methods but run are called by the loop alone.
type recorder struct {
	c    *Coordinator
	log  *journal.Journal
	last uint64 // sequence number of the last event
	held chan held

	sinceSnapshot int // events
}

// held is something that waits for the journal.
type held struct {
	seq uint64
	do  func()
}

// heldLimit bounds what waits for the journal; the loop waits beyond it.
const heldLimit = 1 << 16

// record implements carrier.
func (r *recorder) record(n note) {
	payload, err := encodeEntry(n)
	if err == nil {
		r.last, err = r.log.Append(r.c.ctx, payload)
		r.sinceSnapshot++
	}
	if err != nil {
		r.c.broken(err)
	}
}

// after implements carrier.
func (r *recorder) after(f func()) {
	select {
	case r.held <- held{r.last, f}:
	case <-r.c.ctx.Done():
	}
}

// do implements carrier.
func (r *recorder) do(a scheduler.Action) {
	if r.c.hasty(a) {
		r.c.do(a)
		return
	}
	r.after(func() { r.c.do(a) })
}

// run carries out what waits for the journal, in order.
func (r *recorder) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case h := <-r.held:
			if err := r.log.Wait(ctx, h.seq); err != nil {
				r.c.broken(err)
				return
			}
			h.do()
		}
	}
}

func encodeEntry(n note) ([]byte, error) {
	raw, err := scheduler.EncodeEvent(n.event)
	if err != nil {
		return nil, err
	}
	e := entry{side: n.side}
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	return json.Marshal(e)
}

// broken ends the coordinator: without its journal it must not act.
func (c *Coordinator) broken(err error) {
	if c.ctx.Err() != nil {
		return
	}
	if errors.Is(err, journal.ErrFenced) {
		err = fmt.Errorf("this coordinator stops: %w", err)
	}
	c.log.Error("journal lost", "err", err)
	c.mu.Lock()
	c.failure = err
	c.mu.Unlock()
	c.stop()
}

// unwritten is how the coordinator works without a journal.
type unwritten struct{ c *Coordinator }

func (unwritten) record(note)             {}
func (u unwritten) do(a scheduler.Action) { u.c.do(a) }
func (unwritten) after(f func())          { f() }
func (unwritten) rest(*scheduler.State)   {}

// snapshotEvery is the number of events after which the journal is cut short.
const snapshotEvery = 20_000

// rest implements carrier: from time to time it writes down everything, so that what was written before can go.
func (r *recorder) rest(s *scheduler.State) {
	if r.sinceSnapshot < snapshotEvery {
		return
	}
	r.sinceSnapshot = 0
	payload, err := r.c.snapshot(s)
	if err == nil {
		r.last, err = r.log.Append(r.c.ctx, payload)
	}
	if err != nil {
		r.c.broken(err)
		return
	}
	seq := r.last
	r.after(func() {
		r.c.goWork(func() {
			if err := r.log.Truncate(r.c.ctx, seq); err != nil {
				r.c.log.Warn("journal not cut short", "err", err)
			}
		})
	})
}

// snapshot is the entry that stands for all before it.
func (c *Coordinator) snapshot(s *scheduler.State) ([]byte, error) {
	raw, err := s.Snapshot()
	if err != nil {
		return nil, err
	}
	e := entry{Snapshot: []querySnapshot{}}
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	for _, id := range s.QueryIDs() {
		if q := c.query(id); q != nil {
			snap, err := q.snapshot()
			if err != nil {
				return nil, err
			}
			e.Snapshot = append(e.Snapshot, *snap)
		}
	}
	return json.Marshal(e)
}

func (q *query) snapshot() (*querySnapshot, error) {
	rec, err := q.record()
	if err != nil {
		return nil, err
	}
	out := &querySnapshot{Query: *rec, Splits: map[string][]json.RawMessage{}, Outputs: map[string]*exchange.Handle{}, Fragments: map[string][]byte{}}
	q.mu.Lock()
	exec := q.exec
	for id, h := range q.outputs {
		out.Outputs[id.String()] = h
	}
	for id, f := range q.fragments {
		out.Fragments[id.String()] = f
	}
	q.mu.Unlock()
	for stage, scans := range exec.scans {
		for source, scan := range scans {
			scan.mu.Lock()
			out.Splits[scanKey(scheduler.StageID(stage), source)] = scan.splits[:len(scan.splits):len(scan.splits)]
			scan.mu.Unlock()
		}
	}
	return out, nil
}
