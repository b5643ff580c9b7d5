package sqlserver

import (
	"context"
	"database/sql/driver"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestURL(t *testing.T) {
	for _, tt := range []struct{ url, user, want string }{
		{"jdbc:sqlserver://db:1433;databaseName=sales;encrypt=false", "sa", "sqlserver://sa:p%40ss@db:1433?database=sales&encrypt=false"},
		{"jdbc:sqlserver://db", "", "sqlserver://db?encrypt=true"},
		{`jdbc:sqlserver://db\inst:99;user=u;password={a;b}`, "", "connection-url: 'b}' has no value"},
		{`jdbc:sqlserver://db\inst:99;user=u;password=x;trustServerCertificate=true`, "", "sqlserver://u:x@db:99/inst?TrustServerCertificate=true&encrypt=true"},
		{"jdbc:sqlserver://db;portNumber=77;instanceName=i;loginTimeout=5;sendStringParametersAsUnicode=false", "", "sqlserver://db:77/i?dial+timeout=5&encrypt=true"},
		{"jdbc:sqlserver://db;portNumber=x", "", "connection-url: 'x' is not a port"},
		{"jdbc:sqlserver://db;integratedSecurity=true", "", "connection-url: parameter 'integratedSecurity' is not supported"},
		{"jdbc:mysql://db", "", "connection-url: must begin with jdbc:sqlserver://"},
	} {
		got, err := source(&jdbc.Settings{URL: tt.url, User: tt.user, Password: "p@ss"})
		if err != nil {
			got = err.Error()
		}
		if tt.user == "" {
			got = strings.ReplaceAll(got, "p%40ss", "x")
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.url, got, tt.want)
		}
	}
	if _, err := source(&jdbc.Settings{URL: "jdbc:sqlserver://db", BatchSize: 1001}); trinoerr.CodeOf(err) != trinoerr.ConfigurationInvalid {
		t.Errorf("too large a batch: %v", err)
	}
}

