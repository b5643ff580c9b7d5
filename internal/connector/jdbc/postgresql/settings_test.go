//go:build e2e

package postgresql

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestSettings shows what each property does.
func TestSettings(t *testing.T) {
	server := servers.StartPostgreSQL(t, "log_statement=all")
	with := func(t *testing.T, more map[string]string) connector.Connector {
		t.Helper()
		p := server.Properties()
		maps.Copy(p, more)
		return jdbctest.Open(t, Factory, p)
	}
	columns := func(t *testing.T, c connector.Connector, table string) string {
		t.Helper()
		var list []string
		for _, col := range jdbctest.Describe(t, c, "public", table).Columns {
			list = append(list, col.Name+" "+col.Type.String())
		}
		return strings.Join(list, ", ")
	}
	server.Exec(t, "CREATE TABLE odd (n int, p point, d numeric, a int[][], i interval)", "INSERT INTO odd VALUES (1, '(1,2)', 2.345, '{{1},{2}}', '1 day')",
		`CREATE SCHEMA "Big"`, `CREATE TABLE "Big"."Table" (n int, "V" text)`, `INSERT INTO "Big"."Table" VALUES (1, 'x')`,
		`CREATE TABLE "twice" (n int)`, `CREATE TABLE "TWICE" (n int)`)
	for _, tt := range []struct {
		properties map[string]string
		want       string
		column     int
		text       string
	}{
		{nil, "n integer", 0, "1"},
		{map[string]string{"unsupported-type-handling": "CONVERT_TO_VARCHAR"}, "n integer, p varchar, d varchar, a varchar, i varchar", 1, `"(1,2)"`},
		{map[string]string{"jdbc-types-mapped-to-varchar": "interval,point"}, "n integer, p varchar, i varchar", 2, `"1 day"`},
		{map[string]string{"decimal-mapping": "ALLOW_OVERFLOW", "decimal-default-scale": "2", "decimal-rounding-mode": "HALF_EVEN"}, "n integer, d decimal(38,2)", 1, `"2.34"`},
		{map[string]string{"decimal-mapping": "ALLOW_OVERFLOW", "decimal-default-scale": "2", "decimal-rounding-mode": "HALF_UP"}, "n integer, d decimal(38,2)", 1, `"2.35"`},
		{map[string]string{"decimal-mapping": "ALLOW_OVERFLOW", "decimal-default-scale": "3"}, "n integer, d decimal(38,3)", 1, `"2.345"`},
		{map[string]string{"postgresql.array-mapping": "AS_JSON"}, "n integer, a json", 1, `"[[1],[2]]"`},
	} {
		t.Run(fmt.Sprint(tt.properties), func(t *testing.T) {
			c := with(t, tt.properties)
			if got := columns(t, c, "odd"); got != tt.want {
				t.Fatalf("columns are %s, want %s", got, tt.want)
			}
			if got := jdbctest.Texts(t, c, jdbctest.Describe(t, c, "public", "odd"), tt.column); len(got) != 1 || got[0] != tt.text {
				t.Errorf("values are %q, want %s", got, tt.text)
			}
		})
	}
	t.Run("arrays", func(t *testing.T) { // what could not be read is not made
		table := &connector.Table{Name: connector.SchemaTable{Schema: "public", Table: "arrays"}, Columns: []connector.Column{{Name: "a", Type: types.ArrayOf(types.Of(types.BigInt))}}}
		if err := with(t, nil).(connector.TableCreator).CreateTable(t.Context(), table); trinoerr.CodeOf(err) != trinoerr.NotSupported {
			t.Errorf("CreateTable = %v", err)
		}
		if err := with(t, map[string]string{"postgresql.array-mapping": "AS_ARRAY"}).(connector.TableCreator).CreateTable(t.Context(), table); err != nil {
			t.Error(err)
		}
	})
	t.Run("names", func(t *testing.T) {
		name := connector.SchemaTable{Schema: "big", Table: "table"}
		if table, err := with(t, nil).Table(t.Context(), name); table != nil || err != nil {
			t.Errorf("Table = %v, %v", table, err)
		}
		c := with(t, map[string]string{"case-insensitive-name-matching": "true"})
		if got := jdbctest.Texts(t, c, jdbctest.Describe(t, c, "big", "table"), 1); len(got) != 1 || got[0] != `"x"` {
			t.Errorf("values are %q", got)
		}
		if _, err := c.Table(t.Context(), connector.SchemaTable{Schema: "public", Table: "twice"}); trinoerr.CodeOf(err) != trinoerr.JdbcError ||
			!strings.Contains(err.Error(), "Ambiguous name: twice") {
			t.Errorf("Table = %v", err)
		}
	})
	t.Run("cache", func(t *testing.T) {
		server.Exec(t, "CREATE TABLE changing (n int)")
		for ttl, want := range map[string]string{"0s": "n integer, m integer", "1h": "n integer"} {
			c := with(t, map[string]string{"metadata.cache-ttl": ttl})
			columns(t, c, "changing")
			server.Exec(t, "ALTER TABLE changing ADD COLUMN IF NOT EXISTS m int")
			if got := columns(t, c, "changing"); got != want {
				t.Errorf("with %s columns are %s, want %s", ttl, got, want)
			}
			for _, p := range c.(connector.Procedures).Procedures() {
				if p.Name.Table == "flush_metadata_cache" {
					if err := p.Run(t.Context(), nil); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := columns(t, c, "changing"); got != "n integer, m integer" {
				t.Errorf("with %s, after the flush, columns are %s", ttl, got)
			}
			server.Exec(t, "ALTER TABLE changing DROP COLUMN m")
		}
	})
	t.Run("splits and statistics", func(t *testing.T) {
		server.Exec(t, "CREATE TABLE parted (n int, day date) PARTITION BY RANGE (n)", "CREATE TABLE parted_a PARTITION OF parted FOR VALUES FROM (0) TO (30000)",
			"CREATE TABLE parted_b PARTITION OF parted FOR VALUES FROM (30000) TO (100000)",
			"INSERT INTO parted SELECT i, CASE WHEN i % 4 > 0 THEN date '2020-01-01' + i % 100 END FROM generate_series(0, 39999) i", "ANALYZE parted")
		for size, want := range map[string]int{"32MB": 2, "100kB": 15} {
			c := with(t, map[string]string{"scan.split-size": size})
			table := jdbctest.Describe(t, c, "public", "parted")
			scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
			src, err := c.Splits(t.Context(), scan)
			if err != nil {
				t.Fatal(err)
			}
			splits, err := src.Next(t.Context(), 1000)
			if err != nil || len(splits) != want {
				t.Errorf("with %s there are %d splits, %v", size, len(splits), err)
			}
			seen := map[string]bool{}
			for _, v := range jdbctest.Texts(t, c, table, 0) {
				seen[v] = true
			}
			if len(seen) != 40000 {
				t.Errorf("with %s there are %d rows", size, len(seen))
			}
			s, err := c.Statistics(t.Context(), scan)
			if day := s.Columns["day"]; err != nil || s.Rows != 40000 || day.NullFraction < 0.2 || day.NullFraction > 0.3 || day.Distinct != 75 || day.Low != 18263 || day.High != 18361 {
				t.Errorf("statistics are %+v, %v", s, err)
			}
		}
		c := with(t, map[string]string{"statistics.enabled": "false"})
		table := jdbctest.Describe(t, c, "public", "parted")
		if s, err := c.Statistics(t.Context(), connector.Scan{Table: table.Name, Handle: table.Handle}); err != nil || s.Rows >= 0 {
			t.Errorf("statistics are %+v, %v", s, err)
		}
	})
	t.Run("writing into the table itself", func(t *testing.T) {
		c := with(t, map[string]string{"insert.non-transactional-insert.enabled": "true"})
		w := c.(connector.Writer)
		table := jdbctest.Describe(t, c, "public", "twice")
		if _, err := w.BeginWrite(t.Context(), table, false, connector.RetriesEnabled, "q"); trinoerr.CodeOf(err) != trinoerr.NotSupported {
			t.Errorf("with retries: %v", err)
		}
		handle, err := w.BeginWrite(t.Context(), table, false, connector.NoRetries, "q")
		if err != nil {
			t.Fatal(err)
		}
		sink, err := w.Sink(t.Context(), handle, "one")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sink.(connector.BatchSink).Write(t.Context(), &connector.Batch{Rows: 1, Columns: []connector.Vector{{I32: []int32{7}}}}); err != nil {
			t.Fatal(err)
		}
		if got := jdbctest.Texts(t, c, table, 0); len(got) != 1 || got[0] != "7" {
			t.Errorf("before the end there is %q", got)
		}
	})
	t.Run("comment", func(t *testing.T) {
		c := with(t, map[string]string{"query.comment-format": "by $USER*"})
		ctx := connector.WithSession(t.Context(), func() *connector.Session { return &connector.Session{User: "al*/ice"} })
		table := jdbctest.Describe(t, c, "public", "odd")
		scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
		src, err := c.Splits(ctx, scan)
		if err != nil {
			t.Fatal(err)
		}
		splits, err := src.Next(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		source, err := c.Source(ctx, scan, splits)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := source.Batches.Open(ctx, 0, []int{0})
		if err != nil {
			t.Fatal(err)
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
		log, err := os.ReadFile(server.Log)
		if err != nil || !strings.Contains(string(log), `/*by al* /ice**/`) {
			t.Errorf("the server saw no comment: %v", err)
		}
	})
	t.Run("URL", func(t *testing.T) {
		_, err := Factory.New(t.Context(), connector.CatalogConfig{Catalog: "x", File: &config.File{Path: "x.properties"}})
		if trinoerr.CodeOf(err) != trinoerr.ConfigurationInvalid {
			t.Errorf("without a URL: %v", err)
		}
		p := server.Properties()
		p["connection-password"] = "wrong"
		c := jdbctest.Open(t, Factory, p)
		if _, err := c.Schemas(t.Context()); trinoerr.CodeOf(err) != trinoerr.JdbcError {
			t.Errorf("with a wrong password: %v", err)
		}
		if _, ok := c.(*jdbc.Connector); !ok {
			t.Error("it is another connector")
		}
	})
}
