package types

import (
	"math"
	"strings"
	"testing"
)

// Each literal's type, wire form and cast to varchar are what a Trino 476 answered; cast is "" when it equals the wire
// form without quotes.
func TestLiterals(t *testing.T) {
	tests := []struct{ typ, text, wantType, wire, cast string }{
		{"boolean", "tRuE", "boolean", "true", ""},
		{"boolean", "f", "boolean", "false", ""},
		{"bigint", "+1", "bigint", "1", ""},
		{"bigint", " 1", "bigint", "1", ""},
		{"bigint", "-9223372036854775808", "bigint", "-9223372036854775808", ""},
		{"integer", "007", "integer", "7", ""},
		{"double", " 1 ", "double", "1.0", "1.0E0"},
		{"double", "1d", "double", "1.0", "1.0E0"},
		{"double", "0x1p3", "double", "8.0", "8.0E0"},
		{"double", "1e400", "double", `"Infinity"`, "Infinity"},
		{"double", "-Infinity", "double", `"-Infinity"`, "-Infinity"},
		{"double", "NaN", "double", `"NaN"`, "NaN"},
		{"double", "0", "double", "0.0", "0E0"},
		{"double", "-0.0", "double", "-0.0", "-0E0"},
		{"double", "1e-3", "double", "0.001", "1.0E-3"},
		{"double", "1e-4", "double", "1.0E-4", "1.0E-4"},
		{"double", "9999999", "double", "9999999.0", "9.999999E6"},
		{"double", "1e7", "double", "1.0E7", "1.0E7"},
		{"double", "123456789.123", "double", "1.23456789123E8", "1.23456789123E8"},
		{"double", "0.30000000000000004", "double", "0.30000000000000004", "3.0000000000000004E-1"},
		{"double", "9007199254740993", "double", "9.007199254740992E15", "9.007199254740992E15"},
		{"double", "4.9E-324", "double", "4.9E-324", "4.9E-324"},
		{"double", "2e-323", "double", "2.0E-323", "2.0E-323"},
		{"double", "1.7976931348623157E308", "double", "1.7976931348623157E308", "1.7976931348623157E308"},
		{"real", "1.5d", "real", "1.5", "1.5E0"},
		{"real", "1e39", "real", `"Infinity"`, "Infinity"},
		{"real", "3.4028235E38", "real", "3.4028235E38", "3.402823E38"},
		{"real", "1.4E-45", "real", "1.4E-45", "1.4E-45"},
		{"real", "16777216", "real", "1.6777216E7", "1.677722E7"},
		{"real", "0.1", "real", "0.1", "1.0E-1"},
		{"real", "-0", "real", "-0.0", "-0E0"},
		{"decimal", "1.5", "decimal(2,1)", `"1.5"`, ""},
		{"decimal", "001.50", "decimal(3,2)", `"1.50"`, ""},
		{"decimal", ".5", "decimal(1,1)", `"0.5"`, ""},
		{"decimal", "5.", "decimal(1,0)", `"5"`, ""},
		{"decimal", "-0.5", "decimal(1,1)", `"-0.5"`, ""},
		{"decimal", "-0.00", "decimal(2,2)", `"0.00"`, ""},
		{"decimal", "00.10", "decimal(2,2)", `"0.10"`, ""},
		{"decimal", "000", "decimal(1,0)", `"0"`, ""},
		{"decimal", "1_000.5", "decimal(5,1)", `"1000.5"`, ""},
		{"decimal", "-99999999999999999999999999999999999999", "decimal(38,0)", `"-99999999999999999999999999999999999999"`, ""},
		{"decimal", "0.00000000000000000000000000000000000001", "decimal(38,38)", `"0.00000000000000000000000000000000000001"`, ""},
		{"varchar", "é\"\\/\x01\x1f\u2028😀", "varchar", "\"é\\\"\\\\/\\u0001\\u001F\u2028😀\"", "é\"\\/\x01\x1f\u2028😀"},
		{"varbinary", "é", "varbinary", `"w6k="`, ""},
		{"char", "abc ", "char(4)", `"abc "`, ""},
		{"json", ` [1, 2.50, 1E2, -0, 0.1, true, null, "a\u00e9\/" ] `, "json",
			`"[1,2.5,100.0,0,0.1,true,null,\"aé/\"]"`, `[1,2.5,100.0,0,0.1,true,null,"aé/"]`},
		{"json", `{"b":{"z":1,"y":[{}]},"é":1,"a":1, "a":2}`, "json",
			`"{\"a\":2,\"b\":{\"y\":[{}],\"z\":1},\"é\":1}"`, `{"a":2,"b":{"y":[{}],"z":1},"é":1}`},
		{"json", `"\ud83d\ude00\u0007"`, "json", `"\"\\uD83D\\uDE00\\u0007\""`, `"\uD83D\uDE00\u0007"`},
		{"json", "100000000000000000000.5", "json", `"1.0E20"`, ""},
		{"json", "1e400", "json", `"\"Infinity\""`, `"Infinity"`},
		{"json", "123456789012345678901234567890", "json", `"123456789012345678901234567890"`, ""},
		{"date", " 2020-1-1 ", "date", `"2020-01-01"`, ""},
		{"date", "+2020-01-01", "date", `"2020-01-01"`, ""},
		{"date", "0000-01-01", "date", `"0000-01-01"`, ""},
		{"date", "-1-1-1", "date", `"-0001-01-01"`, ""},
		{"date", "10000-01-01", "date", `"+10000-01-01"`, "10000-01-01"},
		{"date", "5881580-07-11", "date", `"+5881580-07-11"`, "5881580-07-11"},
		{"date", "-5877641-06-23", "date", `"-5877641-06-23"`, ""},
		{"time", "1:2", "time(0)", `"01:02:00"`, ""},
		{"time", "01:02:03.123456789012", "time(12)", `"01:02:03.123456789012"`, ""},
		{"time", "23:59:59.9", "time(1)", `"23:59:59.9"`, ""},
		{"time", "01:02:03  +01:00", "time(0) with time zone", `"01:02:03+01:00"`, ""},
		{"time", "01:02:03.123456-08:30", "time(6) with time zone", `"01:02:03.123456-08:30"`, ""},
		{"timestamp", "2020-01-01", "timestamp(0)", `"2020-01-01 00:00:00"`, ""},
		{"timestamp", "2020-01-01 ", "timestamp(0)", `"2020-01-01 00:00:00"`, ""},
		{"timestamp", "2020-01-01 00:00:00 ", "timestamp(0)", `"2020-01-01 00:00:00"`, ""},
		{"timestamp", "+2020-1-1 1:2:3.123456789012", "timestamp(12)", `"2020-01-01 01:02:03.123456789012"`, ""},
		{"timestamp", "1969-12-31 23:59:59.999999999999", "timestamp(12)", `"1969-12-31 23:59:59.999999999999"`, ""},
		{"timestamp", "10000-01-01 00:00:00", "timestamp(0)", `"+10000-01-01 00:00:00"`, ""},
		{"timestamp", "-0001-01-01 00:00:00.1", "timestamp(1)", `"-0001-01-01 00:00:00.1"`, ""},
		{"timestamp", "294246-01-10 04:00:54.775807", "timestamp(6)", `"+294246-01-10 04:00:54.775807"`, ""},
		{"timestamp", "2020-01-01 00:00 UTC", "timestamp(0) with time zone", `"2020-01-01 00:00:00 UTC"`, ""},
		{"timestamp", "2020-01-01 UTC", "timestamp(0) with time zone", `"2020-01-01 00:00:00 UTC"`, ""},
		{"timestamp", "2020-01-01 00:00:00+1", "timestamp(0) with time zone", `"2020-01-01 00:00:00 +01:00"`, ""},
		{"timestamp", "2020-01-01 00:00:00 +0130", "timestamp(0) with time zone", `"2020-01-01 00:00:00 +01:30"`, ""},
		{"timestamp", "2020-01-01 00:00:00 -00:00", "timestamp(0) with time zone", `"2020-01-01 00:00:00 UTC"`, ""},
		{"timestamp", "2020-01-01 00:00:00 GMT+1", "timestamp(0) with time zone", `"2020-01-01 00:00:00 +01:00"`, ""},
		{"timestamp", "2020-01-01 00:00:00 Etc/GMT+5", "timestamp(0) with time zone", `"2020-01-01 00:00:00 -05:00"`, ""},
		{"timestamp", "2020-01-01 00:00:00 Zulu", "timestamp(0) with time zone", `"2020-01-01 00:00:00 UTC"`, ""},
		{"timestamp", "2020-01-01 00:00:00 EST5EDT", "timestamp(0) with time zone", `"2020-01-01 00:00:00 EST5EDT"`, ""},
		{"timestamp", "2020-01-01 00:00:00.123456789 America/New_York", "timestamp(9) with time zone",
			`"2020-01-01 00:00:00.123456789 America/New_York"`, ""},
		{"timestamp", "2020-11-01 01:30:00America/New_York", "timestamp(0) with time zone",
			`"2020-11-01 01:30:00 America/New_York"`, ""},
		{"timestamp", "1800-07-01 00:00:00 America/New_York", "timestamp(0) with time zone",
			`"1800-07-01 00:00:00 America/New_York"`, ""},
		{"timestamp", "73326-09-11 20:14:45.247 UTC", "timestamp(3) with time zone", `"+73326-09-11 20:14:45.247 UTC"`, ""},
		{"timestamp", "-69387-04-22 03:45:14.752 UTC", "timestamp(3) with time zone", `"-69387-04-22 03:45:14.752 UTC"`, ""},
		{"uuid", "12151FD2-7586-11e9-8f9e-2a86e4085a59", "uuid", `"12151fd2-7586-11e9-8f9e-2a86e4085a59"`, ""},
		{"ipaddress", "::ffff:1.2.3.4", "ipaddress", `"1.2.3.4"`, ""},
		{"ipaddress", "1.2.3.4", "ipaddress", `"1.2.3.4"`, ""},
		{"ipaddress", "2001:db8::1:0:0:0:1", "ipaddress", `"2001:db8:0:1::1"`, ""},
		{"ipaddress", "1::", "ipaddress", `"1::"`, ""},
	}
	for _, tt := range tests {
		typ, v, err := ParseLiteral(MustParse(tt.typ), tt.text)
		if err != nil {
			t.Errorf("%s '%s': %v", tt.typ, tt.text, err)
			continue
		}
		if typ.String() != tt.wantType {
			t.Errorf("%s '%s' is a %s, want %s", tt.typ, tt.text, typ, tt.wantType)
		}
		if got := string(AppendWire(nil, typ, v)); got != tt.wire {
			t.Errorf("%s '%s' goes over the wire as %s, want %s", tt.typ, tt.text, got, tt.wire)
		}
		want := tt.cast
		if want == "" {
			want = strings.Trim(tt.wire, `"`)
		}
		if got := Text(typ, v); got != want {
			t.Errorf("%s '%s' casts to %s, want %s", tt.typ, tt.text, got, want)
		}
	}
}

