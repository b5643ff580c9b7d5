package types

import (
	"errors"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// errMalformed is what parsers of literal text return; callers know the text and the type, and word the message.
var errMalformed = errors.New("malformed")

const (
	picosPerSecond = 1_000_000_000_000
	microsPerDay   = 86_400_000_000
	minDate        = -(1 << 31)
	maxDate        = 1<<31 - 1
	// maxEpochMillis bounds timestamps with time zone: Trino packs the milliseconds into 52 bits.
	maxEpochMillis = 1<<51 - 1
)

// digitScanner reads fixed text formats from the left.
type digitScanner struct{ rest string }

// digits reads between atLeast and atMost digits.
func (s *digitScanner) digits(atLeast, atMost int) (int64, bool) {
	n := 0
	for n < len(s.rest) && n < atMost && isDigit(s.rest[n]) {
		n++
	}
	if n < atLeast || n == 0 {
		return 0, false
	}
	v, err := strconv.ParseInt(s.rest[:n], 10, 64)
	s.rest = s.rest[n:]
	return v, err == nil
}

func (s *digitScanner) accept(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// date reads [+-]y…-m-d with at least minYearDigits digits of the year.
func (s *digitScanner) date(minYearDigits int) (days int64, ok bool) {
	negative := s.accept('-')
	if !negative {
		s.accept('+')
	}
	year, ok1 := s.digits(minYearDigits, 9)
	ok1 = ok1 && s.accept('-')
	month, ok2 := s.digits(1, 2)
	ok2 = ok2 && s.accept('-')
	day, ok3 := s.digits(1, 2)
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	if negative {
		year = -year
	}
	days = wire.Days(year, int(month), int(day))
	if y, m, d := wire.Civil(days); y != year || int64(m) != month || int64(d) != day {
		return 0, false
	}
	return days, days >= minDate && days <= maxDate
}

// clock is a time of day as written.
type clock struct {
	picos  int64
	digits int // of the fraction
}

// clock reads h:m[:s[.fraction]]; digits beyond the twelfth count but do not add.
func (s *digitScanner) clock() (c clock, ok bool) {
	hour, ok1 := s.digits(1, 2)
	ok1 = ok1 && s.accept(':')
	minute, ok2 := s.digits(1, 2)
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return c, false
	}
	var second int64
	if s.accept(':') {
		if second, ok = s.digits(1, 2); !ok || second > 59 {
			return c, false
		}
		if s.accept('.') {
			unit := int64(picosPerSecond)
			for s.rest != "" && isDigit(s.rest[0]) {
				unit /= 10
				c.picos += unit * int64(s.rest[0]-'0')
				c.digits++
				s.rest = s.rest[1:]
			}
			if c.digits == 0 {
				return c, false
			}
		}
	}
	c.picos += ((hour*60+minute)*60 + second) * picosPerSecond
	return c, true
}

// ParseDate reads the text of a DATE literal or of a cast to date.
func ParseDate(text string) (DateValue, error) {
	s := digitScanner{trimJava(text)}
	days, ok := s.date(1)
	if !ok || s.rest != "" {
		return 0, errMalformed
	}
	return DateValue(days), nil
}

// ParseTimestamp reads the text of a TIMESTAMP literal. With a zone in the text the value is a TimestampTZValue,
// otherwise a TimestampValue; the type's precision is the number of digits that are written.
func ParseTimestamp(text string) (Type, any, error) {
	s := digitScanner{text}
	days, ok := s.date(4)
	if !ok {
		return Type{}, nil, errMalformed
	}
	var c clock
	if s.rest != "" && !s.accept(' ') {
		return Type{}, nil, errMalformed
	}
	if s.rest != "" && isDigit(s.rest[0]) {
		if c, ok = s.clock(); !ok {
			return Type{}, nil, errMalformed
		}
	}
	zone := strings.TrimLeft(s.rest, " \t")
	if zone == "" {
		if err := checkPrecision("TIMESTAMP", c.digits); err != nil {
			return Type{}, nil, err
		}
		micros := c.picos / 1_000_000
		if days > (1<<63-1)/microsPerDay-1 || days < -(1<<63-1)/microsPerDay {
			return Type{}, nil, errMalformed
		}
		return TimestampP(c.digits), TimestampValue{days*microsPerDay + micros, int32(c.picos % 1_000_000)}, nil
	}
	z, known, outOfRange := parseZone(zone)
	if outOfRange {
		return Type{}, nil, zoneNotSupported(zone)
	}
	if !known {
		return Type{}, nil, errMalformed
	}
	if err := checkPrecision("TIMESTAMP WITH TIME ZONE", c.digits); err != nil {
		return Type{}, nil, err
	}
	millis, ok := z.FromLocal(days*86_400_000 + c.picos/1_000_000_000)
	if !ok || millis > maxEpochMillis || millis < -maxEpochMillis-1 {
		return Type{}, nil, errMalformed
	}
	return TimestampTZP(c.digits), TimestampTZValue{millis, int32(c.picos % 1_000_000_000), z}, nil
}

func checkPrecision(name string, digits int) error {
	if digits <= maxFractionDigits {
		return nil
	}
	return trinoerr.New(trinoerr.NumericValueOutOfRange, "%s precision must be in range [0, %d]: %d",
		name, maxFractionDigits, digits)
}

// ParseTime reads the text of a TIME literal. With an offset in the text the value is a TimeTZValue, otherwise a
// TimeValue.
func ParseTime(text string) (Type, any, error) {
	s := digitScanner{text}
	c, ok := s.clock()
	if !ok {
		return Type{}, nil, errMalformed
	}
	if s.rest == "" {
		return TimeP(c.digits), TimeValue(c.picos), checkPrecision("TIME", c.digits)
	}
	offset := strings.TrimLeft(s.rest, " ")
	minutes, ok := parseOffset(offset)
	if !ok || len(offset) != len("+00:00") || minutes > maxOffsetMinutes || minutes < -maxOffsetMinutes {
		return Type{}, nil, errMalformed
	}
	return TimeTZP(c.digits), TimeTZValue{c.picos, minutes}, checkPrecision("TIME WITH TIME ZONE", c.digits)
}
