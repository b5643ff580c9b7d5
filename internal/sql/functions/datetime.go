package functions

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Dates and times. Dates and timestamps of up to microseconds are computed by DuckDB; finer ones and those with a zone go
// through microseconds and, for the zone, the local time.

// local returns a DATE or TIMESTAMP with the fields that the value shows: of a zoned timestamp the local time.
func local(o Operand) string {
	switch {
	case o.Type.Kind == types.TimestampTZ:
		return "make_timestamp(wb_local(" + micros(o) + ", " + field(o, "z") + "))"
	case o.Type.Kind == types.Timestamp && o.Type.P > microPrecision:
		return cast(clock(o), "TIMESTAMP")
	}
	return o.SQL
}

// localMicros are the microseconds of local.
func localMicros(o Operand) string {
	if o.Type.Kind == types.TimestampTZ {
		return "wb_local(" + micros(o) + ", " + field(o, "z") + ")"
	}
	return micros(o)
}

// datetimeFunctions are the functions over dates, times and intervals.
var datetimeFunctions = concat(
	fieldFunctions, unitFunctions, patternFunctions, zoneFunctions, unixtimeFunctions, isoFunctions, intervalFunctions,
	timeFields("time(p)", "TIME '13:04:05.678'"), timeFields("time(p) with time zone", "TIME '13:04:05.678 +02:00'"),
)

const (
	docDate     = "Converts text or a timestamp to a date."
	docLastDay  = "Returns the last day of the month."
	docTrunc    = "Sets a time to the beginning of the unit that it lies in."
	docAdd      = "Adds a number of units to a date or time."
	docDiff     = "Counts the whole units from one date or time to another."
	docZoneOf   = "Returns the time zone of a value."
	docZoneHour = "Returns the hours of a value's offset from UTC."
	docZoneMin  = "Returns the minutes of a value's offset from UTC, besides the hours."
	docAtZone   = "Shows the same instant in another time zone."
	docISO      = "Writes a date or time in the form of ISO 8601."
	docUnixtime = "Converts seconds since 1970-01-01 00:00 UTC to a timestamp, in the session's time zone or the given one."
	docNanos    = "Converts nanoseconds since 1970-01-01 00:00 UTC to a timestamp."
)

// unitFunctions count in units of time that are given by name.
var unitFunctions = concat(
	each([]string{"time(p)", "time(p) with time zone"},
		Function{Signature: "date_trunc(varchar(x), T)", Returns: "T", Emit: timeTrunc, Doc: docTrunc},
		Function{Signature: "date_add(varchar(x), bigint, T)", Returns: "T", Emit: timeAdd, Doc: docAdd},
		Function{Signature: "date_diff(varchar(x), T, T)", Returns: "bigint", Emit: timeDiff, Doc: docDiff},
	),
	each([]string{"date", "timestamp(p)", "timestamp(p) with time zone"},
		Function{Signature: "last_day_of_month(T)", Returns: "date", Emit: ofLocal("last_day($)"), Doc: docLastDay,
			Examples: [][2]string{{"last_day_of_month(DATE '2024-02-10')", "2024-02-29"}}},
		Function{Signature: "date_trunc(varchar(x), T)", Returns: "T", Emit: dateTrunc, Doc: docTrunc,
			Examples: [][2]string{{"date_trunc('month', DATE '2024-05-17')", "2024-05-01"}, {"date_trunc('hour', TIMESTAMP '2024-05-17 13:04:05.678')", "2024-05-17 13:00:00.000"}}},
		Function{Signature: "date_add(varchar(x), bigint, T)", Returns: "T", Emit: dateAdd, Doc: docAdd,
			Examples: [][2]string{{"date_add('month', 1, DATE '2024-01-31')", "2024-02-29"}, {"date_add('second', -30, TIMESTAMP '2024-05-17 13:00:00')", "2024-05-17 12:59:30"}}},
		Function{Signature: "date_diff(varchar(x), T, T)", Returns: "bigint", Emit: dateDiff, Doc: docDiff,
			Examples: [][2]string{{"date_diff('day', DATE '2024-02-28', DATE '2024-03-01')", "2"}}},
	),
)

