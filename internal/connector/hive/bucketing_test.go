package hive

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/hivehash"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// buckets are the properties of a table with buckets.
func buckets(count, version int, columns ...string) map[string]any {
	return map[string]any{propBucketedBy: columns, propBucketCount: int64(count), propBucketVersion: int64(version)}
}

// The messages are Trino's, but those about sorting and types that cannot be written here.
func TestBucketErrors(t *testing.T) {
	c, _ := open(t)
	with := func(properties map[string]any, name string, value any) map[string]any {
		properties[name] = value
		return properties
	}
	tests := []struct {
		columns    string
		properties map[string]any
		want       string
	}{
		{"a bigint", buckets(4, 1, "x"), "Bucketing columns [x] not present in schema"},
		{"a bigint", buckets(0, 1, "a"), "bucketed_by and bucket_count must be specified together"},
		{"a bigint", buckets(4, 1), "bucketed_by and bucket_count must be specified together"},
		{"a bigint", buckets(-4, 1, "a"), "bucket_count must be greater than zero"},
		{"a bigint", buckets(4, 3, "a"), "bucketing_version must be between 1 and 2 (inclusive): 3"},
		{"a bigint", with(buckets(4, 1, "a"), propSortedBy, []string{"x"}), "Sorting columns [x] not present in schema"},
		{"a bigint", with(buckets(4, 1, "a"), propSortedBy, []string{"a foo"}), "Sorting columns [a foo] not present in schema"},
		{"a bigint", map[string]any{propSortedBy: []string{"a"}}, "sorted_by may be specified only when bucketed_by is specified"},
		{"a bigint, b varchar", with(with(buckets(4, 1, "a"), propPartitionedBy, []string{"b"}), propSortedBy, []string{"b"}), "Sorting columns [b] are also used as partitioning columns"},
		{"a bigint, b varchar", with(buckets(4, 1, "b"), propPartitionedBy, []string{"b"}), "Bucketing columns [b] are also used as partitioning columns"},
		{"a decimal(10,2)", buckets(4, 1, "a"), "Cannot create a table bucketed on an unsupported type"},
		{"a row(x bigint)", buckets(4, 1, "a"), "Cannot create a table bucketed on an unsupported type"},
		{"a bigint", with(buckets(4, 1, "a"), propSortedBy, []string{"a DESC"}),
			"Writing into sorted buckets is not supported: s.new; to write rows in any order set the session property sorted_writing_enabled to false"},
		{"a double", buckets(4, 2, "a"), "Writing into tables bucketed on columns of type double, with bucketing_version 2, is not supported: s.new"},
		{"a array(bigint)", buckets(4, 1, "a"), "Writing into tables bucketed on columns of type array(bigint), with bucketing_version 1, is not supported: s.new"},
	}
	for _, tt := range tests {
		_, err := c.BeginWrite(t.Context(), definition("new", tt.columns, tt.properties), true, connector.RetriesEnabled, "q")
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s %v: got %v, want %q", tt.columns, tt.properties, err, tt.want)
		}
	}
}

