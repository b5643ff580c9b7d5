package journal

import (
	"context"
	"fmt"
)

// fencesKept is how many fences outlive the segments around them. A fence is the one thing that a writer who was replaced
// runs into, however late it wakes up: so it stays when its neighbours are truncated, up to this many takeovers later.
const fencesKept = 64

// Truncate deletes the segments that hold only payloads before a ticket, but for the last segment and the fences.
func (j *Journal) Truncate(ctx context.Context, ticket uint64) error {
	for {
		n, ok := j.obsolete(ticket)
		if !ok {
			return nil
		}
		if err := j.store.Delete(ctx, segmentName(j.prefix, n)); err != nil {
			return fmt.Errorf("truncate journal: %w", err)
		}
		j.mu.Lock()
		for i, s := range j.starts {
			if s.segment == n {
				j.starts = append(j.starts[:i:i], j.starts[i+1:]...)
				break
			}
		}
		j.mu.Unlock()
	}
}

// obsolete returns the first segment that can be deleted: they go in order, so that what is left has no gap but after
// fences.
func (j *Journal) obsolete(ticket uint64) (segment uint64, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	fences := 0
	for _, s := range j.starts {
		if s.fence {
			fences++
		}
	}
	for i, s := range j.starts {
		if i == len(j.starts)-1 || j.starts[i+1].first > ticket {
			return 0, false
		}
		if !s.fence || fences > fencesKept {
			return s.segment, true
		}
	}
	return 0, false
}

// Delete deletes a whole journal, which nobody may be using.
func Delete(ctx context.Context, store Store, prefix string) error {
	list, err := listSegments(ctx, store, prefix)
	if err != nil {
		return err
	}
	for _, n := range list {
		if err := store.Delete(ctx, segmentName(prefix, n)); err != nil {
			return fmt.Errorf("delete journal: %w", err)
		}
	}
	return nil
}