// patternFunctions print and parse dates and times.
var patternFunctions = concat(
	each([]string{"timestamp(p)", "timestamp(p) with time zone"},
		Function{Signature: "date(T)", Returns: "date", Emit: toDate, Doc: docDate, Examples: [][2]string{{"date(TIMESTAMP '2024-05-17 13:04:05')", "2024-05-17"}}},
		Function{Signature: "date_format(T, varchar(x))", Returns: "varchar", Emit: dateFormat, Doc: "Formats a timestamp by a format of MySQL.",
			Examples: [][2]string{{"date_format(TIMESTAMP '2024-05-17 13:04:05', '%d.%m.%Y %H:%i')", "17.05.2024 13:04"}}},
		Function{Signature: "format_datetime(T, varchar(x))", Returns: "varchar", Emit: formatDatetime, Doc: "Formats a timestamp by a pattern of Java.",
			Examples: [][2]string{{"format_datetime(TIMESTAMP '2024-05-17 13:04:05', 'EEE, d MMM yyyy h:mm a')", "Fri, 17 May 2024 1:04 PM"}}},
	),
	[]Function{
		{Signature: "date(varchar(x))", Returns: "date", Emit: toDate, Doc: docDate, Examples: [][2]string{{"date('2024-05-17')", "2024-05-17"}}},
		{Signature: "date_parse(varchar(x), varchar(y))", Returns: "timestamp(3)", SQL: "make_timestamp(wb_date_parse($1, $2))",
			Doc: "Reads a timestamp by a format of MySQL.", Examples: [][2]string{{"date_parse('17/5/24 1 PM', '%e/%c/%y %l %p')", "2024-05-17 13:00:00.000"}}},
		{Signature: "parse_datetime(varchar(x), varchar(y))", Returns: "timestamp(3) with time zone", Emit: parsedInstant("wb_parse_datetime"),
			Doc: "Reads a timestamp by a pattern of Java.", Examples: [][2]string{{"parse_datetime('2024-05-17 13:04 +0200', 'yyyy-MM-dd HH:mm Z')", "2024-05-17 13:04:00.000 +02:00"}}},
	},
)

// isoFunctions write and read the forms of ISO 8601.
var isoFunctions = []Function{
	{Signature: "to_iso8601(date)", Returns: "varchar(16)", SQL: "wb_date_text(" + days("$1") + ")", Doc: docISO, Examples: [][2]string{{"to_iso8601(DATE '2024-05-17')", "2024-05-17"}}},
	{Signature: "to_iso8601(timestamp(p))", Result: isoLength(22), Emit: toISO, Doc: docISO, Examples: [][2]string{{"to_iso8601(TIMESTAMP '2024-05-17 13:04:05.5')", "2024-05-17T13:04:05.5"}}},
	{Signature: "to_iso8601(timestamp(p) with time zone)", Result: isoLength(28), Emit: toISO, Doc: docISO,
		Examples: [][2]string{{"to_iso8601(TIMESTAMP '2024-05-17 13:04:05 +02:00')", "2024-05-17T13:04:05+02:00"}}},
	{Signature: "from_iso8601_date(varchar(x))", Returns: "date", SQL: "(DATE '1970-01-01' + CAST(wb_parse_iso_date($1) AS INTEGER))",
		Doc: "Reads a date in one of the forms of ISO 8601.", Examples: [][2]string{{"from_iso8601_date('2024-W20-5')", "2024-05-17"}}},
	{Signature: "from_iso8601_timestamp(varchar(x))", Returns: "timestamp(3) with time zone", Emit: parsedInstant("wb_parse_iso"),
		Doc: "Reads a timestamp in one of the forms of ISO 8601.", Examples: [][2]string{{"from_iso8601_timestamp('2024-05-17T13:04Z')", "2024-05-17 13:04:00.000 UTC"}}},
	{Signature: "from_iso8601_timestamp_nanos(varchar(x))", Returns: "timestamp(9) with time zone", Emit: parsedNanos,
		Doc:      "Reads a timestamp in the form of ISO 8601, to nanoseconds.",
		Examples: [][2]string{{"from_iso8601_timestamp_nanos('2024-05-17T13:04:05.123456789+02:00')", "2024-05-17 13:04:05.123456789 +02:00"}}},
}

// unixtimeFunctions convert between timestamps and the time since 1970.
var unixtimeFunctions = []Function{
	{Signature: "from_unixtime(double)", Returns: "timestamp(3) with time zone", Emit: fromUnixtime, Doc: docUnixtime,
		Examples: [][2]string{{"to_unixtime(from_unixtime(1.5))", "1.5E0"}}},
	{Signature: "from_unixtime(double, varchar(x))", Returns: "timestamp(3) with time zone", Emit: fromUnixtime, Doc: docUnixtime,
		Examples: [][2]string{{"from_unixtime(0, 'Asia/Kolkata')", "1970-01-01 05:30:00.000 Asia/Kolkata"}}},
	{Signature: "from_unixtime(double, bigint, bigint)", Returns: "timestamp(3) with time zone", Emit: fromUnixtime, Doc: docUnixtime,
		Examples: [][2]string{{"from_unixtime(0, 5, 30)", "1970-01-01 05:30:00.000 +05:30"}}},
	{Signature: "from_unixtime_nanos(bigint)", Returns: "timestamp(9) with time zone", Emit: fromNanos, Doc: docNanos,
		Examples: [][2]string{{"to_unixtime(from_unixtime_nanos(1500000000))", "1.5E0"}}},
	{Signature: "from_unixtime_nanos(decimal(p,s))", Returns: "timestamp(9) with time zone", Emit: fromNanos, Doc: docNanos,
		Examples: [][2]string{{"to_unixtime(from_unixtime_nanos(DECIMAL '2500000000.4'))", "2.5E0"}}},
	{Signature: "to_unixtime(timestamp(p) with time zone)", Returns: "double", Emit: toUnixtime,
		Doc: "Returns the seconds since 1970-01-01 00:00 UTC.", Examples: [][2]string{{"to_unixtime(TIMESTAMP '1970-01-02 00:00:00 UTC')", "8.64E4"}}},
}

