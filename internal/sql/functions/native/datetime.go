package native

import (
	"math"
	"math/bits"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/clockformat"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// datetimeFunctions compute with dates and times.
var datetimeFunctions = join(clockFunctions, unixtimeFunctions, isoNanosFunctions)

// clockFunctions compute with zones and units. Times are microseconds since 1970-01-01; finer digits do not matter to them
// and are kept by the caller.
var clockFunctions = []Function{
	// The local time that a zone's clocks show at an instant, and the reverse.
	{"wb_local", params("BIGINT", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		us, z := a[0].(int64), types.Zone(a[1].(string))
		return us + int64(z.OffsetSeconds(floorDiv(us, 1000)))*1_000_000, nil
	}},
	{"wb_instant", params("BIGINT", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return instant(a[0].(int64), types.Zone(a[1].(string))), nil
	}},
	{"wb_offset_seconds", params("BIGINT", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		return int64(types.Zone(a[1].(string)).OffsetSeconds(floorDiv(a[0].(int64), 1000))), nil
	}},
	// The normalised name of a zone that a user gave.
	{"wb_zone", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		z, err := types.ParseZone(a[0].(string))
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "'%s' is not a valid time zone", a[0])
		}
		return z.String(), nil
	}},
	// The zone of an offset given as an interval in milliseconds.
	{"wb_offset_zone", params("BIGINT"), "VARCHAR", func(a []any) (any, error) {
		ms := a[0].(int64)
		if ms%60_000 != 0 {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Invalid time zone offset interval: interval contains seconds")
		}
		if ms < -14*3_600_000 || ms > 14*3_600_000 {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Invalid offset minutes %d", ms/60_000)
		}
		return types.OffsetZone(int(ms / 60_000)).String(), nil
	}},
	// The offset at an instant as ISO 8601 writes it.
	{"wb_offset_text", params("BIGINT", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		seconds := types.Zone(a[1].(string)).OffsetSeconds(floorDiv(a[0].(int64), 1000))
		if seconds == 0 {
			return "Z", nil
		}
		return clockformat.OffsetText(int64(seconds), true), nil
	}},
	{"wb_trunc", params("VARCHAR", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		return truncate(a[0].(string), a[1].(int64))
	}},
	{"wb_add", params("VARCHAR", "BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		return add(a[0].(string), a[1].(int64), a[2].(int64))
	}},
	{"wb_diff", params("VARCHAR", "BIGINT", "BIGINT"), "BIGINT", func(a []any) (any, error) {
		return diff(a[0].(string), a[1].(int64), a[2].(int64))
	}},
}

func instant(local int64, z types.Zone) int64 {
	millis := floorDiv(local, 1000)
	at, _ := z.FromLocal(millis)
	return at*1000 + local - millis*1000
}

// fixedUnits are the units of a fixed number of microseconds.
var fixedUnits = map[string]int64{
	"millisecond": 1000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000, "day": microsPerDay,
	"week": 7 * microsPerDay,
}

// monthUnits are the units of a number of months.
var monthUnits = map[string]int64{"month": 1, "quarter": 3, "year": 12}

func badUnit(unit, what string) error {
	return trinoerr.New(trinoerr.InvalidFunctionArgument, "'%s' is not a valid %s field", unit, what)
}

func at(us int64) time.Time { return time.UnixMicro(us).UTC() }

// truncate returns the beginning of the unit that a time lies in. Weeks begin on Monday.
func truncate(unit string, us int64) (any, error) {
	unit = strings.ToLower(unit)
	if unit == "week" {
		const monday = 4 * microsPerDay // 1970-01-05
		return us - floorMod(us-monday, 7*microsPerDay), nil
	}
	if size, ok := fixedUnits[unit]; ok {
		return us - floorMod(us, size), nil
	}
	months, ok := monthUnits[unit]
	if !ok {
		return nil, badUnit(unit, "TIMESTAMP")
	}
	t := at(us)
	m := int64(t.Year())*12 + int64(t.Month()) - 1
	return monthStart(m - floorMod(m, months)), nil
}

// maxMicros bounds what can be added to a time without overflow.
const maxMicros = math.MaxInt64 / 2

func monthStart(m int64) int64 {
	return time.Date(int(floorDiv(m, 12)), time.Month(floorMod(m, 12)+1), 1, 0, 0, 0, 0, time.UTC).UnixMicro()
}

// add adds a number of units. A day that the resulting month lacks becomes its last one.
func add(unit string, n, us int64) (any, error) {
	unit = strings.ToLower(unit)
	if size, ok := fixedUnits[unit]; ok {
		hi, lo := bits.Mul64(uint64(max(n, -n)), uint64(size))
		if hi != 0 || lo > maxMicros {
			return nil, badArgument("long overflow")
		}
		return us + n*size, nil
	}
	months, ok := monthUnits[unit]
	if !ok {
		return nil, badUnit(unit, "TIMESTAMP")
	}
	if n > math.MaxInt32 || n < math.MinInt32 {
		return nil, badArgument("integer overflow")
	}
	return addMonths(us, n*months), nil
}

func addMonths(us, n int64) int64 {
	t := at(us)
	m := int64(t.Year())*12 + int64(t.Month()) - 1 + n
	start := monthStart(m)
	days := (monthStart(m+1) - start) / microsPerDay
	day := min(int64(t.Day()), days) - 1
	return start + day*microsPerDay + floorMod(us, microsPerDay)
}

// diff counts the whole units from one time to another.
func diff(unit string, from, to int64) (any, error) {
	unit = strings.ToLower(unit)
	if size, ok := fixedUnits[unit]; ok {
		return (to - from) / size, nil
	}
	months, ok := monthUnits[unit]
	if !ok {
		return nil, badUnit(unit, "TIMESTAMP")
	}
	a, b := at(from), at(to)
	n := (int64(b.Year())-int64(a.Year()))*12 + int64(b.Month()) - int64(a.Month())
	// The last month counts only when it is complete.
	if n > 0 && addMonths(from, n) > to {
		n--
	} else if n < 0 && addMonths(from, n) < to {
		n++
	}
	return n / months, nil
}
