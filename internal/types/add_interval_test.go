package types

import "testing"

func TestAddInterval(t *testing.T) {
	const day = IntervalDTValue(24 * 60 * 60 * 1000)
	date := func(text string) any {
		v, ok := Cast(text, VarcharN(10), Of(Date), UTC)
		if !ok {
			t.Fatal(text)
		}
		return v
	}
	for _, tt := range []struct {
		moment, interval any
		sign             int64
		want             any
	}{
		{date("2024-01-31"), IntervalYMValue(1), 1, date("2024-02-29")},
		{date("2024-03-31"), IntervalYMValue(13), -1, date("2023-02-28")},
		{date("1960-05-31"), IntervalYMValue(1), -1, date("1960-04-30")},
		{date("2024-02-28"), 2 * day, 1, date("2024-03-01")},
		{date("2024-02-28"), IntervalDTValue(1000), 1, nil},
		{TimestampValue{EpochMicros: 5, PicosOfMicro: 7}, IntervalDTValue(2), -1, TimestampValue{EpochMicros: -1995, PicosOfMicro: 7}},
		{TimestampValue{EpochMicros: 1}, IntervalYMValue(1), 1, TimestampValue{EpochMicros: 31*86_400_000_000 + 1}},
		{TimestampTZValue{EpochMillis: 0, PicosOfMilli: 3, Zone: UTC}, day, 1, TimestampTZValue{EpochMillis: int64(day), PicosOfMilli: 3, Zone: UTC}},
		// The clocks of Berlin went forward in between: the same time of day is an hour earlier in UTC.
		{TimestampTZValue{EpochMillis: 1_709_290_800_000, Zone: "Europe/Berlin"}, IntervalYMValue(1), 1,
			TimestampTZValue{EpochMillis: 1_709_290_800_000 + (31*24-1)*3_600_000, Zone: "Europe/Berlin"}},
		{"text", day, 1, nil},
		{date("2024-02-28"), int64(1), 1, nil},
	} {
		got, ok := AddInterval(tt.moment, tt.interval, tt.sign)
		if ok != (tt.want != nil) || ok && got != tt.want {
			t.Errorf("%v + %d * %v = %v, %v, want %v", tt.moment, tt.sign, tt.interval, got, ok, tt.want)
		}
	}
}
