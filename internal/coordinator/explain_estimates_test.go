package coordinator

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// EXPLAIN ANALYZE shows what was expected of each node, and what stages have put out beside it.
func TestExplainAnalyzeComparesEstimates(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	q := submit(t, c, "EXPLAIN ANALYZE "+joined, eager...)
	w.finish(w.feed(map[int]int64{0: 1000, 1: 900}), spool)
	text, err := result(t, q)
	if err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, "\\n", "\n")
	at := 0
	for _, part := range []string{"Fragment 2", ", Estimated: 15000 rows (", "Join[", "Estimates: {rows: 15000 (",
		"RemoteSource[stage = 0", "Estimates: {rows: 15000 (", "cpu: ?, memory: ?, network: ?}\n", "│      Output: 1000 rows (1000B)\n",
		"RemoteSource[stage = 1", "Estimates: {rows: 1500 (", "Output: 900 rows (900B)\n",
		"Fragment 1", "Output: 900 rows (900B), Estimated: 1500 rows (", "TableScan", "Estimates: {rows: 1500 (", "Output: 900 rows (900B)\n",
		"Fragment 0", "Output: 1000 rows (1000B), Estimated: 15000 rows (", "Output: 1000 rows (1000B)\n"} {
		i := strings.Index(text[at:], part)
		if i < 0 {
			t.Fatalf("no %q in its place:\n%s\n====\n%s", part, text[:at], text[at:])
		}
		at += i + len(part)
	}
}

// EXPLAIN has the same estimates, in all its forms.
func TestExplainShowsEstimates(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	for _, tt := range []struct{ form, want string }{
		{"", "RemoteSource[stage = 1"}, {"", "Estimates: {rows: 1500 ("}, {"(TYPE LOGICAL) ", "Estimates: {rows: 15000 ("},
		{"(TYPE DISTRIBUTED, FORMAT JSON) ", `\"outputRowCount\": 1500.0`},
	} {
		text, err := result(t, submit(t, c, "EXPLAIN "+tt.form+joined, eager...))
		if err != nil || !strings.Contains(text, tt.want) {
			t.Errorf("%s: no %s: %s, %v", tt.form, tt.want, text, err)
		}
	}
}

// What a stage that has not run was to put out is left out; other lines stay, whatever they say.
func TestWithFacts(t *testing.T) {
	tasks := []scheduler.TaskInfo{
		{Task: scheduler.TaskID{Query: "q", Stage: 1}, State: scheduler.AttemptFinished, Rows: 2, Bytes: 2048},
		{Task: scheduler.TaskID{Query: "q", Stage: 1, Partition: 1}, State: scheduler.AttemptFinished, Rows: 3, Bytes: 1024},
		{Task: scheduler.TaskID{Query: "q", Stage: 2}, State: scheduler.AttemptFailed, Rows: 3, Bytes: 1024},
	}
	got := withFacts("a\n  │  "+factMark+"1\n"+factMark+"2\n x := '"+factMark+"1'\n", tasks)
	if want := "a\n  │  Output: 5 rows (3kB)\n x := '" + factMark + "1'\n"; got != want {
		t.Errorf("%q instead of %q", got, want)
	}
}
