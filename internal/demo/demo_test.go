package demo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
)

// tree has a stage that two others read.
func tree() *protocol.StageStats {
	scan := protocol.StageStats{StageID: "0", State: "FINISHED", TotalSplits: 6, CompletedSplits: 6}
	sum := protocol.StageStats{StageID: "2", State: "RUNNING", TotalSplits: 12, CompletedSplits: 3, RunningSplits: 5, FailedTasks: 2,
		SubStages: []protocol.StageStats{scan}}
	return &protocol.StageStats{StageID: "10", State: "PLANNED", TotalSplits: 1, SubStages: []protocol.StageStats{sum, scan}}
}

func TestFrame(t *testing.T) {
	want := []string{
		"    1.5 s   9 of 19 tasks finished, 5 running, 2 attempts lost",
		"  stage  0  FINISHED  [########################]   6/6",
		"  stage  2  RUNNING   [######>>>>>>>>>>........]   3/12  5 running  2 lost",
		"  stage 10  PLANNED   [........................]   0/1",
	}
	if got := frame(stages(tree()), 1500*time.Millisecond); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := stages(nil); len(got) != 0 {
		t.Errorf("no tree has the stages %v", got)
	}
}

func TestViewOfLog(t *testing.T) {
	var b bytes.Buffer
	v := view{out: &b}
	list := stages(tree())
	v.show(nil, 0, false)
	v.show(list, 400*time.Millisecond, false)
	v.show(list, 900*time.Millisecond, false) // nothing is new
	v.say("killed")
	list[1].FailedTasks = 3
	v.show(list, time.Second, false)
	v.show(list, 1100*time.Millisecond, true)
	want := `    0.4 s   stage 0 6/6, stage 2 3/12 (5 running) (2 lost)
killed
    1.0 s   stage 0 6/6, stage 2 3/12 (5 running) (3 lost)
    1.1 s   stage 0 6/6, stage 2 3/12 (5 running) (3 lost)
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestViewOnTerminal(t *testing.T) {
	var b bytes.Buffer
	v := view{out: &b, terminal: true}
	v.show(stages(tree()), 0, false)
	v.show(stages(tree()), 0, true)
	if got := strings.Count(b.String(), "\x1b[4A\x1b[J"); got != 1 {
		t.Errorf("the second frame erases %d frames of 4 lines, want 1, in %q", got, b.String())
	}
}

func TestAftermath(t *testing.T) {
	got, err := aftermathOf([]attempt{
		{"q.0.0.0", "w1", "FINISHED"},
		{"q.0.1.0", "w2", "FINISHED"}, // kept
		{"q.1.0.0", "w2", "FAILED"},   // lost, run again
		{"q.1.0.1", "w1", "FINISHED"},
		{"q.1.1.0", "w2", "FINISHED"}, // its output was lost
		{"q.1.1.1", "w3", "FINISHED"},
		{"q.1.2.0", "w2", "CANCELED"}, // not needed any more
	}, "w2")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"1.0.0", "1.1.0", "1.2.0"}; !slices.Equal(got.lost, want) {
		t.Errorf("lost %v, want %v", got.lost, want)
	}
	if want := []string{"1.0.1 on w1", "1.1.1 on w3"}; !slices.Equal(got.again, want) {
		t.Errorf("run again %v, want %v", got.again, want)
	}
	if got.kept != 1 || got.finished != 3 {
		t.Errorf("kept %d, finished elsewhere %d; want 1 and 3", got.kept, got.finished)
	}
	if _, err := aftermathOf([]attempt{{"x", "w", "FINISHED"}}, "w"); err == nil {
		t.Error("x is a task id")
	}
}

func TestCostOf(t *testing.T) {
	for _, tt := range []struct {
		undisturbed, killed time.Duration
		want                string
	}{
		{2 * time.Second, 3 * time.Second, "Time: 2.00 s undisturbed, 3.00 s with the kill: it cost 1.00 s."},
		{2 * time.Second, 1900 * time.Millisecond, "Time: 2.00 s undisturbed, 1.90 s with the kill: no more than runs differ by themselves."},
	} {
		if got := costOf(tt.undisturbed, tt.killed); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