// Types are read as Trino reads them, and made as Trino makes them.
func TestTypes(t *testing.T) {
	for _, tt := range []struct {
		base             string
		length, p, s     int
		declared, become string
	}{
		{"bit", 1, 1, 0, "bit", "boolean"}, {"tinyint", 1, 3, 0, "tinyint", "smallint"}, {"smallint", 2, 5, 0, "smallint", "smallint"}, {"int", 4, 10, 0, "int", "integer"},
		{"bigint", 8, 19, 0, "bigint", "bigint"}, {"real", 4, 24, 0, "real", "real"}, {"float", 8, 53, 0, "float(53)", "double"},
		{"decimal", 9, 12, 2, "decimal(12, 2)", "decimal(12,2)"}, {"numeric", 17, 38, 0, "numeric(38, 0)", "decimal(38,0)"}, {"money", 8, 19, 4, "money", "decimal(19,4)"},
		{"smallmoney", 4, 10, 4, "smallmoney", "decimal(10,4)"}, {"char", 5, 0, 0, "char(5)", "char(5)"}, {"nchar", 10, 0, 0, "nchar(5)", "char(5)"},
		{"varchar", 8000, 0, 0, "varchar(8000)", "varchar(8000)"}, {"varchar", -1, 0, 0, "varchar(max)", "varchar"}, {"nvarchar", 40, 0, 0, "nvarchar(20)", "varchar(20)"},
		{"nvarchar", -1, 0, 0, "nvarchar(max)", "varchar"}, {"text", 16, 0, 0, "text", "varchar"}, {"ntext", 16, 0, 0, "ntext", "varchar"},
		{"varbinary", -1, 0, 0, "varbinary(max)", "varbinary"}, {"binary", 9, 0, 0, "binary(9)", "varbinary"}, {"date", 3, 10, 0, "date", "date"},
		{"time", 3, 8, 0, "time(0)", "time(0)"}, {"time", 5, 16, 7, "time(7)", "time(6)"}, {"datetime2", 7, 22, 3, "datetime2(3)", "timestamp(3)"},
		{"datetime2", 8, 27, 7, "datetime2(7)", "timestamp(6)"}, {"datetime", 8, 23, 3, "datetime", "timestamp(3)"}, {"smalldatetime", 4, 16, 0, "smalldatetime", "timestamp(0)"},
		{"datetimeoffset", 10, 34, 3, "datetimeoffset(3)", "timestamp(3) with time zone"}, {"xml", -1, 0, 0, "xml", ""}, {"uniqueidentifier", 16, 0, 0, "uniqueidentifier", ""},
	} {
		c := jdbc.NativeColumn{Base: tt.base, Length: tt.length, Precision: tt.p, Scale: tt.s}
		declare(&c, nil)
		got := ""
		if m, ok := (Dialect{}).ReadAs(&c, &jdbc.Settings{}); ok {
			got = m.Type.String()
		}
		if c.Type != tt.declared || got != tt.become {
			t.Errorf("%s is declared %s and read as %q, want %s and %q", tt.base, c.Type, got, tt.declared, tt.become)
		}
	}
	collation := "Latin1_General_BIN2"
	c := jdbc.NativeColumn{Base: "nvarchar", Length: 40}
	if declare(&c, &collation); c.Type != "nvarchar(20) COLLATE Latin1_General_BIN2" {
		t.Errorf("declared %s", c.Type)
	}
	for typ, want := range map[string]string{
		"boolean": "bit", "tinyint": "tinyint", "smallint": "smallint", "integer": "int", "bigint": "bigint", "real": "real", "double": "float(53)", "decimal(12,2)": "decimal(12, 2)",
		"char(4000)": "nchar(4000)", "char(4001)": "nvarchar(max)", "varchar(4000)": "nvarchar(4000)", "varchar(4001)": "nvarchar(max)", "varchar": "nvarchar(max)",
		"varbinary": "varbinary(max)", "date": "date", "time(6)": "time(6)", "time(7)": "", "timestamp(3)": "datetime2(3)", "timestamp(9)": "",
		"timestamp(3) with time zone": "datetimeoffset(3)", "json": "", "uuid": "", "array(bigint)": "",
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
		{"boolean", true, "1"}, {"boolean", false, "0"}, {"bigint", int64(-5), "-5"}, {"decimal(5,2)", types.Int128From(-150), "-1.50"}, {"double", 1.5, "1.5e+00"}, {"real", float32(0.1), "1e-01"},
		{"varchar", "it's ]", "N'it''s ]'"}, {"varbinary", []byte{1, 255}, "0x01ff"}, {"varbinary", []byte{}, "0x"}, {"date", types.DateValue(0), "CAST('1970-01-01' AS date)"},
		{"date", types.DateValue(3_000_000), ""}, {"time(3)", types.TimeValue(1_500_000_000_000), "CAST('00:00:01.500' AS time(3))"}, {"time(9)", types.TimeValue(0), ""},
		{"timestamp(3)", types.TimestampValue{EpochMicros: -1000}, "CAST('1969-12-31 23:59:59.999' AS datetime2(3))"}, {"json", "{}", ""}, {"double", inf(), ""},
		{"timestamp(3) with time zone", types.TimestampTZValue{EpochMillis: 1, Zone: "Europe/Berlin"}, "CAST('1970-01-01 00:00:00.001 +00:00' AS datetimeoffset(3))"},
	} {
		got, ok := (Dialect{}).Literal(types.MustParse(tt.typ), tt.v)
		if !ok {
			got = ""
		}
		if got != tt.want {
			t.Errorf("%s %v is %s, want %s", tt.typ, tt.v, got, tt.want)
		}
	}
	if got := (Dialect{}).Quote("a]b[c"); got != "[a]]b[c]" {
		t.Errorf("quoted %s", got)
	}
}

func inf() float64 {
	x := 1e308
	return x * 10
}

func TestCodes(t *testing.T) {
	for number, want := range map[int32]*trinoerr.Code{208: trinoerr.TableNotFound, 2627: trinoerr.ConstraintViolation, 1205: nil} {
		if got := (Dialect{}).Code(mssql.Error{Number: number}); got != want {
			t.Errorf("%d is %v", number, got)
		}
	}
	if (Dialect{}).Code(errors.New("other")) != nil {
		t.Error("an error of somebody else's has an identity")
	}
}

