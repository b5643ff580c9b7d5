package types

import (
	"errors"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// The names are those that a Trino 476 shows: typeof's, and the protocol's where it differs.
func TestParse(t *testing.T) {
	tests := []struct{ text, display, protocol string }{
		{"INT", "integer", ""},
		{"bigint", "bigint", ""},
		{"double precision", "double", ""},
		{"varchar", "varchar", ""},
		{"varchar(2147483647)", "varchar", ""},
		{"varchar(0)", "varchar(0)", ""},
		{"char", "char(1)", ""},
		{"char(0)", "char(0)", ""},
		{"decimal", "decimal(38,0)", "decimal(38, 0)"},
		{"decimal(5)", "decimal(5,0)", "decimal(5, 0)"},
		{"Decimal ( 10 , 2 )", "decimal(10,2)", "decimal(10, 2)"},
		{"timestamp", "timestamp(3)", ""},
		{"timestamp without time zone", "timestamp(3)", ""},
		{"timestamp(0) with time zone", "timestamp(0) with time zone", ""},
		{"time(6) without time zone", "time(6)", ""},
		{"time with time zone", "time(3) with time zone", ""},
		{`"timestamp with time zone"`, "timestamp(3) with time zone", ""},
		{`"VARCHAR"(3)`, "varchar(3)", ""},
		{"interval day to second", "interval day to second", "INTERVAL DAY TO SECOND"},
		{"interval year to month", "interval year to month", "INTERVAL YEAR TO MONTH"},
		{"hyperloglog", "HyperLogLog", ""},
		{"qdigest(bigint)", "qdigest(bigint)", ""},
		{"ipaddress", "ipaddress", ""},
		{"array(bigint)", "array(bigint)", ""},
		{"array<bigint>", "array(bigint)", ""},
		{"bigint array[3] array", "array(array(bigint))", ""},
		{"map<varchar, double>", "map(varchar, double)", ""},
		{"map(varchar(3), array(decimal(3,1)))", "map(varchar(3), array(decimal(3,1)))", "map(varchar(3), array(decimal(3, 1)))"},
		{`row(a bigint, "B c" varchar, bigint)`, "row(a bigint, B c varchar, bigint)", `row(a bigint, "B c" varchar, bigint)`},
		{`row(Y int, "A" int, "order" int, "1a" int, "_x" int, "é" int)`,
			"row(y integer, A integer, order integer, 1a integer, _x integer, é integer)",
			`row(y integer, A integer, "order" integer, "1a" integer, "_x" integer, "é" integer)`},
		{`row("a""b" int)`, `row(a"b integer)`, `row("a""b" integer)`},
		{"row(row int, bigint int, double int, x double precision, double precision)",
			"row(row integer, bigint integer, double integer, x double, double)", ""},
		{"row(timestamp timestamp with time zone, interval interval day to second, row(int))",
			"row(timestamp timestamp(3) with time zone, interval interval day to second, row(integer))",
			"row(timestamp timestamp(3) with time zone, interval INTERVAL DAY TO SECOND, row(integer))"},
		{"row(bigint array, x bigint array)", "row(array(bigint), x array(bigint))", ""},
	}
	for _, tt := range tests {
		got, err := Parse(tt.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		if got.String() != tt.display {
			t.Errorf("Parse(%q).String() = %q, want %q", tt.text, got, tt.display)
		}
		want := tt.protocol
		if want == "" {
			want = tt.display
		}
		if got.ProtocolName() != want {
			t.Errorf("Parse(%q).ProtocolName() = %q, want %q", tt.text, got.ProtocolName(), want)
		}
	}
}

func TestParseUnknown(t *testing.T) {
	for _, text := range []string{"", "foo", "array(foo)", "array", "array(int, int)", "map(int)", "varchar(2147483648)",
		"varchar(3, 4)", "char(65537)", "timestamp(13)", "bigint(3)", "decimal(a)", "decimal(1, 2, 3)", "numeric(3)",
		"row", "row()", "row(a)", "row(a foo)", "int int", "array(int", `"`, `""`, "unknown", "float", "string", "3",
		strings.Repeat("array(", 1e5), "int" + strings.Repeat(" array", 1e5)} {
		if got, err := Parse(text); !errors.Is(err, ErrUnknownType) {
			t.Errorf("Parse(%.40q) = %v, %v; want ErrUnknownType", text, got, err)
		}
	}
}

func TestParseTrinoErrors(t *testing.T) {
	tests := []struct {
		text, want string
		code       *trinoerr.Code
	}{
		{"decimal(39)", "DECIMAL precision must be in range [1, 38]: 39", trinoerr.InvalidFunctionArgument},
		{"decimal(0,0)", "DECIMAL precision must be in range [1, 38]: 0", trinoerr.InvalidFunctionArgument},
		{"row(decimal(3,4))", "DECIMAL scale must be in range [0, precision (3)]: 4", trinoerr.InvalidFunctionArgument},
		{"interval day to hour", "INTERVAL DAY TO HOUR type not supported", trinoerr.NotSupported},
	}
	for _, tt := range tests {
		_, err := Parse(tt.text)
		if err == nil || err.Error() != tt.want || trinoerr.CodeOf(err) != tt.code {
			t.Errorf("Parse(%q): %v, want %s", tt.text, err, tt.want)
		}
	}
}

// FuzzParse checks that whatever parses is printed, in the protocol's form, as text that parses to the same type. Only the
// case of field names may get lost: Trino prints row("A" integer) without the quotes.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"decimal(3,1)", `row(a int, "b""c" varchar(3), interval interval day to second)`,
		"map(int array, timestamp(3) with time zone)", "qdigest(double precision)", "row(row row(int))", `row("A"int)`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		typ, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(typ.ProtocolName())
		if err != nil || !again.Equal(typ) && !strings.EqualFold(again.ProtocolName(), typ.ProtocolName()) {
			t.Fatalf("%q parses to %s, which parses to %v, %v", text, typ.ProtocolName(), again, err)
		}
	})
}
