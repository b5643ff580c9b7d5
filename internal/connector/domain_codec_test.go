package connector

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestDomainCodec(t *testing.T) {
	values := []any{true, int64(math.MinInt64), float32(math.Inf(-1)), 0.1, types.Int128{Hi: -3, Lo: math.MaxUint64}, "ä'\x00", []byte{0, 255}, types.DateValue(-1), types.TimeValue(7),
		types.TimeTZValue{Picos: 5, OffsetMinutes: -30}, types.TimestampValue{EpochMicros: -1, PicosOfMicro: 999_999}, types.TimestampTZValue{EpochMillis: 4, PicosOfMilli: 1, Zone: "Europe/Vienna"},
		types.IntervalDTValue(3), types.IntervalYMValue(4), types.UUIDValue{1, 2}, types.IPAddressValue{15: 1}, nil}
	domains := []Domain{{Column: "all", Values: values, NullAllowed: true}, {Column: "low", Low: &Bound{int64(3), true}}, {Column: "both", Low: &Bound{"a", false}, High: &Bound{"b", true}}}
	for _, v := range values[:len(values)-1] {
		domains = append(domains, Domain{Column: "one", High: &Bound{v, false}})
	}
	raw, err := EncodeDomains(domains)
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeDomains(raw)
	if err != nil || !reflect.DeepEqual(back, domains) {
		t.Errorf("%v, %v\nwant %v", back, err, domains)
	}
	again, err := EncodeDomains(back)
	if err != nil || !bytes.Equal(again, raw) {
		t.Errorf("%s, %v, first %s", again, err, raw)
	}
	if _, err := EncodeDomains([]Domain{{Column: "a", Values: []any{[]any{int64(1)}}}}); err == nil {
		t.Error("an array is encoded")
	}
}

func FuzzDecodeDomains(f *testing.F) {
	f.Add([]byte(`[{"column":"a","values":[{"int64":3},null],"low":{"value":{"real":"+Inf"},"inclusive":true},"nullAllowed":true}]`))
	f.Add([]byte(`[{"column":"a","high":{"value":{"timestampTz":{"Zone":"UTC"}}}}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		domains, err := DecodeDomains(raw)
		if err != nil {
			return
		}
		if _, err := EncodeDomains(domains); err != nil {
			t.Errorf("%s is read and cannot be written: %v", raw, err)
		}
	})
}
