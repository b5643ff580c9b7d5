package arch

import (
	"regexp"
	"strings"
	"testing"
)

// reports are the issues of Trino's tracker about fault-tolerant execution and its storage that an answer was looked for.
var reports = strings.Fields(`391 9582 10255 10417 11723 12220 12480 12493 14496 15166 16805 17961 18025 18208 18603 18851 19137 19758 21993 22967 23206 23407 23531
	23626 23756 23854 24282 25328 25448 25707 25897 25930 27069 27887 28268 28568 30411 30424 31246`)

var (
	wishRow    = regexp.MustCompile(`(?m)^\| ([0-9][0-9, ]*) \|.*\| ([^|]*) \|$`)
	testName   = regexp.MustCompile("`(Test[A-Za-z0-9_]+)`")
	testNumber = regexp.MustCompile(`[A-Za-z_]([0-9]{3,6})$`)
)

// What users of Trino report and wish is answered: by tests that exist, among them one with the report's number in its name where there is such
// a test, or by a paragraph that says why not.
func TestWishesAreAnswered(t *testing.T) {
	_, section, ok := strings.Cut(documents(t)["docs/fault-tolerant-execution.md"], "\n## What users wish\n")
	if !ok {
		t.Fatal("docs/fault-tolerant-execution.md does not say what users wish")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	tests := definedTests(t)
	named := map[string]bool{} // reports after which tests are named
	for name := range tests {
		if m := testNumber.FindStringSubmatch(name); m != nil {
			named[m[1]] = true
		}
	}
	answered := map[string]bool{}
	rows := wishRow.FindAllStringSubmatch(section, -1)
	if len(rows) < 25 {
		t.Fatalf("found %d rows", len(rows))
	}
	for _, row := range rows {
		shown := testName.FindAllStringSubmatch(row[2], -1)
		if len(shown) == 0 {
			t.Errorf("%s: no test", row[1])
		}
		for _, s := range shown {
			if !tests[s[1]] {
				t.Errorf("%s: there is no test %s", row[1], s[1])
			}
		}
		for _, number := range strings.Split(row[1], ", ") {
			answered[number] = true
			if named[number] && !strings.Contains(row[2], number+"`") {
				t.Errorf("%s: no test that is named after it, though there is one", number)
			}
		}
	}
	for _, number := range reports {
		paragraph := regexp.MustCompile(`(?m)^- ([0-9]+ and )*`+number+`\b.*`).MatchString(section) || strings.Contains(section, " and "+number+" (")
		if !answered[number] && !paragraph {
			t.Errorf("%s has neither a row nor a paragraph", number)
		}
	}
	for _, number := range reports {
		if named[number] && !strings.Contains(section, number) {
			t.Errorf("a test is named after %s, of which nothing is said", number)
		}
	}
}