func TestLiteralErrors(t *testing.T) {
	usual := map[string][]string{
		"boolean":   {"yes", " true"},
		"tinyint":   {"128"},
		"bigint":    {"1_000", "9223372036854775808", "1.0"},
		"double":    {"inf", "infinity", "1_0", "x", "0x1", ""},
		"decimal":   {"", ".", "1e5", " 1.5 ", "1__0", "12345678901234567890123456789012345678.5", "0.00000000000000000000000000000000000000001"},
		"date":      {"", "2020", "2020-01", "2020-02-30", "2020-01-001", "2020-01-01 00:00:00", "5881580-07-12", "20200101-01-01", "2020--1-01"},
		"time":      {"1", "24:00:00", "01:60", "001:02", "01:02:03.", " 01:02:03", "01:02:03 UTC", "01:02:03+14:01", "01:02:03+01", "01:02:03 +0100"},
		"uuid":      {"x", "12151fd2758611e98f9e2a86e4085a59"},
		"ipaddress": {"1.2.3", "::1/64"},
		"json":      {"", "nul", "1 2", "01", `"\x"`, "NaN"},
		"timestamp": {"2020-01-01T01:02:03", "2020-01-01 01", "2020-01-01 24:00:00", "2020-01-01 23:59:60", "2020-01-01 01:02:03.",
			"202-01-01 00:00:00", " 2020-01-01 00:00:00", "2020-01-01  00:00:00", "2020-13-01 00:00:00", "2020-01-01 00:00:00 EST",
			"2020-01-01 00:00:00 Local", "2020-01-01 00:00:00 america/new_york", "2020-01-01 00:00:00 Foo/Bar",
			"2020-01-01 00:00:00 +1:30", "2020-01-01 00:00:00 5", "2020-03-08 02:30:00 America/New_York",
			"73326-09-11 20:14:45.248 UTC"},
	}
	for typ, texts := range usual {
		for _, text := range texts {
			want := "'" + text + "' is not a valid " + strings.ToUpper(typ) + " literal"
			if _, v, err := ParseLiteral(MustParse(typ), text); err == nil || err.Error() != want {
				t.Errorf("%s '%s': %v, %v, want %s", typ, text, v, err, want)
			}
		}
	}
	special := []struct{ typ, text, want string }{
		{"time", "01:02:03.1234567890123", "TIME precision must be in range [0, 12]: 13"},
		{"timestamp", "2020-01-01 00:00:00 +15:00", "Time zone not supported: +15:00"},
		{"timestamp", "2020-01-01 01:02:03.1234567890123", "TIMESTAMP precision must be in range [0, 12]: 13"},
		{"timestamp", "2020-01-01 01:02:03.1234567890123 UTC", "TIMESTAMP WITH TIME ZONE precision must be in range [0, 12]: 13"},
	}
	for _, tt := range special {
		if _, v, err := ParseLiteral(MustParse(tt.typ), tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("%s '%s': %v, %v, want %s", tt.typ, tt.text, v, err, tt.want)
		}
	}
}

