package native

import (
	"encoding/base64"
	"math"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// The checksums are those of a real Trino, of a column of that one value.
func TestValueHash(t *testing.T) {
	for _, c := range []struct {
		typ  string
		v    any
		want string
	}{
		{"array(integer)", []any{int64(1), nil, int64(3)}, "Gltmf1KEef8="},
		{"map(integer, varchar)", []any{[]any{int64(1), "a"}}, "ojk9tuUhk7U="},
		{"timestamp(9)", []any{int64(1577836800123456), int64(789000)}, "HyY4qhvpYX8="},
		{"timestamp(3) with time zone", []any{int64(1577836800123000), "UTC"}, "4rjGWUphIFE="},
		{"timestamp(6) with time zone", []any{int64(1577833200123456), "Europe/Berlin"}, "qLbHL8pEqGM="},
		{"timestamp(9) with time zone", []any{int64(1577833200123456), int64(789000), "Europe/Berlin"}, "4Ydc8t6E3sM="},
		{"time(3)", int64(3723123000), "36LWsG+otnc="},
		{"time(9)", int64(3723123456789000), "RSvd8ipDBkc="},
		{"time(3) with time zone", []any{int64(3723123000000000), int64(120)}, "VgfTeazBfzA="},
		{"time(12) with time zone", []any{int64(3723123456789012), int64(-120)}, "apGRSgwjB10="},
		{"uuid", types.Int128{Hi: 0x12151fd2758611e9 ^ -1<<63, Lo: 0x8f9e2a86e4085a59}, "Hb9IhSbLumI="},
		{"double", math.NaN(), "tDgkafUdJAU="},
		{"double", -1.5, "wudzPeRB730="},
		{"real", float32(-1.5), "d0yT7/+WNfU="},
		{"boolean", true, "k4/DCrUt5dQ="},
		{"varbinary", []byte{0xaa}, "P1iOS/Ad2U0="},
		{"ipaddress", []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4}, "ASO+FNT+rng="},
		{"char(4)", "a", "/f+qzGJ0q98="},
	} {
		typ, err := typeNamed(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		sum := valueHash(typ, c.v) * checksumPrime
		got, _ := checksumBytes(&sum)
		if got := base64.StdEncoding.EncodeToString(got.([]byte)); got != c.want {
			t.Errorf("%s %v: checksum %s, want %s", c.typ, c.v, got, c.want)
		}
	}
}
