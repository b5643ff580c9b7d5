package native

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// formatFunctions are MySQL's and Java's patterns for dates and times.
var formatFunctions = []Function{
	// Local microseconds, pattern.
	{"wb_date_format", params("BIGINT", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return mysqlFormat(atMillis(a[0].(int64)), a[1].(string))
	}},
	{"wb_date_parse", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return mysqlParse(a[0].(string), a[1].(string))
	}},
	// Local microseconds, zone, offset in seconds, pattern.
	{"wb_format_datetime", params("BIGINT", "VARCHAR", "BIGINT", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return javaFormat(atMillis(a[0].(int64)), types.Zone(a[1].(string)), a[2].(int64), a[3].(string))
	}},
}

// atMillis rounds to milliseconds, the precision of both formats in Trino.
func atMillis(us int64) time.Time { return at(floorDiv(us+500, 1000) * 1000) }

func invalidFormat(format string, args ...any) error {
	return trinoerr.New(trinoerr.InvalidFunctionArgument, format, args...)
}

// mysqlFormat formats with the specifiers of MySQL's DATE_FORMAT that Trino supports.
func mysqlFormat(t time.Time, pattern string) (any, error) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c != '%' {
			b.WriteByte(c)
			continue
		}
		if i++; i == len(pattern) {
			return nil, invalidFormat("Invalid date format string: %s", pattern)
		}
		switch pattern[i] {
		case 'a':
			b.WriteString(t.Format("Mon"))
		case 'b':
			b.WriteString(t.Format("Jan"))
		case 'c':
			b.WriteString(strconv.Itoa(int(t.Month())))
		case 'd':
			b.WriteString(t.Format("02"))
		case 'e':
			b.WriteString(strconv.Itoa(t.Day()))
		case 'f':
			fmt.Fprintf(&b, "%06d", t.Nanosecond()/1000)
		case 'H':
			b.WriteString(t.Format("15"))
		case 'h', 'I':
			b.WriteString(t.Format("03"))
		case 'i':
			b.WriteString(t.Format("04"))
		case 'j':
			fmt.Fprintf(&b, "%03d", t.YearDay())
		case 'k':
			b.WriteString(strconv.Itoa(t.Hour()))
		case 'l':
			b.WriteString(t.Format("3"))
		case 'M':
			b.WriteString(t.Format("January"))
		case 'm':
			b.WriteString(t.Format("01"))
		case 'p':
			b.WriteString(t.Format("PM"))
		case 'r':
			b.WriteString(t.Format("03:04:05 PM"))
		case 'S', 's':
			b.WriteString(t.Format("05"))
		case 'T':
			b.WriteString(t.Format("15:04:05"))
		case 'v':
			_, w := t.ISOWeek()
			fmt.Fprintf(&b, "%02d", w)
		case 'W':
			b.WriteString(t.Format("Monday"))
		case 'x':
			y, _ := t.ISOWeek()
			fmt.Fprintf(&b, "%04d", y)
		case 'Y':
			fmt.Fprintf(&b, "%04d", t.Year())
		case 'y':
			fmt.Fprintf(&b, "%02d", t.Year()%100)
		case 'w':
			b.WriteString(strconv.Itoa(int(t.Weekday())))
		case '%':
			b.WriteByte('%')
		case 'D', 'U', 'u', 'V', 'X':
			return nil, invalidFormat("%%%c not supported in date format string", pattern[i])
		default:
			b.WriteByte(pattern[i])
		}
	}
	return b.String(), nil
}

// fields collects what a pattern reads from a text.
type fields struct {
	year, month, day, hour, minute, second, micros int
	pm, am                                         bool
}

// mysqlParse reads a text with MySQL's specifiers. What is not in the pattern is that of 1970-01-01 00:00:00.
func mysqlParse(text, pattern string) (any, error) {
	f := fields{year: 1970, month: 1, day: 1}
	rest := text
	bad := invalidFormat("Invalid format: \"%s\"", text)
	number := func(maxDigits int) (int, bool) {
		n := 0
		for n < maxDigits && n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		v, err := strconv.Atoi(rest[:n])
		rest = rest[n:]
		return v, err == nil
	}
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c != '%' || i+1 == len(pattern) {
			if rest == "" || rest[0] != c {
				return nil, bad
			}
			rest = rest[1:]
			continue
		}
		i++
		ok := true
		switch pattern[i] {
		case 'Y':
			f.year, ok = number(4)
		case 'y':
			f.year, ok = number(2)
			if f.year < 70 {
				f.year += 100
			}
			f.year += 1900
		case 'm', 'c':
			f.month, ok = number(2)
		case 'd', 'e':
			f.day, ok = number(2)
		case 'H', 'k':
			f.hour, ok = number(2)
		case 'h', 'I', 'l':
			f.hour, ok = number(2)
			if f.hour == 12 {
				f.hour = 0
			}
		case 'i':
			f.minute, ok = number(2)
		case 's', 'S':
			f.second, ok = number(2)
		case 'f':
			before := len(rest)
			f.micros, ok = number(6)
			for n := before - len(rest); n < 6; n++ {
				f.micros *= 10
			}
		case 'T':
			f.hour, ok = number(2)
			for _, part := range []*int{&f.minute, &f.second} {
				if !ok || rest == "" || rest[0] != ':' {
					return nil, bad
				}
				rest = rest[1:]
				*part, ok = number(2)
			}
		case 'p':
			if len(rest) < 2 {
				return nil, bad
			}
			switch strings.ToUpper(rest[:2]) {
			case "AM":
				f.am = true
			case "PM":
				f.pm = true
			default:
				return nil, bad
			}
			rest = rest[2:]
		case 'b', 'M':
			f.month, ok = monthName(&rest, pattern[i] == 'M')
		case '%':
			ok = rest != "" && rest[0] == '%'
			if ok {
				rest = rest[1:]
			}
		default:
			return nil, invalidFormat("%%%c not supported in date format string", pattern[i])
		}
		if !ok {
			return nil, bad
		}
	}
	if rest != "" {
		return nil, invalidFormat("Invalid format: \"%s\" is malformed at \"%s\"", text, rest)
	}
	if f.pm && f.hour < 12 {
		f.hour += 12
	}
	if f.am && f.hour == 12 {
		f.hour = 0
	}
	t := time.Date(f.year, time.Month(f.month), f.day, f.hour, f.minute, f.second, f.micros*1000, time.UTC)
	if t.Month() != time.Month(f.month) || t.Day() != f.day || t.Hour() != f.hour || t.Minute() != f.minute || t.Second() != f.second {
		return nil, bad
	}
	return t.UnixMicro(), nil
}

