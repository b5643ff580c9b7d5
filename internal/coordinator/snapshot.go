package coordinator

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// A snapshot is an entry that stands for all before it. It is compressed and cut into parts, each a payload of the journal, so
// that no payload is too large: the byte snapshotPart, whether it is the last part, and its bytes.
const (
	snapshotPart  = 'Z' // no JSON object begins with it
	snapshotChunk = 4 << 20
)

// A snapshot is written when the journal has grown by so many events or bytes, and by twice the last snapshot: so the cost
// of snapshots stays a fraction of that of the events, however much there is to remember, and replaying costs at most as
// much as a few snapshots.
const (
	snapshotEvents = 20_000
	snapshotBytes  = 64 << 20
)

// querySnapshot is all that the coordinator remembers of a query.
type querySnapshot struct {
	Query queryRecord `json:"query"`
	// Begun says that a statement without a blueprint is being carried out.
	Begun bool `json:"begun,omitempty"`
	// Commit is the commit that was under way of a query under QUERY.
	Commit    *commitRecord                `json:"commit,omitempty"`
	Splits    map[string][]json.RawMessage `json:"splits,omitempty"` // by stage.source
	Outputs   map[string]*packedHandle     `json:"outputs,omitempty"`
	Fragments map[string][]byte            `json:"fragments,omitempty"`
	Totals    totals                       `json:"totals"`
	Inputs    map[string]input             `json:"inputs,omitempty"` // by attempt
}

// making is a snapshot that is being made: the descriptors are read, encoded and compressed beside the loop. Meanwhile events go
// on to be written; as the snapshot is that of the state before them, they are written again after it.
type making struct {
	skips   int // those of the recorder that it makes up for
	since   [][]byte
	bytes   int
	tooMuch bool
	done    chan struct{} // closed when the fields below are set
	parts   [][]byte
	size    int
	err     error
}

// maxSince bounds what is kept of the events that come while a snapshot is being made. It is given up beyond that.
const maxSince = 64 << 20

// add keeps what is written while the snapshot is being made.
func (m *making) add(payload []byte) {
	if m == nil || m.tooMuch {
		return
	}
	m.since, m.bytes = append(m.since, payload), m.bytes+len(payload)
	if m.bytes > maxSince {
		m.since, m.tooMuch = nil, true
	}
}

// round implements carrier: see lean.
func (r *recorder) round(s *scheduler.State, notes []note) {
	if !r.lean.needsSnapshot(notes) {
		return
	}
	m := &making{skips: r.lean.skips}
	m.parts, m.size, m.err = r.c.snapshot(s) // of queries of which nothing is kept
	r.making = nil
	r.put(m)
}

// rest implements carrier: from time to time it writes down everything, so that what was written before can go.
func (r *recorder) rest(s *scheduler.State) {
	if m := r.making; m != nil {
		select {
		case <-m.done:
		default:
			return
		}
		r.making = nil
		if m.tooMuch {
			m.err = errors.New("too much has happened meanwhile")
		}
		r.put(m)
		return
	}
	due := r.bytes >= max(snapshotBytes, 2*r.snapshotBytes) || r.events >= snapshotEvents && r.bytes >= 2*r.snapshotBytes
	if !due && !r.log.Lapsed() {
		return
	}
	state, err := s.Snapshot()
	if err != nil {
		r.put(&making{err: err})
		return
	}
	m, ids, unplanned, at := &making{skips: r.lean.skips, done: make(chan struct{})}, s.QueryIDs(), r.c.unplanned(s), r.c.now()
	r.making = m
	r.c.goWork(func() {
		defer r.c.loop.signal()
		defer close(m.done)
		m.parts, m.size, m.err = r.c.buildSnapshot(state, ids, unplanned, at)
	})
}

// put writes a snapshot, if it could be made, and what is to follow it.
func (r *recorder) put(m *making) {
	if m.err != nil { // something could not be read: the journal goes on growing, or lies idle, until the next time
		r.c.log.Warn("no snapshot of the coordinator's state", "err", m.err)
		r.events, r.bytes = 0, 0
		return
	}
	first, last, err := r.log.Snapshot(append(m.parts, m.since...)...)
	if err != nil {
		r.c.broken(err)
		return
	}
	r.lean.covered = m.skips
	r.last, r.events, r.bytes, r.snapshotBytes = last, len(m.since), m.bytes, m.size
	r.after(func() {
		r.c.goWork(func() {
			if err := r.log.Truncate(r.c.ctx, first); err != nil {
				r.c.log.Warn("journal not cut short", "err", err)
			}
		})
	})
}

