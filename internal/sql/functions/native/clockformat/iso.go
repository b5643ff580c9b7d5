package clockformat

import (
	"strings"
	"time"
)

// ISODate reads the dates of ISO 8601: of the calendar, of weeks, and of days of the year, whole or in part.
var ISODate = &Pattern{elements: []element{isoForm{date: true}}}

// ISODateTime reads the dates and times of ISO 8601.
var ISODateTime = &Pattern{elements: []element{isoForm{date: true, time: true}}}

// isoForm reads one of the forms; nothing prints it.
type isoForm struct{ date, time bool }

func (isoForm) print(*strings.Builder, Value) {}

// A step reads an element after a separator.
func step(p *parsed, text string, at int, separator string, e element) (next int, ok bool) {
	if next = literal(separator).parse(p, text, at); next < 0 {
		return at, false
	}
	if next = e.parse(p, text, next); next < 0 {
		return at, false
	}
	return next, true
}

func (f isoForm) parse(p *parsed, text string, at int) int {
	if f.time && at < len(text) && (text[at] == 'T' || text[at] == 't') {
		return isoTime(p, text, at+1)
	}
	at = isoDate(p, text, at)
	if !f.time || at < 0 || at == len(text) || text[at] != 'T' && text[at] != 't' {
		return at
	}
	at++
	if at == len(text) {
		return at
	}
	return isoTime(p, text, at)
}

func isoDate(p *parsed, text string, at int) int {
	year := number{low: 4, high: maxYearDigits, signed: true}
	var first parsed
	year.field = yearField
	next := year.parse(&first, text, at)
	if next < 0 {
		return next
	}
	value := first.values[0].value
	if week, ok := step(p, text, next, "-W", number{field: weekField, low: 2, high: 2}); ok {
		p.save(weekYearField, value)
		week, _ = step(p, text, week, "-", number{field: weekdayField, low: 1, high: 1})
		return week
	}
	p.save(yearField, value)
	if len(text)-next >= 4 && text[next] == '-' && isDigit(text[next+1]) && isDigit(text[next+2]) && isDigit(text[next+3]) {
		next, _ = step(p, text, next, "-", number{field: yearDayField, low: 3, high: 3})
		return next
	}
	month, ok := step(p, text, next, "-", number{field: monthField, low: 2, high: 2})
	if !ok {
		return next
	}
	day, _ := step(p, text, month, "-", number{field: dayField, low: 2, high: 2})
	return day
}

// isoTime reads hours, minutes and seconds, the last of them with a fraction, and an offset.
func isoTime(p *parsed, text string, at int) int {
	fractions := []fraction{{hourFraction, time.Hour, 1, 9}, {minFraction, time.Minute, 1, 9}, {milliField, time.Second, 1, 9}}
	next := number{field: hourField, low: 2, high: 2}.parse(p, text, at)
	if next < 0 {
		return next
	}
	last := 0
	for i, f := range []*field{minuteField, secondField} {
		var ok bool
		if next, ok = step(p, text, next, ":", number{field: f, low: 2, high: 2}); !ok {
			break
		}
		last = i + 1
	}
	if next+1 < len(text) && (text[next] == '.' || text[next] == ',') && isDigit(text[next+1]) {
		next = fractions[last].parse(p, text, next+1)
	}
	if end := parseOffset(p, text, next); end > 0 {
		return end
	}
	return next
}
