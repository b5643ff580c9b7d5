//go:build e2e

package postgresql

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestTypes reads, compares and writes values of each type, at their edges.
func TestTypes(t *testing.T) {
	server := servers.StartPostgreSQL(t)
	server.Exec(t, "CREATE EXTENSION hstore", "CREATE TYPE mood AS ENUM ('sad', 'glad')", "CREATE DOMAIN positive AS int CHECK (VALUE > 0)")
	p := server.Properties()
	p["postgresql.array-mapping"] = "AS_ARRAY"
	c := jdbctest.Open(t, Factory, p)
	null := "NULL"
	jdbctest.Types(t, c, "public", server.Exec, []jdbctest.TypeCase{
		{Native: "boolean", Values: []string{"true", "false", null}, Want: "boolean", Texts: []string{"true", "false", null}},
		{Native: "bit(1)", Values: []string{"B'1'", "B'0'", null}, Want: "boolean", Texts: []string{"true", "false", null}, ReadOnly: true},
		{Native: "smallint", Values: []string{"-32768", "32767", null}, Want: "smallint", Texts: []string{"-32768", "32767", null}},
		{Native: "integer", Values: []string{"-2147483648", "2147483647", null}, Want: "integer", Texts: []string{"-2147483648", "2147483647", null}},
		{Native: "bigint", Values: []string{"-9223372036854775808", "9223372036854775807", null}, Want: "bigint",
			Texts: []string{"-9223372036854775808", "9223372036854775807", null}},
		{Native: "real", Values: []string{"1.1", "'NaN'", "'-Infinity'", null}, Want: "real", Texts: []string{"1.1", `"NaN"`, `"-Infinity"`, null}},
		{Native: "double precision", Values: []string{"1.1", "'NaN'", "5e-324", "1.7976931348623157e308", null}, Want: "double",
			Texts: []string{"1.1", `"NaN"`, "4.9E-324", "1.7976931348623157E308", null}},
		{Native: "numeric(5,2)", Values: []string{"999.99", "-0.01", "0", "100", null}, Want: "decimal(5,2)",
			Texts: []string{`"999.99"`, `"-0.01"`, `"0.00"`, `"100.00"`, null}},
		{Native: "numeric(18,0)", Values: []string{"999999999999999999", "-10000", null}, Want: "decimal(18,0)", Texts: []string{`"999999999999999999"`, `"-10000"`, null}},
		{Native: "numeric(38,10)", Values: []string{"9999999999999999999999999999.9999999999", "-0.0000000001", "12345678.9", null}, Want: "decimal(38,10)",
			Texts: []string{`"9999999999999999999999999999.9999999999"`, `"-0.0000000001"`, `"12345678.9000000000"`, null}},
		{Native: "numeric(38,38)", Values: []string{"0.00000000000000000000000000000000000001", null}, Want: "decimal(38,38)",
			Texts: []string{`"0.00000000000000000000000000000000000001"`, null}},
		{Native: "numeric", Values: []string{"1"}},
		{Native: "numeric(39,0)", Values: []string{"1"}},
		{Native: "char(5)", Values: []string{"'ab'", "''", "'ä b  '", null}, Want: "char(5)", Texts: []string{`"ab   "`, `"     "`, `"ä b  "`, null}},
		{Native: "varchar(9)", Values: []string{"'ab '", "''", "E'a\\tb\\n\\\\\"'", "'😀\u200b'", null}, Want: "varchar(9)",
			Texts: []string{`"ab "`, `""`, `"a\tb\n\\\""`, "\"😀\u200b\"", null}},
		{Native: "text", Values: []string{"'Ab'", "'ab'", "'\\N'", null}, Want: "varchar", Texts: []string{`"Ab"`, `"ab"`, `"\\N"`, null}},
		{Native: "mood", Values: []string{"'sad'", "'glad'", null}, Want: "varchar", Texts: []string{`"sad"`, `"glad"`, null}},
		{Native: "money", Values: []string{"12.5", null}, Want: "varchar", Texts: []string{`"$12.50"`, null}, ReadOnly: true},
		{Native: "bytea", Values: []string{`'\x00ff27'`, "''", null}, Want: "varbinary", Texts: []string{`"AP8n"`, `""`, null}},
		{Native: "date", Values: []string{"'0001-01-01'", "'1582-10-10'", "'2024-02-29'", "'9999-12-31'", "'0044-03-15 BC'", "'12345-06-07'", null}, Want: "date",
			Texts: []string{`"0001-01-01"`, `"1582-10-10"`, `"2024-02-29"`, `"9999-12-31"`, `"-0043-03-15"`, `"+12345-06-07"`, null}},
		{Native: "time", Values: []string{"'00:00'", "'23:59:59.999999'", "'24:00'", null}, Want: "time(6)",
			Texts: []string{`"00:00:00.000000"`, `"23:59:59.999999"`, `"00:00:00.000000"`, null}},
		{Native: "time(3)", Values: []string{"'12:34:56.789'", null}, Want: "time(3)", Texts: []string{`"12:34:56.789"`, null}},
		{Native: "timestamp", Values: []string{"'1969-12-31 23:59:59.999999'", "'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'", "'0044-03-15 12:00 BC'", null},
			Want:  "timestamp(6)",
			Texts: []string{`"1969-12-31 23:59:59.999999"`, `"0001-01-01 00:00:00.000000"`, `"9999-12-31 23:59:59.999999"`, `"-0043-03-15 12:00:00.000000"`, null}},
		{Native: "timestamp(0)", Values: []string{"'2024-02-29 12:00'", null}, Want: "timestamp(0)", Texts: []string{`"2024-02-29 12:00:00"`, null}},
		{Native: "timestamptz", Values: []string{"'1969-12-31 23:59:59.999999 UTC'", "'2024-06-01 12:00:00.000001+02'", null}, Want: "timestamp(6) with time zone",
			Texts: []string{`"1969-12-31 23:59:59.999999 UTC"`, `"2024-06-01 10:00:00.000001 UTC"`, null}},
		{Native: "timestamptz(3)", Values: []string{"'1969-12-31 23:59:59.999 UTC'", null}, Want: "timestamp(3) with time zone",
			Texts: []string{`"1969-12-31 23:59:59.999 UTC"`, null}},
		{Native: "uuid", Values: []string{"'ffffffff-0000-4000-8000-000000000001'", null}, Want: "uuid", Texts: []string{`"ffffffff-0000-4000-8000-000000000001"`, null}},
		{Native: "json", Values: []string{`'{"b": 1, "a": [true, null]}'`, null}, Want: "json", Texts: []string{`"{\"a\":[true,null],\"b\":1}"`, null}},
		{Native: "jsonb", Values: []string{`'"x\\y"'`, null}, Want: "json", Texts: []string{`"\"x\\\\y\""`, null}},
		{Native: "hstore", Values: []string{`'a=>1, b=>NULL'`, "''", null}, Want: "map(varchar, varchar)", Texts: []string{`{"a":"1","b":null}`, "{}", null}, ReadOnly: true},
		{Native: "int[]", Values: []string{"'{1,NULL,3}'", "'{}'", null}, Want: "array(integer)", Texts: []string{"[1,null,3]", "[]", null}},
		{Native: "text[]", Values: []string{`'{"a\"b", "c\\,d", NULL, "NULL", ""}'`, null}, Want: "array(varchar)", Texts: []string{`["a\"b","c\\,d",null,"NULL",""]`, null}},
		{Native: "numeric(10,2)[]", Values: []string{"'{1.5,-2}'", null}, Want: "array(decimal(10,2))", Texts: []string{`["1.50","-2.00"]`, null}},
		{Native: "positive", Values: []string{"1"}},
		{Native: "interval", Values: []string{"'1 day'"}},
		{Native: "point", Values: []string{"'(1,2)'"}},
	})
}
