package types

import "time"

const millisOfDay = 24 * 60 * 60 * 1000

// AddInterval adds an interval, sign times, to a date, a timestamp or a timestamp with time zone; false for other values, and for a
// date and part of a day. A day of the month that there is not becomes the last one.
func AddInterval(moment, interval any, sign int64) (any, bool) {
	switch i := interval.(type) {
	case IntervalDTValue:
		millis := sign * int64(i)
		switch m := moment.(type) {
		case DateValue:
			return m + DateValue(millis/millisOfDay), millis%millisOfDay == 0
		case TimestampValue:
			m.EpochMicros += millis * 1000
			return m, true
		case TimestampTZValue:
			m.EpochMillis += millis
			return m, true
		}
	case IntervalYMValue:
		months := sign * int64(i)
		switch m := moment.(type) {
		case DateValue:
			return DateValue(addMonths(time.Unix(int64(m)*24*60*60, 0).UTC(), months).Unix() / (24 * 60 * 60)), true
		case TimestampValue:
			at := addMonths(time.UnixMicro(m.EpochMicros).UTC(), months)
			m.EpochMicros = at.UnixMicro()
			return m, true
		case TimestampTZValue:
			local := m.EpochMillis + int64(m.Zone.OffsetSeconds(m.EpochMillis))*1000
			moved := addMonths(time.UnixMilli(local).UTC(), months).UnixMilli()
			var ok bool
			m.EpochMillis, ok = m.Zone.FromLocal(moved)
			return m, ok
		}
	}
	return nil, false
}

// addMonths keeps to the end of the month: January 31 and a month is the last of February.
func addMonths(t time.Time, months int64) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
