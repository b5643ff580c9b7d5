package native

import (
	"encoding/hex"
	"math"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Values become the bytes that Iceberg's specification gives for single values.
func TestSingleValue(t *testing.T) {
	for _, x := range []struct {
		typ  string
		v    any
		want string
	}{
		{"boolean", true, "01"}, {"boolean", false, "00"},
		{"integer", int64(-2), "feffffff"}, {"date", int64(1), "01000000"}, {"bigint", int64(258), "0201000000000000"},
		{"timestamp(6)", int64(1), "0100000000000000"}, {"timestamp(6) with time zone", []any{int64(2), int64(0)}, "0200000000000000"},
		{"real", float32(1), "0000803f"}, {"double", 1.0, "000000000000f03f"},
		{"varchar", "ä", "c3a4"}, {"varbinary", []byte{0, 1}, "0001"},
		{"decimal(9,2)", types.Int128From(1420), "058c"}, {"decimal(38,0)", types.Int128From(-1), "ff"}, {"decimal(9,2)", types.Int128From(128), "0080"},
		{"decimal(9,2)", types.Int128From(-129), "ff7f"}, {"uuid", types.Int128{Hi: math.MinInt64 + 1, Lo: 2}, "00000000000000010000000000000002"},
	} {
		typ, err := types.Parse(x.typ)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := singleValue(typ, x.v)
		if got := hex.EncodeToString(raw); got != x.want || err != nil {
			t.Errorf("%v of type %s is %s, %v, want %s", x.v, x.typ, got, err, x.want)
		}
	}
	if _, err := singleValue(types.ArrayOf(types.Of(types.BigInt)), []any{int64(1)}); err == nil {
		t.Error("an array has a sketch")
	}
}
