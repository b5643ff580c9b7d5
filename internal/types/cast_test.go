package types

import "testing"

// The results are those of a Trino 476; "fails" stands for its errors.
func TestCast(t *testing.T) {
	tests := []struct{ from, text, to, want string }{
		{"varchar", "2020-01-01 12:34:56.789", "timestamp(1)", `"2020-01-01 12:34:56.8"`},
		{"varchar", "2020-01-01", "timestamp(3)", `"2020-01-01 00:00:00.000"`},
		{"varchar", "2020-12-31 23:59:59.9999", "timestamp(3)", `"2021-01-01 00:00:00.000"`},
		{"varchar", " 2020-01-01 00:00:00 ", "timestamp(0)", `"2020-01-01 00:00:00"`},
		{"varchar", "2020-01-01 00:00:00 UTC", "timestamp(0)", `"2020-01-01 00:00:00"`},
		{"varchar", "2020-01-01 00:00:00", "timestamp(0) with time zone", `"2020-01-01 00:00:00 UTC"`},
		{"varchar", "2020-01-01 00:00:00 +01:00", "timestamp(0) with time zone", `"2020-01-01 00:00:00 +01:00"`},
		{"varchar", "2020-01-01 00:00:00.9999999", "timestamp(6) with time zone", `"2020-01-01 00:00:01.000000 UTC"`},
		{"varchar", "23:59:59.9999", "time(3)", `"00:00:00.000"`},
		{"varchar", "12:34", "time(3)", `"12:34:00.000"`},
		{"varchar", "12:34:56+01:00", "time(0)", "fails"},
		{"varchar", " \t\v\x1c2013-02-02\x1f\n", "date", `"2013-02-02"`},
		{"varchar", "1.25", "decimal(3,1)", `"1.3"`},
		{"varchar", "-1.25", "decimal(3,1)", `"-1.3"`},
		{"varchar", "1.5e3", "decimal(5,1)", `"1500.0"`},
		{"varchar", ".5", "decimal(2,1)", `"0.5"`},
		{"varchar", "+1", "decimal(2,1)", `"1.0"`},
		{"varchar", "99.95", "decimal(3,1)", "fails"},
		{"varchar", " 1.5 ", "decimal(2,1)", "fails"},
		{"varchar", "1_0", "decimal(2,0)", "fails"},
		{"varchar", " 1", "bigint", "1"},
		{"varchar", "1.0", "bigint", "fails"},
		{"varchar", "T", "boolean", "true"},
		{"varchar", "yes", "boolean", "fails"},
		{"varchar", "abc", "varchar(2)", `"ab"`},
		{"varchar", "é😀x", "varchar(2)", `"é😀"`},
		{"varchar", "abc", "char(2)", `"ab"`},
		{"varchar", "abc", "varbinary", `"YWJj"`},
		{"varchar", "1.2.3.4", "ipaddress", `"1.2.3.4"`},
		{"char", "ab  ", "varchar(3)", `"ab "`},
		{"char", "ab  ", "varchar", `"ab  "`},
		{"bigint", "123", "varchar(2)", "fails"},
		{"bigint", "123", "varchar(3)", `"123"`},
		{"double", "1.5", "varchar", `"1.5E0"`},
		{"date", "2020-01-01", "varchar(4)", "fails"},
		{"decimal", "1.55", "decimal(2,1)", `"1.6"`},
		{"decimal", "-1.55", "decimal(2,1)", `"-1.6"`},
		{"decimal", "2.5", "bigint", "3"},
		{"decimal", "-2.5", "bigint", "-3"},
		{"decimal", "0.1", "real", "0.1"},
		{"decimal", "0.0", "boolean", "false"},
		{"double", "2.5", "bigint", "3"},
		{"double", "-2.5", "integer", "-3"},
		{"double", "1e20", "bigint", "fails"},
		{"double", "NaN", "bigint", "fails"},
		{"double", "0.125", "decimal(3,2)", `"0.13"`},
		{"double", "-0.125", "decimal(3,2)", `"-0.13"`},
		{"double", "2.675", "decimal(3,2)", `"2.68"`},
		{"double", "1e40", "real", `"Infinity"`},
		{"real", "0.125", "decimal(3,2)", `"0.13"`},
		{"real", "0.1", "double", "0.10000000149011612"},
		{"bigint", "300", "tinyint", "fails"},
		{"bigint", "-128", "tinyint", "-128"},
		{"bigint", "16777217", "real", "1.6777216E7"},
		{"bigint", "9007199254740993", "double", "9.007199254740992E15"},
		{"bigint", "1", "decimal(38,38)", "fails"},
		{"bigint", "2", "boolean", "true"},
		{"boolean", "true", "decimal(2,1)", `"1.0"`},
		{"timestamp", "2020-01-01 00:00:00.5554", "timestamp(3)", `"2020-01-01 00:00:00.555"`},
		{"timestamp", "1969-12-31 23:59:59.9995", "timestamp(3)", `"1970-01-01 00:00:00.000"`},
		{"timestamp", "1969-12-31 23:59:58.5", "timestamp(0)", `"1969-12-31 23:59:59"`},
		{"timestamp", "2020-01-01 23:59:59", "date", `"2020-01-01"`},
		{"timestamp", "2020-01-01 23:59:59.9999", "time(3)", `"00:00:00.000"`},
		{"timestamp", "2020-01-01 00:00:00.123456", "timestamp(3) with time zone", `"2020-01-01 00:00:00.123 UTC"`},
		{"timestamp", "2020-01-01 00:00:00.1235 Europe/Berlin", "timestamp(3)", `"2020-01-01 00:00:00.124"`},
		{"timestamp", "2020-01-01 00:30:00 Europe/Berlin", "date", `"2020-01-01"`},
		{"date", "2020-01-01", "timestamp(3)", `"2020-01-01 00:00:00.000"`},
		{"date", "2020-01-01", "timestamp(3) with time zone", `"2020-01-01 00:00:00.000 UTC"`},
		{"time", "12:34:56.789", "time(0) with time zone", `"12:34:57+00:00"`},
		{"time", "12:34:56.5+01:00", "time(0)", `"12:34:57"`},
	}
	for _, tt := range tests {
		from, v, err := ParseLiteral(MustParse(tt.from), tt.text)
		if err != nil {
			t.Fatal(err)
		}
		to := MustParse(tt.to)
		got := "fails"
		if result, ok := Cast(v, from, to, UTC); ok {
			got = string(AppendWire(nil, to, result))
		}
		if got != tt.want {
			t.Errorf("CAST(%s '%s' AS %s) = %s, want %s", tt.from, tt.text, tt.to, got, tt.want)
		}
	}
}

