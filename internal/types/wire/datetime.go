package wire

import "strconv"

const (
	microsPerDay   = 86_400_000_000
	picosPerSecond = 1_000_000_000_000
)

// AppendDate appends a date given in days since 1970-01-01.
func AppendDate(dst []byte, days int64) []byte {
	dst = append(dst, '"')
	dst = TextDate(dst, days)
	return append(dst, '"')
}

// TextDate appends a date as the protocol shows it. Casts to varchar have no plus sign; see TextDateCast.
func TextDate(dst []byte, days int64) []byte {
	year, month, day := Civil(days)
	if year > 9999 {
		dst = append(dst, '+')
	}
	return appendCivil(dst, year, month, day)
}

// TextDateCast appends a date as a cast to varchar shows it.
func TextDateCast(dst []byte, days int64) []byte {
	year, month, day := Civil(days)
	return appendCivil(dst, year, month, day)
}

func appendCivil(dst []byte, year int64, month, day int) []byte {
	if year < 0 {
		dst = append(dst, '-')
		year = -year
	}
	if year > 9999 {
		dst = strconv.AppendInt(dst, year, 10)
	} else {
		dst = appendTwo(dst, int(year/100))
		dst = appendTwo(dst, int(year%100))
	}
	dst = append(dst, '-')
	dst = appendTwo(dst, month)
	dst = append(dst, '-')
	return appendTwo(dst, day)
}

