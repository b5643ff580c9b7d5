package deltalog

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// units are those of intervals that have one length.
var units = map[string]time.Duration{
	"week": 7 * 24 * time.Hour, "day": 24 * time.Hour, "hour": time.Hour, "minute": time.Minute, "second": time.Second,
	"millisecond": time.Millisecond, "microsecond": time.Microsecond,
}

// maxInterval is the longest interval that is understood.
const maxInterval = 100 * 365 * 24 * time.Hour

// ParseInterval reads an interval of a table property, such as "interval 1 week 2 days"; ok is false for what is none.
func ParseInterval(text string) (d time.Duration, ok bool) {
	words := strings.Fields(strings.ToLower(text))
	if len(words) > 0 && words[0] == "interval" {
		words = words[1:]
	}
	if len(words) == 0 || len(words)%2 != 0 {
		return 0, false
	}
	for ; len(words) > 0; words = words[2:] {
		n, err := strconv.ParseInt(words[0], 10, 64)
		unit, known := units[strings.TrimSuffix(words[1], "s")]
		if err != nil || !known || n < 0 || n > int64(maxInterval/unit) {
			return 0, false
		}
		d += time.Duration(n) * unit
	}
	return d, d <= maxInterval
}

// Exists reports whether there is a log at all.
func (l *Log) Exists(ctx context.Context) (bool, error) {
	found := false
	err := l.Files.ListDir(ctx, l.at(strings.TrimRight(Dir, "/")), func(filesystem.Entry) error {
		found = true
		return errFound
	})
	if found || isMissing(err) {
		err = nil
	}
	return found, err
}
