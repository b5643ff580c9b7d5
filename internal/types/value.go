package types

// Constants are plain Go values; the type beside them says how to read them. NULL is nil.
//
//	boolean                      bool
//	tinyint … bigint             int64
//	real, double                 float32, float64
//	decimal(p, s)                Int128, unscaled
//	varchar, json                string
//	char(n)                      string, without trailing spaces
//	varbinary and sketches       []byte
//	date                         DateValue
//	time, time with time zone    TimeValue, TimeTZValue
//	timestamp, … with time zone  TimestampValue, TimestampTZValue
//	intervals                    IntervalDTValue, IntervalYMValue
//	uuid, ipaddress              UUIDValue, IPAddressValue
//	array, row                   []any
//	map                          []MapEntry

// DateValue counts days since 1970-01-01.
type DateValue int64

// TimeValue counts picoseconds since midnight.
type TimeValue int64

// TimeTZValue is a local time with its offset from UTC.
type TimeTZValue struct {
	Picos         int64 // since local midnight
	OffsetMinutes int
}

// TimestampValue is a local date and time, counted as if the zone were UTC.
type TimestampValue struct {
	EpochMicros  int64
	PicosOfMicro int32 // 0 to 999,999
}

// TimestampTZValue is an instant and the zone to show it in.
type TimestampTZValue struct {
	EpochMillis  int64
	PicosOfMilli int32 // 0 to 999,999,999
	Zone         Zone
}

// IntervalDTValue is an interval day to second in milliseconds.
type IntervalDTValue int64

// IntervalYMValue is an interval year to month in months.
type IntervalYMValue int64

// UUIDValue is a UUID, big-endian.
type UUIDValue [16]byte

// IPAddressValue is an IPv6 address, or an IPv4 address mapped to one.
type IPAddressValue [16]byte

// MapEntry is one entry of a map; keys are unique and not nil.
type MapEntry struct{ Key, Value any }
