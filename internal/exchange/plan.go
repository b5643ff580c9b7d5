package exchange

import (
	"cmp"
	"slices"
)

// item is a segment that is wanted, and where it is to go among the results.
type item struct {
	handle  *Handle
	order   int // of the handle among those that are read
	segment Segment
	result  int
}

// fetch is one ranged read that brings several segments, or the inline bytes of one handle.
type fetch struct {
	handle *Handle
	object int // position in handle.Objects; -1 for inline
	offset int64
	length int64
	items  []item // in ascending order of their offsets
}

// limits say which segments are read together.
type limits struct {
	gap   int64 // bytes that are rather read and thrown away than asked around
	most  int64 // bytes of one read, unless a single segment is larger
	files int   // segments of one read
}

// planFetches groups the wanted segments into ranged reads. Results do not depend on the grouping: items carry their
// own position.
func planFetches(items []item, l limits) []fetch {
	slices.SortStableFunc(items, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.segment.Object, b.segment.Object),
			cmp.Compare(a.segment.Offset, b.segment.Offset))
	})
	var out []fetch
	for _, it := range items {
		object := it.segment.Object
		if len(it.handle.Objects) == 0 {
			object = -1
		}
		if n := len(out) - 1; n >= 0 && out[n].items[0].order == it.order && out[n].object == object {
			f := &out[n]
			gap := it.segment.Offset - (f.offset + f.length)
			length := it.segment.Offset + it.segment.Length - f.offset
			if gap >= 0 && gap <= l.gap && length <= l.most && len(f.items) < l.files {
				f.length, f.items = length, append(f.items, it)
				continue
			}
		}
		out = append(out, fetch{handle: it.handle, object: object, offset: it.segment.Offset, length: it.segment.Length, items: []item{it}})
	}
	return out
}
