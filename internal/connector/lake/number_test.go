package lake

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		typ  types.Type
		v    any
		want float64
	}{
		{types.Of(types.BigInt), int64(-3), -3},
		{types.Of(types.Date), types.DateValue(7), 7},
		{types.DecimalOf(10, 2), types.Int128{Hi: -1, Lo: ^uint64(224)}, -2.25},
		{types.DecimalOf(38, 0), types.Int128{Hi: 1}, 18446744073709551616},
		{types.DecimalOf(38, 0), types.Int128{Hi: -1}, -18446744073709551616},
	} {
		if got, ok := Number(tt.typ, tt.v); !ok || got != tt.want {
			t.Errorf("Number(%s, %v) = %v, %v; want %v", tt.typ, tt.v, got, ok, tt.want)
		}
	}
	if _, ok := Number(types.Of(types.Varchar), "1"); ok {
		t.Error("a text is a number")
	}
}
