//go:build e2e

package clickhouse

import (
	"maps"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// server is one for all tests.
var server *servers.ClickHouse

func open(t *testing.T, more map[string]string) connector.Connector {
	p := server.Properties()
	maps.Copy(p, more)
	return jdbctest.Open(t, Factory, p)
}

// Tests share a server, as it takes its time to start.
func TestClickHouse(t *testing.T) {
	server = servers.StartClickHouse(t)
	t.Run("conformance", conformance)
	t.Run("types", typesAndValues)
	t.Run("tables without parts", withoutParts)
	t.Run("staging", func(t *testing.T) {
		server.Exec(t, "CREATE DATABASE staging")
		jdbctest.Staging(t, func() connector.Connector { return open(t, nil) }, "staging", server.Exec)
	})
}

// conformance runs the suite of all connectors.
func conformance(t *testing.T) {
	other := map[string]string{"char(5)": "varchar", "char(3)": "varchar", "varchar(3)": "varchar", "varchar(5)": "varchar", "varchar(10)": "varchar", "varchar(20)": "varchar", "varbinary": "varchar", "json": ""}
	for _, name := range []string{"time(0)", "time(3)", "time(6)", "timestamp(9)", "timestamp(12)", "array(bigint)", "array(varchar)", "map(varchar, bigint)", "row(a bigint, b varchar)",
		"array(row(k varchar, v array(integer)))"} {
		other[name] = ""
	}
	connectortest.Run(t, connectortest.Harness{
		New: func(t *testing.T) connector.Connector {
			server.Exec(t, "DROP DATABASE IF EXISTS suite SYNC", "DROP DATABASE IF EXISTS made SYNC", "CREATE DATABASE suite")
			return open(t, map[string]string{"clickhouse.map-string-as-varchar": "true", "join-pushdown.strategy": "EAGER"})
		},
		Schema:   "suite",
		Types:    other,
		OnlyAdds: true,
		Without: []string{"DATE '0001-01-01'", "DATE '1582-10-04'", "DATE '1582-10-15'", "DATE '9999-12-31'", "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '1969-12-31 23:59:59'",
			"TIMESTAMP '9999-12-31 23:59:59'", "TIMESTAMP '1582-10-04 12:34:56.789'", "TIMESTAMP '9999-12-31 23:59:59.999'", "TIMESTAMP '0001-01-01 00:00:00.000001'",
			"TIMESTAMP '9999-12-31 23:59:59.999999'"}, // which ClickHouse does not have
		Traces: func() []string {
			c := open(t, nil).(*jdbc.Connector)
			list, err := c.Tables(t.Context(), "suite")
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, n := range list {
				names = append(names, n.Table)
			}
			slices.Sort(names)
			return names
		},
	})
}

// typesAndValues reads, compares and writes values of each type, at their edges.
func typesAndValues(t *testing.T) {
	server.Exec(t, "CREATE DATABASE types", "SET default_table_engine = 'MergeTree'", "SET create_table_empty_primary_key_by_default = 1", "SET session_timezone = 'UTC'")
	null := "NULL"
	jdbctest.Types(t, open(t, nil), "types", server.Exec, []jdbctest.TypeCase{
		{Native: "Nullable(Bool)", Values: []string{"true", "false", null}, Want: "boolean", Texts: []string{"true", "false", null}},
		{Native: "Nullable(Int8)", Values: []string{"-128", "127", null}, Want: "tinyint", Texts: []string{"-128", "127", null}},
		{Native: "Nullable(UInt8)", Values: []string{"255", null}, Want: "smallint", Texts: []string{"255", null}},
		{Native: "Nullable(UInt32)", Values: []string{"4294967295", null}, Want: "bigint", Texts: []string{"4294967295", null}},
		{Native: "Nullable(Int64)", Values: []string{"-9223372036854775808", "9223372036854775807", null}, Want: "bigint", Texts: []string{"-9223372036854775808", "9223372036854775807", null}},
		{Native: "Nullable(UInt64)", Values: []string{"18446744073709551615", "0", null}, Want: "decimal(20,0)", Texts: []string{`"18446744073709551615"`, `"0"`, null}},
		{Native: "Nullable(Float32)", Values: []string{"1.1", "-2.5e10", null}, Want: "real", Texts: []string{"1.1", "-2.5E10", null}},
		{Native: "Nullable(Decimal(38, 10))", Values: []string{"9999999999999999999999999999.9999999999", null}, Want: "decimal(38,10)", Texts: []string{`"9999999999999999999999999999.9999999999"`, null}},
		{Native: "Nullable(String)", Values: []string{"'ab '", "''", "unhex('00ff27')", null}, Want: "varbinary", Texts: []string{`"YWIg"`, `""`, `"AP8n"`, null}},
		{Native: "LowCardinality(Nullable(String))", Values: []string{"'x'", null}, Want: "varbinary", Texts: []string{`"eA=="`, null}},
		{Native: "Nullable(FixedString(3))", Values: []string{"'abc'", "'a'", null}, Want: "varbinary", Texts: []string{`"YWJj"`, `"YQAA"`, null}},
		{Native: "Nullable(Enum8('b' = 1, 'a' = 2))", Values: []string{"'a'", "'b'", null}, Want: "varchar", Texts: []string{`"a"`, `"b"`, null}},
		{Native: "Nullable(Date)", Values: []string{"'1970-01-01'", "'2149-06-06'", null}, Want: "date", Texts: []string{`"1970-01-01"`, `"2149-06-06"`, null}},
		{Native: "Nullable(Date32)", Values: []string{"'1900-01-01'", "'2299-12-31'", null}, Want: "date", Texts: []string{`"1900-01-01"`, `"2299-12-31"`, null}},
		{Native: "Nullable(DateTime)", Values: []string{"'1970-01-01 00:00:00'", "'2106-02-07 06:28:14'", null}, Want: "timestamp(0)",
			Texts: []string{`"1970-01-01 00:00:00"`, `"2106-02-07 06:28:14"`, null}},
		{Native: "Nullable(DateTime64(6))", Values: []string{"'1900-01-01 00:00:00.000001'", null}, Want: "timestamp(6)", Texts: []string{`"1900-01-01 00:00:00.000001"`, null}},
		{Native: "Nullable(DateTime64(3, 'Europe/Berlin'))", Values: []string{"'2024-06-01 10:00:00.001'", null}, Want: "timestamp(3) with time zone",
			Texts: []string{`"2024-06-01 08:00:00.001 UTC"`, null}},
		{Native: "Nullable(UUID)", Values: []string{"'12151fd2-7586-11e9-8f9e-2a86e4085a59'", null}, Want: "uuid", Texts: []string{`"12151fd2-7586-11e9-8f9e-2a86e4085a59"`, null}},
		{Native: "Nullable(IPv4)", Values: []string{"'10.0.0.1'"}},
		{Native: "Array(Int8)", Values: []string{"[1]"}},
	})
}

// withoutParts writes into a table from which nothing can be moved: not where there are retries.
func withoutParts(t *testing.T) {
	server.Exec(t, "CREATE DATABASE logs", "CREATE TABLE logs.log (n Int32) ENGINE = Log", "CREATE TABLE logs.followed (n Int32) ENGINE = MergeTree ORDER BY n",
		"CREATE MATERIALIZED VIEW logs.follower ENGINE = Log AS SELECT toInt32(n + 1) AS m FROM logs.followed")
	c := open(t, nil).(*jdbc.Connector)
	for _, name := range []string{"log", "followed"} {
		table := jdbctest.Describe(t, c, "logs", name)
		if _, err := c.BeginWrite(t.Context(), table, false, connector.RetriesEnabled, "q"); trinoerr.CodeOf(err) != trinoerr.NotSupported {
			t.Errorf("%s with retries: %v", name, err)
		}
		raw, err := c.BeginWrite(t.Context(), table, false, connector.NoRetries, "q")
		if err != nil {
			t.Fatal(err)
		}
		sink, err := c.Sink(t.Context(), raw, "one")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sink.(connector.BatchSink).Write(t.Context(), &connector.Batch{Rows: 1, Columns: []connector.Vector{{I32: []int32{7}}}}); err != nil {
			t.Fatal(err)
		}
		fragment, err := sink.Finish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := c.FinishWrite(t.Context(), raw, [][]byte{fragment}); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.SettleWrite(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		if got := jdbctest.Texts(t, c, table, 0); !slices.Equal(got, []string{"7"}) {
			t.Errorf("%s has %q", name, got)
		}
	}
	if got := jdbctest.Texts(t, c, jdbctest.Describe(t, c, "logs", "follower"), 0); !slices.Equal(got, []string{"8"}) {
		t.Errorf("the view has %q", got)
	}
}