// play opens a connector to a played server.
func play(t *testing.T, env connector.Env, more ...string) (*jdbc.Connector, *server) {
	t.Helper()
	s := newServer()
	f, err := config.ParseProperties("sqlserver.properties", strings.Join(append(more, "connection-url=jdbc:sqlserver://db", "connection-user=u"), "\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := jdbc.New(t.Context(), connector.CatalogConfig{Catalog: "sqlserver", File: f, Env: env}, properties, played{server: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, s
}

// Rows as the driver gives them become vectors.
func TestRead(t *testing.T) {
	c, s := play(t, connector.Env{})
	table, err := c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: "t"})
	if err != nil || table == nil {
		t.Fatalf("%v, %v", table, err)
	}
	var names []string
	for _, col := range table.Columns {
		names = append(names, col.Name+" "+col.Type.String())
	}
	if got, want := strings.Join(names, ", "), "id bigint, name varchar(20), price decimal(12,2), flag boolean, at timestamp(6), zoned timestamp(3) with time zone, clock time(6)"; got != want {
		t.Errorf("columns are %s", got)
	}
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
	list, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	splits, err := list.Next(t.Context(), 10)
	if err != nil || len(splits) != 1 {
		t.Fatalf("%v, %v", splits, err)
	}
	src, err := c.Source(t.Context(), scan, splits)
	if err != nil {
		t.Fatal(err)
	}
	r, err := src.Batches.Open(t.Context(), 0, []int{0, 1, 2, 3, 4, 5, 6})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b connector.Batch
	n, err := r.Next(&b, 10)
	if err != nil || n != 2 {
		t.Fatalf("%d rows, %v", n, err)
	}
	v := b.Columns
	if v[0].I64[0] != 1 || string(v[1].Data[:4]) != "it's" || v[2].I64[0] != 1250 || v[3].I8[0] != 1 || v[4].I64[0] != 1577934245123456 || v[5].I64[0] != 1577930645006 ||
		v[6].I64[0] != 3723000004 || v[0].I64[1] != -1<<63 {
		t.Errorf("rows are %+v", v)
	}
	for i := 1; i < 7; i++ {
		if !v[i].IsNull(1) {
			t.Errorf("column %d is not NULL", i)
		}
	}
	if got, want := s.Said[len(s.Said)-1], "SELECT [id], [Name], [price], [flag], [at], [zoned], [clock] FROM [s].[t]"; got != want {
		t.Errorf("asked %s", got)
	}
}

// What the statements are of a write, a new table, and of changes of tables.
func TestStatements(t *testing.T) {
	c, s := play(t, connector.Env{})
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	section := func(name string) {
		out.WriteString("-- " + name + "\n" + strings.Join(s.Take(), "\n") + "\n")
	}
	one := connector.Column{Name: "a", Type: types.Of(types.BigInt)}
	def := &connector.Table{Name: connector.SchemaTable{Schema: "s", Table: "it's"}, Columns: []connector.Column{one, {Name: "b", Type: types.VarcharN(5)}}}
	raw, err := c.BeginWrite(ctx, def, true, connector.RetriesEnabled, "q1")
	must(err)
	sink, err := c.Sink(ctx, raw, "q1.0.0.0")
	must(err)
	batch := &connector.Batch{Rows: 2, Columns: []connector.Vector{{I64: []int64{1, 2}}, {Offsets: []uint32{0, 1, 1}, Data: []byte("x")}}}
	batch.Columns[1].SetNull(1, 2)
	_, err = sink.(connector.BatchSink).Write(ctx, batch)
	must(err)
	fragment, err := sink.Finish(ctx)
	must(err)
	must(c.FinishWrite(ctx, raw, [][]byte{fragment}))
	must(c.FinishWrite(ctx, raw, [][]byte{fragment})) // which does nothing
	must(c.SettleWrite(ctx, raw))
	section("create table as")
	table, err := c.Table(ctx, connector.SchemaTable{Schema: "s", Table: "t"})
	must(err)
	must(c.AddColumn(ctx, table, one))
	must(c.RenameColumn(ctx, table, "name", "o'"))
	must(c.DropColumn(ctx, table, "price"))
	must(c.SetColumnType(ctx, table, "id", types.DecimalOf(20, 0)))
	must(c.DropNotNull(ctx, table, "id"))
	must(c.Truncate(ctx, table))
	must(c.RenameTable(ctx, table, connector.SchemaTable{Schema: "s", Table: "u"}))
	must(c.CreateSchema(ctx, "new", nil))
	if err := c.SetComment(ctx, table, "", new("x")); trinoerr.CodeOf(err) != trinoerr.NotSupported {
		t.Errorf("comment: %v", err)
	}
	section("changes")
	want, err := os.ReadFile("testdata/statements.txt")
	if err != nil || string(want) != out.String() {
		t.Errorf("statements are\n%s\n%v", out.String(), err)
	}
}

