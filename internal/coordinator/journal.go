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
	// Query comes with QuerySubmitted.
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

// record is what the journal keeps of a query.
func (q *query) record() (*queryRecord, error) {
	key, err := q.c.cfg.journalSecret().WrapKey(q.key, string(q.sid))
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	session := q.req.Session
	session.Password, session.ExtraCredentials = "", nil
	return &queryRecord{Run: q.sid, ID: q.id, Slug: q.slug, Created: q.created, SQL: q.req.SQL, Session: session, Key: key, Kind: q.kind,
		UpdateType: q.updateType, Policy: q.policy, Columns: q.columns, Blueprint: &q.exec.blueprint}, nil
}

// encodeEntry writes an event and what goes with it as one object.
func encodeEntry(n note) ([]byte, error) {
	kind, err := scheduler.KindOf(n.event)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Kind  string          `json:"kind"`
		Event scheduler.Event `json:"event"`
		side
	}{kind, n.event, n.side})
}
