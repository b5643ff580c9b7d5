package types

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// Zone is the normalised name of a time zone: UTC, an offset like +05:30, or a region like Europe/Berlin. The zero Zone
// is UTC as well.
type Zone string

// UTC is the zone of Coordinated Universal Time.
const UTC Zone = "UTC"

// maxOffsetMinutes bounds the offsets of zones, as in Trino.
const maxOffsetMinutes = 14 * 60

// maxSyntaxMinutes bounds what Java reads as an offset at all.
const maxSyntaxMinutes = 18 * 60

// utcNames are the names that all mean UTC; Trino shows them as UTC.
var utcNames = wordSet(`Z UTC UT GMT UCT Etc/UTC Etc/UT Etc/GMT Etc/UCT GMT0 Etc/GMT0 Greenwich Etc/Greenwich Universal
	Etc/Universal Zulu Etc/Zulu`)

// notZones are names that Go's zone database has and Trino has not.
var notZones = wordSet(`EST MST HST ROC Local Factory localtime posixrules`)

// ParseZone returns the zone of a name or offset, or NOT_SUPPORTED as Trino words it.
func ParseZone(name string) (Zone, error) {
	z, known, _ := parseZone(name)
	if !known {
		return "", zoneNotSupported(name)
	}
	return z, nil
}

func zoneNotSupported(name string) error {
	return trinoerr.New(trinoerr.NotSupported, "Time zone not supported: %s", name)
}

// parseZone tells apart names that mean nothing from offsets that are well-formed and out of range.
func parseZone(name string) (z Zone, known, outOfRange bool) {
	if name == "" {
		return "", false, false
	}
	if utcNames[name] {
		return UTC, true, false
	}
	sign, offset := 1, name
	for _, prefix := range []string{"UTC", "GMT", "UT", "Etc/GMT"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			offset = rest
			if prefix == "Etc/GMT" {
				sign = -1 // POSIX counts westwards
			}
			break
		}
	}
	if minutes, ok := parseOffset(offset); ok {
		minutes *= sign
		if minutes < -maxOffsetMinutes || minutes > maxOffsetMinutes {
			return "", false, minutes >= -maxSyntaxMinutes && minutes <= maxSyntaxMinutes
		}
		return OffsetZone(minutes), true, false
	}
	if notZones[name] || strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") {
		return "", false, false
	}
	if location(Zone(name)) == nil {
		return "", false, false
	}
	return Zone(name), true, false
}

// OffsetZone returns the zone with a fixed offset.
func OffsetZone(minutes int) Zone {
	if minutes == 0 {
		return UTC
	}
	return Zone(wire.TextOffset(nil, minutes))
}

// parseOffset reads +h, +hh, +hhmm, +hh:mm and +hh:mm:00.
func parseOffset(s string) (minutes int, ok bool) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	negative := s[0] == '-'
	var digits []byte
	switch s = s[1:]; {
	case len(s) <= 2:
		digits = append(append([]byte("0")[:2-len(s)], s...), "00"...)
	case len(s) == 4:
		digits = []byte(s)
	case (len(s) == 5 || len(s) == 8 && s[5:] == ":00") && s[2] == ':':
		digits = append([]byte(s[:2]), s[3:5]...)
	default:
		return 0, false
	}
	for i, c := range digits {
		if !isDigit(c) {
			return 0, false
		}
		digits[i] -= '0'
	}
	hours, mins := int(digits[0])*10+int(digits[1]), int(digits[2])*10+int(digits[3])
	if mins > 59 {
		return 0, false
	}
	minutes = hours*60 + mins
	if negative {
		minutes = -minutes
	}
	return minutes, true
}

// locations caches *time.Location by Zone: loading one decodes its whole history.
var locations sync.Map

// location returns the rules of a region, nil when there is no such region.
func location(z Zone) *time.Location {
	if l, ok := locations.Load(z); ok {
		return l.(*time.Location)
	}
	l, err := time.LoadLocation(string(z))
	if err != nil {
		return nil
	}
	locations.Store(z, l)
	return l
}

// OffsetSeconds returns the zone's offset from UTC at an instant.
func (z Zone) OffsetSeconds(epochMillis int64) int {
	if z == UTC || z == "" {
		return 0
	}
	if minutes, ok := parseOffset(string(z)); ok {
		return minutes * 60
	}
	l := location(z)
	if l == nil {
		return 0
	}
	_, offset := time.UnixMilli(epochMillis).In(l).Zone()
	return offset
}

// Abbreviation returns the zone's short name at an instant, like CEST; an offset when it has none.
func (z Zone) Abbreviation(epochMillis int64) string {
	l := location(z)
	if l == nil {
		return z.String()
	}
	name, _ := time.UnixMilli(epochMillis).In(l).Zone()
	return name
}

// String returns the zone's name.
func (z Zone) String() string {
	if z == "" {
		return string(UTC)
	}
	return string(z)
}

// FromLocal returns the instant at which the zone's clocks show a local time, given in milliseconds as if the zone were
// UTC. A time that a clock shows twice is the earlier one; one that it skips is moved forward by the gap, and ok is
// false.
func (z Zone) FromLocal(localMillis int64) (epochMillis int64, ok bool) {
	// The offsets a day before and after bracket any change; zones change by less than a day.
	const day = 86_400_000
	before := int64(z.OffsetSeconds(localMillis-day)) * 1000
	after := int64(z.OffsetSeconds(localMillis+day)) * 1000
	for _, offset := range [2]int64{before, after} {
		if at := localMillis - offset; int64(z.OffsetSeconds(at))*1000 == offset {
			return at, true
		}
	}
	return localMillis - before, false
}
