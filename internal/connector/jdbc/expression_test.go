package jdbc

import (
	"fmt"
	"strings"
	"testing"
)

// A list that is longer than any database takes becomes several, in brackets, so that it can stand beside AND; none loses a value.
func TestLongLists(t *testing.T) {
	for _, n := range []int{1, maxList, maxList + 1, 2*maxList + 1} {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprint(i)
		}
		want := `"a" IN (` + strings.Join(list[:min(n, maxList)], ", ") + ")"
		for from := maxList; from < n; from += maxList {
			want += ` OR "a" IN (` + strings.Join(list[from:min(n, from+maxList)], ", ") + ")"
		}
		if n > maxList {
			want = "(" + want + ")"
		}
		if got := in(`"a"`, list); got != want {
			t.Errorf("%d values: %.80s…, want %.80s…", n, got, want)
		}
	}
}
