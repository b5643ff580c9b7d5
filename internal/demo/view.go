package demo

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
)

// stages lists the stages of a tree once each, inputs before their readers.
func stages(root *protocol.StageStats) []protocol.StageStats {
	var out []protocol.StageStats
	var walk func(s *protocol.StageStats)
	walk = func(s *protocol.StageStats) {
		for i := range s.SubStages {
			walk(&s.SubStages[i])
		}
		if !slices.ContainsFunc(out, func(o protocol.StageStats) bool { return o.StageID == s.StageID }) {
			out = append(out, *s)
		}
	}
	if root != nil {
		walk(root)
	}
	slices.SortFunc(out, func(a, b protocol.StageStats) int {
		x, _ := strconv.Atoi(a.StageID) // they are numbers
		y, _ := strconv.Atoi(b.StageID)
		return x - y
	})
	return out
}

// progress adds up the stages.
type progress struct{ tasks, finished, running, failed int }

func progressOf(list []protocol.StageStats) progress {
	var p progress
	for _, s := range list {
		p.tasks += s.TotalSplits
		p.finished += s.CompletedSplits
		p.running += s.RunningSplits
		p.failed += s.FailedTasks
	}
	return p
}

// barWidth is the width of a stage's bar in characters.
const barWidth = 24

// frame is the view of a query at one moment, line by line.
func frame(list []protocol.StageStats, elapsed time.Duration) []string {
	p := progressOf(list)
	out := []string{fmt.Sprintf("  %5.1f s   %d of %d tasks finished, %d running, %d attempts lost", elapsed.Seconds(), p.finished, p.tasks, p.running, p.failed)}
	for _, s := range list {
		line := fmt.Sprintf("  stage %2s  %-8s  [%s] %3d/%d", s.StageID, s.State, bar(s), s.CompletedSplits, s.TotalSplits)
		if s.RunningSplits > 0 {
			line += fmt.Sprintf("  %d running", s.RunningSplits)
		}
		if s.FailedTasks > 0 {
			line += fmt.Sprintf("  %d lost", s.FailedTasks)
		}
		out = append(out, line)
	}
	return out
}

// bar shows finished tasks as #, running ones as > and waiting ones as dots.
func bar(s protocol.StageStats) string {
	total := max(s.TotalSplits, 1)
	finished := barWidth * s.CompletedSplits / total
	running := min((barWidth*s.RunningSplits+total-1)/total, barWidth-finished)
	return strings.Repeat("#", finished) + strings.Repeat(">", running) + strings.Repeat(".", barWidth-finished-running)
}

// line is the view in one line, for logs.
func line(list []protocol.StageStats) string {
	var parts []string
	for _, s := range list {
		if s.CompletedSplits == 0 && s.RunningSplits == 0 && s.FailedTasks == 0 {
			continue
		}
		part := fmt.Sprintf("stage %s %d/%d", s.StageID, s.CompletedSplits, s.TotalSplits)
		if s.RunningSplits > 0 {
			part += fmt.Sprintf(" (%d running)", s.RunningSplits)
		}
		if s.FailedTasks > 0 {
			part += fmt.Sprintf(" (%d lost)", s.FailedTasks)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// logInterval is how often a view that is no terminal may write a line.
const logInterval = 300 * time.Millisecond

// view draws frames one over the other on a terminal, and writes lines elsewhere.
type view struct {
	out      io.Writer
	terminal bool
	drawn    int // lines of the frame on the screen
	last     string
	lastAt   time.Duration
}

// show draws the state of a query. Nothing is written when nothing has changed, except at the end.
func (v *view) show(list []protocol.StageStats, elapsed time.Duration, end bool) {
	if v.terminal {
		v.erase()
		lines := frame(list, elapsed)
		fmt.Fprintln(v.out, strings.Join(lines, "\n"))
		v.drawn = len(lines)
		return
	}
	text := line(list)
	if text == "" || !end && (text == v.last || elapsed-v.lastAt < logInterval) {
		return
	}
	v.last, v.lastAt = text, elapsed
	fmt.Fprintf(v.out, "  %5.1f s   %s\n", elapsed.Seconds(), text)
}

// erase removes the frame from the screen.
func (v *view) erase() {
	if v.drawn > 0 {
		fmt.Fprintf(v.out, "\x1b[%dA\x1b[J", v.drawn)
	}
	v.drawn = 0
}

// say writes a line that stays, above the frames to come.
func (v *view) say(format string, args ...any) {
	v.erase()
	fmt.Fprintf(v.out, format+"\n", args...)
}
