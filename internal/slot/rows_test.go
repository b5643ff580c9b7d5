package slot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Files of ranges that follow each other are read together, others apart.
func TestFilesOfRanges(t *testing.T) {
	within := func(low, high int64) *connector.Within {
		return &connector.Within{Column: "k", Low: &low, High: &high}
	}
	var ranges []rangeOfFiles
	for _, w := range []*connector.Within{within(1, 5), within(5, 9), within(12, 15)} {
		ranges = addFiles(ranges, w, []connector.File{{Path: "a"}})
	}
	var got []string
	for _, r := range ranges {
		got = append(got, fmt.Sprintf("%d-%d:%d", *r.within.Low, *r.within.High, len(r.files)))
	}
	if s, want := strings.Join(got, " "), "1-9:2 12-15:1"; s != want {
		t.Errorf("%s, want %s", s, want)
	}
}

func TestMergeRows(t *testing.T) {
	rows := func(path string, first, end int64) connector.File {
		return connector.File{Path: path, FirstRow: first, EndRow: end, Rows: 40}
	}
	deleted := func(f connector.File, rows ...int64) connector.File {
		f.Deleted = rows
		return f
	}
	for _, test := range []struct {
		name string
		in   []connector.File
		want string
	}{
		{"one", []connector.File{rows("a", 0, 10)}, "a[0,10)"},
		{"shared", []connector.File{rows("a", 0, 20), rows("a", 10, 30)}, "a[0,30)"},
		{"inside", []connector.File{rows("a", 0, 30), rows("a", 10, 20), rows("a", 25, 35)}, "a[0,35)"},
		{"one follows, the next has both", []connector.File{rows("a", 0, 10), rows("a", 10, 20), rows("a", 10, 30)}, "a[0,30)"},
		{"between", []connector.File{rows("a", 20, 30), rows("b", 0, 5), rows("a", 0, 10), rows("a", 10, 20)}, "a[0,30) b[0,5)"},
		{"apart", []connector.File{rows("a", 20, 30), rows("a", 0, 10)}, "a[0,10) a[20,30)"},
		{"all there are", []connector.File{rows("a", 20, 40), rows("a", 0, 20)}, "a[0,0)"},
		{"a whole file", []connector.File{rows("a", 10, 20), {Path: "a"}, rows("a", 30, 40), rows("b", 0, 5)}, "a[0,0) b[0,5)"},
		{"deleted", []connector.File{deleted(rows("a", 0, 20), 3, 15), deleted(rows("a", 10, 30), 15, 22)}, "a[0,30)-[3 15 22]"},
	} {
		var got []string
		for _, f := range mergeRows(test.in) {
			text := fmt.Sprintf("%s[%d,%d)", f.Path, f.FirstRow, f.EndRow)
			if f.Deleted != nil {
				text += fmt.Sprint("-", f.Deleted)
			}
			got = append(got, text)
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s: %s, want %s", test.name, s, test.want)
		}
	}
}
