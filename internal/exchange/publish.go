package exchange

import (
	"context"
	"slices"
)

// published is what of a bundle others may read while it is being written.
type published struct {
	objects, segments int
	deleted           int // objects that were deleted again
}

// Publish commits what was added since the last call, and returns a handle of that alone: whoever appends it to those before, see
// Handle.Append, can read the beginning of the bundle while it goes on. From the first call that returned something on, an abort
// removes nothing, for somebody may be reading: what was published is for its readers to delete.
func (w *Writer) Publish() (Handle, error) {
	switch {
	case w.state.Load() != writerOpen:
		return Handle{}, errEnded
	case w.err != nil:
		return Handle{}, w.err
	}
	if w.offset > 0 {
		if err := w.finishObject(); err != nil {
			return Handle{}, w.fail(err)
		}
	}
	more := w.handle
	more.Objects = slices.Clone(w.handle.Objects[w.published.objects:])
	more.Segments = slices.Clone(w.handle.Segments[w.published.segments:])
	w.published.objects, w.published.segments = len(w.handle.Objects), len(w.handle.Segments)
	return more, nil
}

// Discard deletes those published objects that have nothing but the first so many segments: nobody will read them again.
// The handles still name them.
func (w *Writer) Discard(segments int) error {
	segments = min(segments, w.published.segments)
	end := w.published.objects
	if segments < len(w.handle.Segments) { // the object of the next one is wanted
		end = min(end, w.handle.Segments[segments].Object)
	}
	for ; w.published.deleted < end; w.published.deleted++ {
		key := w.handle.Objects[w.published.deleted].Key
		if err := w.cfg.Store.DeletePrefix(context.WithoutCancel(w.ctx), key); err != nil {
			return err
		}
	}
	return nil
}

// Append returns the handle of a bundle of which more was published than h says. What is read by h goes on undisturbed.
func (h *Handle) Append(more *Handle) *Handle {
	sum := *more
	sum.Objects = append(h.Objects, more.Objects...)
	sum.Segments = append(h.Segments, more.Segments...)
	return &sum
}
