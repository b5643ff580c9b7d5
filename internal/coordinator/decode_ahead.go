package coordinator

import (
	"bytes"
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/journal"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// Entries are decoded in batches of so many entries or bytes, a few batches ahead of those that are applied.
const (
	aheadEntries = 256
	aheadBytes   = 1 << 20
	aheadBatches = 4
)

// ahead decodes the entries of a journal on other processors than the one that applies them: decoding is most of the work of a
// recovery, and needs no order. They are applied in order, by one goroutine, which lives until end.
type ahead struct {
	batch *aheadBatch      // being filled
	last  *aheadBatch      // the last in the queue
	queue chan *aheadBatch // in order
	ended chan struct{}
	err   error // of applying; to be read after a batch is through, or after the end
}

type aheadBatch struct {
	entries []decodedEntry
	bytes   int
	decoded chan struct{}
	through chan error // has the outcome when all of it, and what was before, has been applied
}

// decodedEntry is an entry with what it says, unless it is a part of a snapshot.
type decodedEntry struct {
	journal.Entry
	own   string // the kind of an entry without an event
	event scheduler.Event
	side
	err error
}

// decodeAhead starts to apply what will be added.
func decodeAhead(apply func(*decodedEntry) error) *ahead {
	a := &ahead{batch: newAheadBatch(), queue: make(chan *aheadBatch, aheadBatches), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		for b := range a.queue {
			<-b.decoded
			for i := range b.entries {
				if a.err == nil {
					a.err = apply(&b.entries[i])
				}
			}
			b.through <- a.err
		}
	}()
	return a
}

func newAheadBatch() *aheadBatch {
	return &aheadBatch{decoded: make(chan struct{}), through: make(chan error, 1)}
}

// add takes the next entry. Its error may be that of an entry before.
func (a *ahead) add(e journal.Entry) error {
	b := a.batch
	b.entries = append(b.entries, decodedEntry{Entry: e})
	b.bytes += len(e.Payload)
	if len(b.entries) < aheadEntries && b.bytes < aheadBytes {
		return nil
	}
	return a.send()
}

// send begins to decode a batch.
func (a *ahead) send() error {
	b, before := a.batch, a.last
	a.batch, a.last = newAheadBatch(), b
	go b.decode()
	a.queue <- b
	if before != nil {
		select {
		case err := <-before.through:
			return err
		default:
		}
	}
	return nil
}

// flush waits until all that was added is applied.
func (a *ahead) flush() error {
	if err := a.send(); err != nil {
		return err
	}
	b := a.last
	a.last = nil
	return <-b.through
}

// end is flush, and ends the goroutine.
func (a *ahead) end() error {
	_ = a.send() // an error of it is that of applying
	close(a.queue)
	<-a.ended
	return a.err
}

func (b *aheadBatch) decode() {
	defer close(b.decoded)
	for i := range b.entries {
		if e := &b.entries[i]; len(e.Payload) == 0 || e.Payload[0] != snapshotPart {
			e.own, e.event, e.side, e.err = decodeEntry(e.Payload)
		}
	}
}

var kindMark = []byte(`{"kind":"`)

// decodeEntry is the inverse of encodeEntry. The kind stands first, so that what follows is read but once.
func decodeEntry(payload []byte) (own string, _ scheduler.Event, _ side, err error) {
	var kind string
	if rest, ok := bytes.CutPrefix(payload, kindMark); ok {
		name, _, _ := bytes.Cut(rest, []byte(`"`))
		kind = string(name)
	}
	switch kind {
	case kindStatement, kindBegun, kindCommitting:
		var en struct{ side }
		err := json.Unmarshal(payload, &en)
		return kind, nil, en.side, err
	}
	into, err := scheduler.NewEvent(kind)
	if err != nil {
		return "", nil, side{}, err
	}
	var en struct {
		Event any `json:"event"`
		side
	}
	en.Event = into
	if err := json.Unmarshal(payload, &en); err != nil {
		return "", nil, side{}, err
	}
	return "", scheduler.EventIn(into), en.side, nil
}
