package jdbc

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestPlainMicros(t *testing.T) {
	for _, tt := range []struct {
		text string
		typ  types.Type
		want string // empty: left to package time
	}{
		{"1970-01-01", types.Of(types.Date), "1970-01-01"}, {"0000-02-29", types.Of(types.Date), "0000-02-29"}, {"9999-12-31", types.Of(types.Date), "9999-12-31"},
		{"1900-02-29", types.Of(types.Date), ""}, {"2024-02-30", types.Of(types.Date), ""}, {"2024-04-31", types.Of(types.Date), ""}, {"2024-13-01", types.Of(types.Date), ""},
		{"0000-00-00", types.Of(types.Date), ""}, {"2024-02-2", types.Of(types.Date), ""}, {"2024-02-29 00:00:00", types.Of(types.Date), ""}, {"2024/02/29", types.Of(types.Date), ""},
		{"1969-12-31 23:59:59.999999", types.TimestampP(6), "1969-12-31 23:59:59.999999"}, {"2024-02-29 01:02:03.5", types.TimestampP(6), "2024-02-29 01:02:03.500000"},
		{"2024-02-29 01:02:03", types.TimestampP(0), "2024-02-29 01:02:03"}, {"2024-02-29", types.TimestampP(0), ""}, {"2024-02-29T01:02:03", types.TimestampP(0), ""},
		{"2024-02-29 24:00:00", types.TimestampP(0), ""}, {"2024-02-29 01:60:03", types.TimestampP(0), ""}, {"2024-02-29 01:02:60", types.TimestampP(0), ""},
		{"2024-02-29 1:02:03", types.TimestampP(0), ""}, {"2024-02-29 01:02:03.", types.TimestampP(0), ""}, {"2024-02-29 01:02:03.1234567", types.TimestampP(6), ""},
		{"2024-02-29 01:02:03,5", types.TimestampP(6), ""}, {"", types.Of(types.Date), ""},
	} {
		us, ok := plainMicros(tt.text, tt.typ)
		got := ""
		if ok && tt.typ.Kind == types.Date {
			got = types.Text(tt.typ, types.DateValue(types.FloorDiv(us, microsOfDay)))
		} else if ok {
			got = types.Text(tt.typ, types.TimestampValue{EpochMicros: us})
		}
		if got != tt.want {
			t.Errorf("%q as %s is %q, want %q", tt.text, tt.typ, got, tt.want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { plainMicros([]byte("2024-02-29 01:02:03.123456"), types.TimestampP(6)) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzDateTime compares the quick way to read dates and times with the other.
func FuzzDateTime(f *testing.F) {
	for _, s := range []string{"2024-02-29", "0000-02-29 23:59:59", "9999-12-31 00:00:00.000001", "23:59:59.5", "1:2:3", "838:59:59", "-01:00:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range []types.Type{types.Of(types.Date), types.TimestampP(6)} {
			if got, ok := plainMicros(s, typ); ok {
				if want, err := parsedMicros(s, typ); err != nil || got != want {
					t.Errorf("%q as %s is %d, want %d, %v", s, typ, got, want, err)
				}
			}
		}
		if got, ok := plainClock(s); ok {
			if want, err := parsedClock(s, types.TimeP(6)); err != nil || got != want {
				t.Errorf("%q is %d, want %d, %v", s, got, want, err)
			}
		}
	})
}
