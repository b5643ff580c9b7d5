package hive

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// open makes a catalog in a new directory, with a schema "s". more are further lines of the catalog file.
func open(t *testing.T, more ...string) (*Connector, string) {
	t.Helper()
	root := t.TempDir()
	c, err := configured(append([]string{"hive.metastore=file", "hive.metastore.catalog.dir=local:///m", "fs.native-local.enabled=true",
		"local.location=" + root}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CreateSchema(t.Context(), "s", nil); err != nil {
		t.Fatal(err)
	}
	return c, root
}

func configured(lines ...string) (*Connector, error) {
	f, err := config.ParseProperties("etc/catalog/h.properties", strings.Join(lines, "\n"), nil)
	if err != nil {
		return nil, err
	}
	return New(context.Background(), connector.CatalogConfig{Catalog: "h", File: f})
}

func TestProperties(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ name, lines, want string }{
		{"minimal", "hive.metastore=file\nhive.metastore.catalog.dir=" + dir, ""},
		{"file URI", "hive.metastore=file\nhive.metastore.catalog.dir=file://" + dir, ""},
		{"missing", "hive.metastore=file", "h.properties:1: property 'hive.metastore': file needs hive.metastore.catalog.dir"},
		{"thrift", "hive.metastore=thrift\nhive.metastore.uri=thrift://127.0.0.1:1, thrift://127.0.0.1:2", ""},
		{"thrift without metastore", "hive.metastore=thrift", "h.properties:1: property 'hive.metastore': thrift needs hive.metastore.uri"},
		{"thrift with directory", "hive.metastore=thrift\nhive.metastore.uri=thrift://h:1\nhive.metastore.catalog.dir=" + dir, "h.properties:3: property 'hive.metastore.catalog.dir': is for hive.metastore=file"},
		{"no thrift", "hive.metastore=thrift\nhive.metastore.uri=http://h:1", "'http://h:1' is not thrift://host:port"},
		{"unknown", "hive.metastore=file\nhive.metastore.catalog.dir=" + dir + "\nhive.max-splitsize=1MB",
			"etc/catalog/h.properties:3: unknown property 'hive.max-splitsize'; did you mean 'hive.max-split-size'?"},
		{"another metastore", "hive.metastore=glue\nhive.metastore.catalog.dir=" + dir, "h.properties:1: property 'hive.metastore' must be one of file"},
		{"local without file system", "hive.metastore=file\nhive.metastore.catalog.dir=local:///m",
			"h.properties:2: property 'hive.metastore.catalog.dir': local:// needs fs.native-local.enabled=true"},
		{"file system without directory", "hive.metastore=file\nhive.metastore.catalog.dir=local:///m\nfs.native-local.enabled=true",
			"h.properties:3: property 'fs.native-local.enabled': needs local.location"},
		{"object store", "hive.metastore=file\nhive.metastore.catalog.dir=s3://b/m\nfs.native-s3.enabled=true\ns3.region=x\ns3.aws-secret-key=y",
			"h.properties:5: property 's3.aws-secret-key': 's3.aws-access-key' must be set with it"},
		{"property of a file system that is off", "hive.metastore=file\nhive.metastore.catalog.dir=" + dir + "\ns3.region=x",
			"property 'fs.native-s3.enabled': it must be true"},
		{"unsupported", "hive.metastore=file\nhive.metastore.catalog.dir=" + dir + "\nfs.cache.enabled=true", "property 'fs.cache.enabled' is not supported"},
		{"no file system", "hive.metastore=file\nhive.metastore.catalog.dir=s3://b/m", "there is no file system for 's3://b/m'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := configured(tt.lines)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTypes(t *testing.T) {
	tests := []struct{ sql, hive string }{
		{"boolean", "boolean"}, {"tinyint", "tinyint"}, {"integer", "int"}, {"real", "float"}, {"varchar", "string"},
		{"varchar(7)", "varchar(7)"}, {"char(3)", "char(3)"}, {"decimal(10,2)", "decimal(10,2)"}, {"varbinary", "binary"},
		{"timestamp(3)", "timestamp"}, {"array(array(date))", "array<array<date>>"}, {"map(varchar,bigint)", "map<string,bigint>"},
		{"row(a bigint,b row(c double))", "struct<a:bigint,b:struct<c:double>>"},
	}
	for _, tt := range tests {
		sql, err := types.Parse(tt.sql)
		if err != nil {
			t.Fatal(err)
		}
		name, err := hiveType(sql)
		if name != tt.hive || err != nil {
			t.Errorf("hiveType(%s) = %q, %v; want %q", tt.sql, name, err, tt.hive)
		}
		back, err := parseHiveType(tt.hive, 3)
		if err != nil || !back.Equal(sql) {
			t.Errorf("parseHiveType(%s) = %s, %v; want %s", tt.hive, back, err, sql)
		}
	}
	for _, name := range []string{"", "uuid", "array<", "array<int", "map<int>", "decimal(0,0)", "decimal(39,1)", "varchar(0)", "struct<>", "struct<a>", "int>",
		strings.Repeat("array<", 200) + "int" + strings.Repeat(">", 200)} {
		if got, err := parseHiveType(name, 3); err == nil {
			t.Errorf("parseHiveType(%q) = %s", name, got)
		}
	}
	for _, name := range []string{"uuid", "time(3)", "timestamp(3) with time zone", "varchar(70000)", "char(256)", "row(bigint)", "array(json)"} {
		sql, err := types.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := hiveType(sql); err == nil {
			t.Errorf("hiveType(%s) = %q", name, got)
		}
	}
}

// FuzzParseHiveType checks that what can be read can be written and reads back the same.
func FuzzParseHiveType(f *testing.F) {
	for _, s := range []string{"int", "decimal(10, 2)", "struct<a:int,b:map<string,array<date>>>", "VARCHAR(5)", "array< int >", "decimal"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		typ, err := parseHiveType(text, 3)
		if err != nil {
			return
		}
		name, err := hiveType(typ)
		if err != nil {
			t.Fatalf("%q reads as %s: %v", text, typ, err)
		}
		if again, err := parseHiveType(name, 3); err != nil || !again.Equal(typ) {
			t.Fatalf("%q reads as %s, %q as %s, %v", text, typ, name, again, err)
		}
	})
}

// The texts are those of directories that Trino makes.
func TestPartitionValues(t *testing.T) {
	tests := []struct{ typ, text, back string }{
		{"decimal(3,2)", "1.50", "1.5"}, {"decimal(3,2)", "2.00", "2"}, {"decimal(3,0)", "20", "20"}, {"boolean", "TRUE", "true"},
		{"tinyint", "-3", "-3"}, {"double", "1e10", "1.0E10"}, {"real", "1.5", "1.5"}, {"date", "2020-01-01", "2020-01-01"},
		{"date", "2020-01-01 00:00:00", "2020-01-01"}, {"timestamp(3)", "2020-01-01 01:02:03.120", "2020-01-01 01:02:03.12"},
		{"char(3)", "a", "a  "}, {"varchar(3)", "a b", "a b"},
		{"tinyint", "300", ""}, {"decimal(3,2)", "1.555", ""}, {"decimal(3,2)", "1000", ""}, {"date", "x", ""}, {"boolean", "x", ""},
	}
	for _, tt := range tests {
		typ, err := types.Parse(tt.typ)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if v, err := parseValue(typ, &tt.text); err == nil {
			got = hiveText(typ, v)
		}
		if got != tt.back {
			t.Errorf("%s %q gives %q, want %q", tt.typ, tt.text, got, tt.back)
		}
	}
}

func definition(name string, columns string, properties map[string]any) *connector.Table {
	def := &connector.Table{Name: connector.SchemaTable{Schema: "s", Table: name}, Properties: properties}
	for col := range strings.SplitSeq(columns, ", ") {
		column, typ, _ := strings.Cut(col, " ")
		typ, notNull := strings.CutSuffix(typ, " not null")
		parsed, err := types.Parse(typ)
		if err != nil {
			panic(err)
		}
		def.Columns = append(def.Columns, connector.Column{Name: column, Type: parsed, NotNull: notNull})
	}
	return def
}

// The messages are Trino's.
func TestCreateTableErrors(t *testing.T) {
	c, _ := open(t)
	if err := c.CreateTable(t.Context(), definition("there", "a bigint", nil)); err != nil {
		t.Fatal(err)
	}
	partitioned := func(names ...string) map[string]any { return map[string]any{propPartitionedBy: names} }
	tests := []struct {
		columns    string
		properties map[string]any
		want       string
	}{
		{"a timestamp(6)", nil, "Incorrect timestamp precision for timestamp(6); the configured precision is MILLISECONDS; column name: a"},
		{"a uuid", nil, "Unsupported Hive type: uuid"},
		{"a row(bigint)", nil, "Anonymous row type is not supported in Hive. Please give each field a name: row(bigint)"},
		{"a varchar(70000)", nil, "Unsupported Hive type: varchar(70000). Supported VARCHAR types: VARCHAR(<=65535), VARCHAR."},
		{"a bigint not null", nil, "Catalog 'h' does not support non-null column for column name 'a'"},
		{"a bigint, k bigint", partitioned("a"),
			"Partition keys must be the last columns in the table and in the same order as the table properties: [a]"},
		{"a bigint, k bigint", partitioned("x"), "Partition columns [x] not present in schema"},
		{"a bigint, k bigint", partitioned("a", "k"), "Table contains only partition columns"},
		{"a bigint, k varbinary", partitioned("k"), "Unsupported type [varbinary] for partition: k"},
		{"a bigint", map[string]any{propFormat: "ORC"}, "Hive storage format ORC is not supported; use PARQUET, CSV, JSON, OPENX_JSON or TEXTFILE"},
		{"a bigint", map[string]any{propLocation: "local:///nope"}, "External location must be a directory: local:///nope"},
		{"a bigint", map[string]any{propLocation: "s3://b/x"}, "External location is not a valid file system URI: s3://b/x"},
	}
	for _, tt := range tests {
		err := c.CreateTable(t.Context(), definition("new", tt.columns, tt.properties))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s %v: got %v, want %q", tt.columns, tt.properties, err, tt.want)
		}
	}
	if err := c.CreateTable(t.Context(), definition("there", "a bigint", nil)); err == nil || err.Error() != "Table 'h.s.there' already exists" {
		t.Errorf("got %v", err)
	}
	missing := definition("t", "a bigint", nil)
	missing.Name.Schema = "nope"
	if err := c.CreateTable(t.Context(), missing); err == nil || err.Error() != "Schema nope not found" {
		t.Errorf("got %v", err)
	}
}

// A metastore that others write may have tables that this package cannot read.
func TestForeignTables(t *testing.T) {
	c, root := open(t)
	put := func(name, text string) {
		dir := filepath.Join(root, "m", "s", name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, ".trinoSchema"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("iceberg", `{"tableType":"EXTERNAL_TABLE","parameters":{"table_type":"ICEBERG"}}`)
	put("orc", `{"tableType":"MANAGED_TABLE","storageFormat":"ORC","dataColumns":[{"name":"a","type":"int"}],"parameters":{}}`)
	put("broken", `{"tableType":`)
	for name, want := range map[string]string{
		"iceberg": "Cannot query Iceberg table 's.iceberg'",
		"broken":  "unexpected end of JSON input",
	} {
		if _, err := c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	orc, err := c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: "orc"})
	if err != nil || orc.Properties[propFormat] != "ORC" {
		t.Fatalf("got %v, %v", orc, err)
	}
	if _, err := c.Splits(t.Context(), connector.Scan{Table: orc.Name, Handle: orc.Handle}); err == nil ||
		err.Error() != "Hive storage format ORC is not supported: s.orc; tables in PARQUET, CSV, JSON, OPENX_JSON and TEXTFILE are" {
		t.Errorf("got %v", err)
	}
	list, err := c.Tables(t.Context(), "s")
	if err != nil || len(list) != 3 {
		t.Errorf("Tables = %v, %v", list, err)
	}
}

// row is a row of test files.
type row struct {
	ID   int64   `parquet:"id"`
	Name *string `parquet:"name,optional"`
}

// writeFile writes rows 0 to n-1 in row groups of a size.
func writeFile(t *testing.T, path string, n, perGroup int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := parquet.NewGenericWriter[row](f)
	for i := range n {
		name := fmt.Sprint("name ", i)
		if _, err := w.Write([]row{{int64(i), &name}}); err != nil {
			t.Fatal(err)
		}
		if (i+1)%perGroup == 0 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// external makes a table over a new directory.
func external(t *testing.T, c *Connector, root, name, columns string) (*connector.Table, string) {
	t.Helper()
	dir := filepath.Join(root, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	def := definition(name, columns, map[string]any{propLocation: "local:///" + name})
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	return describe(t, c, def.Name), dir
}

func describe(t *testing.T, c *Connector, name connector.SchemaTable) *connector.Table {
	t.Helper()
	table, err := c.Table(t.Context(), name)
	if err != nil || table == nil {
		t.Fatalf("Table(%s) = %v, %v", name, table, err)
	}
	return table
}

// splits lists splits as "file[first-end)", the rows after a whole file.
func splits(t *testing.T, c *Connector, scan connector.Scan) []string {
	t.Helper()
	src, err := c.Splits(t.Context(), scan)
	if err != nil {
		return []string{"error: " + err.Error()}
	}
	list, err := src.Next(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, sp := range list {
		var s split
		if err := json.Unmarshal(sp.Handle, &s); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%s:%d", filepath.Base(s.Location), sp.Rows)
		if s.End > 0 {
			text = fmt.Sprintf("%s[%d-%d)", filepath.Base(s.Location), s.First, s.End)
		}
		out = append(out, text)
	}
	return out
}

func TestSplits(t *testing.T) {
	c, root := open(t, "hive.max-split-size=1kB")
	table, dir := external(t, c, root, "t", "id bigint, name varchar, missing double")
	writeFile(t, filepath.Join(dir, "a"), 40, 10)
	writeFile(t, filepath.Join(dir, "b"), 5, 10)
	for _, hiddenFile := range []string{".x", "_SUCCESS", "empty"} {
		if err := os.WriteFile(filepath.Join(dir, hiddenFile), []byte(strings.Repeat("x", len(hiddenFile)%5)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:3]}
	between := func(low, high any) []connector.Domain {
		return []connector.Domain{{Column: "id", Low: &connector.Bound{Value: low, Inclusive: true}, High: &connector.Bound{Value: high}}}
	}
	in := func(column string, values ...any) []connector.Domain {
		return []connector.Domain{{Column: column, Values: values}}
	}
	tests := []struct {
		name       string
		constraint []connector.Domain
		maxBytes   int64
		want       string
	}{
		{"row groups", nil, 1, "a[0-10) a[10-20) a[20-30) a[30-40) b:5"},
		{"whole files", nil, 1 << 20, "a:40 b:5"},
		{"range", between(int64(12), int64(20)), 1, "a[10-20)"},
		{"range over groups", between(int64(12), int64(25)), 1 << 20, "a[10-30)"},
		{"gap", in("id", int64(3), int64(35)), 1 << 20, "a[0-10) a[30-40) b:5"},
		{"text", in("name", "name 39"), 1 << 20, "a[0-10) a[30-40) b:5"},
		{"text outside", in("name", "nam"), 1 << 20, ""},
		{"outside", between(int64(100), int64(200)), 1 << 20, ""},
		{"other type", in("id", "x"), 1 << 20, "a:40 b:5"},
		{"column not in files", in("missing", 1.5), 1 << 20, ""},
		{"column not in files, NULL allowed", []connector.Domain{{Column: "missing", Values: []any{}, NullAllowed: true}}, 1 << 20, "a:40 b:5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.maxSplitBytes = tt.maxBytes
			scan.Constraint = tt.constraint
			if err := os.Remove(filepath.Join(dir, "empty")); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if got := strings.Join(splits(t, c, scan), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	scan.Constraint = nil
	s, err := c.Statistics(t.Context(), scan)
	if err != nil || s.Rows != 45 || s.Columns["id"].High != 39 || s.Columns["id"].Distinct != 40 || s.Columns["missing"].NullFraction != 1 {
		t.Errorf("Statistics = %+v, %v", s, err)
	}
}

func TestBadFiles(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good")
	writeFile(t, good, 10, 5)
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	long := slices.Concat(data[:len(data)-8], []byte{255, 255, 255, 0}, []byte("PAR1"))
	tests := []struct {
		name, want string
		data       []byte
	}{
		{"truncated", "Malformed Parquet file. Expected magic number: PAR1 got:", data[:len(data)/2]},
		{"short", "is not a valid Parquet File", data[:5]},
		{"zero", "", nil},
		{"length", "Metadata of 16777215 bytes does not fit", long},
		{"garbage", "metadata cannot be decoded", slices.Concat(data[:4], make([]byte, 50), []byte{50, 0, 0, 0}, []byte("PAR1"))},
		{"encrypted", "Encrypted Parquet files are not supported", slices.Concat(data[:len(data)-4], []byte("PARE"))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, root := open(t)
			table, dir := external(t, c, root, "bad", "id bigint")
			if err := os.WriteFile(filepath.Join(dir, "f"), tt.data, 0o644); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(splits(t, c, connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:1]}), " ")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) || tt.want != "" && !strings.Contains(got, "local:///bad/f") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestInferColumns(t *testing.T) {
	c, root := open(t)
	_, dir := external(t, c, root, "t", "a bigint")
	type inner struct {
		X int32            `parquet:"X"`
		M map[string]int16 `parquet:"m"`
	}
	type all struct {
		ID   int64    `parquet:"Id"`
		L    []string `parquet:"l,list"`
		Row  inner    `parquet:"r"`
		B    []byte   `parquet:"b"`
		Flag bool     `parquet:"flag"`
		D    float64  `parquet:"d"`
		Day  int32    `parquet:"day,date"`
		Dec  int64    `parquet:"dec,decimal(2:10)"`
		TS   int64    `parquet:"ts,timestamp(microsecond)"`
	}
	f, err := os.Create(filepath.Join(dir, "f"))
	if err != nil {
		t.Fatal(err)
	}
	if err := parquet.Write(f, []all{{}}); err != nil {
		t.Fatal(err)
	}
	columns, err := c.InferColumns(t.Context(), map[string]any{propLocation: "local:///t"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, col := range columns {
		got = append(got, col.Name+" "+col.Type.String())
	}
	slices.Sort(got)
	want := []string{"b varbinary", "d double", "day date", "dec decimal(10,2)", "flag boolean", "id bigint", "l array(varchar)",
		"r row(x integer, m map(varchar, smallint))", "ts timestamp(3)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
