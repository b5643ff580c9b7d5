package coordinator

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

func (c *Coordinator) journaled() bool { return c.cfg.Journal != nil }

// recovery is what the entries of a journal add up to.
type recovery struct {
	state   *scheduler.State
	queries map[scheduler.QueryID]*querySnapshot
	last    scheduler.Instant // of the last event
	parts   joiner
	whole   bool // the entries begin with the first there ever was, or there was a snapshot
	entries int
	bytes   int
}

func newRecovery(state *scheduler.State) *recovery {
	return &recovery{state: state, queries: map[scheduler.QueryID]*querySnapshot{}}
}

// apply applies an entry.
func (r *recovery) apply(e *decodedEntry) error {
	if err := r.take(e); err != nil {
		return fmt.Errorf("journal entry %d: %w", e.Seq, err)
	}
	return nil
}

func (r *recovery) take(e *decodedEntry) error {
	r.entries++
	r.bytes += len(e.Payload)
	r.whole = r.whole || e.Seq == 1
	if snapshot, part, err := r.parts.add(e.Payload); err != nil || snapshot != nil {
		if err == nil {
			err = r.restore(snapshot)
		}
		return err
	} else if part {
		return nil
	}
	if e.err != nil {
		return e.err
	}
	if e.own != "" {
		return r.rememberOwn(e.own, e.side)
	}
	r.state.Step(e.event)
	r.remember(e.event, e.side)
	return nil
}

// restore replaces everything by a snapshot.
func (r *recovery) restore(snapshot []byte) error {
	var en entry
	if err := json.Unmarshal(snapshot, &en); err != nil {
		return err
	}
	if en.Kind != scheduler.SnapshotKind {
		return fmt.Errorf("%w: %q is no snapshot", journal.ErrCorrupt, en.Kind)
	}
	state, err := scheduler.Restore(en.Event)
	if err != nil {
		return err
	}
	r.state, r.queries, r.whole, r.entries, r.bytes = state, map[scheduler.QueryID]*querySnapshot{}, true, 0, 0
	r.last = max(r.last, en.At)
	for i := range en.Snapshot {
		r.queries[en.Snapshot[i].Query.Run] = &en.Snapshot[i]
	}
	return nil
}

// remember keeps what goes with an event.
func (r *recovery) remember(ev scheduler.Event, s side) {
	switch ev := ev.(type) {
	case scheduler.QuerySubmitted:
		if s.Query != nil {
			r.queries[s.Query.Run] = &querySnapshot{Query: *s.Query, Splits: map[string][]json.RawMessage{},
				Outputs: map[string]*packedHandle{}, Fragments: map[string][]byte{}, Inputs: map[string]input{}}
		}
	case scheduler.SplitsFound:
		q, key := r.queries[ev.Query], scanKey(ev.Stage, ev.Source)
		if q != nil && ev.Seen <= len(q.Splits[key]) {
			q.Splits[key] = append(q.Splits[key][:ev.Seen:ev.Seen], s.Splits...)
		}
	case scheduler.TaskFinished:
		q := r.queries[ev.Task.Query]
		if q == nil {
			return
		}
		if s.Output != nil {
			q.Outputs[ev.Task.String()] = s.Output
		} else {
			q.Fragments[ev.Task.String()] = s.Fragment
		}
		q.account(ev.Task, s)
	case scheduler.TaskFailed:
		if q := r.queries[ev.Task.Query]; q != nil && q.account(ev.Task, s) {
			q.Totals.FailedRuns++
		}
	case scheduler.Replanned:
		if q := r.queries[ev.Query]; q != nil && s.Replan != nil {
			q.Query.Blueprint.apply(s.Replan)
		}
	case scheduler.ForgetQuery:
		delete(r.queries, ev.Query)
	case scheduler.Tick:
		r.last = max(r.last, ev.At)
	}
}

// account adds the figures of an ended attempt. Ends that are reported twice, or are in a snapshot already, count once.
func (q *querySnapshot) account(task scheduler.TaskID, s side) (first bool) {
	if _, known := q.Inputs[task.String()]; known {
		return false
	}
	if s.Figures == nil {
		s.Figures = &figures{}
	}
	q.Inputs[task.String()] = input{s.Figures.InputRows, s.Figures.InputBytes}
	q.Totals.add(s.Figures)
	if s.Fragment != nil {
		q.Totals.WrittenBytes += s.Figures.OutputBytes
	}
	return true
}

func scanKey(stage scheduler.StageID, source int) string {
	return strconv.Itoa(int(stage)) + "." + strconv.Itoa(source)
}

// replayAttempts is how often the journal is read again when its writer has cut it short meanwhile.
const replayAttempts = 5

// replay opens the journal, and returns what its entries add up to.
func (c *Coordinator) replay(state *scheduler.State) (*recovery, *journal.Journal, error) {
	r := newRecovery(state)
	ahead := decodeAhead(r.apply)
	cfg := journal.Config{Changed: c.journalChanged, Yield: c.cfg.Journal.Yield, Replayed: ahead.flush}
	log, err := journal.Open(c.ctx, journalStore{c.cfg.Journal.Store}, c.cfg.Journal.Prefix, cfg, ahead.add)
	if applyErr := ahead.end(); err == nil {
		err = applyErr
	}
	return r, log, err
}

// takeOver reads the journal, fences off whoever wrote it, and makes the queries that were under way.
func (c *Coordinator) takeOver() error {
	begun := time.Now()
	c.remember(c.ctx)
	initial, err := c.loop.state.Snapshot()
	if err != nil {
		return err
	}
	r, log, err := c.replay(c.loop.state)
	for range replayAttempts {
		if !errors.Is(err, journal.ErrTruncated) {
			break
		}
		state, restoreErr := scheduler.Replay(nil, initial)
		if restoreErr != nil {
			return restoreErr
		}
		r, log, err = c.replay(state)
	}
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	if r.entries > 0 && !r.whole {
		return fmt.Errorf("open the journal: %w: its beginning is missing", journal.ErrCorrupt)
	}
	c.recorder = newRecorder(c, log)
	c.recorder.events, c.recorder.bytes = r.entries, r.bytes
	c.loop.state = r.state
	c.inherit(r.state)
	for _, id := range r.state.QueryIDs() {
		info, _ := r.state.Query(id)
		c.recorder.lean.add(id, info.Policy)
		s := r.queries[id]
		if s == nil {
			c.loop.post(scheduler.ForgetQuery{At: c.now(), Query: id})
			continue
		}
		if err := c.revive(s, r.last); err != nil {
			return fmt.Errorf("take up query %s: %w", s.Query.ID, err)
		}
	}
	for _, s := range r.unplanned() {
		c.reviveStatement(s)
	}
	for _, n := range r.state.Nodes() {
		c.nodes.expected[n.ID] = n.Instance
	}
	if len(c.queries)+len(c.nodes.expected) > 0 {
		c.log.Info("journal replayed", "entries", r.entries, "queries", len(c.queries), "nodes", len(c.nodes.expected), "took", time.Since(begun))
	}
	return nil
}