// zoneFunctions are about time zones.
var zoneFunctions = []Function{
	{Signature: "at_timezone(timestamp(p) with time zone, varchar(x))", Returns: "timestamp(p) with time zone", Emit: atTimezone, Doc: docAtZone,
		Examples: [][2]string{{"at_timezone(TIMESTAMP '2024-05-17 12:00:00 UTC', 'Asia/Tokyo')", "2024-05-17 21:00:00 Asia/Tokyo"}}},
	{Signature: "at_timezone(timestamp(p) with time zone, interval day to second)", Returns: "timestamp(p) with time zone", Emit: atTimezone, Hidden: true},
	{Signature: "at_timezone(time(p) with time zone, varchar(x))", Returns: "time(p) with time zone", Emit: timeAtTimezone, Hidden: true},
	{Signature: "at_timezone(time(p) with time zone, interval day to second)", Returns: "time(p) with time zone", Emit: timeAtTimezone, Hidden: true},
	{Signature: "with_timezone(timestamp(p), varchar(x))", Returns: "timestamp(p) with time zone", Emit: withTimezone,
		Doc: "Says which time zone a timestamp is meant in.", Examples: [][2]string{{"with_timezone(TIMESTAMP '2024-05-17 12:00:00', 'Asia/Tokyo')", "2024-05-17 12:00:00 Asia/Tokyo"}}},
	{Signature: "timezone(timestamp(p) with time zone)", Returns: "varchar", SQL: "struct_extract($1, 'z')", Doc: docZoneOf,
		Examples: [][2]string{{"timezone(TIMESTAMP '2024-05-17 12:00:00 Asia/Tokyo')", "Asia/Tokyo"}}},
	{Signature: "timezone(time(p) with time zone)", Returns: "varchar", SQL: "wb_time_zone(CAST(struct_extract($1, 'o') AS BIGINT))", Doc: docZoneOf,
		Examples: [][2]string{{"timezone(TIME '12:00:00 +09:00')", "+09:00"}}},
	{Signature: "timezone_hour(timestamp(p) with time zone)", Returns: "bigint", Emit: offset("// 3600"), Doc: docZoneHour,
		Examples: [][2]string{{"timezone_hour(TIMESTAMP '2024-05-17 12:00:00 -05:30')", "-5"}}},
	{Signature: "timezone_minute(timestamp(p) with time zone)", Returns: "bigint", Emit: offset("// 60 % 60"), Doc: docZoneMin,
		Examples: [][2]string{{"timezone_minute(TIMESTAMP '2024-05-17 12:00:00 -05:30')", "-30"}}},
	{Signature: "timezone_hour(time(p) with time zone)", Returns: "bigint", SQL: "CAST(struct_extract($1, 'o') // 60 AS BIGINT)", Doc: docZoneHour,
		Examples: [][2]string{{"timezone_hour(TIME '12:00:00 +05:30')", "5"}}},
	{Signature: "timezone_minute(time(p) with time zone)", Returns: "bigint", SQL: "CAST(struct_extract($1, 'o') % 60 AS BIGINT)", Doc: docZoneMin,
		Examples: [][2]string{{"timezone_minute(TIME '12:00:00 +05:30')", "30"}}},
}

