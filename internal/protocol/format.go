package protocol

import (
	"fmt"
	"strconv"
	"time"
)

const timeLayout = "2006-01-02T15:04:05.000Z"

// durationUnits are the units of Trino's durations, largest first.
var durationUnits = []struct {
	name string
	size time.Duration
}{
	{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second},
	{"ms", time.Millisecond}, {"us", time.Microsecond}, {"ns", 1},
}

// formatDuration writes a duration as Trino does, in the largest unit that keeps a digit before the point: "13.29m".
func formatDuration(d time.Duration) string {
	for _, u := range durationUnits {
		if d >= u.size {
			return fmt.Sprintf("%.2f%s", float64(d)/float64(u.size), u.name)
		}
	}
	return "0.00ns"
}

func formatMillis(ms int64) string { return formatDuration(time.Duration(ms) * time.Millisecond) }

func formatBytes(n int64) string { return strconv.FormatInt(n, 10) + "B" }

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeLayout)
}
