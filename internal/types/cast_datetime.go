package types

// Casts between dates, times and timestamps go through a moment: a local date and time, with the zone when there is
// one. Every target is a part of it, rounded to the target's precision.

// moment is a local date and time.
type moment struct {
	days  int64
	picos int64 // of the day
	zone  Zone  // "" when the value has none
}

const picosPerDay = 86_400 * picosPerSecond

func castToDatetime(v any, from, to Type, zone Zone) (any, bool) {
	switch v := v.(type) {
	case string:
		if from.Kind != Varchar {
			return nil, false
		}
		return castTextToDatetime(trimJava(v), to, zone)
	case TimeValue:
		picos := roundPicos(int64(v), to.P) % picosPerDay
		switch to.Kind {
		case Time:
			return TimeValue(picos), true
		case TimeTZ: // the offset is the session zone's of today, which is not known here
			return TimeTZValue{picos, 0}, zone == UTC
		}
		return nil, false
	case TimeTZValue:
		picos := roundPicos(v.Picos, to.P) % picosPerDay
		switch to.Kind {
		case Time:
			return TimeValue(picos), true
		case TimeTZ:
			return TimeTZValue{picos, v.OffsetMinutes}, true
		}
		return nil, false
	}
	m, ok := momentOf(v)
	if !ok {
		return nil, false
	}
	return m.to(to, zone)
}

// momentOf returns the local date and time of a date or timestamp.
func momentOf(v any) (m moment, ok bool) {
	switch v := v.(type) {
	case DateValue:
		return moment{days: int64(v)}, true
	case TimestampValue:
		days := FloorDiv(v.EpochMicros, microsPerDay)
		return moment{days: days, picos: (v.EpochMicros-days*microsPerDay)*1_000_000 + int64(v.PicosOfMicro)}, true
	case TimestampTZValue:
		local := v.EpochMillis + int64(v.Zone.OffsetSeconds(v.EpochMillis))*1000
		days := FloorDiv(local, 86_400_000)
		return moment{days, (local-days*86_400_000)*1_000_000_000 + int64(v.PicosOfMilli), v.Zone}, true
	}
	return moment{}, false
}

// to returns the part of a moment that a type holds. A moment without a zone is one of the session's zone.
func (m moment) to(t Type, session Zone) (any, bool) {
	if t.Kind == Date {
		return DateValue(m.days), true
	}
	m.picos = roundPicos(m.picos, t.P)
	if t.Kind == Time {
		return TimeValue(m.picos % picosPerDay), true
	}
	if m.picos >= picosPerDay {
		m.days, m.picos = m.days+1, m.picos-picosPerDay
	}
	switch t.Kind {
	case Timestamp:
		if m.days > (1<<63-1)/microsPerDay-1 || m.days < -(1<<63-1)/microsPerDay {
			return nil, false
		}
		return TimestampValue{m.days*microsPerDay + m.picos/1_000_000, int32(m.picos % 1_000_000)}, true
	case TimestampTZ:
		zone := m.zone
		if zone == "" {
			zone = session
		}
		millis, ok := zone.FromLocal(m.days*86_400_000 + m.picos/1_000_000_000)
		return TimestampTZValue{millis, int32(m.picos % 1_000_000_000), zone},
			ok && millis <= maxEpochMillis && millis >= -maxEpochMillis-1
	}
	return nil, false
}

// castTextToDatetime reads text of the target's own form; timestamps may be dates and may have a zone.
func castTextToDatetime(text string, to Type, zone Zone) (any, bool) {
	switch to.Kind {
	case Date:
		v, err := ParseDate(text)
		return v, err == nil
	case Time, TimeTZ:
		from, v, err := ParseTime(text)
		if err != nil || from.Kind != to.Kind {
			return nil, false
		}
		return castToDatetime(v, from, to, zone)
	}
	from, v, err := ParseTimestamp(text)
	if err != nil {
		return nil, false
	}
	return castToDatetime(v, from, to, zone)
}

// roundPicos rounds picoseconds to so many digits of a second, halves up.
func roundPicos(picos int64, digits int) int64 {
	unit := int64(picosPerSecond)
	for range digits {
		unit /= 10
	}
	return (picos + unit/2) / unit * unit
}

// FloorDiv divides by a positive number and rounds down, also below zero: days of instants before 1970.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
