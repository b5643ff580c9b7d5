package hivehash

import (
	"math"
	"testing"
)

// The buckets, of 30011, are those of "$bucket" in tables that Trino 476 wrote.
func TestBucket(t *testing.T) {
	const count = 30011
	tests := []struct {
		name        string
		hash        func(version int) int32
		first, then int // of the versions; negative when the second has no hash for it
	}{
		{`boolean false`, func(_ int) int32 { return Small(0) }, 0, 0},
		{`boolean true`, func(_ int) int32 { return Small(1) }, 1, 1},
		{`tinyint 0`, func(_ int) int32 { return Small(0) }, 0, 0},
		{`tinyint 127`, func(_ int) int32 { return Small(127) }, 127, 127},
		{`tinyint -128`, func(_ int) int32 { return Small(-128) }, 16404, 16404},
		{`tinyint -1`, func(_ int) int32 { return Small(-1) }, 16531, 16531},
		{`smallint 0`, func(v int) int32 { return Short(v, 0) }, 0, 21894},
		{`smallint 300`, func(v int) int32 { return Short(v, 300) }, 300, 19416},
		{`smallint 32767`, func(v int) int32 { return Short(v, 32767) }, 2756, 12214},
		{`smallint -32768`, func(v int) int32 { return Short(v, -32768) }, 13775, 14599},
		{`smallint -1`, func(v int) int32 { return Short(v, -1) }, 16531, 6912},
		{`integer 0`, func(v int) int32 { return Int(v, 0) }, 0, 3706},
		{`integer -2147483648`, func(v int) int32 { return Int(v, -2147483648) }, 0, 23074},
		{`integer 300`, func(v int) int32 { return Int(v, 300) }, 300, 12388},
		{`integer -1`, func(v int) int32 { return Int(v, -1) }, 16531, 569},
		{`integer 2147483647`, func(v int) int32 { return Int(v, 2147483647) }, 16531, 14376},
		{`bigint 0`, func(v int) int32 { return Long(v, 0) }, 0, 23854},
		{`bigint -1`, func(v int) int32 { return Long(v, -1) }, 0, 4376},
		{`bigint 9223372036854775807`, func(v int) int32 { return Long(v, 9223372036854775807) }, 0, 5349},
		{`bigint -9223372036854775808`, func(v int) int32 { return Long(v, -9223372036854775808) }, 0, 20226},
		{`bigint 4294967296`, func(v int) int32 { return Long(v, 4294967296) }, 1, 795},
		{`bigint -4294967297`, func(v int) int32 { return Long(v, -4294967297) }, 1, 8122},
		{`bigint 300`, func(v int) int32 { return Long(v, 300) }, 300, 19392},
		{`real 0.0`, func(_ int) int32 { return Real(0.0) }, 0, -1},
		{`real -0.0`, func(_ int) int32 { return Real(float32(math.Copysign(0, -1))) }, 0, -1},
		{`real -3.25E20`, func(_ int) int32 { return Real(-3.25e+20) }, 7134, -1},
		{`real 1.5`, func(_ int) int32 { return Real(1.5) }, 15502, -1},
		{`double 0.0`, func(_ int) int32 { return Double(0.0) }, 0, -1},
		{`double -0.0`, func(_ int) int32 { return Double(math.Copysign(0, -1)) }, 0, -1},
		{`double 0.1`, func(_ int) int32 { return Double(0.1) }, 6920, -1},
		{`double -3.25E200`, func(_ int) int32 { return Double(-3.25e+200) }, 11203, -1},
		{`double 1.5`, func(_ int) int32 { return Double(1.5) }, 24176, -1},
		{`varchar ""`, func(v int) int32 { return Text(v, false, "") }, 0, 1639},
		{`varchar "a"`, func(v int) int32 { return Text(v, false, "a") }, 97, 18255},
		{`varchar "žluťoučký \uD83D\uDE00"`, func(v int) int32 { return Text(v, false, "žluťoučký 😀") }, 4080, 14070},
		{`varchar "abcde"`, func(v int) int32 { return Text(v, false, "abcde") }, 15460, 20918},
		{`varchar "abcd"`, func(v int) int32 { return Text(v, false, "abcd") }, 15985, 29870},
		{`varchar "abcdefg"`, func(v int) int32 { return Text(v, false, "abcdefg") }, 17321, 9568},
		{`varchar "hello world"`, func(v int) int32 { return Text(v, false, "hello world") }, 18461, 27472},
		{`varchar "abcdefgh"`, func(v int) int32 { return Text(v, false, "abcdefgh") }, 22029, 28117},
		{`date "1970-01-01"`, func(v int) int32 { return Int(v, 0) }, 0, 3706},
		{`date "2020-02-29"`, func(v int) int32 { return Int(v, 18321) }, 18321, 4064},
		{`date "1900-01-01"`, func(v int) int32 { return Int(v, -25567) }, 20976, 24604},
		{`varchar(5) ""`, func(v int) int32 { return Text(v, true, "") }, 1, 1639},
		{`varchar(5) "ab"`, func(v int) int32 { return Text(v, true, "ab") }, 4066, 28365},
		{`varchar(5) "žluť"`, func(v int) int32 { return Text(v, true, "žluť") }, 20804, 13596},
	}
	for _, tt := range tests {
		for version, want := range map[int]int{V1: tt.first, V2: tt.then} {
			if got := Bucket(count, tt.hash(version)); got != want && want >= 0 {
				t.Errorf("version %d, %s: got %d, want %d", version, tt.name, got, want)
			}
		}
	}
	if got := Bucket(count, Text(V1, false, "hello"), Long(V1, -5)); got != 18735 {
		t.Errorf("two columns: got %d", got)
	}
	if got := Bucket(count, Long(V2, -5), Text(V2, false, "hello")); got != 19537 {
		t.Errorf("two columns: got %d", got)
	}
	if got := Bucket(count, 0, Text(V2, false, "y")); got != 12225 {
		t.Errorf("NULL before a text: got %d", got)
	}
}
