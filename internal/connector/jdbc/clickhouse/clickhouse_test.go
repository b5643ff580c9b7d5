package clickhouse

import (
	"errors"
	"fmt"
	"math"
	"testing"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestURL(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"jdbc:clickhouse://db:8124/", "[db:8124] u p tls=false"},
		{"jdbc:clickhouse://db", "[db:8123] u p tls=false"},
		{"jdbc:ch:http://db/default", "[db:8123] u p tls=false"},
		{"jdbc:clickhouse:https://db", "[db:8443] u p tls=true"},
		{"jdbc:clickhouse://db?ssl=true&sslmode=none&compress=1", "[db:8443] u p tls=true unverified"},
		{"jdbc:clickhouse://[::1]?socket_timeout=1500&user=other", "[[::1]:8123] u p tls=false"},
		{"jdbc:clickhouse:grpc://db", "connection-url: only the protocols http and https are supported, not 'grpc'"},
		{"jdbc:clickhouse://db/shop", "connection-url: must name no database: each is a schema of the catalog"},
		{"jdbc:clickhouse://a,b", "connection-url: must name one server"},
		{"jdbc:clickhouse://", "connection-url: must name one server"},
		{"jdbc:clickhouse://db?sslmode=maybe", "connection-url: sslmode cannot be 'maybe'"},
		{"jdbc:clickhouse://db?socket_timeout=x", "connection-url: socket_timeout must be a number of milliseconds"},
		{"jdbc:clickhouse://db?custom_http_params=x", "connection-url: parameter 'custom_http_params' is not supported"},
		{"jdbc:mysql://db", "connection-url: must begin with jdbc:clickhouse: or jdbc:ch:"},
	} {
		got := ""
		if o, err := options(&jdbc.Settings{URL: tt.url, User: "u", Password: "p", PoolSize: 3}); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprintf("%v %s %s tls=%v", o.Addr, o.Auth.Username, o.Auth.Password, o.TLS != nil)
			if o.TLS != nil && o.TLS.InsecureSkipVerify {
				got += " unverified"
			}
		}
		if got != tt.want {
			t.Errorf("%s is %s, want %s", tt.url, got, tt.want)
		}
	}
}

// Types are read as Trino reads them, and made as Trino makes them but for dates and fractions of seconds.
func TestTypes(t *testing.T) {
	for _, tt := range []struct {
		native  string
		notNull bool
		want    string
	}{
		{"Bool", true, "boolean"}, {"Nullable(Bool)", false, "boolean"}, {"Int8", true, "tinyint"}, {"UInt8", true, "smallint"}, {"UInt32", true, "bigint"}, {"UInt64", true, "decimal(20,0)"},
		{"Float32", true, "real"}, {"Decimal(9, 2)", true, "decimal(9,2)"}, {"Nullable(Decimal(38, 10))", false, "decimal(38,10)"}, {"Decimal(76, 2)", true, ""},
		{"String", true, "varbinary"}, {"LowCardinality(String)", true, "varbinary"}, {"LowCardinality(Nullable(String))", false, "varbinary"}, {"FixedString(3)", true, "varbinary"},
		{"Date", true, "date"}, {"Date32", true, "date"}, {"DateTime", true, "timestamp(0)"}, {"DateTime('Europe/Berlin')", true, "timestamp(0) with time zone"},
		{"DateTime64(3)", true, "timestamp(3)"}, {"DateTime64(9)", true, "timestamp(6)"}, {"Nullable(DateTime64(6, 'UTC'))", false, "timestamp(6) with time zone"}, {"UUID", true, "uuid"},
		{"Enum8('a' = 1, 'b' = 2)", true, "varchar"}, {"IPv4", true, ""}, {"Int256", true, ""}, {"Array(String)", true, ""}, {"Map(String, UInt8)", true, ""},
	} {
		var c jdbc.NativeColumn
		declare(&c, tt.native)
		got := ""
		if m, ok := (Dialect{}).ReadAs(&c, &jdbc.Settings{}); ok {
			got = m.Type.String()
		}
		if got != tt.want || c.NotNull != tt.notNull {
			t.Errorf("%s is read as %q, not null %v, want %q and %v", tt.native, got, c.NotNull, tt.want, tt.notNull)
		}
	}
	for typ, want := range map[string]string{
		"boolean": "Bool", "tinyint": "Int8", "bigint": "Int64", "real": "Float32", "double": "Float64", "decimal(12,2)": "Decimal(12, 2)", "char(3)": "String", "varchar": "String",
		"varbinary": "String", "date": "Date32", "timestamp(0)": "DateTime", "timestamp(3)": "DateTime64(3)", "timestamp(7)": "", "timestamp(0) with time zone": "DateTime('UTC')",
		"timestamp(6) with time zone": "DateTime64(6, 'UTC')", "uuid": "UUID", "time(3)": "", "json": "", "array(bigint)": "",
	} {
		got, ok := (Dialect{}).TypeFor(types.MustParse(typ))
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%s becomes %q, want %q", typ, got, want)
		}
	}
}

