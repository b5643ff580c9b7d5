package native

import (
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/clockformat"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// formatFunctions print and parse dates and times by patterns.
var formatFunctions = []Function{
	// Local microseconds, pattern.
	{"wb_date_format", params("BIGINT", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		p, err := mysqlPatterns.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		return p.Format(clockformat.Value{Local: atMillis(a[0].(int64))}), nil
	}},
	{"wb_date_parse", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		p, err := mysqlPatterns.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		r, err := p.Parse(a[0].(string))
		return r.Local.UnixMicro(), asArgument(err)
	}},
	// Local microseconds, zone, offset in seconds, pattern.
	{"wb_format_datetime", params("BIGINT", "VARCHAR", "BIGINT", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		p, err := jodaPatterns.get(a[3].(string))
		if err != nil {
			return nil, err
		}
		return p.Format(clockformat.Value{Local: atMillis(a[0].(int64)), Zone: types.Zone(a[1].(string)), Offset: a[2].(int64)}), nil
	}},
	// The same of a time without zone: local microseconds, pattern.
	{"wb_format_local", params("BIGINT", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		p, err := jodaPatterns.get(a[1].(string))
		if err != nil {
			return nil, err
		}
		if p.Zoned() {
			return nil, badArgument("format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not contain TZ information")
		}
		return p.Format(clockformat.Value{Local: atMillis(a[0].(int64))}), nil
	}},
	// Text, pattern, the session's zone: the instant in microseconds, and its zone.
	{"wb_parse_datetime", params("VARCHAR", "VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		us, _, err := parseDatetime(a)
		return us, err
	}},
	{"wb_parse_datetime_zone", params("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		_, z, err := parseDatetime(a)
		return z.String(), err
	}},
	// Text, the session's zone.
	{"wb_parse_iso", params("VARCHAR", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		us, _, err := parseISO(a)
		return us, err
	}},
	{"wb_parse_iso_zone", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		_, z, err := parseISO(a)
		return z.String(), err
	}},
	{"wb_parse_iso_date", params("VARCHAR"), "BIGINT", func(a []any) (any, error) {
		r, err := clockformat.ISODate.Parse(a[0].(string))
		return floorDiv(r.Local.Unix(), 86_400), asArgument(err)
	}},
}

// clockPatterns remembers the pattern that was compiled last, which statements use for all their rows.
type clockPatterns struct {
	compile func(string) (*clockformat.Pattern, error)

	mu   sync.Mutex
	text string
	last *clockformat.Pattern
}

var (
	mysqlPatterns = &clockPatterns{compile: clockformat.MySQL}
	jodaPatterns  = &clockPatterns{compile: clockformat.Joda}
)

func (p *clockPatterns) get(text string) (*clockformat.Pattern, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil || p.text != text {
		compiled, err := p.compile(text)
		if err != nil {
			return nil, asArgument(err)
		}
		p.text, p.last = text, compiled
	}
	return p.last, nil
}

func asArgument(err error) error {
	if err == nil {
		return nil
	}
	return badArgument("%s", err)
}

// atMillis rounds to milliseconds, the precision of patterns in Trino.
func atMillis(us int64) time.Time { return at(floorDiv(us+500, 1000) * 1000) }

func parseDatetime(a []any) (int64, types.Zone, error) {
	p, err := jodaPatterns.get(a[1].(string))
	if err != nil {
		return 0, "", err
	}
	r, err := p.Parse(a[0].(string))
	return instantOf(r, types.Zone(a[2].(string)), err)
}

func parseISO(a []any) (int64, types.Zone, error) {
	r, err := clockformat.ISODateTime.Parse(a[0].(string))
	return instantOf(r, types.Zone(a[1].(string)), err)
}

// instantOf finds the instant of a parsed time, in the session's zone unless the text has one.
func instantOf(r clockformat.Parsed, session types.Zone, err error) (int64, types.Zone, error) {
	if err != nil {
		return 0, "", asArgument(err)
	}
	switch {
	case r.Offset != nil:
		if *r.Offset%60 != 0 || *r.Offset < -14*3600 || *r.Offset > 14*3600 {
			return 0, "", badArgument("Invalid offset minutes %d", *r.Offset/60)
		}
		session = types.OffsetZone(*r.Offset / 60)
	case r.Zone != "":
		session = r.Zone
	}
	us := instant(r.Local.UnixMicro(), session)
	if err := checkMillis(floorDiv(us, 1000)); err != nil {
		return 0, "", err
	}
	return us, session, nil
}

// Timestamps with time zone keep 52 bits of milliseconds.
const maxMillis = 1<<51 - 1

func checkMillis(ms int64) error {
	if ms > maxMillis || ms < -maxMillis-1 {
		return trinoerr.New(trinoerr.InvalidFunctionArgument, "Millis overflow: %d", ms)
	}
	return nil
}