// Civil returns the proleptic Gregorian date of a day counted from 1970-01-01. Years count through 0.
func Civil(days int64) (year int64, month, day int) {
	// Eras of 400 years, in years that begin with March, so that the leap day is the last day of a year.
	days += 719468
	era := floorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	day = int(dayOfYear - (153*m+2)/5 + 1)
	month = int(m + 3)
	if month > 12 {
		month -= 12
	}
	year = yearOfEra + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

// Days returns the day, counted from 1970-01-01, of a proleptic Gregorian date.
func Days(year int64, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := int64((153*(month-3)+2)/5 + day - 1)
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// AppendTimestamp appends a timestamp(p), p at most 6, given in microseconds since 1970.
func AppendTimestamp(dst []byte, micros int64, p int) []byte {
	return AppendTimestampPicos(dst, micros, 0, p)
}

// AppendTimestampNanos appends a timestamp(p), p at most 9, given in nanoseconds since 1970.
func AppendTimestampNanos(dst []byte, nanos int64, p int) []byte {
	micros := floorDiv(nanos, 1000)
	return AppendTimestampPicos(dst, micros, int32(nanos-micros*1000)*1000, p)
}

// AppendTimestampPicos appends a timestamp(p) given as microseconds since 1970 and the picoseconds beyond them.
func AppendTimestampPicos(dst []byte, micros int64, picosOfMicro int32, p int) []byte {
	dst = append(dst, '"')
	dst = TextTimestamp(dst, micros, picosOfMicro, p)
	return append(dst, '"')
}

// TextTimestamp appends the text of a timestamp(p).
func TextTimestamp(dst []byte, micros int64, picosOfMicro int32, p int) []byte {
	days := floorDiv(micros, microsPerDay)
	dst = TextDate(dst, days)
	dst = append(dst, ' ')
	return TextTime(dst, (micros-days*microsPerDay)*1_000_000+int64(picosOfMicro), p)
}

// AppendTimestampTZ appends a timestamp(p) with time zone given as milliseconds since 1970, the picoseconds beyond
// them, and the zone's name and its offset from UTC at that instant.
func AppendTimestampTZ(dst []byte, millis int64, picosOfMilli int32, offsetSeconds int, zone string, p int) []byte {
	dst = append(dst, '"')
	dst = TextTimestampTZ(dst, millis, picosOfMilli, offsetSeconds, zone, p)
	return append(dst, '"')
}

// TextTimestampTZ appends the text of a timestamp(p) with time zone.
func TextTimestampTZ(dst []byte, millis int64, picosOfMilli int32, offsetSeconds int, zone string, p int) []byte {
	micros := (millis+int64(offsetSeconds)*1000)*1000 + int64(picosOfMilli)/1_000_000
	dst = TextTimestamp(dst, micros, picosOfMilli%1_000_000, p)
	dst = append(dst, ' ')
	return append(dst, zone...)
}

// AppendTime appends a time(p) given in picoseconds of the day.
func AppendTime(dst []byte, picos int64, p int) []byte {
	dst = append(dst, '"')
	dst = TextTime(dst, picos, p)
	return append(dst, '"')
}

// TextTime appends the text of a time(p).
func TextTime(dst []byte, picos int64, p int) []byte {
	seconds := int(picos / picosPerSecond)
	dst = appendClock(dst, seconds)
	if p <= 0 {
		return dst
	}
	dst = append(dst, '.')
	fraction := picos % picosPerSecond
	for unit := int64(picosPerSecond / 10); p > 0; p-- {
		dst = append(dst, byte('0'+fraction/unit))
		fraction %= unit
		unit /= 10
	}
	return dst
}

// AppendTimeTZ appends a time(p) with time zone given in picoseconds of the local day and the offset from UTC.
func AppendTimeTZ(dst []byte, picos int64, offsetMinutes, p int) []byte {
	dst = append(dst, '"')
	dst = TextTimeTZ(dst, picos, offsetMinutes, p)
	return append(dst, '"')
}

// TextTimeTZ appends the text of a time(p) with time zone.
func TextTimeTZ(dst []byte, picos int64, offsetMinutes, p int) []byte {
	dst = TextTime(dst, picos, p)
	return TextOffset(dst, offsetMinutes)
}

// TextOffset appends an offset from UTC, like +05:30.
func TextOffset(dst []byte, minutes int) []byte {
	sign := byte('+')
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	dst = append(dst, sign)
	dst = appendTwo(dst, minutes/60)
	dst = append(dst, ':')
	return appendTwo(dst, minutes%60)
}

// AppendIntervalDT appends an interval day to second given in milliseconds.
func AppendIntervalDT(dst []byte, millis int64) []byte {
	dst = append(dst, '"')
	dst = TextIntervalDT(dst, millis)
	return append(dst, '"')
}

// TextIntervalDT appends the text of an interval day to second, like -2 03:04:05.678.
func TextIntervalDT(dst []byte, millis int64) []byte {
	abs := uint64(millis)
	if millis < 0 {
		dst = append(dst, '-')
		abs = -abs
	}
	dst = strconv.AppendUint(dst, abs/86_400_000, 10)
	dst = append(dst, ' ')
	dst = appendClock(dst, int(abs%86_400_000/1000))
	dst = append(dst, '.', byte('0'+abs%1000/100))
	return appendTwo(dst, int(abs%100))
}

// AppendIntervalYM appends an interval year to month given in months.
func AppendIntervalYM(dst []byte, months int64) []byte {
	dst = append(dst, '"')
	dst = TextIntervalYM(dst, months)
	return append(dst, '"')
}

// TextIntervalYM appends the text of an interval year to month, like -1-3.
func TextIntervalYM(dst []byte, months int64) []byte {
	abs := uint64(months)
	if months < 0 {
		dst = append(dst, '-')
		abs = -abs
	}
	dst = strconv.AppendUint(dst, abs/12, 10)
	dst = append(dst, '-')
	return strconv.AppendUint(dst, abs%12, 10)
}

// appendClock appends hh:mm:ss.
func appendClock(dst []byte, seconds int) []byte {
	dst = appendTwo(dst, seconds/3600)
	dst = append(dst, ':')
	dst = appendTwo(dst, seconds/60%60)
	dst = append(dst, ':')
	return appendTwo(dst, seconds%60)
}

// appendTwo appends a number below 100 as two digits.
func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
