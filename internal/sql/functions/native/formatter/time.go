package formatter

import (
	"fmt"
	"strings"
	"time"
)

// Date is days since 1970-01-01.
type Date int64

// Time is nanoseconds since midnight.
type Time int64

// DateTime is a local date and time, as nanoseconds of a day.
type DateTime struct {
	Date Date
	Time Time
}

// ZonedDateTime is a local date and time with the zone in which it is one. Zone is a region or an offset, Offset its distance
// from UTC in seconds at that time, and Abbreviation its short name then.
type ZonedDateTime struct {
	DateTime
	Offset       int
	Zone         string
	Abbreviation string
	// Fixed says that the zone is nothing but an offset.
	Fixed bool
}

// clock gives the fields that a value has.
type clock struct {
	value                     any
	date                      *Date
	time                      *Time
	zoned                     *ZonedDateTime
	year, month, day, yearDay int
}

func clockOf(v any) (c clock, ok bool) {
	c.value = v
	switch v := v.(type) {
	case int64:
		// Milliseconds since 1970, in UTC.
		days := floorDiv(v, 86_400_000)
		t := DateTime{Date(days), Time((v - days*86_400_000) * int64(time.Millisecond))}
		z := ZonedDateTime{DateTime: t, Zone: "UTC", Abbreviation: "UTC"}
		c.date, c.time, c.zoned = &t.Date, &t.Time, &z
	case Date:
		c.date = &v
	case Time:
		c.time = &v
	case DateTime:
		c.date, c.time = &v.Date, &v.Time
	case ZonedDateTime:
		c.date, c.time, c.zoned = &v.Date, &v.Time, &v
	default:
		return c, false
	}
	if c.date != nil {
		c.year, c.month, c.day = c.date.civil()
		c.yearDay = time.Unix(int64(*c.date)*86400, 0).UTC().YearDay()
		if _, ok := v.(int64); ok {
			c.beforeReform()
		}
	}
	return c, true
}

// reform is the first day of the Gregorian calendar, 1582-10-15.
const reform = -141427

// beforeReform takes the Julian calendar for instants before the Gregorian one, and counts the days of the year of change.
func (c *clock) beforeReform() {
	if *c.date >= reform {
		if c.year == 1582 {
			c.yearDay -= 10
		}
		return
	}
	// Days since 1 March of the year before the era's first, in cycles of four years.
	const epoch, cycle = 719470, 1461
	n := int64(*c.date) + epoch
	years := floorDiv(n, cycle) * 4
	n -= floorDiv(n, cycle) * cycle
	y := min(n/365, 3)
	n -= y * 365
	month := (5*n + 2) / 153 // counted from March
	c.day = int(n - (153*month+2)/5 + 1)
	c.year, c.month = int(years+y), int(month)+3
	if c.month > 12 {
		c.year, c.month = c.year+1, c.month-12
	}
	leap := 0
	if c.year%4 == 0 {
		leap = 1
	}
	if c.yearDay = int(n) + 60 + leap; c.month < 3 {
		c.yearDay = int(n) - 305
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// civil returns the year, month and day of the proleptic Gregorian calendar.
func (d Date) civil() (year, month, day int) {
	y, m, dd := time.Unix(int64(d)*86400, 0).UTC().Date()
	return y, int(m), dd
}

func (d Date) weekday() time.Weekday { return time.Unix(int64(d)*86400, 0).UTC().Weekday() }

// String returns the date in ISO's form.
func (d Date) String() string {
	y, m, day := d.civil()
	return fmt.Sprintf("%s-%02d-%02d", isoYear(y), m, day)
}

func isoYear(y int) string {
	switch {
	case y > 9999:
		return fmt.Sprintf("+%d", y)
	case y < 0:
		return fmt.Sprintf("-%04d", -y)
	}
	return fmt.Sprintf("%04d", y)
}

// String returns the time in ISO's form, without seconds that are zero and with three, six or nine digits of a fraction.
func (t Time) String() string {
	h, m, s, n := t.split()
	switch {
	case s == 0 && n == 0:
		return fmt.Sprintf("%02d:%02d", h, m)
	case n == 0:
		return fmt.Sprintf("%02d:%02d:%02d", h, m, s)
	case n%1_000_000 == 0:
		return fmt.Sprintf("%02d:%02d:%02d.%03d", h, m, s, n/1_000_000)
	case n%1_000 == 0:
		return fmt.Sprintf("%02d:%02d:%02d.%06d", h, m, s, n/1_000)
	}
	return fmt.Sprintf("%02d:%02d:%02d.%09d", h, m, s, n)
}

func (t Time) split() (hour, minute, second, nano int) {
	d := time.Duration(t)
	return int(d / time.Hour), int(d / time.Minute % 60), int(d / time.Second % 60), int(d % time.Second)
}

// String returns both parts in ISO's form.
func (t DateTime) String() string { return t.Date.String() + "T" + t.Time.String() }

// String returns the local time, the offset, and the zone when it is more than an offset.
func (t ZonedDateTime) String() string {
	s := t.DateTime.String() + offsetName(t.Offset)
	if !t.Fixed {
		s += "[" + t.Zone + "]"
	}
	return s
}

func offsetName(seconds int) string {
	if seconds == 0 {
		return "Z"
	}
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf(":%02d", seconds%60)
	}
	return s
}

// formatTime formats one field, or several, of a date or time.
func (p *part) formatTime(v any) (string, error) {
	if v == nil {
		return p.show("null"), nil
	}
	c, ok := clockOf(v)
	if !ok {
		return "", badConversion(p.conversion, v)
	}
	var b strings.Builder
	if !c.field(&b, p.conversion) {
		return "", badConversion(missing(&c, p.conversion), v)
	}
	return p.justify(p.upperCase(b.String())), nil
}

// composites are conversions that stand for several others; * stands for the letters of p in upper case.
var composites = map[byte]string{
	'R': "%H:%M", 'T': "%H:%M:%S", 'r': "%I:%M:%S %*", 'D': "%m/%d/%y", 'c': "%a %b %d %T %Z %Y",
}

// missing is the conversion that a value has no field for.
func missing(c *clock, conversion byte) byte {
	pattern, ok := composites[conversion]
	if !ok {
		return conversion
	}
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			continue
		}
		var b strings.Builder
		if i++; !c.field(&b, pattern[i]) {
			return missing(c, pattern[i])
		}
	}
	return conversion
}

