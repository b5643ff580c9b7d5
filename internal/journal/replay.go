package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
)

// Entry is one payload as it was appended.
type Entry struct {
	Seq     uint64 // from 1, without gaps
	Payload []byte
}

// Replay returns the entries of a journal, oldest first, without taking part in it. The last segment may be torn: its
// whole entries are returned and the iteration ends without an error. After an error the iteration ends.
func Replay(ctx context.Context, store Store, prefix string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		r := replayer{store: store, prefix: prefix}
		err := r.run(ctx, func(e Entry) error {
			if !yield(e, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Entry{}, err)
		}
	}
}

// ErrTruncated says that segments were deleted while they were to be read, because their writer has made a snapshot. Read again.
var ErrTruncated = errors.New("journal was cut short while it was read")

var errStop = errors.New("stop")

// replayer reads segments one after the other. An entry is handed out only when the segment after its own is known,
// or known not to be there, because that decides how much of a torn segment counts.
type replayer struct {
	store  Store
	prefix string

	next    uint64 // the segment to read next; 0 before the first
	epoch   uint64 // of the last segment
	seq     uint64 // of the last entry handed out
	held    [][]byte
	holding bool
	spans   []segmentSpan // of the segments read
}

// run reads what there is now and hands out all entries.
func (r *replayer) run(ctx context.Context, each func(Entry) error) error {
	if err := r.read(ctx, each); err != nil {
		return err
	}
	return r.releaseAll(each)
}

// read reads all segments from r.next on and hands out all entries but those of the last. It may be called again to
// read what has come since.
func (r *replayer) read(ctx context.Context, each func(Entry) error) error {
	there := uint64(0) // the last segment that was listed
	if r.next == 0 {
		list, err := listSegments(ctx, r.store, r.prefix)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return nil
		}
		if r.next, err = r.begin(ctx, list); err != nil {
			return err
		}
		there = list[len(list)-1]
	}
	segments := newPrefetch(ctx, there, func(ctx context.Context, n uint64) ([]byte, error) {
		return r.store.Read(ctx, segmentName(r.prefix, n))
	})
	defer segments.stop()
	for {
		data, err := segments.get(r.next)
		if errors.Is(err, fs.ErrNotExist) {
			more, err := r.skip(ctx)
			if err != nil || !more {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("read journal segment %d: %w", r.next, err)
		}
		if err := r.segment(data, each); err != nil {
			return err
		}
		r.next++
	}
}

// begin finds the segment to begin with, the first after which none is missing. What is before it are fences, which outlive
// the segments around them.
func (r *replayer) begin(ctx context.Context, list []uint64) (uint64, error) {
	from := len(list) - 1
	for from > 0 && list[from-1] == list[from]-1 {
		from--
	}
	r.spans = nil
	for _, n := range list[:from] {
		data, err := r.store.Read(ctx, segmentName(r.prefix, n))
		if errors.Is(err, fs.ErrNotExist) {
			continue // truncated since it was listed
		}
		if err != nil {
			return 0, fmt.Errorf("read journal segment %d: %w", n, err)
		}
		h, payloads, err := decodeSegment(data)
		if err != nil && !errors.Is(err, errTorn) {
			return 0, fmt.Errorf("segment %d: %w", n, err)
		}
		if len(payloads) > 0 {
			return 0, fmt.Errorf("segment %d: %w: it is missing", n+1, ErrCorrupt)
		}
		r.spans = append(r.spans, segmentSpan{n, h.First, true})
	}
	return list[from], nil
}

// skip is called when segment r.next is not there. It reports whether there is something to read all the same: the first
// segments may have been truncated since they were listed. A gap later on is damage.
func (r *replayer) skip(ctx context.Context) (bool, error) {
	list, err := listSegments(ctx, r.store, r.prefix)
	switch {
	case err != nil:
		return false, err
	case len(list) == 0 || list[len(list)-1] < r.next:
		return false, nil
	case slices.Contains(list, r.next):
		return true, nil // it has just come
	}
	from, err := r.begin(ctx, list)
	switch {
	case err != nil:
		return false, err
	case r.holding:
		return false, fmt.Errorf("segment %d: %w", r.next, ErrTruncated)
	}
	r.next = from
	return true, nil
}

// segment takes in the next segment.
func (r *replayer) segment(data []byte, each func(Entry) error) error {
	h, payloads, err := decodeSegment(data)
	if errors.Is(err, errTorn) {
		// Nothing of it counts; who comes after knows that.
		if err := r.releaseAll(each); err != nil {
			return err
		}
		r.held, r.holding = nil, true
		r.spans = append(r.spans, segmentSpan{r.next, r.seq + 1, true})
		return nil
	}
	if err != nil {
		return fmt.Errorf("segment %d: %w", r.next, err)
	}
	if h.Segment != r.next || h.Epoch < r.epoch {
		return fmt.Errorf("segment %d: %w: it says it is segment %d of epoch %d", r.next, ErrCorrupt, h.Segment, h.Epoch)
	}
	if r.holding {
		if int(h.Previous) > len(r.held) {
			return fmt.Errorf("segment %d: %w: %d of %d entries are left", r.next-1, ErrCorrupt, len(r.held), h.Previous)
		}
		if err := r.release(int(h.Previous), each); err != nil {
			return err
		}
	} else {
		r.seq = h.First - 1 // the first segment there is
	}
	if h.First != r.seq+1 {
		return fmt.Errorf("segment %d: %w: it begins with entry %d instead of %d", r.next, ErrCorrupt, h.First, r.seq+1)
	}
	r.epoch, r.held, r.holding = h.Epoch, payloads, true
	r.spans = append(r.spans, segmentSpan{h.Segment, h.First, len(payloads) == 0})
	return nil
}

func (r *replayer) releaseAll(each func(Entry) error) error { return r.release(len(r.held), each) }

// release hands out the first n entries that are held.
func (r *replayer) release(n int, each func(Entry) error) error {
	for _, p := range r.held[:n] {
		r.seq++
		if err := each(Entry{Seq: r.seq, Payload: p}); err != nil {
			return err
		}
	}
	r.held = nil
	return nil
}
