package deltalog

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// newLog makes an empty table in a directory of the test.
func newLog(t testing.TB) *Log {
	t.Helper()
	dir := t.TempDir()
	files := filesystem.New(filesystem.Config{}, filesystem.Options{LocalDirs: []string{dir}, Failed: trinoerr.DeltaLakeFilesystemError})
	t.Cleanup(func() { files.Close() })
	return &Log{Files: files, Location: dir}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, l *Log, name, text string) {
	t.Helper()
	path := filepath.Join(l.Location, name)
	must(t, os.MkdirAll(filepath.Dir(path), 0o777))
	must(t, os.WriteFile(path, []byte(text), 0o666))
}

const head = `{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":[],"configuration":{}}}
`

func added(path string) *Add {
	return &Add{Path: path, PartitionValues: map[string]*string{"p": new("1"), "q": nil}, Size: 7, ModificationTime: 1000, DataChange: true, Stats: `{"numRecords":3}`}
}

// commit appends versions that add files, or with a minus remove them.
func commit(t testing.TB, l *Log, version int64, names ...string) {
	t.Helper()
	var actions []Action
	for _, name := range names {
		if gone, ok := strings.CutPrefix(name, "-"); ok {
			actions = append(actions, Action{Remove: &Remove{Path: gone, DeletionTimestamp: new(time.Now().UnixMilli())}})
			continue
		}
		actions = append(actions, Action{Add: added(name)})
	}
	must(t, l.Commit(t.Context(), version, actions))
}

func paths(t testing.TB, l *Log, s *Snapshot) (out []string) {
	t.Helper()
	must(t, l.Adds(t.Context(), s, func(a *Add) error {
		out = append(out, a.Path)
		return nil
	}))
	return out
}

func open(t testing.TB, l *Log, version int64) *Snapshot {
	t.Helper()
	s, err := l.Open(t.Context(), version, nil)
	must(t, err)
	return s
}

func wantPaths(t testing.TB, l *Log, version int64, want ...string) *Snapshot {
	t.Helper()
	s := open(t, l, version)
	if got := paths(t, l, s); !slices.Equal(got, want) {
		t.Errorf("version %d has %v, want %v", s.Version, got, want)
	}
	return s
}

func TestReplay(t *testing.T) {
	l := newLog(t)
	_, err := l.Open(t.Context(), Latest, nil)
	if e, ok := err.(*Error); !ok || !e.Missing {
		t.Fatalf("no table: %v", err)
	}
	put(t, l, CommitName(0), head)
	commit(t, l, 1, "a", "b")
	commit(t, l, 2, "-a", "c")
	commit(t, l, 3, "a%20b", "-b")
	commit(t, l, 4, "-a b")
	wantPaths(t, l, 0)
	wantPaths(t, l, 1, "a", "b")
	wantPaths(t, l, 2, "c", "b")
	wantPaths(t, l, 3, "a%20b", "c")
	s := wantPaths(t, l, Latest, "c")
	if s.Version != 4 {
		t.Errorf("the latest version is %d", s.Version)
	}
	_, err = l.Open(t.Context(), 5, nil)
	if e, ok := err.(*Error); !ok || !e.Missing {
		t.Errorf("a version that is not there: %v", err)
	}
	if err := l.Commit(t.Context(), 4, nil); err == nil {
		t.Error("a version was committed twice")
	}
	commit(t, l, 5, "d")
	s, err = l.Advance(t.Context(), s)
	must(t, err)
	if s.Version != 5 {
		t.Errorf("advanced to version %d", s.Version)
	}
}