func TestParseInteger(t *testing.T) {
	tests := []struct{ text, want string }{
		{"0", "integer 0"}, {"1_000", "integer 1000"}, {"0x_1F", "integer 31"}, {"0X1f", "integer 31"}, {"0b101", "integer 5"},
		{"0O17", "integer 15"}, {"2147483647", "integer 2147483647"}, {"0x80000000", "bigint 2147483648"},
		{"00000000000000000000000001", "integer 1"}, {"0x7FFFFFFFFFFFFFFF", "bigint 9223372036854775807"},
		{"-9223372036854775808", "bigint -9223372036854775808"},
		{"9223372036854775808", "Invalid numeric literal: 9223372036854775808"},
		{"0x8000000000000000", "Invalid numeric literal: 0x8000000000000000"},
	}
	for _, tt := range tests {
		typ, v, err := ParseInteger(tt.text)
		got := typ.String() + " " + Int128From(v).String()
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s = %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestParseInterval(t *testing.T) {
	tests := []struct {
		text     string
		negative bool
		from, to string
		want     string // wire text, or the error
	}{
		{"1.5", false, "SECOND", "", "0 00:00:01.500"},
		{".5", false, "SECOND", "", "0 00:00:00.500"},
		{"1.", false, "SECOND", "", "0 00:00:01.000"},
		{"0.9999", false, "SECOND", "", "0 00:00:00.999"},
		{"-0.5", false, "SECOND", "", "-0 00:00:00.500"},
		{"-1", true, "YEAR", "", "1-0"},
		{"1-2", true, "YEAR", "MONTH", "-1-2"},
		{"-1-3", false, "YEAR", "MONTH", "-1-3"},
		{"1-13", false, "YEAR", "MONTH", "2-1"},
		{"1-", false, "YEAR", "MONTH", "1-0"},
		{"1", false, "YEAR", "MONTH", "1-0"},
		{"13", false, "MONTH", "", "1-1"},
		{"178956970", false, "YEAR", "", "178956970-0"},
		{"178956971", false, "YEAR", "", "Invalid INTERVAL YEAR value: 178956971"},
		{"2147483648", false, "MONTH", "", "Invalid INTERVAL MONTH value: 2147483648"},
		{"-2147483648", false, "MONTH", "", "Invalid INTERVAL MONTH value: -2147483648"},
		{"-2 3:04:05.678", false, "DAY", "SECOND", "-2 03:04:05.678"},
		{"2 25:04:61", false, "DAY", "SECOND", "3 01:05:01.000"},
		{"2 3", false, "DAY", "SECOND", "2 03:00:00.000"},
		{"2 3:4:", false, "DAY", "SECOND", "2 03:04:00.000"},
		{"2 3:04:05.", false, "DAY", "SECOND", "2 03:04:05.000"},
		{"2 3:04", false, "DAY", "MINUTE", "2 03:04:00.000"},
		{"1 2:", false, "DAY", "MINUTE", "1 02:00:00.000"},
		{"3:04:05", false, "HOUR", "SECOND", "0 03:04:05.000"},
		{"4:05.6", false, "MINUTE", "SECOND", "0 00:04:05.600"},
		{"2147483647", false, "DAY", "", "2147483647 00:00:00.000"},
		{"", false, "DAY", "", "0 00:00:00.000"},
		{"-", false, "DAY", "", "0 00:00:00.000"},
		{"+1", false, "DAY", "", "1 00:00:00.000"},
		{"--1", false, "DAY", "", "Invalid INTERVAL DAY value: --1"},
		{" 2", false, "DAY", "", "Invalid INTERVAL DAY value:  2"},
		{"1.5", false, "DAY", "", "Invalid INTERVAL DAY value: 1.5"},
		{"1.5.5", false, "SECOND", "", "Invalid INTERVAL SECOND value: 1.5.5"},
		{"- 2 3:04", false, "DAY", "MINUTE", "Invalid INTERVAL DAY TO MINUTE value: - 2 3:04"},
		{"1 :::", false, "DAY", "SECOND", "Invalid INTERVAL DAY TO SECOND value: 1 :::"},
		{"1 -2", false, "DAY", "HOUR", "Invalid INTERVAL DAY TO HOUR value: 1 -2"},
		{"1:2:3", false, "MINUTE", "SECOND", "Invalid INTERVAL MINUTE TO SECOND value: 1:2:3"},
		{"1", false, "DAY", "DAY", "Invalid interval qualifier: DAY TO DAY"},
		{"1", false, "DAY", "YEAR", "Invalid interval qualifier: DAY TO YEAR"},
		{"1", false, "MONTH", "YEAR", "Invalid interval qualifier: MONTH TO YEAR"},
	}
	for _, tt := range tests {
		typ, v, err := ParseInterval(tt.text, tt.negative, tt.from, tt.to)
		var got string
		if err != nil {
			got = err.Error()
		} else {
			got = Text(typ, v)
		}
		if got != tt.want {
			t.Errorf("INTERVAL '%s' %s TO %s = %s, want %s", tt.text, tt.from, tt.to, got, tt.want)
		}
	}
}

func TestStringLiterals(t *testing.T) {
	unicode := []struct{ text, escape, want string }{
		{`\0041\+01F600x\\`, `\`, `A😀x\`},
		{"!0041", "!", "A"},
		{`\004`, `\`, "Incomplete escape sequence: 004"},
		{`\D800`, `\`, `Invalid escaped character: D800. Escaped character is a surrogate. Use '\+123456' instead.`},
		{`\x`, `\`, "Invalid hexadecimal digit: x"},
		{`\+110000`, `\`, "Invalid escaped character: 110000"},
		{"x", "", "Empty Unicode escape character"},
		{"x", "ab", "Invalid Unicode escape character: ab"},
	}
	for _, tt := range unicode {
		got, err := DecodeUnicode(tt.text, tt.escape)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("U&'%s' UESCAPE '%s' = %s, want %s", tt.text, tt.escape, got, tt.want)
		}
	}
	binary := []struct{ text, want string }{
		{"0 0 f F", "\x00\xff"}, {"", ""},
		{"a", "Binary literal must contain an even number of digits"},
		{"zz", "Binary literal can only contain hexadecimal digits"},
	}
	for _, tt := range binary {
		v, err := ParseBinary(tt.text)
		got := string(v)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("X'%s' = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestCompositeWire(t *testing.T) {
	tests := []struct {
		typ  string
		v    any
		want string
	}{
		{"array(integer)", []any{int64(1), nil}, "[1,null]"},
		{"row(integer, varchar)", []any{int64(1), "a"}, `[1,"a"]`},
		{"row(a date, b interval day to second)", []any{DateValue(0), IntervalDTValue(86_400_000)}, `["1970-01-01","1 00:00:00.000"]`},
		{"map(integer, varchar)", []MapEntry{{int64(1), "a"}, {int64(2), nil}}, `{"1":"a","2":null}`},
		{"map(decimal(2,1), integer)", []MapEntry{{Int128From(15), int64(1)}}, `{"1.5":1}`},
		{"map(double, integer)", []MapEntry{{1e10, int64(1)}, {math.NaN(), int64(2)}}, `{"1.0E10":1,"NaN":2}`},
		{"map(row(integer, varchar), integer)", []MapEntry{{[]any{int64(1), "a"}, int64(1)}}, `{"[1, a]":1}`},
		{"map(array(integer), integer)", []MapEntry{{[]any{int64(1), int64(2)}, int64(1)}}, `{"[1, 2]":1}`},
		{"map(map(integer, integer), integer)", []MapEntry{{[]MapEntry{{int64(1), int64(2)}}, int64(1)}}, `{"{1=2}":1}`},
		{"map(varbinary, integer)", []MapEntry{{[]byte{0, 255}, int64(1)}}, `{"AP8=":1}`},
		{"map(char(3), integer)", []MapEntry{{"a", int64(1)}}, `{"a  ":1}`},
		{"map(date, integer)", []MapEntry{{DateValue(2932897), int64(1)}}, `{"+10000-01-01":1}`},
		{"array(char(3))", []any{"é"}, `["é  "]`},
	}
	for _, tt := range tests {
		if got := string(AppendWire(nil, MustParse(tt.typ), tt.v)); got != tt.want {
			t.Errorf("%s goes over the wire as %s, want %s", tt.typ, got, tt.want)
		}
	}
}

func TestZoneInstants(t *testing.T) {
	ny := Zone("America/New_York")
	for _, tt := range []struct{ local, utc string }{
		{"2020-11-01 01:30:00", "2020-11-01 05:30:00"}, // shown twice: the earlier
		{"2500-07-01 00:00:00", "2500-07-01 04:00:00"},
		{"1800-07-01 00:00:00", "1800-07-01 04:56:02"},
	} {
		_, local, _ := ParseTimestamp(tt.local)
		_, utc, _ := ParseTimestamp(tt.utc)
		got, ok := ny.FromLocal(local.(TimestampValue).EpochMicros / 1000)
		if want := utc.(TimestampValue).EpochMicros / 1000; got != want || !ok {
			t.Errorf("%s in New York = %d, %v, want %d", tt.local, got, ok, want)
		}
	}
}

// FuzzParseLiteral checks that what parses is rendered as text that parses to the same value.
func FuzzParseLiteral(f *testing.F) {
	kinds := []Kind{Date, Time, Timestamp, Decimal, Double, Real, UUID, IPAddress, JSON, BigInt}
	for i, s := range []string{"2020-01-01", "01:02:03.5+01:00", "2020-01-01 00:00:00.123 Europe/Berlin", "-1_0.50", "1e10",
		"1.5f", "12151fd2-7586-11e9-8f9e-2a86e4085a59", "::1", `{"a":[1.0,"é😀"]}`, "-7"} {
		f.Add(uint8(i), s)
	}
	f.Fuzz(func(t *testing.T, k uint8, text string) {
		typ, v, err := ParseLiteral(Of(kinds[int(k)%len(kinds)]), text)
		if err != nil {
			return
		}
		rendered := Text(typ, v)
		if typ.Kind == Real {
			rendered = string(appendText(nil, typ, v))
		}
		typ2, v2, err := ParseLiteral(Of(typ.Kind), rendered)
		if err != nil {
			t.Fatalf("%s '%s' is shown as %s: %v", typ, text, rendered, err)
		}
		if got := Text(typ2, v2); got != Text(typ, v) {
			t.Fatalf("%s '%s' is shown as %s, which is shown as %s", typ, text, rendered, got)
		}
	})
}

func FuzzParseInterval(f *testing.F) {
	f.Add("2 3:04:05.678", "DAY", "SECOND")
	f.Add("-1-2", "YEAR", "MONTH")
	f.Fuzz(func(_ *testing.T, text, from, to string) {
		typ, v, err := ParseInterval(text, false, from, to)
		if err == nil {
			_ = Text(typ, v)
		}
	})
}

func FuzzDecodeUnicode(f *testing.F) {
	f.Add(`\0041\+01F600x\\`, `\`)
	f.Fuzz(func(_ *testing.T, text, escape string) { _, _ = DecodeUnicode(text, escape) })
}
