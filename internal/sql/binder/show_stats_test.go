package binder

import (
	"math"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// TestStatText renders bounds as Trino 476 does: decimals as if they were doubles, whatever their scale.
func TestStatText(t *testing.T) {
	for _, tt := range []struct {
		typ   types.Type
		value float64
		want  any
	}{
		{types.DecimalOf(10, 2), 5, "5.0"}, {types.DecimalOf(10, 0), 5, "5.0"}, {types.DecimalOf(38, 2), -9753.89, "-9753.89"},
		{types.Of(types.Double), 5, "5.0"}, {types.Of(types.BigInt), 5, "5"}, {types.Of(types.Date), 10227, "1998-01-01"},
		{types.DecimalOf(10, 2), math.NaN(), nil}, {types.CharN(3), 5, nil},
	} {
		if got := statText(tt.typ, tt.value); got != tt.want {
			t.Errorf("%v of %v: got %v, want %v", tt.value, tt.typ, got, tt.want)
		}
	}
}
