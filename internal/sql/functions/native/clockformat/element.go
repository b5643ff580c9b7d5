package clockformat

import (
	"fmt"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// literal is text that stands for itself.
type literal string

func (l literal) print(b *strings.Builder, _ Value) { b.WriteString(string(l)) }

func (l literal) parse(_ *parsed, text string, at int) int {
	if len(text)-at < len(l) || !strings.EqualFold(text[at:at+len(l)], string(l)) {
		return ^at
	}
	return at + len(l)
}

// number shows a field with at least low digits and reads at most high of them.
type number struct {
	field     *field
	low, high int
	signed    bool
}

func (n number) print(b *strings.Builder, v Value) { pad(b, n.field.get(v.Local), n.low) }

func pad(b *strings.Builder, v, digits int) {
	if v < 0 {
		b.WriteByte('-')
		v = -v
	}
	fmt.Fprintf(b, "%0*d", digits, v)
}

func (n number) parse(p *parsed, text string, at int) int {
	i, v, digits := at, 0, 0
	negative := false
	if n.signed && i+1 < len(text) && (text[i] == '-' || text[i] == '+') && isDigit(text[i+1]) {
		negative = text[i] == '-'
		i++
	}
	for ; i < len(text) && digits < n.high && isDigit(text[i]); i++ {
		v = v*10 + int(text[i]-'0')
		digits++
	}
	if digits == 0 {
		return ^at
	}
	if negative {
		v = -v
	}
	p.save(n.field, v)
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// twoDigitYear abbreviates the years around a pivot; a lenient one also reads years in full.
type twoDigitYear struct {
	field   *field
	pivot   int
	lenient bool
}

func (y twoDigitYear) print(b *strings.Builder, v Value) {
	n := y.field.get(v.Local)
	if n < 0 {
		n = -n
	}
	fmt.Fprintf(b, "%02d", n%100)
}

func (y twoDigitYear) parse(p *parsed, text string, at int) int {
	digits := 0
	for at+digits < len(text) && isDigit(text[at+digits]) {
		digits++
	}
	if y.lenient && digits != 2 {
		return number{field: y.field, low: 2, high: maxYearDigits, signed: true}.parse(p, text, at)
	}
	if digits < 2 {
		return ^at
	}
	year := int(text[at]-'0')*10 + int(text[at+1]-'0')
	first := y.pivot - 50
	base := first - first%100
	if year < first%100 {
		base += 100
	}
	p.save(y.field, base+year)
	return at + 2
}

// fraction shows the digits after the point of a unit.
type fraction struct {
	field     *field
	unit      time.Duration
	low, high int
}

func (f fraction) print(b *strings.Builder, v Value) {
	digits := fmt.Sprintf("%09d", v.Local.Nanosecond())
	for len(digits) < f.low {
		digits += "0"
	}
	b.WriteString(digits[:f.low])
}

func (f fraction) parse(p *parsed, text string, at int) int {
	i, v, place := at, 0, int(f.unit/time.Millisecond)*10
	for ; i < len(text) && i-at < f.high && isDigit(text[i]); i++ {
		next := place / 10
		v += int(text[i]-'0') * next
		place = next
	}
	p.save(f.field, v/10)
	return i
}

// era is before or after the beginning of the calendar.
type era struct{}

func (era) print(b *strings.Builder, v Value) {
	b.WriteString(map[bool]string{true: "AD", false: "BC"}[v.Local.Year() > 0])
}

func (era) parse(p *parsed, text string, at int) int {
	n, end := oneOf(text, at, []string{"AD", "BC"})
	p.beforeEra = p.beforeEra || n == 1
	return end
}

// oneOf finds the longest of some words at a position.
func oneOf(text string, at int, words []string) (n, end int) {
	n, end = -1, ^at
	for i, w := range words {
		if len(w) > end-at && len(text)-at >= len(w) && strings.EqualFold(text[at:at+len(w)], w) {
			n, end = i, at+len(w)
		}
	}
	return n, end
}

// months and weekdays are the long names and, behind them, the short ones.
var months, weekdays = func() (m, w []string) {
	for i := time.January; i <= time.December; i++ {
		m = append(m, i.String())
	}
	for _, name := range m {
		m = append(m, name[:3])
	}
	for i := range 7 {
		w = append(w, time.Weekday((i+1)%7).String())
	}
	for _, name := range w {
		w = append(w, name[:3])
	}
	return m, w
}()

type monthText struct{ long bool }

func (m monthText) print(b *strings.Builder, v Value) {
	b.WriteString(months[nameIndex(monthField.get(v.Local)-1, 12, m.long)])
}

func nameIndex(i, n int, long bool) int {
	if long {
		return i
	}
	return i + n
}

func (m monthText) parse(p *parsed, text string, at int) int {
	n, end := oneOf(text, at, months)
	if n >= 0 {
		p.save(monthField, n%12+1)
	}
	return end
}

type weekdayText struct{ long bool }

func (w weekdayText) print(b *strings.Builder, v Value) {
	b.WriteString(weekdays[nameIndex(isoDay(v.Local)-1, 7, w.long)])
}

func (w weekdayText) parse(p *parsed, text string, at int) int {
	n, end := oneOf(text, at, weekdays)
	if n >= 0 {
		p.save(weekdayField, n%7+1)
	}
	return end
}

type halfdayText struct{}

var halfdays = []string{"AM", "PM"}

func (halfdayText) print(b *strings.Builder, v Value) {
	b.WriteString(halfdays[halfdayField.get(v.Local)])
}

func (halfdayText) parse(p *parsed, text string, at int) int {
	n, end := oneOf(text, at, halfdays)
	if n >= 0 {
		p.save(halfdayField, n)
	}
	return end
}

// zone is a zone's identifier, its name at the time, or its offset.
type zone struct{ id, named, long, colon bool }

func (z zone) print(b *strings.Builder, v Value) {
	switch {
	case z.id || z.named && fixed(v.Zone):
		if z.long && v.Zone == types.UTC {
			b.WriteString("Coordinated Universal Time")
			return
		}
		b.WriteString(v.Zone.String())
	case z.named:
		b.WriteString(v.Zone.Abbreviation((v.Local.Unix() - v.Offset) * 1000))
	default:
		b.WriteString(OffsetText(v.Offset, z.colon))
	}
}

func fixed(z types.Zone) bool { s := z.String(); return s == "UTC" || s[0] == '+' || s[0] == '-' }

// OffsetText writes an offset in seconds.
func OffsetText(seconds int64, colon bool) string {
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

// americanZones are the abbreviations that can be read.
var americanZones = map[string]types.Zone{
	"UT": "UTC", "UTC": "UTC", "GMT": "UTC", "EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago",
	"CDT": "America/Chicago", "MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
}

func (z zone) parse(p *parsed, text string, at int) int {
	switch {
	case z.id:
		// The longest identifier counts.
		end := at
		for end < len(text) && (isLetter(text[end]) || isDigit(text[end]) || strings.IndexByte("/_+-:", text[end]) >= 0) {
			end++
		}
		for ; end > at; end-- {
			if name, err := types.ParseZone(text[at:end]); err == nil {
				p.zone = name
				return end
			}
		}
		return ^at
	case z.named:
		for n := 3; n >= 2; n-- {
			if name, ok := americanZones[text[at:min(at+n, len(text))]]; ok {
				p.zone = name
				return at + n
			}
		}
		return ^at
	}
	return parseOffset(p, text, at)
}

// parseOffset reads Z, ±hh, ±hhmm and ±hh:mm, and seconds after that.
func parseOffset(p *parsed, text string, at int) int {
	if at < len(text) && (text[at] == 'Z' || text[at] == 'z') {
		p.setOffset(0)
		return at + 1
	}
	if at >= len(text) || text[at] != '+' && text[at] != '-' {
		return ^at
	}
	i, seconds, unit := at+1, 0, 3600
	for ; unit > 0; unit /= 60 {
		start := i
		if unit < 3600 && i < len(text) && text[i] == ':' {
			start++
		}
		if start+2 > len(text) || !isDigit(text[start]) || !isDigit(text[start+1]) {
			break
		}
		seconds += (int(text[start]-'0')*10 + int(text[start+1]-'0')) * unit
		i = start + 2
	}
	if i == at+1 {
		return ^i
	}
	if text[at] == '-' {
		seconds = -seconds
	}
	p.setOffset(seconds)
	return i
}
