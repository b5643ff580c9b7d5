package coordinator

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
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
	ranges    *connector.Ranges // nil: any task may read any split
	batch     int               // splits asked of the connector at a time; zero: 1000
	least     int64             // what a split of a known size counts as at least

	shelf *shelf

	mu     sync.Mutex // held while enumerating
	source connector.SplitSource
	splits []location // of the splits, as keptSplit
	done   bool
	// known are the splits that an enumeration before has found: the enumeration is repeated, and finds them again.
	known map[splitSum]bool
}

// splitSum stands for a split.
type splitSum [sha256.Size]byte

// keptSplit is the size of a split that the scheduler goes by and the split, a connector.Split, as JSON.
func keptSplit(size int64, raw []byte) []byte {
	return append(binary.AppendVarint(make([]byte, 0, binary.MaxVarintLen64+len(raw)), size), raw...)
}

// find returns the splits from the seen-th on, for the scheduler and as JSON, enumerating a batch if there are none yet.
func (t *tableScan) find(ctx context.Context, source, seen int) (found []scheduler.Split, raws []json.RawMessage, noMore bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil && !t.done {
		if t.source, err = t.enumerate(ctx); err != nil {
			return nil, nil, false, err
		}
	}
	for len(t.splits) <= seen && !t.done {
		batch, err := t.source.Next(ctx, cmp.Or(t.batch, 1000))
		if err != nil {
			return nil, nil, false, err
		}
		if len(batch) == 0 {
			t.done = true
			t.source.Close()
			t.source = nil
			break
		}
		if _, ok := t.source.(connector.MomentarySplits); ok {
			if batch, err = t.rest(ctx, batch); err != nil {
				return nil, nil, false, err
			}
		}
		for _, s := range batch {
			raw, err := json.Marshal(s)
			if err != nil {
				return nil, nil, false, fmt.Errorf("encode split: %w", err)
			}
			if t.known[sha256.Sum256(raw)] {
				continue
			}
			if s.Bytes > 0 {
				s.Bytes = max(s.Bytes, t.least)
			}
			t.splits = append(t.splits, t.shelf.put(keptSplit(s.Bytes, raw)))
		}
	}
	if t.done {
		t.known = nil
	}
	for i := seen; i < len(t.splits); i++ {
		size, raw, err := t.read(ctx, i)
		if err != nil {
			return nil, nil, false, err
		}
		split := scheduler.Split{Source: source, ID: strconv.Itoa(i), Bytes: size, Hosts: hostsOf(raw)}
		if t.ranges != nil {
			if split.Group, err = groupOf(raw); err != nil {
				return nil, nil, false, err
			}
		}
		found = append(found, split)
		raws = append(raws, raw)
	}
	return found, raws, t.done, nil
}

// rest enumerates all splits that follow some, and ends the enumeration. If it fails they are all enumerated anew the next time.
func (t *tableScan) rest(ctx context.Context, found []connector.Split) ([]connector.Split, error) {
	defer func() {
		t.source.Close()
		t.source = nil
	}()
	for {
		batch, err := t.source.Next(ctx, cmp.Or(t.batch, 1000))
		if err != nil {
			return nil, err
		}
		if len(batch) == 0 {
			t.done = true
			return found, nil
		}
		found = append(found, batch...)
	}
}

// enumerate asks the connector for splits.
func (t *tableScan) enumerate(ctx context.Context) (connector.SplitSource, error) {
	if t.ranges == nil {
		return t.connector.Splits(ctx, t.scan)
	}
	c, ok := t.connector.(connector.Clustered)
	if !ok {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "table %s cannot be read by ranges", t.scan.Table)
	}
	return c.RangeSplits(ctx, t.scan, *t.ranges)
}

// groupOf is the number of the range that a split, as JSON, belongs to.
func groupOf(raw []byte) (int, error) {
	var s struct{ Group int }
	if err := json.Unmarshal(raw, &s); err != nil || s.Group == 0 {
		return 0, trinoerr.New(trinoerr.GenericInternalError, "a split belongs to no range: %.200s", raw)
	}
	return s.Group, nil
}

// hostsOf are the hosts at which a split, as JSON, is read best.
func hostsOf(raw []byte) []string {
	if !bytes.Contains(raw, []byte(`"Hosts":`)) { // as almost always
		return nil
	}
	var s struct{ Hosts []string }
	if json.Unmarshal(raw, &s) != nil { // then whoever reads the split says so
		return nil
	}
	return s.Hosts
}

// read returns an enumerated split. The caller holds the lock.
func (t *tableScan) read(ctx context.Context, i int) (size int64, raw json.RawMessage, err error) {
	data, err := t.shelf.get(ctx, t.splits[i])
	if err != nil {
		return 0, nil, err
	}
	size, n := binary.Varint(data)
	return size, data[max(n, 0):], nil
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
func (t *tableScan) get(ctx context.Context, id string) ([]byte, error) {
	i, err := strconv.Atoi(id)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil || i < 0 || i >= len(t.splits) {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "unknown split %q of table %s", id, t.scan.Table)
	}
	_, raw, err := t.read(ctx, i)
	return raw, err
}

// all returns all enumerated splits.
func (t *tableScan) all(ctx context.Context) (splits []json.RawMessage, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.splits {
		_, raw, err := t.read(ctx, i)
		if err != nil {
			return nil, err
		}
		splits = append(splits, raw)
	}
	return splits, nil
}

// findSplits answers the scheduler's question for splits.
func (q *query) findSplits(a scheduler.FindSplits) note {
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	scan := exec.scans[a.Stage][a.Source]
	q.c.descriptors.wait(q.ctx)
	found, raws, noMore, err := scan.find(q.ctx, a.Source, a.Seen)
	if err != nil {
		return note{event: scheduler.SplitsFailed{At: q.c.now(), Query: q.sid, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Failure: scheduler.FailureOf(err)}}
	}
	return note{event: scheduler.SplitsFound{At: q.c.now(), Query: q.sid, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Splits: found, NoMore: noMore},
		side: side{Splits: raws}}
}

// resume gives a scan the splits that a coordinator before this one has enumerated. Their sizes are the scheduler's by now.
func (t *tableScan) resume(splits []json.RawMessage) {
	t.known = map[splitSum]bool{}
	for _, raw := range splits {
		t.splits = append(t.splits, t.shelf.put(keptSplit(0, raw)))
		t.known[sha256.Sum256(raw)] = true
	}
}
