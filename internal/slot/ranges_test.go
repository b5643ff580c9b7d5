package slot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Rows of files that several ranges, or several splits of one, have in common are read once.
func TestRowsOfRanges(t *testing.T) {
	bound := func(n int64) *int64 { return &n }
	within := func(low, high int64) *connector.Within {
		return &connector.Within{Column: "k", Low: bound(low), High: bound(high)}
	}
	rows := func(path string, first, end int64) connector.File {
		return connector.File{Path: path, FirstRow: first, EndRow: end}
	}
	type add struct {
		within *connector.Within
		files  []connector.File
	}
	for _, test := range []struct {
		name string
		adds []add
		want string
	}{
		{"one", []add{{within(1, 5), []connector.File{rows("a", 0, 10)}}}, "1-5: a[0,10)"},
		{"neighbours share rows", []add{{within(1, 5), []connector.File{rows("a", 0, 20)}}, {within(5, 9), []connector.File{rows("a", 10, 30)}}},
			"1-9: a[0,30)"},
		{"what follows one split and is in the next", []add{{within(1, 5), []connector.File{rows("a", 0, 10), rows("a", 10, 20)}},
			{within(5, 9), []connector.File{rows("a", 10, 30)}}}, "1-9: a[0,30)"},
		{"what lies between", []add{{within(1, 5), []connector.File{rows("a", 0, 10), rows("b", 0, 5), rows("a", 20, 30)}},
			{within(5, 9), []connector.File{rows("a", 10, 20)}}}, "1-9: b[0,5) a[0,30)"},
		{"all of it", []add{{within(1, 5), []connector.File{rows("a", 0, 10), rows("a", 20, 30)}},
			{within(5, 9), []connector.File{rows("a", 0, 0)}}}, "1-9: a[0,0)"},
		{"ranges apart", []add{{within(1, 5), []connector.File{rows("a", 0, 10)}}, {within(7, 9), []connector.File{rows("a", 0, 10)}}},
			"1-5: a[0,10); 7-9: a[0,10)"},
	} {
		var ranges []rangeOfFiles
		for _, a := range test.adds {
			ranges = addFiles(ranges, a.within, a.files)
		}
		var got []string
		for _, r := range ranges {
			text := fmt.Sprintf("%d-%d:", *r.within.Low, *r.within.High)
			for _, f := range r.files {
				text += fmt.Sprintf(" %s[%d,%d)", f.Path, f.FirstRow, f.EndRow)
			}
			got = append(got, text)
		}
		if s := strings.Join(got, "; "); s != test.want {
			t.Errorf("%s: %s, want %s", test.name, s, test.want)
		}
	}
}
