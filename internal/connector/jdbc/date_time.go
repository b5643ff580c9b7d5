package jdbc

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

const microsOfDay = 24 * 60 * 60 * 1_000_000

// micros is a date or a timestamp as microseconds since 1970, in UTC.
func micros(value any, t types.Type) (int64, error) {
	switch x := value.(type) {
	case time.Time:
		if t.Kind != types.TimestampTZ { // the clock counts, wherever it hangs
			x = time.Date(x.Year(), x.Month(), x.Day(), x.Hour(), x.Minute(), x.Second(), x.Nanosecond(), time.UTC)
		}
		return x.UnixMicro(), nil
	case []byte:
		if us, ok := plainMicros(x, t); ok {
			return us, nil
		}
	case string:
		if us, ok := plainMicros(x, t); ok {
			return us, nil
		}
	}
	s, ok := textOf(value)
	if !ok {
		return 0, mismatch(value, t)
	}
	return parsedMicros(s, t)
}

// parsedMicros is micros of a text.
func parsedMicros(s string, t types.Type) (int64, error) {
	layout := time.DateTime
	if t.Kind == types.Date {
		layout = time.DateOnly
	}
	at, err := time.Parse(layout, s)
	if err != nil {
		return 0, trinoerr.New(trinoerr.JdbcError, "not a %s: %q", t, s)
	}
	return at.UnixMicro(), nil
}

// clock is a time of day in microseconds.
func clock(value any, t types.Type) (int64, error) {
	switch x := value.(type) {
	case time.Time:
		return (x.UnixMicro()%microsOfDay + microsOfDay) % microsOfDay, nil
	case []byte:
		if us, ok := plainClock(x); ok {
			return us, nil
		}
	case string:
		if us, ok := plainClock(x); ok {
			return us, nil
		}
	}
	s, ok := textOf(value)
	if !ok {
		return 0, mismatch(value, t)
	}
	return parsedClock(s, t)
}

// parsedClock is clock of a text.
func parsedClock(s string, t types.Type) (int64, error) {
	at, err := time.Parse(time.TimeOnly, s)
	if err != nil {
		return 0, trinoerr.New(trinoerr.JdbcError, "not a %s: %q", t, s)
	}
	return at.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)).Microseconds(), nil
}

// plainMicros is parsedMicros for the texts that databases send: YYYY-MM-DD, and for timestamps a space and a time of day as plainClock reads
// it. It allocates nothing. False: parsedMicros knows what it is.
func plainMicros[T []byte | string](s T, t types.Type) (int64, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	century, ok1 := pair(s, 0)
	year, ok2 := pair(s, 2)
	month, ok3 := pair(s, 5)
	day, ok4 := pair(s, 8)
	if !ok1 || !ok2 || !ok3 || !ok4 || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	if year += 100 * century; day > daysOf(year, month) {
		return 0, false
	}
	us := wire.Days(int64(year), month, day) * microsOfDay
	if t.Kind == types.Date {
		return us, len(s) == 10
	}
	if len(s) == 10 || s[10] != ' ' {
		return 0, false
	}
	ofDay, ok := plainClock(s[11:])
	return us + ofDay, ok
}

// plainClock is parsedClock for hh:mm:ss and up to six digits of a fraction after it.
func plainClock[T []byte | string](s T) (int64, bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return 0, false
	}
	hour, ok1 := pair(s, 0)
	minute, ok2 := pair(s, 3)
	second, ok3 := pair(s, 6)
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	us := int64((hour*60+minute)*60+second) * 1_000_000
	if len(s) == 8 {
		return us, true
	}
	if s[8] != '.' || len(s) == 9 || len(s) > 15 {
		return 0, false
	}
	unit := int64(100_000)
	for i := 9; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		us += int64(d) * unit
		unit /= 10
	}
	return us, true
}

// pair is the number of two digits at i.
func pair[T []byte | string](s T, i int) (int, bool) {
	a, b := s[i]-'0', s[i+1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

// daysOf is how many days a month has.
func daysOf(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
