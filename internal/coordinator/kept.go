package coordinator

import (
	"context"
	"errors"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// attemptKey is the id of an attempt within its query.
type attemptKey struct {
	partition uint32
	stage     uint16
	attempt   uint8
}

func keyOf(id scheduler.TaskID) attemptKey {
	return attemptKey{partition: uint32(id.Partition), stage: uint16(id.Stage), attempt: uint8(id.Attempt)}
}

// id is the inverse of keyOf.
func (k attemptKey) id(q scheduler.QueryID) scheduler.TaskID {
	return scheduler.TaskID{Query: q, Stage: scheduler.StageID(k.stage), Partition: int(k.partition), Attempt: int(k.attempt)}
}

// prefixOf is the prefix of the objects of an attempt.
func prefixOf(id scheduler.TaskID) string {
	return exchange.AttemptPrefix(string(id.Query), int(id.Stage), id.Partition, id.Attempt)
}

// kept is what finished attempts of a query have left: the handles of their bundles, for readers, or the fragments of a write.
// The query's lock guards it; the shelf has one of its own.
type kept struct {
	shelf     *shelf
	bases     exchange.Bases
	outputs   map[attemptKey]keptOutput
	fragments map[attemptKey]location
}

// keptOutput is where a handle is.
type keptOutput struct {
	at      location
	objects bool // the bundle has objects
}

func newKept(s *shelf) kept {
	return kept{shelf: s, outputs: map[attemptKey]keptOutput{}, fragments: map[attemptKey]location{}}
}

// keep remembers the output of an attempt. The caller holds the query's lock.
func (k *kept) keep(id scheduler.TaskID, h *exchange.Handle) {
	k.keepEncoded(id, exchange.AppendHandle(nil, h, id.String(), prefixOf(id), &k.bases), len(h.Objects) > 0)
}

// keepPacked remembers the output of an attempt as the journal has it. The caller holds the query's lock.
func (k *kept) keepPacked(id scheduler.TaskID, p *packedHandle) error {
	data, objects, err := exchange.MoveHandle(nil, p.Data, exchange.NewBases(p.Base), &k.bases)
	if err == nil {
		k.keepEncoded(id, data, objects > 0)
	}
	return err
}

func (k *kept) keepEncoded(id scheduler.TaskID, data []byte, objects bool) {
	key := keyOf(id)
	if old, ok := k.outputs[key]; ok {
		k.shelf.remove(old.at)
	}
	k.outputs[key] = keptOutput{k.shelf.put(data), objects}
}

// keepFragment remembers what an attempt has written. The caller holds the query's lock.
func (k *kept) keepFragment(id scheduler.TaskID, fragment []byte) {
	key := keyOf(id)
	if old, ok := k.fragments[key]; ok {
		k.shelf.remove(old)
	}
	k.fragments[key] = k.shelf.put(fragment)
}

// forget drops an output; it reports whether it had objects. The caller holds the query's lock.
func (k *kept) forget(id scheduler.TaskID) (objects bool) {
	key := keyOf(id)
	out, ok := k.outputs[key]
	if ok {
		k.shelf.remove(out.at)
		delete(k.outputs, key)
	}
	return out.objects
}

// errUnknown says that nothing is known of an attempt's output: it has been given up, or its query has ended.
var errUnknown = errors.New("output is not known")

// encodedHandle is handle, as it is kept.
func (q *query) encodedHandle(ctx context.Context, id scheduler.TaskID) ([]byte, error) {
	q.mu.Lock()
	out, ok := q.kept.outputs[keyOf(id)]
	q.mu.Unlock()
	if !ok {
		return nil, errUnknown
	}
	return q.kept.shelf.get(ctx, out.at)
}

// packed is the output of an attempt as the journal has it.
func (q *query) packed(ctx context.Context, id scheduler.TaskID) (*packedHandle, error) {
	data, err := q.encodedHandle(ctx, id)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	base, err := exchange.HandleBase(data, &q.kept.bases)
	if err == nil {
		data, _, err = exchange.MoveHandle(nil, data, &q.kept.bases, exchange.NewBases(base))
	}
	return &packedHandle{base, data}, err
}

// handle says where the output of an attempt is.
func (q *query) handle(ctx context.Context, id scheduler.TaskID) (*exchange.Handle, error) {
	data, err := q.encodedHandle(ctx, id)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return exchange.DecodeHandle(data, id.String(), prefixOf(id), &q.kept.bases)
}

// fragment returns what an attempt has written.
func (q *query) fragment(ctx context.Context, id scheduler.TaskID) ([]byte, error) {
	q.mu.Lock()
	at, ok := q.kept.fragments[keyOf(id)]
	q.mu.Unlock()
	if !ok {
		return nil, errUnknown
	}
	return q.kept.shelf.get(ctx, at)
}

// finished returns the attempts whose outputs, and whose fragments, are kept.
func (q *query) finished() (outputs, fragments []scheduler.TaskID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for k := range q.kept.outputs {
		outputs = append(outputs, k.id(q.sid))
	}
	for k := range q.kept.fragments {
		fragments = append(fragments, k.id(q.sid))
	}
	return outputs, fragments
}

// keptTo writes what is kept, and the splits of scans, into a snapshot.
func (q *query) keptTo(out *querySnapshot) error {
	outputs, fragments := q.finished()
	for _, id := range outputs {
		h, err := q.packed(q.ctx, id)
		if err != nil && !errors.Is(err, errUnknown) {
			return err
		}
		if err == nil {
			out.Outputs[id.String()] = h
		}
	}
	for _, id := range fragments {
		f, err := q.fragment(q.ctx, id)
		if err != nil {
			return err
		}
		out.Fragments[id.String()] = f
	}
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	for stage, scans := range exec.scans {
		for source, scan := range scans {
			splits, err := scan.all(q.ctx)
			if err != nil {
				return err
			}
			out.Splits[scanKey(scheduler.StageID(stage), source)] = splits
		}
	}
	return nil
}