func TestLiterals(t *testing.T) {
	for _, tt := range []struct {
		typ  string
		v    any
		want string
	}{
		{"boolean", true, "true"}, {"bigint", int64(-5), "-5"}, {"decimal(5,2)", types.Int128From(-150), "toDecimal128('-1.50', 2)"}, {"double", 1.5, "1.5e+00"},
		{"double", math.NaN(), "nan"}, {"double", math.Inf(1), "inf"}, {"double", math.Inf(-1), "-inf"}, {"varchar", `it's \`, `'it\'s \\'`}, {"varbinary", []byte{1, 255}, "unhex('01ff')"},
		{"date", types.DateValue(0), "toDate32('1970-01-01')"}, {"date", types.DateValue(200_000), ""},
		{"timestamp(3)", types.TimestampValue{EpochMicros: -1000}, "toDateTime64('1969-12-31 23:59:59.999', 3)"}, {"timestamp(9)", types.TimestampValue{}, ""},
		{"timestamp(3) with time zone", types.TimestampTZValue{EpochMillis: 1, Zone: "Europe/Berlin"}, "toDateTime64('1970-01-01 00:00:00.001', 3, 'UTC')"},
	} {
		got, ok := (Dialect{}).Literal(types.MustParse(tt.typ), tt.v)
		if !ok {
			got = ""
		}
		if got != tt.want {
			t.Errorf("%s %v is %s, want %s", tt.typ, tt.v, got, tt.want)
		}
	}
	if got, want := (Dialect{}).Quote("a`b\\"), "`a\\`b\\\\`"; got != want {
		t.Errorf("quoted %s", got)
	}
}

// Values that ClickHouse would change are refused.
func TestFits(t *testing.T) {
	for _, tt := range []struct {
		native, typ string
		v           any
		want        bool
	}{
		{"UInt8", "smallint", int64(255), true}, {"UInt8", "smallint", int64(256), false}, {"Nullable(UInt8)", "smallint", int64(-1), false}, {"UInt16", "integer", int64(65536), false},
		{"UInt32", "bigint", int64(math.MaxUint32), true}, {"UInt64", "decimal(20,0)", types.Int128{Lo: math.MaxUint64}, true}, {"UInt64", "decimal(20,0)", types.Int128{Hi: 1}, false},
		{"UInt64", "decimal(20,0)", types.Int128From(-1), false}, {"Int8", "tinyint", int64(-128), true}, {"Date", "date", types.DateValue(-1), false}, {"Date", "date", types.DateValue(65535), true},
		{"Date32", "date", types.DateValue(-1), true}, {"Date32", "date", types.DateValue(-25568), false}, {"DateTime", "timestamp(0)", types.TimestampValue{EpochMicros: -1_000_000}, false},
		{"DateTime", "timestamp(0)", types.TimestampValue{EpochMicros: (math.MaxUint32 - 1) * 1_000_000}, true}, {"DateTime64(3)", "timestamp(3)", types.TimestampValue{EpochMicros: -1000}, true},
		{"DateTime('UTC')", "timestamp(0) with time zone", types.TimestampTZValue{EpochMillis: -1000}, false}, {"FixedString(2)", "varchar", "abc", false}, {"String", "varchar", "abc", true},
		{"FixedString(2)", "varbinary", []byte("abc"), false},
	} {
		err := (Dialect{}).Fits(tt.native, types.MustParse(tt.typ), tt.v)
		if (err == nil) != tt.want || err != nil && trinoerr.CodeOf(err) != trinoerr.InvalidArguments {
			t.Errorf("%v into %s: %v", tt.v, tt.native, err)
		}
	}
}

func TestCodes(t *testing.T) {
	for number, want := range map[int32]*trinoerr.Code{60: trinoerr.TableNotFound, 57: trinoerr.TableAlreadyExists, 1000: nil} {
		if got := (Dialect{}).Code(fmt.Errorf("sent: %w", &driver.Exception{Code: number})); got != want {
			t.Errorf("%d is %v", number, got)
		}
	}
	if (Dialect{}).Code(errors.New("other")) != nil {
		t.Error("an error of somebody else's has an identity")
	}
}