// A checkpoint stands for the commits before it, which may be gone.
func TestCheckpoint(t *testing.T) {
	l := newLog(t)
	put(t, l, CommitName(0), strings.Replace(head, `"minReaderVersion":1,"minWriterVersion":2`,
		`"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors","domainMetadata"]`, 1)+
		`{"txn":{"appId":"app","version":3}}
{"domainMetadata":{"domain":"d","configuration":"c","removed":false}}
{"domainMetadata":{"domain":"gone","configuration":"c","removed":true}}
`)
	commit(t, l, 1, "a", "b", "c")
	commit(t, l, 2, "-a")
	vector := &DeletionVector{StorageType: "u", PathOrInlineDv: "x", Offset: new(int32(1)), SizeInBytes: 40, Cardinality: 2}
	withVector := *added("b")
	withVector.DeletionVector = vector
	withVector.Tags = map[string]*string{"t": new("u")}
	withVector.BaseRowID = new(int64(5))
	must(t, l.Commit(t.Context(), 3, []Action{{Remove: &Remove{Path: "b", DeletionTimestamp: new(int64(1))}}, {Add: &withVector}}))
	before := wantPaths(t, l, Latest, "b", "c")
	must(t, l.WriteCheckpoint(t.Context(), before, time.Now().Add(-time.Hour)))
	for v := range int64(3) {
		must(t, os.Remove(filepath.Join(l.Location, CommitName(v))))
	}
	after := wantPaths(t, l, Latest, "b", "c")
	if after.Checkpoint == nil || after.Checkpoint.Version != 3 {
		t.Fatalf("the checkpoint was not used: %+v", after)
	}
	if got, want := fmt.Sprint(after.Protocol), fmt.Sprint(before.Protocol); got != want {
		t.Errorf("protocol is %s, want %s", got, want)
	}
	if after.Metadata.ID != "x" || after.Metadata.Format.Provider != "parquet" || after.Metadata.SchemaString != before.Metadata.SchemaString {
		t.Errorf("metadata is %+v", after.Metadata)
	}
	var all []string
	must(t, l.scan(t.Context(), after, wantAdds|wantRemoves|wantRest, func(a *Action) error {
		switch {
		case a.Add != nil:
			if a.Add.Path == "b" && (a.Add.DeletionVector.ID() != vector.ID() || *a.Add.Tags["t"] != "u" || *a.Add.BaseRowID != 5 ||
				*a.Add.PartitionValues["p"] != "1" || a.Add.PartitionValues["q"] != nil || a.Add.Stats != `{"numRecords":3}` || a.Add.Size != 7) {
				t.Errorf("file is %+v", a.Add)
			}
			all = append(all, "+"+a.Add.Path)
		case a.Remove != nil:
			all = append(all, "-"+a.Remove.Path)
		case a.Txn != nil:
			all = append(all, fmt.Sprint(a.Txn.AppID, a.Txn.Version))
		case a.Domain != nil:
			all = append(all, a.Domain.Domain)
		}
		return nil
	}))
	slices.Sort(all)
	if want := []string{"+b", "+c", "-a", "app3", "d"}; !slices.Equal(all, want) {
		t.Errorf("the checkpoint has %v, want %v", all, want)
	}
	commit(t, l, 4, "d", "-c")
	wantPaths(t, l, Latest, "d", "b")
	if _, err := l.Open(t.Context(), 2, nil); err == nil {
		t.Error("a version whose commits are gone was read")
	}
	must(t, os.Remove(filepath.Join(l.Location, hintName)))
	wantPaths(t, l, Latest, "d", "b")
	put(t, l, hintName, `{"version":9}`)
	wantPaths(t, l, Latest, "d", "b")
	put(t, l, hintName, `nonsense`)
	wantPaths(t, l, Latest, "d", "b")
	pinned, err := l.Open(t.Context(), 4, after.Checkpoint)
	must(t, err)
	if got := paths(t, l, pinned); !slices.Equal(got, []string{"d", "b"}) {
		t.Errorf("with the checkpoint given: %v", got)
	}
}

