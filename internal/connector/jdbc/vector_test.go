package jdbc

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TestAppenders gives drivers' values of all sorts to columns of all sorts.
func TestAppenders(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 123456000, time.FixedZone("", 3600))
	for _, tt := range []struct {
		typ   types.Type
		value any
		want  string // empty: an error
	}{
		{types.Of(types.Boolean), true, "true"}, {types.Of(types.Boolean), int64(0), "false"}, {types.Of(types.Boolean), int64(2), ""},
		{types.Of(types.TinyInt), []byte("-128"), "-128"}, {types.Of(types.TinyInt), int64(128), ""}, {types.Of(types.BigInt), uint64(1 << 63), ""},
		{types.Of(types.Integer), 1.5, ""}, {types.Of(types.Integer), "12x", ""}, {types.Of(types.Double), []byte("1.5"), "1.5E0"}, {types.Of(types.Real), float32(2), "2.0E0"},
		{types.DecimalOf(5, 2), "123.45", "123.45"}, {types.DecimalOf(5, 2), "1234.5", ""}, {types.DecimalOf(20, 0), uint64(18446744073709551615), "18446744073709551615"},
		{types.Of(types.Date), "2024-02-29", "2024-02-29"}, {types.Of(types.Date), "0000-00-00", ""}, {types.Of(types.Date), at, "2024-02-29"},
		{types.TimeP(3), []byte("23:59:59.999"), "23:59:59.999"}, {types.TimeP(3), "838:59:59", ""},
		{types.TimestampP(6), at, "2024-02-29 12:00:00.123456"}, {types.TimestampTZP(3), at, "2024-02-29 11:00:00.123 UTC"},
		{types.TimestampP(0), "1969-12-31 23:59:59", "1969-12-31 23:59:59"}, {types.Of(types.Varchar), int64(7), "7"}, {types.CharN(4), []byte("a  "), "a   "},
		{types.Of(types.JSON), `{"b":1, "a":2}`, `{"a":2,"b":1}`}, {types.Of(types.JSON), "{", ""},
		{types.Of(types.UUID), "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001"}, {types.Of(types.Varchar), struct{}{}, ""},
	} {
		a, ok := appenders(tt.typ)
		if !ok {
			t.Fatalf("no %s", tt.typ)
		}
		var v connector.Vector
		Reset(&v, tt.typ)
		err := a(&v, tt.value)
		got := ""
		if err == nil {
			value, _ := ValueAt(&v, tt.typ, 0)
			got = types.Text(tt.typ, value)
		}
		if got != tt.want {
			t.Errorf("%v as %s is %q (%v), want %q", tt.value, tt.typ, got, err, tt.want)
		}
	}
}
