package coordinator

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// tableScan enumerates the splits of a scan and remembers them, so that attempts can be given them again.
type tableScan struct {
	scan      connector.Scan
	connector connector.Connector
	batch     int   // splits asked of the connector at a time; zero: 1000
	least     int64 // what a split of a known size counts as at least

	mu     sync.Mutex // held while enumerating
	source connector.SplitSource
	splits []json.RawMessage // connector.Split
	bytes  []int64
	done   bool
	// known are the splits that an enumeration before has found: the enumeration is repeated, and finds them again.
	known map[string]bool
}

// find returns the splits from the seen-th on, enumerating a batch if there are none yet.
func (t *tableScan) find(ctx context.Context, source, seen int) (found []scheduler.Split, noMore bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil && !t.done {
		if t.source, err = t.connector.Splits(ctx, t.scan); err != nil {
			return nil, false, err
		}
	}
	for len(t.splits) <= seen && !t.done {
		batch, err := t.source.Next(ctx, cmp.Or(t.batch, 1000))
		if err != nil {
			return nil, false, err
		}
		if len(batch) == 0 {
			t.done = true
			t.source.Close()
			t.source = nil
			break
		}
		for _, s := range batch {
			raw, err := json.Marshal(s)
			if err != nil {
				return nil, false, fmt.Errorf("encode split: %w", err)
			}
			if t.known[string(raw)] {
				continue
			}
			if s.Bytes > 0 {
				s.Bytes = max(s.Bytes, t.least)
			}
			t.splits, t.bytes = append(t.splits, raw), append(t.bytes, s.Bytes)
		}
	}
	for i := seen; i < len(t.splits); i++ {
		found = append(found, scheduler.Split{Source: source, ID: strconv.Itoa(i), Bytes: t.bytes[i]})
	}
	return found, t.done, nil
}

// close ends the enumeration.
func (t *tableScan) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source != nil {
		t.source.Close()
		t.source, t.done = nil, true
	}
}

// get returns an enumerated split.
func (t *tableScan) get(id string) ([]byte, error) {
	i, err := strconv.Atoi(id)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil || i < 0 || i >= len(t.splits) {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "unknown split %q of table %s", id, t.scan.Table)
	}
	return t.splits[i], nil
}

// findSplits answers the scheduler's question for splits.
func (q *query) findSplits(a scheduler.FindSplits) note {
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	scan := exec.scans[a.Stage][a.Source]
	found, noMore, err := scan.find(q.ctx, a.Source, a.Seen)
	if err != nil {
		return note{event: scheduler.SplitsFailed{At: q.c.now(), Query: q.sid, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Failure: scheduler.FailureOf(err)}}
	}
	return note{event: scheduler.SplitsFound{At: q.c.now(), Query: q.sid, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Splits: found, NoMore: noMore},
		side: side{Splits: scan.from(a.Seen, len(found))}}
}

// from returns some of the enumerated splits.
func (t *tableScan) from(seen, n int) []json.RawMessage {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.splits[seen : seen+n : seen+n]
}

// resume gives a scan the splits that a coordinator before this one has enumerated.
func (t *tableScan) resume(splits []json.RawMessage) {
	t.splits, t.bytes = splits, make([]int64, len(splits)) // the sizes are the scheduler's by now
	t.known = map[string]bool{}
	for _, s := range splits {
		t.known[string(s)] = true
	}
}
