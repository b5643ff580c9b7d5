package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// The texts of sizes and durations are those of Trino's airlift library, and so are the messages.

type unit struct {
	name string
	size float64
}

var sizeUnits = []unit{{"B", 1}, {"kB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}, {"PB", 1 << 50}}

var durationUnits = []unit{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}}

var quantity = regexp.MustCompile(`^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$`)

// ParseSize reads a data size such as 64MB, in binary multiples.
func ParseSize(text string) (int64, error) {
	return parseQuantity(text, "size", "data size", "unit", "in bytes", sizeUnits)
}

// ParseDuration reads a duration such as 10s or 1.5h.
func ParseDuration(text string) (time.Duration, error) {
	ns, err := parseQuantity(text, "duration", "data duration", "time unit", "in nanoseconds", durationUnits)
	return time.Duration(ns), err
}

func parseQuantity(text, what, kind, unitKind, smallest string, units []unit) (int64, error) {
	if text == "" {
		return 0, fmt.Errorf("%s is empty", what)
	}
	m := quantity.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%s is not a valid %s string: %s", what, kind, text)
	}
	for _, u := range units {
		if u.name != m[2] {
			continue
		}
		number, _ := strconv.ParseFloat(m[1], 64)
		v := math.Round(number * u.size)
		if v >= math.MaxInt64 {
			return 0, tooLarge(fmt.Sprintf("%s is too large to be represented %s: %s", what, smallest, text))
		}
		return int64(v), nil
	}
	return 0, asTrino("Unknown %s: %s", unitKind, m[2])
}

// FormatSize writes a size in the largest unit that it is a multiple of.
func FormatSize(bytes int64) string {
	best := sizeUnits[0]
	for _, u := range sizeUnits {
		if bytes != 0 && bytes%int64(u.size) == 0 {
			best = u
		}
	}
	return strconv.FormatInt(bytes/int64(best.size), 10) + best.name
}

// FormatDuration writes a duration as Trino does, in the largest unit that makes it at least one: 1.50h.
func FormatDuration(d time.Duration) string {
	best := durationUnits[0]
	for _, u := range durationUnits {
		if float64(d) >= u.size {
			best = u
		}
	}
	return strconv.FormatFloat(float64(d)/best.size, 'f', 2, 64) + best.name
}

// tooLarge is the error of a quantity that does not fit.
type tooLarge string

func (e tooLarge) Error() string { return string(e) }

// wording is an error whose text is Trino's, capital letters included.
type wording string

func (w wording) Error() string { return string(w) }

func asTrino(format string, args ...any) error { return wording(fmt.Sprintf(format, args...)) }