// What a table is declared with is kept where Trino keeps it, and described as it describes it.
func TestBucketProperties(t *testing.T) {
	c, root := open(t)
	def := definition("t", "a bigint, b varchar", buckets(4, 2, "A", "b"))
	def.Properties[propSortedBy] = []string{"b desc", "a"}
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	got := describe(t, c, def.Name).Properties
	want := map[string]any{propBucketedBy: []string{"a", "b"}, propBucketCount: int64(4), propBucketVersion: int64(2), propSortedBy: []string{"b DESC", "a"}, propFormat: parquetFormat}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	raw, err := os.ReadFile(filepath.Join(root, "m", "s", "t", ".trinoSchema"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Parameters     map[string]string
		BucketProperty struct{ BucketCount int }
	}
	if err := json.Unmarshal(raw, &file); err != nil || file.Parameters["bucketing_version"] != "2" || file.BucketProperty.BucketCount != 4 {
		t.Errorf("got %s, %v", raw, err)
	}
	table := describe(t, c, def.Name)
	for want, err := range map[string]error{
		"Cannot drop bucketing or sorting column 'a'":   c.DropColumn(t.Context(), table, "a"),
		"Cannot rename bucketing or sorting column 'b'": c.RenameColumn(t.Context(), table, "b", "c"),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestBucketNames(t *testing.T) {
	for name, want := range map[string]int{"000003_0_x_20261123_205300_00068_ze8b3": 3, "000011_0": 11, "0100000_0_y.parquet": 100000, "bucket_00002": 2, "bucket_00002_0": 2,
		"20180102_030405_00641_x1y2z_bucket-00234": 234, "20180102_030405_00641_x1y2z_bucket-00234.txt.gz": 234,
		"3_0": noBucket, "part-00000": noBucket, "99999999999999999999_0": noBucket, "099999999999999999999_0": noBucket} {
		if got, ok := bucketOf(name); ok != (want >= 0) || ok && got != want {
			t.Errorf("bucketOf(%s) = %d, %v; want %d", name, got, ok, want)
		}
	}
}

// A constraint with values for all bucketing columns leaves the files of their buckets.
func TestBucketPruning(t *testing.T) {
	for version := range 3 {
		if version == 0 {
			continue
		}
		c, root := open(t)
		dir := filepath.Join(root, "t")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		def := definition("t", "id bigint, name varchar", buckets(4, version, "id"))
		def.Properties[propLocation] = "local:///t"
		if err := c.CreateTable(t.Context(), def); err != nil {
			t.Fatal(err)
		}
		table := describe(t, c, def.Name)
		for i := range 4 {
			writeFile(t, filepath.Join(dir, fmt.Sprintf("%06d_0_f", i)), 30, 30)
		}
		fileOf := func(id int64) string {
			return fmt.Sprintf("%06d_0_f:30", hivehash.Bucket(4, hivehash.Long(version, id)))
		}
		all := "000000_0_f:30 000001_0_f:30 000002_0_f:30 000003_0_f:30"
		two := []string{fileOf(3), fileOf(12)}
		slices.Sort(two)
		for _, tt := range []struct {
			name       string
			constraint []connector.Domain
			want       string
		}{
			{"none", nil, all},
			{"one value", []connector.Domain{{Column: "id", Values: []any{int64(7)}}}, fileOf(7)},
			{"two values", []connector.Domain{{Column: "id", Values: []any{int64(3), int64(12)}}}, strings.Join(slices.Compact(two), " ")},
			{"range", []connector.Domain{{Column: "id", Low: &connector.Bound{Value: int64(3)}, High: &connector.Bound{Value: int64(5)}}}, all},
			{"another column", []connector.Domain{{Column: "name", Values: []any{"name 1"}}}, all},
			{"the bucket", []connector.Domain{{Column: bucketColumn, Values: []any{int64(2)}}}, "000002_0_f:30"},
			{"buckets", []connector.Domain{{Column: bucketColumn, High: &connector.Bound{Value: int64(2)}}}, "000000_0_f:30 000001_0_f:30"},
		} {
			got := strings.Join(splits(t, c, connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:2], Constraint: tt.constraint}), " ")
			if got != tt.want {
				t.Errorf("version %d, %s: got %q, want %q", version, tt.name, got, tt.want)
			}
		}
	}
}

// Files whose names tell no bucket are read; which bucket they are is known when there are as many as buckets.
func TestBucketFilesOfOthers(t *testing.T) {
	c, root := open(t)
	dir := filepath.Join(root, "t")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	def := definition("t", "id bigint, name varchar", buckets(2, 1, "id"))
	def.Properties[propLocation] = "local:///t"
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	table := describe(t, c, def.Name)
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:2], Constraint: []connector.Domain{{Column: "id", Values: []any{int64(1)}}}}
	writeFile(t, filepath.Join(dir, "part-a"), 3, 3)
	if got := splits(t, c, scan); !slices.Equal(got, []string{"part-a:3"}) {
		t.Errorf("one of two: got %q", got)
	}
	withBucket := scan
	withBucket.Columns = slices.DeleteFunc(slices.Clone(table.Columns), func(col connector.Column) bool { return col.Hidden && col.Name != bucketColumn })
	if got := splits(t, c, withBucket); len(got) != 1 || !strings.Contains(got[0], "Hive table 's.t' is corrupt. File 'part-a' does not match the standard naming pattern, and the number of files in the directory (1) does not match the declared bucket count (2) for partition: <UNPARTITIONED>") {
		t.Errorf("which bucket: got %q", got)
	}
	writeFile(t, filepath.Join(dir, "part-b"), 3, 3)
	if got := splits(t, c, withBucket); !slices.Equal(got, []string{"part-b:3"}) {
		t.Errorf("two of two: got %q", got)
	}
	if err := os.Rename(filepath.Join(dir, "part-b"), filepath.Join(dir, "000007_0")); err != nil {
		t.Fatal(err)
	}
	if got := splits(t, c, withBucket); len(got) != 1 || !strings.Contains(got[0], "is corrupt") {
		t.Errorf("too high: got %q", got)
	}
}

