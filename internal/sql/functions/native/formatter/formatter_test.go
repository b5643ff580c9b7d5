package formatter

import (
	"math/big"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// arguments are the values that the cases in testdata name.
var arguments = map[string]any{
	"null": nil, "true": true, "false": false, "1": int64(1), "-5": int64(-5), "255": int64(255), "1234567": int64(1234567),
	"abc": "abc", "bag": "💰", "1.5e": 1.5, "third": 1.0 / 3, "-1.5e": -1.5, "1.5r": float32(1.5),
	"1.50": Decimal{big.NewInt(150), 2}, "-0.005": Decimal{big.NewInt(-5), 3}, "zero": Decimal{big.NewInt(0), 2},
	"day": Date(18295), "noon": Time(43_200_000_000_000), "moment": DateTime{18295, 14_706_789_000_000},
	"zoned": ZonedDateTime{DateTime{18295, 14_706_789_000_000}, -18000, "America/New_York", "EST", false},
	"fixed": ZonedDateTime{DateTime{18295, 14_706_789_000_000}, 19800, "+05:30", "+05:30", true},
	"early": int64(-12219292800001), "reform": int64(-12219292800000), "nero": int64(-63000000000000),
}

// TestFormat runs the cases of testdata/format.txt: pattern ; arguments ; result, one a line. Results were taken from Trino.
func TestFormat(t *testing.T) {
	data, err := os.ReadFile("testdata/format.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), " ; ")
		if len(fields) != 3 {
			t.Fatalf("not three fields: %q", line)
		}
		var args []any
		for _, name := range strings.Fields(fields[1]) {
			v, ok := arguments[name]
			if !ok {
				t.Fatalf("no argument %q", name)
			}
			args = append(args, v)
		}
		got, err := Format(fields[0], args)
		if err != nil {
			got = err.Error()
		}
		if got != fields[2] {
			t.Errorf("Format(%q, %s) = %q, want %q", fields[0], fields[1], got, fields[2])
		}
	}
}

func FuzzFormat(f *testing.F) {
	for _, s := range []string{"%s", "%-10.3f|%<e", "%1$tc %<tF", "%08,d%%%n", "%(+, #0-5.2g", "%5$", "%tT%S%h%a"} {
		f.Add(s, int64(7), 1.25, "text")
	}
	f.Fuzz(func(t *testing.T, pattern string, n int64, v float64, s string) {
		if len(pattern) > 50 || !utf8.ValidString(pattern) || !utf8.ValidString(s) {
			return
		}
		for i := range len(pattern) - 5 {
			if isDigits(pattern[i : i+5]) {
				return // such widths only take memory
			}
		}
		args := []any{n, v, s, Decimal{big.NewInt(n), 3}, Date(n % 1e6), nil}
		for range args {
			got, err := Format(pattern, args)
			if _, known := err.(*Error); err != nil && !known {
				t.Fatalf("%q: %v", pattern, err)
			}
			if !utf8.ValidString(got) {
				t.Fatalf("%q gives invalid text %q", pattern, got)
			}
			args = append(args[1:], args[0])
		}
	})
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