// snapshot returns the parts of a snapshot, and its size before it was compressed.
func (c *Coordinator) snapshot(s *scheduler.State) (parts [][]byte, size int, err error) {
	state, err := s.Snapshot()
	if err != nil {
		return nil, 0, err
	}
	return c.buildSnapshot(state, s.QueryIDs(), c.unplanned(s), c.now())
}

// buildSnapshot makes a snapshot of the scheduler's state. What the coordinator knows besides may be newer: what came in between
// is told by the events after the snapshot, and it does no harm to learn of it twice.
func (c *Coordinator) buildSnapshot(state []byte, ids []scheduler.QueryID, queries []*querySnapshot, at scheduler.Instant) (parts [][]byte, size int, err error) {
	for _, id := range ids {
		if q := c.query(id); q != nil {
			snap, err := q.snapshot()
			if err != nil {
				return nil, 0, err
			}
			if snap != nil {
				queries = append(queries, snap)
			}
		}
	}
	own, err := json.Marshal(queries)
	if err != nil {
		return nil, 0, fmt.Errorf("encode snapshot: %w", err)
	}
	// The scheduler's record is an object: ours goes before its closing brace.
	whole := fmt.Appendf(state[:len(state)-1], `,"at":%d,"snapshot":`, int64(at))
	whole = append(append(whole, own...), '}')
	return cutSnapshot(whole), len(whole), nil
}

// unplanned are the statements that the scheduler does not know yet.
func (c *Coordinator) unplanned(s *scheduler.State) []*querySnapshot {
	known := map[scheduler.QueryID]bool{}
	for _, id := range s.QueryIDs() {
		known[id] = true
	}
	out := []*querySnapshot{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.order {
		if q := c.queries[id]; q != nil && !known[q.sid] {
			if snap := q.unplanned(); snap != nil {
				out = append(out, snap)
			}
		}
	}
	return out
}

func cutSnapshot(whole []byte) (parts [][]byte) {
	packed := packer().EncodeAll(whole, nil)
	for last := false; !last; {
		n := min(len(packed), snapshotChunk)
		last = n == len(packed)
		mark := byte(0)
		if last {
			mark = 1
		}
		parts = append(parts, append([]byte{snapshotPart, mark}, packed[:n]...))
		packed = packed[n:]
	}
	return parts
}

// joiner puts the parts of a snapshot together again.
type joiner struct{ packed []byte }

// add takes a payload. It returns the snapshot with its last part, and false for what is no part of one.
func (j *joiner) add(payload []byte) (whole []byte, part bool, err error) {
	if len(payload) < 2 || payload[0] != snapshotPart {
		j.packed = nil // the end of it was never written
		return nil, false, nil
	}
	j.packed = append(j.packed, payload[2:]...)
	if payload[1] == 0 {
		return nil, true, nil
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, true, fmt.Errorf("read snapshot: %w", err)
	}
	defer dec.Close()
	whole, err = dec.DecodeAll(j.packed, nil)
	j.packed = nil
	if err != nil {
		return nil, true, fmt.Errorf("read snapshot: %w", err)
	}
	return whole, true, nil
}

// snapshot is all that is remembered of a query; nil when it has ended and been cleaned up after.
func (q *query) snapshot() (*querySnapshot, error) {
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	if exec == nil {
		return nil, nil
	}
	rec, err := q.record()
	if err != nil {
		return nil, err
	}
	out := &querySnapshot{Query: *rec, Splits: map[string][]json.RawMessage{}, Outputs: map[string]*packedHandle{}, Fragments: map[string][]byte{},
		Inputs: map[string]input{}}
	q.mu.Lock()
	out.Totals = q.totals
	for key, in := range q.inputs {
		out.Inputs[key.id(q.sid).String()] = in
	}
	out.Commit = q.committing
	over := q.endedLocked() || q.policy != scheduler.RetryTask
	q.mu.Unlock()
	if over { // nobody goes on with it: what it has left is to be removed, and nobody reads it
		return out, nil
	}
	if err := q.keptTo(out); err != nil && q.ctx.Err() == nil {
		return nil, err
	}
	return out, nil
}
