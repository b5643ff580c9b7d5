package types

import (
	"strings"
	"testing"
)

func TestSplitList(t *testing.T) {
	for list, want := range map[string]string{
		"":                                    "",
		" ":                                   "",
		"bigint":                              "bigint",
		"bigint, varchar(3)":                  "bigint|varchar(3)",
		"map(a, row(b, c)),decimal(p, s), d ": "map(a, row(b, c))|decimal(p, s)|d",
		"a,,b":                                "a||b",
	} {
		if got := strings.Join(SplitList(list), "|"); got != want {
			t.Errorf("%q: got %q, want %q", list, got, want)
		}
	}
}