// Checkpoints in several files, and those with sidecars, are read as those of one file are.
func TestCheckpointForms(t *testing.T) {
	rows := func(l *Log, version int64) (whole []checkpointRow) {
		s := open(t, l, version)
		whole = append(whole, rowOfAction(&Action{Protocol: &s.Protocol}), rowOfAction(&Action{Metadata: &s.Metadata}))
		must(t, l.scan(t.Context(), s, wantAdds, func(a *Action) error {
			if a.Add != nil {
				whole = append(whole, rowOfAction(a))
			}
			return nil
		}))
		return whole
	}
	write := func(l *Log, name string, rows any) {
		path := filepath.Join(l.Location, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		switch rows := rows.(type) {
		case []checkpointRow:
			must(t, parquet.WriteFile(path, rows))
		case []sidecarRow:
			must(t, parquet.WriteFile(path, rows))
		}
	}
	fill := func(t *testing.T) *Log {
		l := newLog(t)
		put(t, l, CommitName(0), head)
		commit(t, l, 1, "a", "b")
		return l
	}
	clean := func(l *Log) {
		must(t, os.Remove(filepath.Join(l.Location, CommitName(0))))
		must(t, os.Remove(filepath.Join(l.Location, CommitName(1))))
	}
	t.Run("parts", func(t *testing.T) {
		l := fill(t)
		all := rows(l, 1)
		name := func(part int) string { return fmt.Sprintf("%s.%010d.%010d.parquet", checkpointPrefix(1), part, 2) }
		write(l, name(1), all[:3])
		if s := open(t, l, Latest); s.Checkpoint != nil {
			t.Error("half a checkpoint was used")
		}
		write(l, name(2), all[3:])
		clean(l)
		wantPaths(t, l, Latest, "a", "b")
		put(t, l, hintName, `{"version":1,"size":4,"parts":2}`)
		wantPaths(t, l, Latest, "a", "b")
	})
	t.Run("sidecars", func(t *testing.T) {
		for _, form := range []string{"parquet", "json"} {
			l := fill(t)
			all := rows(l, 1)
			write(l, sidecars+"one.parquet", all[2:3])
			write(l, sidecars+"two.parquet", all[3:])
			size := func(name string) int64 {
				info, err := os.Stat(filepath.Join(l.Location, sidecars+name))
				must(t, err)
				return info.Size()
			}
			name := checkpointPrefix(1) + ".80a083e8-7026-4e79-81be-64bd76c43a11." + form
			if form == "json" {
				put(t, l, name, fmt.Sprintf(`{"checkpointMetadata":{"version":1}}
%s{"sidecar":{"path":"one.parquet","sizeInBytes":%d,"modificationTime":1}}
{"sidecar":{"path":"two.parquet","sizeInBytes":%d,"modificationTime":1}}
`, head, size("one.parquet"), size("two.parquet")))
			} else {
				write(l, name, []sidecarRow{{Protocol: all[0].Protocol}, {Metadata: all[1].Metadata},
					{Sidecar: &sidecarPart{"one.parquet", size("one.parquet")}}, {Sidecar: &sidecarPart{"two.parquet", size("two.parquet")}}})
			}
			clean(l)
			wantPaths(t, l, Latest, "a", "b")
			put(t, l, hintName, `{"version":1,"v2Checkpoint":{"path":"`+filepath.Base(name)+`"}}`)
			wantPaths(t, l, Latest, "a", "b")
		}
	})
}

type (
	sidecarRow struct {
		Protocol *protocolRow `parquet:"protocol,optional"`
		Metadata *metadataRow `parquet:"metaData,optional"`
		Sidecar  *sidecarPart `parquet:"sidecar,optional"`
	}
	sidecarPart struct {
		Path        string `parquet:"path"`
		SizeInBytes int64  `parquet:"sizeInBytes"`
	}
)

// Statistics in fields are rendered as those in JSON.
func TestParsedStats(t *testing.T) {
	type values struct {
		N int64   `parquet:"n"`
		S string  `parquet:"s"`
		D int32   `parquet:"d,date"`
		T int64   `parquet:"t,timestamp(microsecond)"`
		M int64   `parquet:"m,decimal(2:10)"`
		F float64 `parquet:"f"`
	}
	type stats struct {
		NumRecords int64            `parquet:"numRecords"`
		MinValues  values           `parquet:"minValues"`
		NullCount  map[string]int64 `parquet:"-"`
	}
	type addPart struct {
		Path  string `parquet:"path"`
		Size  int64  `parquet:"size"`
		Stats stats  `parquet:"stats_parsed"`
	}
	type row struct {
		Add *addPart `parquet:"add,optional"`
	}
	path := filepath.Join(t.TempDir(), "x.parquet")
	must(t, parquet.WriteFile(path, []row{{&addPart{"f", 1, stats{NumRecords: 3, MinValues: values{-5, "a", 1, -1, -5, 1.5}}}}}))
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	got := ""
	must(t, readParquet(f, info.Size(), wantAdds, func(a *Action) error {
		got = a.Add.Stats
		return nil
	}))
	want := `{"minValues":{"d":"1970-01-02","f":1.5,"m":-0.05,"n":-5,"s":"a","t":"1969-12-31T23:59:59.999999Z"},"numRecords":3}`
	if got != want {
		t.Errorf("statistics are %s, want %s", got, want)
	}
}

func TestBrokenLogs(t *testing.T) {
	for name, text := range map[string]string{
		"no protocol": `{"metaData":{"id":"x","schemaString":"{}"}}`,
		"no metadata": `{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}`,
		"no JSON":     "{", "no path": head + `{"add":{"size":1}}`, "negative size": head + `{"add":{"path":"a","size":-1}}`,
	} {
		l := newLog(t)
		put(t, l, CommitName(0), text)
		if _, err := l.Open(t.Context(), Latest, nil); err == nil {
			t.Errorf("%s: no error", name)
		} else if _, ok := err.(*Error); !ok {
			t.Errorf("%s: %T %v", name, err, err)
		}
	}
	l := newLog(t)
	put(t, l, CommitName(0), head)
	put(t, l, classicName(0), "nonsense")
	if _, err := l.Open(t.Context(), Latest, nil); err == nil {
		t.Error("a broken checkpoint was read")
	}
}

func TestFeatures(t *testing.T) {
	tests := []struct {
		p              Protocol
		reads, writes  bool
		mapping, check bool
	}{
		{Protocol{1, 2, nil, nil}, true, true, false, false},
		{Protocol{2, 5, nil, nil}, true, true, true, true},
		{Protocol{3, 7, []string{ColumnMapping}, []string{ColumnMapping}}, true, true, true, false},
		{Protocol{3, 7, []string{"newThing"}, []string{"newThing"}}, false, false, false, false},
		{Protocol{1, 7, nil, []string{"rowTracking"}}, true, false, false, false},
		{Protocol{4, 7, nil, nil}, false, false, false, false},
		{Protocol{1, 8, nil, nil}, true, false, false, false},
	}
	for _, tt := range tests {
		if err := tt.p.Readable(); (err == nil) != tt.reads {
			t.Errorf("reading %+v: %v", tt.p, err)
		}
		if err := tt.p.Writable(); (err == nil) != tt.writes {
			t.Errorf("writing %+v: %v", tt.p, err)
		}
		if got := tt.p.Supports(ColumnMapping); got != tt.mapping {
			t.Errorf("%+v supports column mapping: %v", tt.p, got)
		}
		if got := tt.p.Supports(CheckConstraints); got != tt.check {
			t.Errorf("%+v supports constraints: %v", tt.p, got)
		}
	}
	p := Protocol{MinReaderVersion: 1, MinWriterVersion: 2}
	p.Require(AppendOnly)
	if p.MinWriterVersion != 2 {
		t.Errorf("a feature that was there changed the protocol to %+v", p)
	}
	p.Require(DeletionVectors)
	if got, want := fmt.Sprint(p), "{3 7 [deletionVectors] [appendOnly invariants deletionVectors]}"; got != want {
		t.Errorf("protocol is %s, want %s", got, want)
	}
	p = Protocol{MinReaderVersion: 2, MinWriterVersion: 5}
	p.Require(TimestampNTZ)
	if got, want := fmt.Sprint(p.ReaderFeatures), "[columnMapping timestampNtz]"; got != want || p.MinReaderVersion != 3 {
		t.Errorf("protocol is %+v", p)
	}
}

func TestVectors(t *testing.T) {
	l := newLog(t)
	// The protocol's own example of an inline one is in a format that only it knows.
	old := &DeletionVector{StorageType: "i", PathOrInlineDv: "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", SizeInBytes: 40, Cardinality: 6}
	if _, err := l.ReadVector(t.Context(), old, 30); err == nil {
		t.Error("an unknown format was read")
	}
	raw, err := encodeVector([]int64{3, 4, 7, 11, 18, 29})
	must(t, err)
	inline := &DeletionVector{StorageType: "i", PathOrInlineDv: encodeZ85(append(raw, 0, 0, 0)), SizeInBytes: int32(len(raw)), Cardinality: 6}
	got, err := l.ReadVector(t.Context(), inline, 30)
	must(t, err)
	if want := []int64{3, 4, 7, 11, 18, 29}; !slices.Equal(got, want) {
		t.Errorf("an inline one has rows %v", got)
	}
	name, err := vectorName("ab^-aqEH.-t@S}K{vb[*k^")
	must(t, err)
	if want := "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"; name != want {
		t.Errorf("the protocol's example lies in %s", name)
	}
	w, err := l.NewVectorWriter(t.Context(), "q1")
	must(t, err)
	lists := [][]int64{{0}, {5, 6, 7, 1 << 33, 1<<33 + 9}, nil}
	for i := range int64(100_000) {
		lists[2] = append(lists[2], i*3)
	}
	var made []*DeletionVector
	for _, rows := range lists {
		d, err := w.Add(rows)
		must(t, err)
		made = append(made, d)
	}
	must(t, w.Close())
	for i, d := range made {
		got, err := l.ReadVector(t.Context(), d, 1<<34)
		must(t, err)
		if !slices.Equal(got, lists[i]) {
			t.Errorf("list %d came back with %d rows", i, len(got))
		}
	}
	if _, err := l.ReadVector(t.Context(), made[1], 1<<33); err == nil {
		t.Error("rows that the file does not have were deleted")
	}
	bad := *made[0]
	bad.Offset = new(int32(2))
	if _, err := l.ReadVector(t.Context(), &bad, 10); err == nil {
		t.Error("a wrong offset was read")
	}
	bad = *made[0]
	bad.StorageType, bad.PathOrInlineDv = "p", l.at(w.Name())
	if got, err := l.ReadVector(t.Context(), &bad, 10); err != nil || !slices.Equal(got, lists[0]) {
		t.Errorf("by its location: %v, %v", got, err)
	}
}

func TestSchema(t *testing.T) {
	text := `{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{"comment":"c","delta.columnMapping.id":4,"delta.columnMapping.physicalName":"col-1"}},` +
		`{"name":"s","type":{"type":"struct","fields":[]},"nullable":false,"metadata":{}},` +
		`{"name":"l","type":{"type":"array","elementType":{"type":"map","keyType":"string","valueType":"decimal(10,2)","valueContainsNull":false},"containsNull":true},"nullable":true,"metadata":{}}]}`
	fields, err := ParseSchema(text)
	must(t, err)
	again, err := FormatSchema(fields)
	must(t, err)
	if again != text {
		t.Errorf("came back as %s", again)
	}
	if id, ok := fields[0].MappingID(); !ok || id != 4 || fields[0].Physical(MapName) != "col-1" || fields[0].Physical(MapNone) != "a" || *fields[0].Comment() != "c" {
		t.Errorf("column is %+v", fields[0])
	}
	for _, bad := range []string{"", "[]", `{"type":"struct"}`, `"long"`, `{"type":"struct","fields":[{"name":"a","type":{"type":"array"}}]}`, strings.Repeat(`{"type":`, 1000)} {
		if _, err := ParseSchema(bad); err == nil {
			t.Errorf("%.50s is no schema", bad)
		}
	}
}

// A listing of names chooses the checkpoint to use.
func TestNewestCheckpoint(t *testing.T) {
	name := func(rest string) string { return Dir + rest }
	var files []checkpointFile
	for _, n := range []string{"00000000000000000001.checkpoint.parquet", "00000000000000000003.checkpoint.0000000001.0000000002.parquet",
		"00000000000000000002.checkpoint.b.parquet", "00000000000000000002.checkpoint.a.json", "00000000000000000009.json", "00000000000000000007.checkpoint.json"} {
		if c, ok := parseCheckpoint(File{Name: name(n)}); ok {
			files = append(files, c)
		}
	}
	if got := newestCheckpoint(files); got.Version != 2 || got.Files[0].Name != name("00000000000000000002.checkpoint.a.json") {
		t.Errorf("chose %+v", got)
	}
}

func FuzzCommit(f *testing.F) {
	f.Add(head)
	f.Add(`{"add":{"path":"a","partitionValues":{"p":null},"size":1,"modificationTime":2,"dataChange":true,"stats":"{}","deletionVector":{"storageType":"u","pathOrInlineDv":"x","sizeInBytes":1,"cardinality":1}}}`)
	f.Add(`{"commitInfo":{"timestamp":1,"operationParameters":{"a":1,"b":"x"},"readVersion":"x"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		_ = readLines(strings.NewReader(text), "x", func(a *Action) error {
			if a.Add != nil && a.Add.Path == "" {
				t.Error("a file without a path")
			}
			return nil
		})
	})
}

func FuzzVector(f *testing.F) {
	raw, err := encodeVector([]int64{1, 2, 1 << 40})
	must(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, err := decodeVector(raw, 1000)
		if err != nil {
			return
		}
		if len(rows) > 1000 || !slices.IsSorted(rows) {
			t.Errorf("rows %v", rows)
		}
	})
}

func FuzzSchema(f *testing.F) {
	f.Add(`{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		fields, err := ParseSchema(text)
		if err != nil {
			return
		}
		once, err := FormatSchema(fields)
		must(t, err)
		again, err := ParseSchema(once)
		must(t, err)
		if twice, err := FormatSchema(again); err != nil || twice != once {
			t.Errorf("%s came back as %s, %v", once, twice, err)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	var out strings.Builder
	w := parquet.NewGenericWriter[checkpointRow](&out)
	if _, err := w.Write([]checkpointRow{rowOfAction(&Action{Add: added("a")})}); err != nil {
		f.Fatal(err)
	}
	must(f, w.Close())
	f.Add([]byte(out.String()))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		_ = readParquet(strings.NewReader(string(data)), int64(len(data)), wantHead|wantAdds|wantRemoves|wantRest, func(*Action) error { return nil })
	})
}

func FuzzHint(f *testing.F) {
	f.Add([]byte(`{"version":10,"parts":3}`))
	f.Add([]byte(`{"version":10,"v2Checkpoint":{"path":"a/b"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h := parseHint(data); h != nil && len(h.names()) == 0 {
			t.Error("a hint without files")
		}
	})
}
