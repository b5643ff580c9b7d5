package regex

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFind runs the cases of testdata/find.txt: pattern, text and matches between tabs, one case a line. Backslash escapes of
// Go's strings stand in texts. Matches are those of Joni in Trino.
func TestFind(t *testing.T) {
	data, err := os.ReadFile("testdata/find.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 3 {
			t.Fatalf("not three fields: %q", line)
		}
		text, err := strconv.Unquote(`"` + fields[1] + `"`)
		if err != nil {
			t.Fatal(err)
		}
		if got := matches(fields[0], text); got != fields[2] {
			t.Errorf("%q in %q: %s, want %s", fields[0], text, got, fields[2])
		}
	}
}

// matches are shown as JSON would show their texts.
func matches(pattern, text string) string {
	re, err := Compile(pattern)
	if err != nil {
		return err.Error()
	}
	found, err := re.Find(text, 0, -1)
	if err != nil {
		return err.Error()
	}
	out := []string{}
	for _, m := range found {
		out = append(out, fmt.Sprintf("%q", text[m[0]:m[1]]))
	}
	if like, err := re.Like(text); err != nil || like != (len(found) > 0) {
		return fmt.Sprintf("Like says %v, %v", like, err)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// FuzzCompile checks that translation neither panics nor loses the agreement of both engines.
func FuzzCompile(f *testing.F) {
	for _, p := range []string{`(?<n>a)\k<n>`, `[a-c&&[^b]]+`, `\Qa.b\E`, `(?i:x)(?m)^$`, `a{2,3}+|\p{L}`, `[[:alpha:]\d-]`, `(?x) a # b`, `\x{61}\u0062\141`} {
		f.Add(p, "aab b\n")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 30 || len(text) > 30 || !utf8.ValidString(pattern) || !utf8.ValidString(text) || strings.Contains(pattern, "{") {
			return
		}
		re, err := Compile(pattern)
		if err != nil || !re.useFast(text) || strings.Contains(pattern, "(?") {
			return
		}
		fast := re.fast.MatchString(text)
		exact, err := re.exact.MatchString(text)
		if err == nil && fast != exact {
			t.Fatalf("%q (%q) in %q: %v and %v", pattern, re.text, text, fast, exact)
		}
	})
}