// Attempts write a file for each bucket; those of the selected attempt are read again, with their buckets.
func TestWriteBuckets(t *testing.T) {
	c, _ := open(t)
	def := definition("t", "a varchar, k varchar", buckets(4, 2, "a"))
	def.Properties["format"], def.Properties[propPartitionedBy] = "CSV", []string{"k"}
	write, err := c.BeginWrite(t.Context(), def, true, connector.RetriesEnabled, "q1")
	if err != nil {
		t.Fatal(err)
	}
	var fragments [][]byte
	for _, id := range []string{"a.0", "a.1", "b.0"} {
		s, err := c.Sink(t.Context(), write, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.(connector.BatchSink).Write(t.Context(), texts([]string{"x", "y", "z", "NULL", "x"}, []string{"1", "1", "1", "1", "2"})); err != nil {
			t.Fatal(err)
		}
		f, err := s.Finish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if id != "a.0" {
			fragments = append(fragments, f)
		}
	}
	for range 2 { // the second time as after a failure
		if err := c.FinishWrite(t.Context(), write, fragments); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for _, r := range [][2]string{{"x", "1"}, {"y", "1"}, {"z", "1"}, {"NULL", "1"}, {"x", "2"}} {
		bucket := hivehash.Bucket(4, hivehash.Text(2, false, r[0]))
		if r[0] == "NULL" {
			bucket = 0
		}
		line := fmt.Sprintf("%s|%s|%d", r[0], r[1], bucket)
		want = append(want, line, line)
	}
	slices.Sort(want)
	if got, _ := scanLines(t, c, describe(t, c, def.Name), "a", "k", bucketColumn); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// A partition that is bucketed in another way than its table is read as a whole, but not for its buckets, and not written.
func TestPartitionWithOtherBuckets(t *testing.T) {
	c, _ := open(t)
	def := definition("t", "a varchar, k varchar", buckets(4, 1, "a"))
	def.Properties["format"], def.Properties[propPartitionedBy] = "CSV", []string{"k"}
	begin := func(create bool, query string) (json.RawMessage, [][]byte) {
		t.Helper()
		write, err := c.BeginWrite(t.Context(), def, create, connector.RetriesEnabled, query)
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Sink(t.Context(), write, "a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.(connector.BatchSink).Write(t.Context(), texts([]string{"x", "y"}, []string{"1", "1"})); err != nil {
			t.Fatal(err)
		}
		f, err := s.Finish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return write, [][]byte{f}
	}
	write, fragments := begin(true, "q1")
	if err := c.FinishWrite(t.Context(), write, fragments); err != nil {
		t.Fatal(err)
	}
	if err := c.update(t.Context(), def.Name, func(f *metastore.Table) error { f.Storage.Bucketing.Count = 8; return nil }); err != nil {
		t.Fatal(err)
	}
	table := describe(t, c, def.Name)
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:1], Constraint: []connector.Domain{{Column: "a", Values: []any{"x"}}}}
	if got := splits(t, c, scan); len(got) != 2 {
		t.Errorf("got %q", got)
	}
	const want = "Hive table (s.t) is bucketed in another way than partition (k=1)"
	scan.Columns = append(slices.Clone(scan.Columns), connector.Column{Name: bucketColumn, Type: types.Of(types.Integer)})
	if got := splits(t, c, scan); len(got) != 1 || got[0] != "error: "+want {
		t.Errorf("got %q", got)
	}
	write, fragments = begin(false, "q2")
	if err := c.FinishWrite(t.Context(), write, fragments); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if err := c.AbortWrite(t.Context(), write); err != nil {
		t.Error(err)
	}
}

// The engine is told to compute the bucket of rows that it writes into files.
func TestBucketSink(t *testing.T) {
	c, _ := open(t)
	def := definition("t", "a bigint, b varchar(5), k varchar", buckets(4, 1, "b", "a"))
	def.Properties[propPartitionedBy] = []string{"k"}
	write, err := c.BeginWrite(t.Context(), def, true, connector.RetriesEnabled, "q1")
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Sink(t.Context(), write, "a")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.PartitionColumns(); !slices.Equal(got, []string{"k", bucketColumn}) {
		t.Errorf("got %q", got)
	}
	want := []connector.ComputedColumn{{Name: bucketColumn, Transform: "hive", Columns: []int{1, 0}, Width: 4, Version: 1}}
	if got := s.Options().Computed; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v", got)
	}
	path := filepath.Join(t.TempDir(), "f")
	writeFile(t, path, 3, 3)
	k, bucket, wrong := "x", "2", "4"
	if err := s.Add(t.Context(), path, []*string{&k, &wrong}, 3, 1); err == nil {
		t.Error("a bucket beyond the last was taken")
	}
	if err := s.Add(t.Context(), path, []*string{&k, &bucket}, 3, 1); err != nil {
		t.Fatal(err)
	}
	fragment, err := s.Finish(t.Context())
	if err != nil || !strings.Contains(string(fragment), `"name":"000002_0_q1_`) {
		t.Errorf("got %s, %v", fragment, err)
	}
}

