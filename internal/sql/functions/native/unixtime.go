package native

import (
	"math"
	"math/big"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/clockformat"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// unixtimeFunctions convert between numbers and times.
var unixtimeFunctions = []Function{
	// Seconds to microseconds of whole milliseconds.
	{"wb_unixtime", params("DOUBLE"), "BIGINT", func(a []any) (any, error) {
		ms := saturate(math.Floor(a[0].(float64)*1000 + 0.5))
		if err := checkMillis(ms); err != nil {
			return nil, err
		}
		return ms * 1000, nil
	}},
	{"wb_offset_of", params("BIGINT", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		minutes := a[0].(int64)*60 + a[1].(int64)
		if minutes < -14*60 || minutes > 14*60 {
			return nil, badArgument("Invalid offset minutes %d", minutes)
		}
		return types.OffsetZone(int(minutes)).String(), nil
	}},
	// Milliseconds or months, number, multiply or divide.
	{"wb_scale_interval", params("BIGINT", "DOUBLE", "VARCHAR"), "BIGINT", func(a []any) (any, error) {
		v, n, op := float64(a[0].(int64)), a[1].(float64), a[2].(string)
		if math.IsNaN(n) || op == "divide" && n == 0 {
			return nil, badArgument("Cannot %s by double %s", op, wire.TextDouble(nil, n))
		}
		if op == "divide" {
			return saturate(v / n), nil
		}
		return saturate(v * n), nil
	}},
	// The zone of a time's offset in minutes.
	{"wb_time_zone", params("BIGINT"), "VARCHAR", func(a []any) (any, error) {
		return clockformat.OffsetText(a[0].(int64)*60, true), nil
	}},
	// The normalised name of a zone, for functions that leave the error to the zone.
	{"wb_known_zone", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		z, err := types.ParseZone(a[0].(string))
		return z.String(), err
	}},
	// Nanoseconds to microseconds, rounded down.
	{"wb_nanos_micros", params("HUGEINT"), "BIGINT", func(a []any) (any, error) {
		v := a[0].(types.Int128).Big()
		v.Div(v, big.NewInt(1000))
		if !v.IsInt64() || checkMillis(floorDiv(v.Int64(), 1000)) != nil {
			return nil, badArgument("long overflow")
		}
		return v.Int64(), nil
	}},
	// Instants must fit into 52 bits of milliseconds.
	{"wb_check_instant", params("BIGINT"), "BIGINT", func(a []any) (any, error) {
		us := a[0].(int64)
		if ms := floorDiv(us, 1000); ms > maxMillis || ms < -maxMillis-1 {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Out of range for timestamp with time zone: %d", ms)
		}
		return us, nil
	}},
}
