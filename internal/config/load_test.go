package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

func testHost() Host {
	return Host{LookupEnv: env, MemoryBytes: 10 << 30, Cores: 8, Name: "host1"}
}

// TestLoad reads configuration directories written as scripts: "load" with lines of the form "-- file" before each
// file's text. It prints the problems, or the structs' fields that differ from the defaults.
func TestLoad(t *testing.T) {
	datadriven.RunTest(t, "testdata/load.txt", func(t *testing.T, d *datadriven.TestData) string {
		etc := filepath.Join(t.TempDir(), "etc")
		writeTree(t, etc, d.Input)
		c, err := Load(etc, testHost())
		if err != nil {
			return strings.ReplaceAll(err.Error(), etc, "etc") + "\n"
		}
		return strings.ReplaceAll(describe(c), filepath.Dir(etc), "BASE")
	})
}

// A file like exchange-manager.properties can be read by itself; what is wrong with it is told with its path.
func TestLoadExchange(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "other.properties")
	for text, want := range map[string]string{
		"exchange-manager.name=filesystem\nexchange.base-directories=s3://spool/x\nexchange.s3.region=eu-central-1\n": "",
		"exchange-manager.name=filesystem\n":                                   "other.properties: required property 'exchange.base-directories' is not set",
		"exchange-manager.name=filesystem\nexchange.base-directoriez=/spool\n": "did you mean 'exchange.base-directories'?",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := LoadExchange(path, testHost())
		if want == "" && (err != nil || x.BaseDirectories[0] != "s3://spool/x/" || x.S3 == nil || x.BufferBytes() != x.S3.PartSize) {
			t.Errorf("%+v, %v", x, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q instead of %q", err, want)
		}
	}
	if _, err := LoadExchange(filepath.Join(dir, "none"), testHost()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func writeTree(t *testing.T, dir, script string) {
	t.Helper()
	for _, part := range strings.Split("\n"+script, "\n-- ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func describe(c *Config) string {
	var b strings.Builder
	got, zero := reflect.ValueOf(*c), reflect.ValueOf(*Defaults(testHost()))
	for i := range got.NumField() {
		name := got.Type().Field(i).Name
		switch v := got.Field(i); {
		case name == "Exchange" && c.Exchange != nil:
			x := *c.Exchange
			s3, azure, gcs, hdfs := x.S3, x.Azure, x.GCS, x.HDFS
			x.S3, x.Azure, x.GCS, x.HDFS = nil, nil, nil, nil // printed by themselves, not as addresses
			fmt.Fprintf(&b, "Exchange: %+v\n", x)
			if s3 != nil {
				fmt.Fprintf(&b, "Exchange.S3: %+v\n", *s3)
			}
			if azure != nil {
				fmt.Fprintf(&b, "Exchange.Azure: %+v\n", *azure)
			}
			if gcs != nil {
				fmt.Fprintf(&b, "Exchange.GCS: %+v\n", *gcs)
			}
			if hdfs != nil {
				fmt.Fprintf(&b, "Exchange.HDFS: %+v\n", *hdfs)
			}
		case name == "Groups" && c.Groups != nil:
			fmt.Fprintf(&b, "Groups: %+v\n", *c.Groups)
		case name == "Catalogs":
			for _, cat := range c.Catalogs {
				fmt.Fprintf(&b, "Catalog %s: %s: %s\n", cat.Name, cat.Connector, showEntries(cat.File))
			}
		case v.Kind() == reflect.Struct:
			for j := range v.NumField() {
				if f := v.Type().Field(j); f.IsExported() && !reflect.DeepEqual(v.Field(j).Interface(), zero.Field(i).Field(j).Interface()) {
					fmt.Fprintf(&b, "%s.%s = %v\n", name, f.Name, v.Field(j))
				}
			}
		}
	}
	return b.String()
}

func TestHostDefaults(t *testing.T) {
	c := Defaults(testHost())
	if c.Resources.MemoryBytes != 8<<30 || c.Resources.ThreadsPerTask != 4 || c.Resources.Slots != 2 {
		t.Errorf("%+v", c.Resources)
	}
	small := testHost()
	small.Cores, small.MemoryBytes = 1, 1
	c = Defaults(small)
	if c.Resources.MemoryBytes != 64<<20 || c.Resources.ThreadsPerTask != 1 || c.Resources.Slots != 2 {
		t.Errorf("%+v", c.Resources)
	}
	if c.Server.HTTPPort != 8080 || c.Session.RetryPolicy != RetryNone || !c.Spooling.Encrypt || c.Node.InternalAddress != "host1" {
		t.Errorf("%+v", c)
	}
}

func TestLogLevels(t *testing.T) {
	l := Log{Default: slog.LevelInfo, Packages: map[string]slog.Level{"connector": slog.LevelWarn, "connector/hive": slog.LevelDebug}}
	for pkg, want := range map[string]slog.Level{"engine": slog.LevelInfo, "connector/tpch": slog.LevelWarn, "connector/hive/metastore": slog.LevelDebug} {
		if got := l.Level(pkg); got != want {
			t.Errorf("Level(%s) = %s, want %s", pkg, got, want)
		}
	}
}

// TestConnectorTable shows how a connector reads its catalog file.
func TestConnectorTable(t *testing.T) {
	type connectorConfig struct{ Splits int }
	table := Table[connectorConfig]{Title: "x", Properties: []Property[connectorConfig]{
		{Name: "x.splits", Default: "4", Value: Int(func(c *connectorConfig) *int { return &c.Splits }, 1, NoMax), Doc: "Splits."},
	}}
	f, _ := ParseProperties("etc/catalog/x.properties", "connector.name=x\n\nx.splitz=3", env)
	catalog, err := newCatalog(f)
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Read(catalog.File, testHost())
	if want := "etc/catalog/x.properties:3: unknown property 'x.splitz'; did you mean 'x.splits'?"; message(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	catalog.File.Entries[0].Key = "x.splits"
	if c, err := table.Read(catalog.File, testHost()); err != nil || c.Splits != 3 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestMemoryLimit(t *testing.T) {
	meminfo := "-- proc/meminfo\nMemTotal:       8388608 kB\nMemFree: 1 kB\n"
	tests := []struct {
		name, tree string
		want       int64
	}{
		{"machine", meminfo, 8 << 30},
		{"nothing known", "", 4 << 30},
		{"version 2, own group", meminfo + "-- proc/self/cgroup\n0::/a/b\n-- sys/fs/cgroup/a/b/memory.max\n1073741824\n", 1 << 30},
		{"version 2, parent", meminfo + "-- proc/self/cgroup\n0::/a/b\n-- sys/fs/cgroup/a/b/memory.max\nmax\n-- sys/fs/cgroup/a/memory.max\n2147483648\n", 2 << 30},
		{"version 2, in a container", meminfo + "-- proc/self/cgroup\n0::/\n-- sys/fs/cgroup/memory.max\n1073741824\n", 1 << 30},
		{"version 1", meminfo + "-- proc/self/cgroup\n5:cpu,memory:/x\n-- sys/fs/cgroup/memory/x/memory.limit_in_bytes\n3221225472\n", 3 << 30},
		{"version 1, unlimited", meminfo + "-- sys/fs/cgroup/memory/memory.limit_in_bytes\n9223372036854771712\n", 8 << 30},
	}
	for _, tt := range tests {
		root := t.TempDir()
		writeTree(t, root, tt.tree)
		if got := memoryLimit(root); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestReference checks that the generated page is current: go generate ./internal/config.
func TestReference(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/properties.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != Reference() {
		t.Error("docs/reference/properties.md is not current; run go generate ./internal/config")
	}
}

// TestTables checks what every row must have, and that no name is used twice.
func TestTables(t *testing.T) {
	seen := map[string]bool{}
	unique := func(name string) {
		if name != "" && seen[name] {
			t.Errorf("%s stands twice", name)
		}
		seen[name] = true
	}
	checkTable(t, &ServerTable, unique)
	checkTable(t, &QueryTable, unique)
	checkTable(t, &SessionTable, unique)
	checkTable(t, &SchedulingTable, unique)
	checkTable(t, &CommunicationTable, unique)
	checkTable(t, &SpoolingTable, unique)
	checkTable(t, &ResourcesTable, unique)
	checkTable(t, &NodeTable, unique)
	checkTable(t, &ExchangeTable, unique)
	checkTable(t, &ExchangeS3Table, unique)
	checkTable(t, &ExchangeAzureTable, unique)
	checkTable(t, &ExchangeGCSTable, unique)
	checkTable(t, &ExchangeHDFSTable, unique)
}

func checkTable[C any](t *testing.T, table *Table[C], unique func(string)) {
	table.Defaults(testHost()) // panics when a default does not parse
	for _, p := range table.Properties {
		unique(p.Name)
		for _, a := range p.Aliases {
			unique(a)
		}
		if p.Session != nil {
			unique("session " + p.Session.Name)
		}
		if p.Name != "" && (p.Doc == "" || p.UsedBy == "") {
			t.Errorf("%s has no Doc or UsedBy", p.Name)
		}
	}
	for _, d := range slices.Concat(table.Defunct, table.Unsupported) {
		unique(d.Name)
	}
}
