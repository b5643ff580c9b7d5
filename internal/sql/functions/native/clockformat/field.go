package clockformat

import "time"

// field is a part of a date and time that can be read and set.
type field struct {
	name string
	// rank orders fields by the length of what they count, the longest first.
	rank int
	// get and set read the field and replace it, keeping the smaller ones where they fit.
	get func(t time.Time) int
	set func(t time.Time, v int) time.Time
	// limits are the values that the field can have at a time.
	limits func(t time.Time) (low, high int)
	// floor drops everything smaller.
	floor func(t time.Time) time.Time
}

// Ranks by the duration that a field counts.
const (
	rankCentury = iota
	rankYear
	rankMonth
	rankWeek
	rankDay
	rankHalfday
	rankHour
	rankMinute
	rankSecond
	rankMilli
)

func between(low, high int) func(time.Time) (int, int) {
	return func(time.Time) (int, int) { return low, high }
}

const maxYear = 292_278_993

var anyYear = between(-292_275_054, maxYear)

func date(year, month, day int, t time.Time) time.Time {
	return time.Date(year, time.Month(month), day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func startOfYear(t time.Time) time.Time { return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC) }

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// setYear keeps month and day; 29 February becomes the 28th where there is none.
func setYear(t time.Time, year int) time.Time {
	return date(year, int(t.Month()), min(t.Day(), daysIn(year, t.Month())), t)
}

func isoDay(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

// startOfWeekYear is the Monday of a week-based year's first week.
func startOfWeekYear(year int) time.Time {
	t := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, 1-isoDay(t))
}

func weeksIn(year int) int {
	return int(startOfWeekYear(year+1).Sub(startOfWeekYear(year)).Hours()) / (7 * 24)
}

func weekYear(t time.Time) int { y, _ := t.ISOWeek(); return y }

func week(t time.Time) int { _, w := t.ISOWeek(); return w }

func addDays(n int) func(time.Time) time.Time {
	return func(t time.Time) time.Time { return t.AddDate(0, 0, n) }
}

var (
	yearField = &field{"year", rankYear, time.Time.Year, setYear, anyYear, startOfYear}
	eraYear   = &field{"yearOfEra", rankYear, func(t time.Time) int {
		if t.Year() > 0 {
			return t.Year()
		}
		return 1 - t.Year()
	}, func(t time.Time, v int) time.Time {
		if t.Year() <= 0 {
			v = 1 - v
		}
		return setYear(t, v)
	}, between(1, maxYear), startOfYear}
	centuryField = &field{"centuryOfEra", rankCentury, func(t time.Time) int { return eraYear.get(t) / 100 },
		func(t time.Time, v int) time.Time { return eraYear.set(t, v*100+eraYear.get(t)%100) }, between(0, maxYear/100), startOfYear}
	weekYearField = &field{"weekyear", rankYear, weekYear, func(t time.Time, v int) time.Time {
		w := min(week(t), weeksIn(v))
		d := startOfWeekYear(v).AddDate(0, 0, (w-1)*7+isoDay(t)-1)
		return date(d.Year(), int(d.Month()), d.Day(), t)
	}, anyYear, func(t time.Time) time.Time { return startOfWeekYear(weekYear(t)) }}
	weekField = &field{"weekOfWeekyear", rankWeek, week, func(t time.Time, v int) time.Time { return addDays((v - week(t)) * 7)(t) },
		func(t time.Time) (int, int) { return 1, weeksIn(weekYear(t)) }, func(t time.Time) time.Time { return midnight(addDays(1 - isoDay(t))(t)) }}
	weekdayField = &field{"dayOfWeek", rankDay, isoDay, func(t time.Time, v int) time.Time { return addDays(v - isoDay(t))(t) }, between(1, 7), midnight}
	yearDayField = &field{"dayOfYear", rankDay, time.Time.YearDay, func(t time.Time, v int) time.Time { return addDays(v - t.YearDay())(t) },
		func(t time.Time) (int, int) { return 1, time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay() }, midnight}
	monthField = &field{"monthOfYear", rankMonth, func(t time.Time) int { return int(t.Month()) }, func(t time.Time, v int) time.Time {
		return date(t.Year(), v, min(t.Day(), daysIn(t.Year(), time.Month(v))), t)
	}, between(1, 12), func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }}
	dayField = &field{"dayOfMonth", rankDay, time.Time.Day, func(t time.Time, v int) time.Time { return addDays(v - t.Day())(t) },
		func(t time.Time) (int, int) { return 1, daysIn(t.Year(), t.Month()) }, midnight}
	halfdayField = clockField("halfdayOfDay", rankHalfday, 12*time.Hour, 2, 0)
	hourOfHalf   = clockField("hourOfHalfday", rankHour, time.Hour, 12, 0)
	clockOfHalf  = clockField("clockhourOfHalfday", rankHour, time.Hour, 12, 12)
	hourField    = clockField("hourOfDay", rankHour, time.Hour, 24, 0)
	clockOfDay   = clockField("clockhourOfDay", rankHour, time.Hour, 24, 24)
	minuteField  = clockField("minuteOfHour", rankMinute, time.Minute, 60, 0)
	secondField  = clockField("secondOfMinute", rankSecond, time.Second, 60, 0)
	milliField   = clockField("millisOfSecond", rankMilli, time.Millisecond, 1000, 0)
	hourFraction = clockField("millisOfHour", rankMilli, time.Millisecond, 3_600_000, 0)
	minFraction  = clockField("millisOfMinute", rankMilli, time.Millisecond, 60_000, 0)
)

// clockField counts units of a day, up to n; zero may be shown as another number.
func clockField(name string, rank int, unit time.Duration, n, zero int) *field {
	get := func(t time.Time) int {
		if v := int(t.Sub(midnight(t))/unit) % n; v != 0 {
			return v
		}
		return zero
	}
	limits := between(0, n-1)
	if zero != 0 {
		limits = between(1, zero)
	}
	return &field{name, rank, get, func(t time.Time, v int) time.Time {
		return t.Add(time.Duration(v%n-get(t)%n) * unit)
	}, limits, func(t time.Time) time.Time { return t.Truncate(unit) }}
}

// checked sets a value within the field's limits.
func (f *field) checked(t time.Time, v int) (time.Time, error) {
	if low, high := f.limits(t); v < low || v > high {
		return t, errorf("Value %d for %s must be in the range [%d,%d]", v, f.name, low, high)
	}
	return f.set(t, v), nil
}
