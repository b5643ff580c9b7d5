package slot

import (
	"cmp"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// mergeRows joins rows of a file that follow each other or that several of files have in common, so that each row is read once and
// what comes to a whole file is read as one: DuckDB knows how many rows a whole file has, and orders joins by it.
func mergeRows(files []connector.File) []connector.File {
	at := map[string]int{} // files by their first mention
	for _, f := range files {
		if _, ok := at[f.Path]; !ok {
			at[f.Path] = len(at)
		}
	}
	sorted := slices.Clone(files)
	slices.SortStableFunc(sorted, func(a, b connector.File) int {
		return cmp.Or(cmp.Compare(at[a.Path], at[b.Path]), cmp.Compare(a.FirstRow, b.FirstRow))
	})
	merged := sorted[:0]
	for _, f := range sorted {
		n := len(merged) - 1
		if n < 0 || merged[n].Path != f.Path || merged[n].EndRow != 0 && f.EndRow != 0 && f.FirstRow > merged[n].EndRow {
			merged = append(merged, f)
			continue
		}
		m := &merged[n]
		if m.EndRow == 0 || f.EndRow == 0 {
			m.FirstRow, m.EndRow = 0, 0
		} else {
			m.EndRow = max(m.EndRow, f.EndRow)
		}
		m.Deleted = union(m.Deleted, f.Deleted)
	}
	for i := range merged {
		if m := &merged[i]; m.FirstRow == 0 && m.EndRow == m.Rows {
			m.EndRow = 0
		}
	}
	return merged
}

// union is what two ascending lists have, ascending.
func union(a, b []int64) []int64 {
	if len(a) == 0 || len(b) == 0 {
		return append(a, b...)
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