// What queries have left that nobody goes on with is dropped when something is made in the schema, the table with the token at last; once in a while.
func TestLeftovers(t *testing.T) {
	asked := 0
	c, s := play(t, connector.Env{Abandoned: func(_ context.Context, ids []string) (dead []string, err error) {
		asked++
		slices.Sort(ids)
		if want := []string{"20260101_000000_00001_dying", "20260101_000000_00002_alive"}; !slices.Equal(ids, want) {
			t.Errorf("asked for %v", ids)
		}
		return []string{"20260101_000000_00001_dying"}, nil
	}})
	for _, name := range []string{"tmp_waterbear_20260101_000000_00001_dying", "TMP_WATERBEAR_20260101_000000_00001_dying_n", "tmp_waterbear_20260101_000000_00002_alive",
		"tmp_waterbear_mine", "tmp_waterbear_20260101_000000"} {
		s.tables["[s].["+name+"]"] = true
	}
	for _, name := range []string{"new", "newer"} {
		if err := c.CreateTable(t.Context(), &connector.Table{Name: connector.SchemaTable{Schema: "s", Table: name}, Columns: []connector.Column{{Name: "a", Type: types.Of(types.BigInt)}}}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"DROP TABLE IF EXISTS [s].[TMP_WATERBEAR_20260101_000000_00001_dying_n]", "DROP TABLE IF EXISTS [s].[tmp_waterbear_20260101_000000_00001_dying]",
		"CREATE TABLE [s].[new] ([a] bigint)", "CREATE TABLE [s].[newer] ([a] bigint)"}
	if got := s.Take(); !slices.Equal(got, want) || asked != 1 {
		t.Errorf("said %q, asked %d times", got, asked)
	}
}

// Names that are matched whatever their case are listed again when one is not among them, or when the list is old; statements write as many rows as they are told.
func TestNamesAndBatches(t *testing.T) {
	for ttl, want := range map[string]int{"1h": 1, "0s": 3} {
		listed := 0
		c, s := play(t, connector.Env{}, "case-insensitive-name-matching=true", "case-insensitive-name-matching.cache-ttl="+ttl, "write.batch-size=2")
		answer := s.Answer
		s.Answer = func(query string, args []driver.NamedValue) ([][]driver.Value, bool) {
			if strings.HasPrefix(query, "SELECT o.name FROM sys.objects") {
				listed++
			}
			return answer(query, args)
		}
		find := func(name string) *connector.Table {
			t.Helper()
			table, err := c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: name})
			if err != nil {
				t.Fatal(err)
			}
			return table
		}
		for range 3 {
			if find("t") == nil {
				t.Fatal("the table is not found")
			}
		}
		if listed != want {
			t.Errorf("with %s tables are listed %d times, want %d", ttl, listed, want)
		}
		if find("new") != nil {
			t.Error("there is a table too many")
		}
		s.tables["[s].[New]"] = true
		if find("new") == nil {
			t.Errorf("with %s a new table is not found", ttl)
		}
		raw, err := c.BeginWrite(t.Context(), &connector.Table{Name: connector.SchemaTable{Schema: "s", Table: "made"}, Columns: []connector.Column{{Name: "a", Type: types.Of(types.BigInt)}}}, true, connector.NoRetries, "q")
		if err != nil {
			t.Fatal(err)
		}
		sink, err := c.Sink(t.Context(), raw, "x")
		if err != nil {
			t.Fatal(err)
		}
		s.Take()
		if _, err := sink.(connector.BatchSink).Write(t.Context(), &connector.Batch{Rows: 5, Columns: []connector.Vector{{I64: []int64{1, 2, 3, 4, 5}}}}); err != nil {
			t.Fatal(err)
		}
		if said := s.Take(); len(said) != 5 || !strings.HasSuffix(said[1], "VALUES (1, N'x'), (2, N'x')") { // BEGIN, three statements, COMMIT
			t.Errorf("said %q", said)
		}
	}
}
