package native

import (
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// textFunctions convert between values and the texts that casts show. A type is given by its name.
var textFunctions = []Function{
	{"wb_double_text", params("DOUBLE"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.Of(types.Double), a[0]), nil
	}},
	{"wb_real_text", params("FLOAT"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.Of(types.Real), a[0]), nil
	}},
	{"wb_interval_dt_text", params("BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.Of(types.IntervalDayToSecond), types.IntervalDTValue(a[0].(int64))), nil
	}},
	{"wb_interval_ym_text", params("BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.Of(types.IntervalYearToMonth), types.IntervalYMValue(a[0].(int64))), nil
	}},
	{"wb_date_text", params("BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.Of(types.Date), types.DateValue(a[0].(int64))), nil
	}},
	// Microseconds, picoseconds of the microsecond, precision.
	{"wb_timestamp_text", params("BIGINT", "BIGINT", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.TimestampP(int(a[2].(int64))),
			types.TimestampValue{EpochMicros: a[0].(int64), PicosOfMicro: int32(a[1].(int64))}), nil
	}},
	// The same, and the zone.
	{"wb_timestamptz_text", params("BIGINT", "BIGINT", "BIGINT", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.TimestampTZP(int(a[2].(int64))),
			zoned(moment{a[0].(int64), a[1].(int64)}, types.Zone(a[3].(string)))), nil
	}},
	// Picoseconds since midnight, precision.
	{"wb_time_text", params("BIGINT", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.TimeP(int(a[1].(int64))), types.TimeValue(a[0].(int64))), nil
	}},
	// Picoseconds since midnight, offset in minutes, precision.
	{"wb_timetz_text", params("BIGINT", "BIGINT", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return types.Text(types.TimeTZP(int(a[2].(int64))),
			types.TimeTZValue{Picos: a[0].(int64), OffsetMinutes: int(a[1].(int64))}), nil
	}},
	{"wb_parse_double", params("VARCHAR"), "DOUBLE", func(a []any) (any, error) {
		v, err := types.ParseDouble(a[0].(string))
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast '%s' to DOUBLE", a[0])
		}
		return v, nil
	}},
	{"wb_parse_date", params("VARCHAR"), "BIGINT", func(a []any) (any, error) {
		v, err := types.ParseDate(a[0].(string))
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Value cannot be cast to date: %s", a[0])
		}
		return int64(v), nil
	}},
	// The picoseconds of a timestamp, not rounded.
	{"wb_parse_timestamp", params("VARCHAR"), "HUGEINT", func(a []any) (any, error) {
		_, v, err := types.ParseTimestamp(a[0].(string))
		t, ok := v.(types.TimestampValue)
		if z, zoned := v.(types.TimestampTZValue); zoned {
			// The zone is dropped: the local time counts.
			local := z.EpochMillis + int64(z.Zone.OffsetSeconds(z.EpochMillis))*1000
			t, ok = types.TimestampValue{EpochMicros: local*1000 + int64(z.PicosOfMilli)/picosPerMicro,
				PicosOfMicro: z.PicosOfMilli % picosPerMicro}, true
		}
		if err != nil || !ok {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Value cannot be cast to timestamp: %s", a[0])
		}
		return moment{t.EpochMicros, int64(t.PicosOfMicro)}.huge(), nil
	}},
	// The instant of a timestamp with time zone, and its zone; the second argument is the session's zone.
	{"wb_parse_instant", params("VARCHAR", "VARCHAR"), "HUGEINT", func(a []any) (any, error) {
		m, _, err := parseInstant(a[0].(string), a[1].(string))
		if err != nil {
			return nil, err
		}
		return m.huge(), nil
	}},
	{"wb_parse_zone", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		_, z, err := parseInstant(a[0].(string), a[1].(string))
		return z, err
	}},
	// The picoseconds of a time, and the offset of a time with time zone.
	{"wb_parse_time", params("VARCHAR"), "BIGINT", func(a []any) (any, error) {
		_, v, err := types.ParseTime(a[0].(string))
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Value cannot be cast to time: %s", a[0])
		}
		switch v := v.(type) {
		case types.TimeValue:
			return int64(v), nil
		case types.TimeTZValue:
			return v.Picos, nil
		}
		return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Value cannot be cast to time: %s", a[0])
	}},
	{"wb_parse_offset", params("VARCHAR"), "BIGINT", func(a []any) (any, error) {
		_, v, _ := types.ParseTime(a[0].(string))
		if v, ok := v.(types.TimeTZValue); ok {
			return int64(v.OffsetMinutes), nil
		}
		return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Value cannot be cast to time with time zone: %s", a[0])
	}},
}

func zoned(m moment, z types.Zone) types.TimestampTZValue {
	millis := floorDiv(m.micros, 1000)
	return types.TimestampTZValue{EpochMillis: millis, PicosOfMilli: int32((m.micros-millis*1000)*picosPerMicro + m.picos), Zone: z}
}

func parseInstant(text, session string) (moment, string, error) {
	_, v, err := types.ParseTimestamp(text)
	if err == nil {
		switch v := v.(type) {
		case types.TimestampTZValue:
			return moment{v.EpochMillis*1000 + int64(v.PicosOfMilli)/picosPerMicro, int64(v.PicosOfMilli) % picosPerMicro}, v.Zone.String(), nil
		case types.TimestampValue:
			millis := floorDiv(v.EpochMicros, 1000)
			at, _ := types.Zone(session).FromLocal(millis)
			return moment{at*1000 + v.EpochMicros - millis*1000, int64(v.PicosOfMicro)}, session, nil
		}
	}
	return moment{}, "", trinoerr.New(trinoerr.InvalidCastArgument, "Value cannot be cast to timestamp: %s", text)
}
