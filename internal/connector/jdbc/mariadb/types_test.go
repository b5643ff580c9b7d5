//go:build e2e

package mariadb

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/mysql"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestTypes reads, compares and writes values of each type, at their edges, with both of the connectors that speak the protocol.
func TestTypes(t *testing.T) {
	server := servers.StartMariaDB(t)
	null := "NULL"
	for _, factory := range []connector.Factory{Factory, mysql.Factory} {
		t.Run(factory.Name, func(t *testing.T) {
			server.Exec(t, "CREATE SCHEMA of_"+factory.Name)
			p := server.Properties()
			p["connection-url"] = "jdbc:" + factory.Name + "://" + server.HostPort()
			c := jdbctest.Open(t, factory, p)
			instant, shown := "timestamp(6)", `"2024-06-01 10:00:00.000001"`
			if factory.Name == "mysql" {
				instant, shown = "timestamp(6) with time zone", `"2024-06-01 10:00:00.000001 UTC"`
			}
			jdbctest.Types(t, c, "of_"+factory.Name, server.Exec, []jdbctest.TypeCase{
				{Native: "boolean", Values: []string{"true", "false", null}, Want: "tinyint", Texts: []string{"1", "0", null}},
				{Native: "tinyint", Values: []string{"-128", "127", null}, Want: "tinyint", Texts: []string{"-128", "127", null}},
				{Native: "tinyint unsigned", Values: []string{"255", null}, Want: "smallint", Texts: []string{"255", null}},
				{Native: "smallint", Values: []string{"-32768", "32767", null}, Want: "smallint", Texts: []string{"-32768", "32767", null}},
				{Native: "smallint unsigned", Values: []string{"65535", null}, Want: "integer", Texts: []string{"65535", null}},
				{Native: "mediumint", Values: []string{"-8388608", null}, Want: "integer", Texts: []string{"-8388608", null}},
				{Native: "int", Values: []string{"-2147483648", "2147483647", null}, Want: "integer", Texts: []string{"-2147483648", "2147483647", null}},
				{Native: "int unsigned", Values: []string{"4294967295", null}, Want: "bigint", Texts: []string{"4294967295", null}},
				{Native: "bigint", Values: []string{"-9223372036854775808", "9223372036854775807", null}, Want: "bigint",
					Texts: []string{"-9223372036854775808", "9223372036854775807", null}},
				{Native: "bigint unsigned", Values: []string{"18446744073709551615", "0", null}, Want: "decimal(20,0)", Texts: []string{`"18446744073709551615"`, `"0"`, null}},
				{Native: "float", Values: []string{"1.1", "-2.5e10", null}, Want: "real", Texts: []string{"1.1", "-2.5E10", null}},
				{Native: "double", Values: []string{"1.1", "1.7976931348623157e308", null}, Want: "double", Texts: []string{"1.1", "1.7976931348623157E308", null}},
				{Native: "decimal(5,2)", Values: []string{"999.99", "-0.01", null}, Want: "decimal(5,2)", Texts: []string{`"999.99"`, `"-0.01"`, null}},
				{Native: "decimal(38,10)", Values: []string{"9999999999999999999999999999.9999999999", null}, Want: "decimal(38,10)",
					Texts: []string{`"9999999999999999999999999999.9999999999"`, null}},
				{Native: "decimal(50,2)", Values: []string{"1"}},
				{Native: "char(5)", Values: []string{"'ab'", "''", "'ä'", null}, Want: "char(5)", Texts: []string{`"ab   "`, `"     "`, `"ä    "`, null}},
				{Native: "varchar(9)", Values: []string{"'ab '", "'AB'", "'a\\tb\\n\\\\\"'", "'😀'", null}, Want: "varchar(9)",
					Texts: []string{`"ab "`, `"AB"`, `"a\tb\n\\\""`, `"😀"`, null}},
				{Native: "varchar(9) CHARACTER SET latin1", Values: []string{"'ä'", "'A'", "'a'", null}, Want: "varchar(9)", Texts: []string{`"ä"`, `"A"`, `"a"`, null}},
				{Native: "varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", Values: []string{"'a'", "'A'", "'a '", null}, Want: "varchar(9)",
					Texts: []string{`"a"`, `"A"`, `"a "`, null}},
				{Native: "tinytext", Values: []string{"'x'", null}, Want: "varchar(255)", Texts: []string{`"x"`, null}},
				{Native: "text", Values: []string{"'x'", null}, Want: "varchar(65535)", Texts: []string{`"x"`, null}},
				{Native: "mediumtext", Values: []string{"'x'", null}, Want: "varchar(16777215)", Texts: []string{`"x"`, null}},
				{Native: "longtext", Values: []string{"'x'", null}, Want: "varchar", Texts: []string{`"x"`, null}},
				{Native: "enum('b', 'a')", Values: []string{"'a'", "'b'", null}, Want: "varchar(1)", Texts: []string{`"a"`, `"b"`, null}},
				{Native: "varbinary(9)", Values: []string{"X'00ff27'", "''", null}, Want: "varbinary", Texts: []string{`"AP8n"`, `""`, null}},
				{Native: "longblob", Values: []string{"X'5c'", null}, Want: "varbinary", Texts: []string{`"XA=="`, null}},
				{Native: "date", Values: []string{"'1000-01-01'", "'9999-12-31'", null}, Want: "date", Texts: []string{`"1000-01-01"`, `"9999-12-31"`, null}},
				{Native: "time(6)", Values: []string{"'00:00'", "'23:59:59.999999'", null}, Want: "time(6)", Texts: []string{`"00:00:00.000000"`, `"23:59:59.999999"`, null}},
				{Native: "datetime(3)", Values: []string{"'1969-12-31 23:59:59.999'", "'9999-12-31 23:59:59'", null}, Want: "timestamp(3)",
					Texts: []string{`"1969-12-31 23:59:59.999"`, `"9999-12-31 23:59:59.000"`, null}},
				{Native: "timestamp(6) NULL", Values: []string{"'2024-06-01 10:00:00.000001'", null}, Want: instant, Texts: []string{shown, null}},
				{Native: "year", Values: []string{"2024"}},
				{Native: "set('a', 'b')", Values: []string{"'a'"}},
			})
		})
	}
}
