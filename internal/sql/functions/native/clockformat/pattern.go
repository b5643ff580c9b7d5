package clockformat

import (
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Pattern prints and parses dates and times.
type Pattern struct{ elements []element }

// Value is what a pattern prints: the time that a clock shows, and of a zoned time the zone and its offset in seconds.
type Value struct {
	Local  time.Time
	Zone   types.Zone
	Offset int64
}

// element is a piece of a pattern. parse returns the position behind what it read, or the complement of the position
// where the text is wrong.
type element interface {
	print(b *strings.Builder, v Value)
	parse(p *parsed, text string, at int) int
}

// Format prints a value.
func (p *Pattern) Format(v Value) string {
	var b strings.Builder
	for _, e := range p.elements {
		e.print(&b, v)
	}
	return b.String()
}

// Zoned reports whether the pattern shows zones.
func (p *Pattern) Zoned() bool {
	for _, e := range p.elements {
		if _, ok := e.(zone); ok {
			return true
		}
	}
	return false
}

// Joda compiles a pattern of Joda-Time's DateTimeFormat.
func Joda(pattern string) (*Pattern, error) {
	if pattern == "" {
		return nil, Error("Invalid pattern specification")
	}
	p := &Pattern{}
	for rest := pattern; rest != ""; {
		var token string
		token, rest = nextToken(rest)
		if !isLetter(token[0]) {
			p.elements = append(p.elements, literal(unquote(token)))
			continue
		}
		next, _ := nextToken(rest)
		e := jodaElement(token[0], len(token), isNumeric(next))
		if e == nil {
			return nil, Error("Illegal pattern component: " + token)
		}
		p.elements = append(p.elements, e)
	}
	return p, nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// nextToken cuts a run of the same letter, or the literal text before the next letter outside of quotes.
func nextToken(s string) (token, rest string) {
	if s == "" {
		return "", ""
	}
	i := 0
	if isLetter(s[0]) {
		for i < len(s) && s[i] == s[0] {
			i++
		}
		return s[:i], s[i:]
	}
	quoted := false
	for ; i < len(s) && (quoted || !isLetter(s[i])); i++ {
		if s[i] == '\'' {
			quoted = !quoted
		}
	}
	return s[:i], s[i:]
}

// unquote removes quotes; two in a row are one.
func unquote(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "''", "\x00"), "'", ""), "\x00", "'")
}

// isNumeric reports whether a token reads digits, so that the token before it must not take them.
func isNumeric(token string) bool {
	if token == "" {
		return false
	}
	return strings.IndexByte("cCxyYdhHmsSeDFwWkK", token[0]) >= 0 || token[0] == 'M' && len(token) <= 2
}

const maxYearDigits = 9

func jodaElement(c byte, n int, beforeNumber bool) element {
	year := func(f *field) element {
		if n == 2 {
			return twoDigitYear{field: f, pivot: time.Now().Year() - 30, lenient: !beforeNumber}
		}
		if beforeNumber {
			return number{field: f, low: n, high: n, signed: true}
		}
		return number{field: f, low: n, high: maxYearDigits, signed: true}
	}
	switch c {
	case 'G':
		return era{}
	case 'C':
		return number{field: centuryField, low: n, high: n, signed: true}
	case 'x':
		return year(weekYearField)
	case 'y':
		return year(yearField)
	case 'Y':
		return year(eraYear)
	case 'M':
		switch {
		case n > 3:
			return monthText{long: true}
		case n == 3:
			return monthText{}
		}
		return number{field: monthField, low: n, high: 2}
	case 'E':
		return weekdayText{long: n > 3}
	case 'a':
		return halfdayText{}
	case 'S':
		return fraction{milliField, time.Second, n, n}
	case 'z':
		return zone{named: true, long: n > 3}
	case 'Z':
		return zone{id: n > 2, colon: n == 2}
	}
	if f, ok := jodaNumbers[c]; ok {
		high := 2
		switch f {
		case yearDayField:
			high = 3
		case weekdayField:
			high = 1
		}
		return number{field: f, low: n, high: max(high, n)}
	}
	return nil
}

var jodaNumbers = map[byte]*field{
	'w': weekField, 'e': weekdayField, 'D': yearDayField, 'd': dayField, 'K': hourOfHalf, 'h': clockOfHalf, 'H': hourField,
	'k': clockOfDay, 'm': minuteField, 's': secondField,
}

// mysqlPivot is the middle of the hundred years that two digits can mean.
const mysqlPivot = 2020

// MySQL compiles a format of MySQL's DATE_FORMAT.
func MySQL(format string) (*Pattern, error) {
	p := &Pattern{}
	add := func(es ...element) { p.elements = append(p.elements, es...) }
	two := func(f *field) element { return number{field: f, low: 2, high: 2} }
	one := func(f *field) element { return number{field: f, low: 1, high: 2} }
	escaped := false
	for _, c := range format {
		if !escaped {
			if escaped = c == '%'; !escaped {
				add(literal(string(c)))
			}
			continue
		}
		escaped = false
		switch c {
		case 'a', 'W':
			add(weekdayText{long: c == 'W'})
		case 'b', 'M':
			add(monthText{long: c == 'M'})
		case 'c':
			add(one(monthField))
		case 'm':
			add(two(monthField))
		case 'd':
			add(two(dayField))
		case 'e':
			add(one(dayField))
		case 'f':
			add(fraction{milliField, time.Second, 6, 9})
		case 'H':
			add(two(hourField))
		case 'k':
			add(one(hourField))
		case 'h', 'I':
			add(two(clockOfHalf))
		case 'l':
			add(one(clockOfHalf))
		case 'i':
			add(two(minuteField))
		case 's', 'S':
			add(two(secondField))
		case 'j':
			add(number{field: yearDayField, low: 3, high: 3})
		case 'p':
			add(halfdayText{})
		case 'r':
			add(two(clockOfHalf), literal(":"), two(minuteField), literal(":"), two(secondField), literal(" "), halfdayText{})
		case 'T':
			add(two(hourField), literal(":"), two(minuteField), literal(":"), two(secondField))
		case 'v':
			add(two(weekField))
		case 'x':
			add(number{field: weekYearField, low: 4, high: 4, signed: true})
		case 'Y':
			add(number{field: yearField, low: 4, high: 4, signed: true})
		case 'y':
			add(twoDigitYear{field: yearField, pivot: mysqlPivot})
		case 'w', 'U', 'u', 'V', 'X', 'D':
			return nil, Error("%" + string(c) + " not supported in date format string")
		default:
			add(literal(string(c)))
		}
	}
	return p, nil
}
