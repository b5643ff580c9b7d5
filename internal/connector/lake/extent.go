package lake

import (
	"cmp"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// extent is a range of the bytes of a file.
type extent struct{ from, to int64 }

// bloomBytes is what the usual writers make Bloom filters of at most, their header included: for files that do not tell.
const bloomBytes = 1<<20 + 1<<10

// chunkExtents are the parts of a file that hold a chunk: its pages with the dictionary, and its Bloom filter.
func chunkExtents(m *format.ColumnMetaData) []extent {
	from := m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 && d < from {
		from = d
	}
	out := []extent{{from, from + m.TotalCompressedSize}}
	if at := m.BloomFilterOffset; at > 0 {
		out = append(out, extent{at, at + cmp.Or(int64(m.BloomFilterLength), bloomBytes)})
	}
	return out
}

// merge puts extents in order, and makes one of those that overlap or have a gap between them which is not worth a request of its own.
func merge(all []extent, gap int64) (out []extent) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	for _, e := range all {
		if e.from >= e.to {
			continue
		}
		if n := len(out); n > 0 && e.from-out[n-1].to <= gap {
			out[n-1].to = max(out[n-1].to, e.to)
			continue
		}
		out = append(out, e)
	}
	return out
}

// cut divides extents into pieces that are fetched at the same time.
func cut(all []extent, size int64) (out []extent) {
	for _, e := range all {
		for e.to-e.from > size+size/2 {
			out = append(out, extent{e.from, e.from + size})
			e.from += size
		}
		out = append(out, e)
	}
	return out
}

// within cuts extents to a file's size, which a broken footer need not respect.
func within(all []extent, size int64) (out []extent) {
	for _, e := range all {
		e.from, e.to = max(0, min(e.from, size)), max(0, min(e.to, size))
		if e.from < e.to {
			out = append(out, e)
		}
	}
	return out
}