// Tables about a table tell its partitions and its parameters.
func TestTablesAboutTables(t *testing.T) {
	c, _ := open(t)
	def := definition("t", "a varchar, k integer, d date", map[string]any{propPartitionedBy: []string{"k", "d"}})
	plain := definition("plain", "a varchar", nil)
	for _, d := range []*connector.Table{def, plain} {
		if err := c.CreateTable(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range []string{"1", "2", "2"} {
		if err := callOn(t, c, "create_empty_partition", "t", []any{"k", "d"}, []any{k, "2020-01-0" + k}); err != nil && !strings.Contains(err.Error(), "already exists") {
			t.Fatal(err)
		}
	}
	about := describe(t, c, connector.SchemaTable{Schema: "s", Table: "t$partitions"})
	if rows, _ := scanLines(t, c, about, "d", "k"); !slices.Equal(rows, []string{"2020-01-01|1", "2020-01-02|2"}) {
		t.Errorf("got %q", rows)
	}
	scan := connector.Scan{Table: about.Name, Handle: about.Handle, Columns: about.Columns, Constraint: []connector.Domain{{Column: "k", Values: []any{int64(2)}}}}
	src, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := src.Next(t.Context(), 10); err != nil || len(list) != 1 || list[0].Rows != 1 {
		t.Errorf("got %v, %v", list, err)
	}
	if s, err := c.Statistics(t.Context(), scan); err != nil || s.Rows >= 0 {
		t.Errorf("got %v, %v", s, err)
	}
	if _, known, err := c.Clustering(t.Context(), scan, "k"); known || err != nil {
		t.Errorf("got %v, %v", known, err)
	}
	properties := describe(t, c, connector.SchemaTable{Schema: "s", Table: "plain$properties"})
	if rows, _ := scanLines(t, c, properties, "auto.purge", "transactional"); !slices.Equal(rows, []string{"false|false"}) {
		t.Errorf("got %q", rows)
	}
	if !properties.Columns[0].Type.Equal(types.Of(types.Varchar)) {
		t.Errorf("got %v", properties.Columns)
	}
	for _, name := range []string{"plain$partitions", "none$properties", "plain$x", "$properties"} {
		if got, err := c.Table(t.Context(), connector.SchemaTable{Schema: "s", Table: name}); got != nil || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestFlushMetadataCache(t *testing.T) {
	c, _ := open(t)
	if err := c.CreateTable(t.Context(), definition("t", "a varchar", nil)); err != nil {
		t.Fatal(err)
	}
	run := c.flushProcedure().Run
	for _, tt := range []struct {
		args []any
		want string
	}{
		{[]any{nil, nil, nil, nil}, ""},
		{[]any{"S", "T", nil, nil}, ""},
		{[]any{"s", "t", []any{"k"}, []any{"1"}}, ""},
		{[]any{"s", nil, nil, nil}, "Illegal parameter set passed. "},
		{[]any{nil, nil, []any{"k"}, []any{"1"}}, "Illegal parameter set passed. "},
		{[]any{"s", "t", []any{"k"}, []any{}}, "Parameters partition_column and partition_value should have same length"},
		{[]any{"s", "none", nil, nil}, "Table 's.none' not found"},
	} {
		if err := run(t.Context(), tt.args); (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %q", tt.args, err, tt.want)
		}
	}
}
