package wire

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

func TestAppend(t *testing.T) {
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"null", AppendNull(nil), "null"},
		{"bool", AppendBool(nil, true), "true"},
		{"int", AppendInt(nil, math.MinInt64), "-9223372036854775808"},
		{"binary", AppendBinary(nil, []byte{0, 255}), `"AP8="`},
		{"uuid", AppendUUID(nil, 0x12151fd2758611e9, 0x8f9e2a86e4085a59), `"12151fd2-7586-11e9-8f9e-2a86e4085a59"`},
		{"string", AppendString(nil, "a\"\\\b\t\n\f\r\x00\x1f\x7f/<é\u2028😀"), "\"a\\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u001F\x7f/<é\u2028😀\""},
		{"string of bytes", AppendString(nil, "a\xffb\xe2\x82"), "\"a\uFFFDb\uFFFD\uFFFD\""},
		{"char", AppendChar(nil, "é", 3), `"é  "`},
		{"decimal", AppendDecimal(nil, 0, 15, 1), `"1.5"`},
		{"decimal below one", AppendDecimal(nil, -1, math.MaxUint64, 2), `"-0.01"`},
		{"decimal zero", AppendDecimal(nil, 0, 0, 2), `"0.00"`},
		{"decimal least", AppendDecimal(nil, math.MinInt64, 0, 0), `"-170141183460469231731687303715884105728"`},
		{"decimal 64", AppendDecimal64(nil, -12345, 3), `"-12.345"`},
		{"double", AppendDouble(nil, 1e7), "1.0E7"},
		{"double tiny", AppendDouble(nil, -1.5e-300), "-1.5E-300"},
		{"double nan", AppendDouble(nil, math.NaN()), `"NaN"`},
		{"real", AppendReal(nil, 0.1), "0.1"},
		{"real infinite", AppendReal(nil, float32(math.Inf(-1))), `"-Infinity"`},
		{"date", AppendDate(nil, -1), `"1969-12-31"`},
		{"timestamp 3", AppendTimestamp(nil, -1, 3), `"1969-12-31 23:59:59.999"`},
		{"timestamp 0", AppendTimestamp(nil, 1, 0), `"1970-01-01 00:00:00"`},
		{"timestamp 9", AppendTimestampNanos(nil, -1, 9), `"1969-12-31 23:59:59.999999999"`},
		{"timestamp 12", AppendTimestampPicos(nil, 1, 2, 12), `"1970-01-01 00:00:00.000001000002"`},
		{"timestamp least", AppendTimestamp(nil, math.MinInt64, 6), `"-290308-12-21 19:59:05.224192"`},
		{"timestamp tz", AppendTimestampTZ(nil, 1000, 2_000_000, -3600, "-01:00", 6), `"1969-12-31 23:00:01.000002 -01:00"`},
		{"time", AppendTime(nil, 3_723_000_000_000_001, 12), `"01:02:03.000000000001"`},
		{"time tz", AppendTimeTZ(nil, 0, -330, 0), `"00:00:00-05:30"`},
		{"interval dt", AppendIntervalDT(nil, -500), `"-0 00:00:00.500"`},
		{"interval dt least", AppendIntervalDT(nil, math.MinInt64), `"-106751991167 07:12:55.808"`},
		{"interval ym", AppendIntervalYM(nil, -15), `"-1-3"`},
	}
	for _, tt := range tests {
		if string(tt.got) != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestCivilAgreesWithTime(t *testing.T) {
	for days := int64(-800_000); days < 1_000_000; days += 17 {
		want := time.Unix(days*86400, 0).UTC()
		y, m, d := Civil(days)
		if int(y) != want.Year() || m != int(want.Month()) || d != want.Day() {
			t.Fatalf("Civil(%d) = %d-%d-%d, want %s", days, y, m, d, want)
		}
		if back := Days(y, m, d); back != days {
			t.Fatalf("Days(%d, %d, %d) = %d, want %d", y, m, d, back, days)
		}
	}
}

func TestDecimalAgreesWithBig(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		hi, lo := int64(rng.Uint64())>>rng.IntN(64), rng.Uint64()>>rng.IntN(64)
		b := new(big.Int).Lsh(big.NewInt(hi), 64)
		b.Add(b, new(big.Int).SetUint64(lo))
		if got := string(TextDecimal(nil, hi, lo, 0)); got != b.String() {
			t.Fatalf("TextDecimal(%d, %d) = %s, want %s", hi, lo, got, b)
		}
	}
}

// FuzzDouble checks that text reads back as the same number.
func FuzzDouble(f *testing.F) {
	f.Add(uint64(1))
	f.Add(math.Float64bits(1e7))
	f.Fuzz(func(t *testing.T, bits uint64) {
		v := math.Float64frombits(bits)
		for _, text := range [][]byte{TextDouble(nil, v), TextDoubleCast(nil, v)} {
			back, err := strconv.ParseFloat(string(text), 64)
			if !math.IsNaN(v) && (err != nil || math.Float64bits(back) != bits) {
				t.Fatalf("%x is written as %s", bits, text)
			}
		}
		r := math.Float32frombits(uint32(bits))
		if back, err := strconv.ParseFloat(string(TextReal(nil, r)), 32); !math.IsNaN(float64(r)) && (err != nil || float32(back) != r) {
			t.Fatalf("%x is written as %s", uint32(bits), TextReal(nil, r))
		}
		_ = TextRealCast(nil, r)
	})
}

func TestNoAllocations(t *testing.T) {
	buf := make([]byte, 0, 256)
	allocs := testing.AllocsPerRun(100, func() {
		b := AppendTimestamp(buf, 1_600_000_000_123_456, 6)
		b = AppendDecimal(b, 12345, 67890, 10)
		b = AppendString(b, "a string with a \" quote")
		b = AppendDouble(b, 1.5e100)
		b = AppendDate(b, 20000)
		b = AppendIntervalDT(b, 123456)
		b = AppendBinary(b, []byte("binary"))
		_ = AppendReal(b, 1e20)
	})
	if allocs > 1 { // reading a shortened double back makes a string, for numbers of one digit only
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkRow(b *testing.B) {
	buf := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		r := AppendInt(buf, 123456789)
		r = AppendTimestamp(r, 1_600_000_000_123_456, 3)
		r = AppendDecimal64(r, 1234567, 2)
		r = AppendString(r, "carefully final deposits detect slyly again")
		r = AppendDate(r, 9000)
		_ = AppendDouble(r, 12345.678)
	}
}
