package clockformat

import (
	"fmt"
	"sort"
	"time"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// parsed collects what is read.
type parsed struct {
	values    []saved
	beforeEra bool
	offset    *int
	zone      types.Zone
}

type saved struct {
	field *field
	value int
}

func (p *parsed) save(f *field, v int) { p.values = append(p.values, saved{f, v}) }

func (p *parsed) setOffset(seconds int) { p.offset = &seconds }

// defaultYear is the year of days and months that come without one.
const defaultYear = 2000

// Parsed is what a text says: a time as a clock shows it and, when the text has it, the offset in seconds or the zone.
type Parsed struct {
	Local  time.Time
	Offset *int
	Zone   types.Zone
}

// Parse reads a text, which has to fit as a whole.
func (p *Pattern) Parse(text string) (Parsed, error) {
	read := &parsed{}
	at := 0
	for _, e := range p.elements {
		if at = e.parse(read, text, at); at < 0 {
			return Parsed{}, malformed(text, ^at)
		}
	}
	if at < len(text) {
		return Parsed{}, malformed(text, at)
	}
	return read.result(text)
}

// Error is worded as Joda-Time words it.
type Error string

func (e Error) Error() string { return string(e) }

func errorf(format string, args ...any) error { return Error(fmt.Sprintf(format, args...)) }

func malformed(text string, at int) error {
	shown := text
	if limit := at + 32; len(text) > limit+3 {
		shown = text[:limit] + "..."
	}
	switch {
	case at <= 0:
		return errorf("Invalid format: \"%s\"", shown)
	case at >= len(text):
		return errorf("Invalid format: \"%s\" is too short", shown)
	}
	return errorf("Invalid format: \"%s\" is malformed at \"%s\"", shown, shown[at:])
}

// result sets the fields in a time of 1970, the longest first, and then once more, since a shorter one may have moved it.
func (p *parsed) result(text string) (Parsed, error) {
	sort.SliceStable(p.values, func(i, j int) bool { return p.values[i].field.rank < p.values[j].field.rank })
	if len(p.values) > 0 {
		if r := p.values[0].field.rank; r >= rankMonth && r <= rankDay {
			p.values = append([]saved{{yearField, defaultYear}}, p.values...)
		}
	}
	t := time.Unix(0, 0).UTC()
	var err error
	for pass := range 2 {
		for _, s := range p.values {
			if t, err = s.field.checked(t, s.value); err != nil {
				return Parsed{}, errorf("Cannot parse \"%s\": %s", text, err)
			}
			if pass == 0 {
				t = s.field.floor(t)
			}
		}
	}
	if p.beforeEra && t.Year() > 0 {
		t = setYear(t, 1-t.Year())
	}
	return Parsed{Local: t, Offset: p.offset, Zone: p.zone}, nil
}
