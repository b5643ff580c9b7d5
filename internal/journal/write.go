package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// errSlow is why the storage counts as away when it does not even fail.
var errSlow = errors.New("the storage does not answer")

// Run writes what is appended until ctx ends; what has been appended by then is still written. While one batch is
// being written the next collects: nobody waits for a timer.
func (j *Journal) Run(ctx context.Context) error {
	err := j.write(ctx)
	defer j.doubts.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.err = err
	if err == nil {
		j.err = ErrClosed
	}
	j.pending, j.bytes = nil, 0
	j.announce()
	return err
}

func (j *Journal) write(ctx context.Context) error {
	for {
		batch := j.take()
		if batch == nil {
			select {
			case <-j.wake:
				continue
			case <-ctx.Done():
				if batch = j.take(); batch == nil {
					return nil
				}
			}
		}
		payloads := make([][]byte, len(batch))
		for i, it := range batch {
			payloads[i] = it.payload
		}
		h := Header{Segment: j.next, Epoch: j.epoch, Writer: j.writer, First: j.stored + 1, Previous: j.previous}
		trust := j.distrust(h.Segment)
		err := j.create(ctx, h, payloads, time.Time{})
		trust()
		if err != nil {
			return err
		}
		j.previous = uint32(len(batch))
		j.stored += uint64(len(batch))
		j.mu.Lock()
		j.next++
		j.starts = append(j.starts, segmentSpan{h.Segment, batch[0].ticket, false})
		j.durable = batch[len(batch)-1].ticket
		back := j.away != nil
		j.away = nil
		j.announce()
		j.mu.Unlock()
		if back && j.cfg.Changed != nil {
			j.cfg.Changed(nil)
		}
	}
}

// distrust begins to doubt the storage when a segment is not written in time. It may be this process that was away: then somebody may have
// taken over, and what follows from an absent storage must not. So the storage is asked before it counts as away.
func (j *Journal) distrust(segment uint64) (trust func()) {
	ctx, cancel := context.WithCancel(context.Background())
	j.doubts.Add(1)
	slow := time.AfterFunc(j.cfg.AwayAfter, func() {
		defer j.doubts.Done()
		asked, stop := context.WithTimeout(ctx, j.cfg.AwayAfter)
		defer stop()
		if err := j.Check(asked); !errors.Is(err, ErrFenced) && ctx.Err() == nil {
			j.gone(segment, errSlow)
		}
	})
	return func() {
		cancel()
		if slow.Stop() {
			j.doubts.Done()
		}
	}
}

// gone notes that the storage is away, if the segment is still being written.
func (j *Journal) gone(segment uint64, why error) {
	j.mu.Lock()
	if j.next != segment || j.err != nil {
		j.mu.Unlock()
		return
	}
	first := j.away == nil
	if first || !errors.Is(why, errSlow) {
		j.away = why
	}
	j.announce()
	j.mu.Unlock()
	if first && j.cfg.Changed != nil {
		j.cfg.Changed(why)
	}
}

// take takes the next batch from what is pending.
func (j *Journal) take() []item {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, size := 0, 0
	for n < len(j.pending) && (n == 0 || size+len(j.pending[n].payload) <= j.cfg.MaxBatchBytes) {
		size += len(j.pending[n].payload)
		n++
	}
	if n == 0 {
		return nil
	}
	batch := j.pending[:n:n]
	j.pending = j.pending[n:]
	j.bytes -= size
	j.announce()
	return batch
}

// create writes a segment, repeating what fails: until a time, or, when that is zero, as long as ctx lasts and for a while
// longer. A segment that is there already is ours if an earlier try succeeded without our knowing; otherwise ErrFenced.
func (j *Journal) create(ctx context.Context, h Header, payloads [][]byte, until time.Time) error {
	name, data := segmentName(j.prefix, h.Segment), encodeSegment(h, payloads)
	begun, forever := time.Now(), until.IsZero()
	// The end of ctx does not interrupt the last batches.
	tries := context.WithoutCancel(ctx)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := j.store.Create(tries, name, data)
		if err == nil {
			return nil
		}
		if errors.Is(err, fs.ErrExist) {
			there, readErr := j.store.Read(tries, name)
			switch {
			case readErr == nil && bytes.Equal(there, data):
				return nil
			case readErr == nil, errors.Is(readErr, fs.ErrNotExist): // somebody else's, perhaps truncated since
				return ErrFenced
			}
			err = readErr
		}
		if forever && time.Since(begun) > j.cfg.AwayAfter {
			j.gone(h.Segment, err)
		}
		if forever && until.IsZero() && ctx.Err() != nil {
			until = time.Now().Add(j.cfg.RetryFor)
		}
		if !until.IsZero() && time.Now().After(until) {
			return fmt.Errorf("write journal segment %d: %w", h.Segment, err)
		}
		select {
		case <-time.After(pause):
		case <-ended(ctx, forever && !until.IsZero()):
			if !forever {
				return fmt.Errorf("write journal segment %d: %w", h.Segment, context.Cause(ctx))
			}
		}
	}
}

// ended is ctx's end, or nothing to wait for once that is known.
func ended(ctx context.Context, known bool) <-chan struct{} {
	if known {
		return nil
	}
	return ctx.Done()
}

// Check asks the storage whether somebody has taken the journal over: then it returns ErrFenced. Nil means that nobody had
// when it was called. Nothing is written, so that it works on a full disk too; but somebody may take over at any time
// afterwards.
func (j *Journal) Check(ctx context.Context) error {
	j.mu.Lock()
	next, err := j.next, j.err
	j.mu.Unlock()
	if err != nil {
		return err
	}
	data, err := j.store.Read(ctx, segmentName(j.prefix, next))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read journal segment %d: %w", next, err)
	}
	h, _, err := decodeSegment(data)
	if err == nil && h.Writer == j.writer {
		return nil // it was being written
	}
	return ErrFenced
}
