package types

import (
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// intervalUnit is a field of an interval: how it is separated from the one before, and its size in the smallest unit
// of its kind.
type intervalUnit struct {
	name      string
	separator byte
	kind      Kind
	size      int64 // in months or milliseconds
}

var intervalUnits = []intervalUnit{
	{"YEAR", 0, IntervalYearToMonth, 12},
	{"MONTH", '-', IntervalYearToMonth, 1},
	{"DAY", 0, IntervalDayToSecond, 86_400_000},
	{"HOUR", ' ', IntervalDayToSecond, 3_600_000},
	{"MINUTE", ':', IntervalDayToSecond, 60_000},
	{"SECOND", ':', IntervalDayToSecond, 1000},
}

// ParseInterval reads an interval literal: INTERVAL '2 3:04' DAY TO MINUTE has text 2 3:04, from DAY and to MINUTE; to
// is empty when it is not written. negative is the sign before the text, which the one within may turn round. Later
// fields may be missing, and fields may exceed their usual range; each must fit 32 bits.
func ParseInterval(text string, negative bool, from, to string) (Type, any, error) {
	qualifier := from
	if to != "" {
		qualifier += " TO " + to
	} else {
		to = from
	}
	first := slices.IndexFunc(intervalUnits, func(u intervalUnit) bool { return u.name == from })
	last := slices.IndexFunc(intervalUnits, func(u intervalUnit) bool { return u.name == to })
	if first < 0 || last < 0 || first > last || intervalUnits[first].kind != intervalUnits[last].kind ||
		first == last && qualifier != from {
		return Type{}, nil, trinoerr.New(trinoerr.InvalidLiteral, "Invalid interval qualifier: %s", qualifier)
	}
	units := intervalUnits[first : last+1]
	total, ok := parseIntervalFields(text, units)
	if !ok {
		return Type{}, nil, trinoerr.New(trinoerr.InvalidLiteral, "Invalid INTERVAL %s value: %s", qualifier, text)
	}
	if negative {
		total = -total
	}
	if units[0].kind == IntervalYearToMonth {
		return Of(IntervalYearToMonth), IntervalYMValue(total), nil
	}
	return Of(IntervalDayToSecond), IntervalDTValue(total), nil
}

func parseIntervalFields(text string, units []intervalUnit) (total int64, ok bool) {
	rest, negative := strings.CutPrefix(text, "-")
	if !negative {
		rest = strings.TrimPrefix(rest, "+")
	}
	for i, u := range units {
		if rest == "" {
			break
		}
		if i > 0 {
			if rest[0] != u.separator {
				return 0, false
			}
			if rest = rest[1:]; rest == "" {
				break
			}
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if n < 0 {
			n = len(rest)
		}
		if n > 0 {
			v, err := strconv.ParseInt(rest[:n], 10, 32)
			if err != nil {
				return 0, false
			}
			total += v * u.size
		} else if u.name != "SECOND" || rest[0] != '.' {
			return 0, false
		}
		if rest = rest[n:]; u.name == "SECOND" && strings.HasPrefix(rest, ".") {
			rest = rest[1:]
			for unit := int64(100); rest != "" && isDigit(rest[0]); unit /= 10 {
				total += unit * int64(rest[0]-'0')
				rest = rest[1:]
			}
		}
	}
	if negative {
		total = -total
	}
	fits := units[0].kind == IntervalDayToSecond || total <= 1<<31-1 && total >= -(1<<31-1)
	return total, rest == "" && fits
}
