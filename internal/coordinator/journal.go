package coordinator

import (
	"encoding/json"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// JournalConfig says where the coordinator's decisions are written down.
type JournalConfig struct {
	Store  store.Store
	Prefix string // of the keys of its segments
	// Shared says that coordinators are meant to have it in common: while one leads, others stand by.
	Shared bool
	// Yield lets another coordinator have it that tries to take over at the same time: New then returns journal.ErrFenced.
	Yield bool
}

// entry is a payload of the journal: an event as the scheduler encodes it, or its snapshot, and what goes with it.
type entry struct {
	Kind  string          `json:"kind"`
	Event json.RawMessage `json:"event"`
	side
	// Snapshot is what goes with the scheduler's snapshot.
	Snapshot []querySnapshot `json:"snapshot,omitempty"`
	// At is the time of the snapshot.
	At scheduler.Instant `json:"at,omitempty"`
}

// side is what the coordinator remembers with an event of the scheduler, in the same record of the journal.
type side struct {
	// Run is the statement that an entry of the coordinator's own is about.
	Run scheduler.QueryID `json:"run,omitempty"`
	// Commit comes with kindCommitting.
	Commit *commitRecord `json:"commit,omitempty"`
	// Query comes with QuerySubmitted, and with the statement before it was planned.
	Query *queryRecord `json:"query,omitempty"`
	// Splits are connector.Split as JSON, parallel to those of SplitsFound.
	Splits []json.RawMessage `json:"splits,omitempty"`
	// Output or Fragment comes with TaskFinished: the bundle, or what a write needs to commit.
	Output   *packedHandle `json:"output,omitempty"`
	Fragment []byte        `json:"fragment,omitempty"`
	// Figures come with the ends of attempts.
	Figures *figures `json:"figures,omitempty"`
	// Replan comes with Replanned when the plan changes.
	Replan *replanRecord `json:"replan,omitempty"`
}

// packedHandle is the handle of a bundle in the form in which it is kept in memory too.
type packedHandle struct {
	Base string `json:"base,omitempty"` // URI of the store
	Data []byte `json:"data"`
}

func packHandle(id scheduler.TaskID, h *exchange.Handle) *packedHandle {
	if h == nil {
		return nil
	}
	return &packedHandle{h.Base, exchange.AppendHandle(nil, h, id.String(), prefixOf(id), exchange.NewBases(h.Base))}
}

// queryRecord is a statement. Those that were not handed to the scheduler yet have no key and no blueprint.
type queryRecord struct {
	Run scheduler.QueryID `json:"run"` // the scheduler's name of it
	// Before is the run in whose place this one comes; empty: it is the first.
	Before  scheduler.QueryID `json:"before,omitempty"`
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
	Blueprint  *blueprint            `json:"blueprint,omitempty"`
}

// record is what the journal keeps of a query.
func (q *query) record() (*queryRecord, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	key, err := q.c.cfg.journalSecret().WrapKey(q.key, string(q.sid)) // which the query's end destroys, under the lock
	if err != nil {
		return nil, err
	}
	out := q.statement()
	out.Key, out.Kind, out.UpdateType, out.Policy = key, q.kind, q.updateType, q.policy
	out.Columns, out.Blueprint = q.columns, &q.exec.blueprint
	return out, nil
}

// encodeEntry writes an event and what goes with it as one object.
func encodeEntry(n note) ([]byte, error) {
	kind := n.kind
	if kind == "" {
		var err error
		if kind, err = scheduler.KindOf(n.event); err != nil {
			return nil, err
		}
	}
	return json.Marshal(struct {
		Kind  string          `json:"kind"`
		Event scheduler.Event `json:"event,omitempty"`
		side
	}{kind, n.event, n.side})
}