func monthName(rest *string, long bool) (int, bool) {
	for m := time.January; m <= time.December; m++ {
		name := m.String()
		if !long {
			name = name[:3]
		}
		if len(*rest) >= len(name) && strings.EqualFold((*rest)[:len(name)], name) {
			*rest = (*rest)[len(name):]
			return int(m), true
		}
	}
	return 0, false
}

// javaFormat formats with the letters of Joda-Time's DateTimeFormat.
func javaFormat(t time.Time, zone types.Zone, offset int64, pattern string) (any, error) {
	var b strings.Builder
	for i := 0; i < len(pattern); {
		c := pattern[i]
		if c == '\'' {
			end := strings.IndexByte(pattern[i+1:], '\'')
			switch {
			case end < 0:
				b.WriteString(pattern[i+1:])
				return b.String(), nil
			case end == 0:
				b.WriteByte('\'')
			default:
				b.WriteString(pattern[i+1 : i+1+end])
			}
			i += end + 2
			continue
		}
		n := 1
		for i+n < len(pattern) && pattern[i+n] == c {
			n++
		}
		i += n
		if c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
			b.WriteString(strings.Repeat(string(c), n))
			continue
		}
		if err := javaField(&b, t, zone, offset, c, n); err != nil {
			return nil, err
		}
	}
	return b.String(), nil
}

func javaField(b *strings.Builder, t time.Time, zone types.Zone, offset int64, c byte, n int) error {
	number := func(v int) { fmt.Fprintf(b, "%0*d", n, v) }
	year := func(v int) {
		if n == 2 {
			fmt.Fprintf(b, "%02d", v%100)
		} else {
			number(v)
		}
	}
	isoYear, week := t.ISOWeek()
	switch c {
	case 'G':
		b.WriteString(map[bool]string{true: "AD", false: "BC"}[t.Year() > 0])
	case 'C':
		number(t.Year() / 100)
	case 'Y', 'y':
		year(t.Year())
	case 'x':
		year(isoYear)
	case 'w':
		number(week)
	case 'e':
		number((int(t.Weekday())+6)%7 + 1)
	case 'E':
		if n > 3 {
			b.WriteString(t.Format("Monday"))
		} else {
			b.WriteString(t.Format("Mon"))
		}
	case 'D':
		number(t.YearDay())
	case 'M':
		switch {
		case n > 3:
			b.WriteString(t.Format("January"))
		case n == 3:
			b.WriteString(t.Format("Jan"))
		default:
			number(int(t.Month()))
		}
	case 'd':
		number(t.Day())
	case 'a':
		b.WriteString(t.Format("PM"))
	case 'K':
		number(t.Hour() % 12)
	case 'h':
		number((t.Hour()+11)%12 + 1)
	case 'H':
		number(t.Hour())
	case 'k':
		number((t.Hour()+23)%24 + 1)
	case 'm':
		number(t.Minute())
	case 's':
		number(t.Second())
	case 'S':
		digits := fmt.Sprintf("%09d", t.Nanosecond())
		for len(digits) < n {
			digits += "0"
		}
		b.WriteString(digits[:n])
	case 'z':
		b.WriteString(zone.String())
	case 'Z':
		switch {
		case n >= 3:
			b.WriteString(zone.String())
		default:
			b.WriteString(offsetText(offset, n == 2))
		}
	default:
		return invalidFormat("Illegal pattern component: %s", strings.Repeat(string(c), n))
	}
	return nil
}

func offsetText(seconds int64, colon bool) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	sep := ""
	if colon {
		sep = ":"
	}
	return fmt.Sprintf("%s%02d%s%02d", sign, seconds/3600, sep, seconds/60%60)
}
