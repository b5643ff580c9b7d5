package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
)

// statusLine is the line that is rewritten while a query runs, cut to the width of the terminal:
//
//	0:02 Query 2026…, RUNNING, 3 nodes, 12/40 splits, 60.2K rows, 1.21MB, 30.1K rows/s [=====>    ] 45%
func statusLine(r *client.Results, elapsed time.Duration, width int) string {
	st := r.Stats
	line := fmt.Sprintf("%s Query %s, %s", formatClock(elapsed), r.ID, st.State)
	if st.Nodes > 0 {
		line += fmt.Sprintf(", %s, %d/%d splits", plural(st.Nodes, "node"), st.CompletedSplits, st.TotalSplits)
	}
	if st.ProcessedRows > 0 || st.ProcessedBytes > 0 {
		line += fmt.Sprintf(", %s rows, %s, %s rows/s", formatCount(float64(st.ProcessedRows)),
			formatSize(float64(st.ProcessedBytes)), formatCount(perSecond(st.ProcessedRows, elapsed)))
	}
	if percent := progressPercent(r); percent >= 0 {
		tail := fmt.Sprintf(" %d%%", int(percent))
		if bar := min(maxBar, width-1-len(line)-len(" []")-len(tail)); bar >= minBar {
			line += " " + progressBar(percent, bar)
		}
		line += tail
	}
	if len(line) >= width {
		line = line[:max(0, width-1)]
	}
	return line
}

// The progress bar takes the room that is left on the line, within these bounds; without room there is none.
const minBar, maxBar = 5, 20

// progressPercent returns how much of a query is done, from 0 to 100, or -1 if that is not known.
func progressPercent(r *client.Results) float64 {
	switch {
	case r.Stats.ProgressPercentage != nil:
		return math.Max(0, math.Min(100, *r.Stats.ProgressPercentage))
	case r.Stats.Scheduled && r.Stats.TotalSplits > 0:
		return math.Min(100, 100*float64(r.Stats.CompletedSplits)/float64(r.Stats.TotalSplits))
	}
	return -1
}

func progressBar(percent float64, width int) string {
	full := int(percent * float64(width) / 100)
	bar := strings.Repeat("=", full)
	if full < width {
		bar += ">" + strings.Repeat(" ", width-full-1)
	}
	return "[" + bar + "]"
}

// summary is what is told of a query after its end.
func summary(r *client.Results, elapsed time.Duration) string {
	st := r.Stats
	var b strings.Builder
	fmt.Fprintf(&b, "\nQuery %s, %s, %s\n", r.ID, st.State, plural(st.Nodes, "node"))
	percent := 0.0
	if st.TotalSplits > 0 {
		percent = math.Min(100, 100*float64(st.CompletedSplits)/float64(st.TotalSplits))
	}
	fmt.Fprintf(&b, "Splits: %d total, %d done (%.2f%%)\n", st.TotalSplits, st.CompletedSplits, percent)
	fmt.Fprintf(&b, "%s [%s rows, %s] [%s rows/s, %s/s]\n\n", formatElapsed(elapsed), formatCount(float64(st.ProcessedRows)),
		formatSize(float64(st.ProcessedBytes)), formatCount(perSecond(st.ProcessedRows, elapsed)),
		formatSize(perSecond(st.ProcessedBytes, elapsed)))
	return b.String()
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func perSecond(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// formatElapsed writes seconds with two digits after the point, from a minute on minutes and seconds.
func formatElapsed(d time.Duration) string {
	if d >= time.Minute {
		return formatClock(d)
	}
	return fmt.Sprintf("%.2f", float64(d.Milliseconds())/1000)
}

func formatClock(d time.Duration) string {
	seconds := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

func formatCount(n float64) string { return scaled(n, 1000, []string{"", "K", "M", "B", "T", "Q"}) }

func formatSize(n float64) string {
	return scaled(n, 1024, []string{"B", "KB", "MB", "GB", "TB", "PB"})
}

// scaled writes a number with three significant digits and the unit that suits it.
func scaled(n, step float64, units []string) string {
	i := 0
	for ; n >= step && i < len(units)-1; i++ {
		n /= step
	}
	digits := 0
	switch {
	case n < 10:
		digits = 2
	case n < 100:
		digits = 1
	}
	text := strconv.FormatFloat(n, 'f', digits, 64)
	if digits > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + units[i]
}
