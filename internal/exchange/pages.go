package exchange

import (
	"bytes"
	"context"
	"errors"
)

// Page is a block of rendered rows.
type Page struct {
	Rows int64
	Data []byte
}

// Pages reads pages of a root stage's output by their numbers, from first up to but not including end; there are
// len(h.Segments) of them.
func (r *Reader) Pages(ctx context.Context, h *Handle, first, end int) ([]Page, error) {
	if first < 0 || first > end || end > len(h.Segments) {
		return nil, errors.New("read pages: there are no such pages")
	}
	var items []item
	var targets []Target
	for n, s := range h.Segments[first:end] {
		if s.Kind != RowPage {
			return nil, errors.New("read pages: the bundle has partition files")
		}
		if !s.possible() {
			return nil, malformed("a page of %d bytes at %d in the output of %s", s.Length, s.Offset, h.Producer)
		}
		t := &pageTarget{}
		t.Grow(int(min(s.Bytes, s.Length)))
		items = append(items, item{handle: h, segment: s, result: n})
		targets = append(targets, t)
	}
	if err := r.fill(ctx, items, targets); err != nil {
		return nil, err
	}
	pages := make([]Page, len(targets))
	for n, t := range targets {
		pages[n] = Page{Rows: h.Segments[first+n].Rows, Data: t.(*pageTarget).Bytes()}
	}
	return pages, nil
}

type pageTarget struct{ bytes.Buffer }

// Restart implements Target.
func (t *pageTarget) Restart() error {
	t.Reset()
	return nil
}
