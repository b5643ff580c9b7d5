package native

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// isoNanosFunctions read ISO 8601 to nanoseconds: text and the session's zone.
var isoNanosFunctions = []Function{
	{"wb_parse_nanos", params("VARCHAR", "VARCHAR"), "HUGEINT", func(a []any) (any, error) {
		m, _, err := parseNanos(a[0].(string), types.Zone(a[1].(string)))
		return m.huge(), err
	}},
	{"wb_parse_nanos_zone", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		_, z, err := parseNanos(a[0].(string), types.Zone(a[1].(string)))
		return z.String(), err
	}},
}

// parseNanos wants date and time in full; the finer digits are taken out and put back, since the forms know milliseconds.
func parseNanos(text string, session types.Zone) (moment, types.Zone, error) {
	date, clock, ok := strings.Cut(text, "T")
	if !ok || len(date) < len("2000-01-01") || strings.Count(date[1:], "-") != 2 {
		return moment{}, "", badArgument("Text '%s' could not be parsed at index %d", text, len(date))
	}
	digits := ""
	if point := strings.IndexByte(clock, '.'); point >= 0 {
		end := point + 1
		for end < len(clock) && clock[end] >= '0' && clock[end] <= '9' {
			end++
		}
		digits = clock[point+1 : end]
		if len(digits) > 9 {
			return moment{}, "", badArgument("Text '%s' could not be parsed, unparsed text found at index %d", text, len(date)+1+point+1+9)
		}
		clock = clock[:point] + clock[end:]
	}
	us, zone, err := parseISO([]any{date + "T" + clock, session.String()})
	if err != nil {
		return moment{}, "", badArgument("Text '%s' could not be parsed", text)
	}
	nanos := int64(0)
	for i := range 9 {
		nanos *= 10
		if i < len(digits) {
			nanos += int64(digits[i] - '0')
		}
	}
	return moment{us + nanos/1000, nanos % 1000 * 1000}, zone, nil
}