func TestCastComposite(t *testing.T) {
	tests := []struct {
		from string
		v    any
		to   string
		want string
	}{
		{"row(integer, decimal(2,1))", []any{int64(1), Int128From(25)}, "row(x double, y integer)", "[1.0,3]"},
		{"array(integer)", []any{int64(1), nil}, "array(varchar)", `["1",null]`},
		{"map(integer, integer)", []MapEntry{{int64(1), int64(2)}}, "map(varchar, double)", `{"1":2.0}`},
		{"map(double, integer)", []MapEntry{{1.1, int64(2)}, {1.2, int64(3)}}, "map(integer, integer)", "fails"},
		{"row(integer)", []any{int64(1)}, "row(integer, integer)", "fails"},
		{"integer", nil, "array(varchar)", "null"},
	}
	for _, tt := range tests {
		got := "fails"
		to := MustParse(tt.to)
		if result, ok := Cast(tt.v, MustParse(tt.from), to, UTC); ok {
			got = string(AppendWire(nil, to, result))
		}
		if got != tt.want {
			t.Errorf("cast from %s to %s = %s, want %s", tt.from, tt.to, got, tt.want)
		}
	}
}

// FuzzCast checks that no text or type makes a cast panic, and that what it gives can be shown.
func FuzzCast(f *testing.F) {
	f.Add("1.5e3", "decimal(5,1)")
	f.Add("2020-01-01 00:00:00.5 Europe/Berlin", "timestamp(3) with time zone")
	f.Fuzz(func(_ *testing.T, text, typ string) {
		to, err := Parse(typ)
		if err != nil {
			return
		}
		if v, ok := Cast(text, Of(Varchar), to, UTC); ok {
			_ = AppendWire(nil, to, v)
		}
	})
}