// intervalFunctions take parts of intervals.
var intervalFunctions = []Function{
	{Signature: "to_milliseconds(interval day to second)", Returns: "bigint", SQL: "$1", Doc: "Returns an interval in milliseconds.",
		Examples: [][2]string{{"to_milliseconds(INTERVAL '1.5' SECOND)", "1500"}}},
	{Signature: "year(interval year to month)", Returns: "bigint", SQL: "CAST($1 // 12 AS BIGINT)", Doc: fieldDoc("year"), Examples: [][2]string{{"year(INTERVAL '30' MONTH)", "2"}}},
	{Signature: "month(interval year to month)", Returns: "bigint", SQL: "CAST($1 % 12 AS BIGINT)", Doc: fieldDoc("month"), Examples: [][2]string{{"month(INTERVAL '30' MONTH)", "6"}}},
	{Signature: "day(interval day to second)", Returns: "bigint", SQL: "($1 // 86400000)", Doc: fieldDoc("day"), Examples: [][2]string{{"day(INTERVAL '50' HOUR)", "2"}}},
	{Signature: "day_of_month(interval day to second)", Returns: "bigint", SQL: "($1 // 86400000)", Doc: fieldDoc("day"), Examples: [][2]string{{"day_of_month(INTERVAL '50' HOUR)", "2"}}},
	{Signature: "hour(interval day to second)", Returns: "bigint", SQL: "($1 // 3600000 % 24)", Doc: fieldDoc("hour"), Examples: [][2]string{{"hour(INTERVAL '50' HOUR)", "2"}}},
	{Signature: "minute(interval day to second)", Returns: "bigint", SQL: "($1 // 60000 % 60)", Doc: fieldDoc("minute"), Examples: [][2]string{{"minute(INTERVAL '90' SECOND)", "1"}}},
	{Signature: "second(interval day to second)", Returns: "bigint", SQL: "($1 // 1000 % 60)", Doc: fieldDoc("second"), Examples: [][2]string{{"second(INTERVAL '90' SECOND)", "30"}}},
	{Signature: "millisecond(interval day to second)", Returns: "bigint", SQL: "($1 % 1000)", Doc: fieldDoc("millisecond"), Examples: [][2]string{{"millisecond(INTERVAL '1.5' SECOND)", "500"}}},
}

func fieldDoc(field string) string { return "Returns the " + field + " of a date, time or interval." }

// fieldFunctions take a field of a date or timestamp; the text is DuckDB's function of local.
var fieldFunctions = func() []Function {
	var out []Function
	for _, f := range []struct{ names, sql, what, value string }{
		{"year", "year($)", "year", "2024"}, {"quarter", "quarter($)", "quarter", "2"}, {"month", "month($)", "month", "5"},
		{"week week_of_year", "week($)", "ISO week", "20"}, {"year_of_week yow", "isoyear($)", "year that the ISO week belongs to", "2024"},
		{"day day_of_month", "day($)", "day", "17"}, {"day_of_week dow", "isodow($)", "day of the week, from 1 for Monday,", "5"},
		{"day_of_year doy", "dayofyear($)", "day of the year", "138"},
	} {
		for name := range strings.FieldsSeq(f.names) {
			out = append(out, each([]string{"date", "timestamp(p)", "timestamp(p) with time zone"},
				Function{Signature: name + "(T)", Returns: "bigint", Emit: ofLocal(f.sql), Doc: fieldDoc(f.what),
					Examples: [][2]string{{name + "(DATE '2024-05-17')", f.value}}})...)
		}
	}
	for _, f := range []struct{ name, sql, value string }{
		{"hour", "hour($)", "13"}, {"minute", "minute($)", "4"}, {"second", "second($)", "5"}, {"millisecond", "(millisecond($) % 1000)", "678"},
	} {
		out = append(out, each([]string{"timestamp(p)", "timestamp(p) with time zone"},
			Function{Signature: f.name + "(T)", Returns: "bigint", Emit: ofLocal(f.sql), Doc: fieldDoc(f.name),
				Examples: [][2]string{{f.name + "(TIMESTAMP '2024-05-17 13:04:05.678')", f.value}}})...)
	}
	return out
}()

// each repeats overloads for several types, which replace the T.
func each(typs []string, fs ...Function) []Function { return perType(typs, fs...) }

func timeFields(typ, example string) []Function {
	field := func(name, op, value string) Function {
		return Function{Signature: name + "(" + typ + ")", Returns: "bigint", Doc: fieldDoc(name),
			Examples: [][2]string{{name + "(" + example + ")", value}}, Emit: func(s *Site) (string, error) {
				return cast(timePicos(s.Args[0])+op, "BIGINT"), nil
			}}
	}
	return []Function{
		field("hour", " // 3600000000000000", "13"), field("minute", " // 60000000000000 % 60", "4"),
		field("second", " // 1000000000000 % 60", "5"), field("millisecond", " // 1000000000 % 1000", "678"),
	}
}

// ofLocal fills a template whose $ is the local date or time.
func ofLocal(tmpl string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		if o := s.Args[0]; o.Type.Kind == types.TimestampTZ || o.Type.P > microPrecision {
			return s.once(o, func(o Operand) string { return strings.ReplaceAll(tmpl, "$", local(o)) }), nil
		}
		return strings.ReplaceAll(tmpl, "$", local(s.Args[0])), nil
	}
}