// field writes what a conversion stands for; false when the value has no such field.
func (c *clock) field(b *strings.Builder, conversion byte) bool {
	if pattern, ok := composites[conversion]; ok {
		for i := 0; i < len(pattern); i++ {
			if pattern[i] != '%' {
				b.WriteByte(pattern[i])
				continue
			}
			if i++; !c.field(b, pattern[i]) {
				return false
			}
		}
		return true
	}
	switch {
	case strings.IndexByte("HIklMSLNp*", conversion) >= 0:
		return c.timeField(b, conversion)
	case strings.IndexByte("szZQ", conversion) >= 0:
		return c.zoneField(b, conversion)
	}
	return c.dateField(b, conversion)
}

func (c *clock) timeField(b *strings.Builder, conversion byte) bool {
	if c.time == nil {
		return false
	}
	hour, minute, second, nano := c.time.split()
	switch conversion {
	case 'H':
		fmt.Fprintf(b, "%02d", hour)
	case 'k':
		fmt.Fprintf(b, "%d", hour)
	case 'I':
		fmt.Fprintf(b, "%02d", (hour+11)%12+1)
	case 'l':
		fmt.Fprintf(b, "%d", (hour+11)%12+1)
	case 'M':
		fmt.Fprintf(b, "%02d", minute)
	case 'S':
		fmt.Fprintf(b, "%02d", second)
	case 'L':
		fmt.Fprintf(b, "%03d", nano/1_000_000)
	case 'N':
		fmt.Fprintf(b, "%09d", nano)
	case 'p':
		b.WriteString([]string{"am", "pm"}[hour/12])
	case '*':
		b.WriteString([]string{"AM", "PM"}[hour/12])
	}
	return true
}

func (c *clock) zoneField(b *strings.Builder, conversion byte) bool {
	if c.zoned == nil {
		return false
	}
	seconds := int64(c.zoned.Date)*86400 + int64(*c.time)/int64(time.Second) - int64(c.zoned.Offset)
	switch conversion {
	case 's':
		fmt.Fprintf(b, "%d", seconds)
	case 'Q':
		fmt.Fprintf(b, "%d", seconds*1000+int64(*c.time)/1_000_000%1000)
	case 'z':
		sign, offset := '+', c.zoned.Offset
		if offset < 0 {
			sign, offset = '-', -offset
		}
		fmt.Fprintf(b, "%c%02d%02d", sign, offset/3600, offset/60%60)
	case 'Z':
		switch {
		case c.zoned.Fixed:
			b.WriteString(c.zoned.Zone)
		case strings.ContainsAny(c.zoned.Abbreviation, "+-"):
			// The zone has no short name.
			b.WriteString("GMT" + offsetName(c.zoned.Offset))
		default:
			b.WriteString(c.zoned.Abbreviation)
		}
	}
	return true
}

func (c *clock) dateField(b *strings.Builder, conversion byte) bool {
	if c.date == nil {
		return false
	}
	year := c.year
	if year <= 0 {
		year = 1 - year // the year of the era
	}
	switch conversion {
	case 'a':
		b.WriteString(c.date.weekday().String()[:3])
	case 'A':
		b.WriteString(c.date.weekday().String())
	case 'b', 'h':
		b.WriteString(time.Month(c.month).String()[:3])
	case 'B':
		b.WriteString(time.Month(c.month).String())
	case 'C':
		fmt.Fprintf(b, "%02d", year/100)
	case 'Y':
		fmt.Fprintf(b, "%04d", year)
	case 'y':
		fmt.Fprintf(b, "%02d", year%100)
	case 'j':
		fmt.Fprintf(b, "%03d", c.yearDay)
	case 'm':
		fmt.Fprintf(b, "%02d", c.month)
	case 'd':
		fmt.Fprintf(b, "%02d", c.day)
	case 'e':
		fmt.Fprintf(b, "%d", c.day)
	case 'F':
		if _, ok := c.value.(int64); ok {
			fmt.Fprintf(b, "%04d-%02d-%02d", year, c.month, c.day)
		} else {
			b.WriteString(c.date.String())
		}
	}
	return true
}
