package postgresql

import (
	"encoding/binary"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// wireNumeric is a number in binary format.
func wireNumeric(sign uint16, weight int16, digits ...uint16) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(digits)))
	b = binary.BigEndian.AppendUint16(b, uint16(weight))
	b = binary.BigEndian.AppendUint16(b, sign)
	b = binary.BigEndian.AppendUint16(b, 0)
	for _, d := range digits {
		b = binary.BigEndian.AppendUint16(b, d)
	}
	return b
}

func TestNumeric(t *testing.T) {
	for _, tt := range []struct {
		typ  types.Type
		raw  []byte
		want string // empty: an error
	}{
		{types.DecimalOf(5, 2), wireNumeric(0, 0), "0.00"},
		{types.DecimalOf(5, 2), wireNumeric(0, 0, 1, 500), "1.05"},
		{types.DecimalOf(5, 2), wireNumeric(0x4000, -1, 100), "-0.01"},
		{types.DecimalOf(18, 0), wireNumeric(0, 4, 99, 9999, 9999, 9999, 9999), "999999999999999999"},
		{types.DecimalOf(18, 0), wireNumeric(0, 4, 100), ""},
		{types.DecimalOf(38, 0), wireNumeric(0, 9, 99, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999), "99999999999999999999999999999999999999"},
		{types.DecimalOf(38, 0), wireNumeric(0, 9, 100), ""},
		{types.DecimalOf(38, 38), wireNumeric(0, -10, 100), "0.00000000000000000000000000000000000001"},
		{types.DecimalOf(5, 2), wireNumeric(0, -1, 1), ""},       // 0.0001
		{types.DecimalOf(5, 2), wireNumeric(0, 1, 1), ""},        // 10000
		{types.DecimalOf(38, 2), wireNumeric(0, 200, 1), ""},     // 10^800
		{types.DecimalOf(5, 2), wireNumeric(0xc000, 0), ""},      // NaN
		{types.DecimalOf(5, 2), wireNumeric(0, 0, 1, 2)[:9], ""}, // cut off
	} {
		var v connector.Vector
		err := numeric(&v, tt.typ, tt.raw)
		if err != nil {
			if tt.want != "" {
				t.Errorf("%x: %v, want %s", tt.raw, err, tt.want)
			}
			continue
		}
		value, _ := jdbc.ValueAt(&v, tt.typ, 0)
		if got := types.Text(tt.typ, value); got != tt.want {
			t.Errorf("%x is %s, want %s", tt.raw, got, tt.want)
		}
	}
}

// FuzzDecode sends anything in the place of values: what is not an error has made the vector one value longer.
func FuzzDecode(f *testing.F) {
	f.Add(uint8(0), wireNumeric(0, 1, 1, 2, 3))
	f.Add(uint8(1), []byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7})
	f.Add(uint8(2), []byte{0, 0, 0, 1, 0, 0, 0, 1, 'a', 255, 255, 255, 255})
	f.Add(uint8(3), []byte("\x01{\"a\": 1}"))
	kinds := []struct {
		typ types.Type
		oid uint32
	}{
		{types.DecimalOf(18, 2), pgtype.NumericOID}, {types.ArrayOf(types.Of(types.Integer)), pgtype.Int4ArrayOID}, {types.MapOf(types.Of(types.Varchar), types.Of(types.Varchar)), 99999},
		{types.Of(types.JSON), pgtype.JSONBOID}, {types.DecimalOf(38, 10), pgtype.NumericOID}, {types.Of(types.Date), pgtype.DateOID}, {types.TimestampP(6), pgtype.TimestampOID},
		{types.Of(types.UUID), pgtype.UUIDOID}, {types.CharN(3), pgtype.BPCharOID}, {types.TimeP(6), pgtype.TimeOID}, {types.Of(types.Boolean), pgtype.BoolOID},
	}
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		k := kinds[int(which)%len(kinds)]
		var v connector.Vector
		jdbc.Reset(&v, k.typ)
		if err := decoderFor(k.typ, k.oid)(&v, raw); err == nil && v.Len(k.typ) != 1 {
			t.Errorf("%s: %x made %d values", k.typ, raw, v.Len(k.typ))
		}
	})
}

func TestDecodersRefuse(t *testing.T) {
	for _, tt := range []struct {
		typ types.Type
		oid uint32
	}{{types.Of(types.BigInt), pgtype.NumericOID}, {types.Of(types.Integer), pgtype.Int8OID}, {types.TimestampP(6), pgtype.DateOID}} {
		if decoderFor(tt.typ, tt.oid) != nil {
			t.Errorf("type %d is read as %s", tt.oid, tt.typ)
		}
	}
}

func TestPages(t *testing.T) {
	for _, tt := range []struct {
		i, n int64
		want string
	}{
		{0, 3, "(ctid >= '(0,0)'::tid AND ctid < '(3,0)'::tid)"},
		{1, 3, "(ctid >= '(3,0)'::tid AND ctid < '(6,0)'::tid)"},
		{2, 3, "ctid >= '(6,0)'::tid"},
	} {
		if got := pages(10, tt.i, tt.n); got != tt.want {
			t.Errorf("part %d of %d is %s, want %s", tt.i, tt.n, got, tt.want)
		}
	}
}
