package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

var hive = Kind{Name: "Hive", CannotOpen: trinoerr.HiveCannotOpenSplit, BadData: trinoerr.HiveBadData}

// remote makes a directory of this machine look like one elsewhere, and counts what is read of it.
type remote struct {
	filesystem.FileSystem
	requests, bytes atomic.Int64
	fail            func(offset, length int64) error
}

func newRemote(dir string) *remote {
	return &remote{FileSystem: filesystem.New(filesystem.Config{}, filesystem.Options{LocalDirs: []string{dir}, Failed: trinoerr.HiveFilesystemError})}
}

func (r *remote) LocalPath(string) (string, bool) { return "", false }

func (r *remote) Open(ctx context.Context, location string, offset, length int64) (io.ReadCloser, error) {
	r.requests.Add(1)
	if r.fail != nil {
		if err := r.fail(offset, length); err != nil {
			return nil, err
		}
	}
	in, err := r.FileSystem.Open(ctx, location, offset, length)
	if err != nil {
		return nil, err
	}
	return counting{in, &r.bytes}, nil
}

type counting struct {
	io.ReadCloser
	bytes *atomic.Int64
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

// wide is a row of many bytes.
type wide struct {
	ID   int64    `parquet:"id"`
	Text string   `parquet:"text"`
	More string   `parquet:"more"`
	List []string `parquet:"list,list"`
}

// writeWide writes row groups of a thousand rows, each of which has about a megabyte.
func writeWide(t *testing.T, path string, groups int) File {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	text := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		return string(b)
	}
	w := parquet.NewGenericWriter[wide](f, parquet.BloomFilters(parquet.SplitBlockFilter(10, "id")))
	for g := range groups {
		rows := make([]wide, 1000)
		for i := range rows {
			rows[i] = wide{ID: int64(1000*g + i), Text: text(500), More: text(500), List: []string{text(10)}}
		}
		if _, err := w.Write(rows); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return File{Location: path, Size: info.Size(), Modified: info.ModTime()}
}

func columns(names ...string) (out []connector.FileColumn) {
	for _, n := range names {
		out = append(out, connector.FileColumn{Name: n})
	}
	return out
}

// Of a remote file the footer moves, and of the row groups that a part reads the columns that it reads; two parts of a file are fetched
// together.
func TestFetch(t *testing.T) {
	dir := t.TempDir()
	file := writeWide(t, filepath.Join(dir, "f"), 12)
	data, err := os.ReadFile(file.Location)
	if err != nil {
		t.Fatal(err)
	}
	all := newRemote(dir)
	foot, err := hive.ReadFooter(t.Context(), all, file)
	if err != nil {
		t.Fatal(err)
	}
	if n := all.requests.Load(); n != 1 || all.bytes.Load() != tailBytes {
		t.Errorf("the footer took %d requests and %d bytes", n, all.bytes.Load())
	}
	part := func(first, end int64, names ...string) Part {
		return Part{File: connector.File{Path: file.Location, FirstRow: first, EndRow: end, Columns: columns(names...)}, Size: file.Size}
	}
	for _, tt := range []struct {
		name     string
		parts    []Part
		fields   []int // that are needed
		groups   []int
		requests int64
	}{
		{"count", []Part{part(0, 0)}, nil, nil, 1},
		{"constants", []Part{{File: connector.File{Path: file.Location, Columns: []connector.FileColumn{{}}}, Size: file.Size}}, nil, nil, 1},
		{"a small column", []Part{part(2000, 4000, "id")}, []int{0}, []int{2, 3}, 4}, // with the tail, and a Bloom filter
		{"a column of a group", []Part{part(2000, 3000, "text")}, []int{1}, []int{2}, 2},
		{"two parts", []Part{part(0, 1000, "text"), part(11000, 12000, "more")}, []int{1, 2}, []int{0, 11}, 3},
		{"everything", []Part{part(0, 0, "id", "text", "more", "list")}, []int{0, 1, 2, 3}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRemote(dir)
			src, err := hive.Fetch(t.Context(), r, tt.parts)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(src.Files[0].Path)
			if err != nil || len(got) != len(data) {
				t.Fatalf("%d bytes of %d, %v", len(got), len(data), err)
			}
			if src.Files[0].Location != file.Location || len(src.Files) != len(tt.parts) {
				t.Errorf("files are %+v", src.Files)
			}
			needed := int64(tailBytes)
			for i, p := range tt.parts {
				for _, e := range foot.needed(&p.File) {
					if !bytes.Equal(got[e.from:e.to], data[e.from:e.to]) {
						t.Errorf("part %d lacks bytes %d to %d", i, e.from, e.to)
					}
					needed += e.to - e.from
				}
			}
			if !bytes.Equal(got[len(got)-tailBytes:], data[len(data)-tailBytes:]) {
				t.Error("the tail is not there")
			}
			// Not a byte more than is worth a request.
			if n := r.bytes.Load(); n < needed-tailBytes || n > needed+mergeGap*int64(len(tt.groups)) || n > int64(len(data))+tailBytes {
				t.Errorf("%d bytes were read, of a file of %d; %d are needed", n, len(data), needed)
			}
			if n := r.requests.Load(); n > tt.requests {
				t.Errorf("%d requests, want %d at most", n, tt.requests)
			}
			path := src.Files[0].Path
			if err := errors.Join(src.Close(), src.Close()); err != nil {
				t.Error(err)
			}
			if info, err := os.Stat(path); err == nil && info.Size() == file.Size {
				t.Error("the file is still there")
			}
		})
	}
}

// Small files move as a whole, with one request each, and local ones not at all.
func TestFetchSmall(t *testing.T) {
	dir := t.TempDir()
	var parts []Part
	for i := range 20 {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(fmt.Sprint("not even Parquet ", i)), 0o600); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, Part{File: connector.File{Path: path, Columns: columns("x")}, Size: int64(len(fmt.Sprint("not even Parquet ", i)))})
	}
	r := newRemote(dir)
	src, err := hive.Fetch(t.Context(), r, parts)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range src.Files {
		if got, err := os.ReadFile(f.Path); err != nil || string(got) != fmt.Sprint("not even Parquet ", i) {
			t.Errorf("%q, %v", got, err)
		}
	}
	if n := r.requests.Load(); n != 20 {
		t.Errorf("%d requests", n)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
	if src, err := hive.Fetch(t.Context(), r.FileSystem, parts); err != nil || src.Files[3].Path != parts[3].Path || src.Close != nil {
		t.Errorf("%+v, %v", src, err)
	}
}

// What goes wrong is an error of the storage or of the file, and leaves no file open.
func TestFetchFails(t *testing.T) {
	dir := t.TempDir()
	file := writeWide(t, filepath.Join(dir, "f"), 3)
	part := Part{File: connector.File{Path: file.Location, Columns: columns("text")}, Size: file.Size}
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	before := open()
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		fail func(offset, length int64) error
		part func(*Part)
		want *trinoerr.Code
	}{
		{"tail", func(offset, _ int64) error { return broken }, nil, trinoerr.HiveCannotOpenSplit},
		{"chunk", func(offset, length int64) error {
			if length != tailBytes {
				return broken
			}
			return nil
		}, nil, trinoerr.HiveCannotOpenSplit},
		{"gone", nil, func(p *Part) { p.Path += "x" }, trinoerr.HiveCannotOpenSplit},
		{"shorter", nil, func(p *Part) { p.Size += 100 }, trinoerr.HiveCannotOpenSplit},
		{"longer", nil, func(p *Part) { p.Size -= 100 }, trinoerr.HiveBadData},
	} {
		r, p := newRemote(dir), part
		r.fail = tt.fail
		if tt.part != nil {
			tt.part(&p)
		}
		if _, err := hive.Fetch(t.Context(), r, []Part{p}); trinoerr.CodeOf(err) != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(t.Context())
	r := newRemote(dir)
	r.fail = func(int64, int64) error { cancel(why); return nil }
	if _, err := hive.Fetch(ctx, r, []Part{part}); !errors.Is(err, why) && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if after := open(); after > before {
		t.Errorf("%d files are open, %d were before", after, before)
	}
}

// scratch refuses files beyond a quota.
type scratch struct{ left int64 }

func (s *scratch) File(bytes int64) (*os.File, error) {
	if s.left -= bytes; s.left < 0 {
		return nil, trinoerr.New(trinoerr.ExceededSpillLimit, "too much")
	}
	return connector.ScratchFile(context.Background(), bytes)
}

// Room is asked for what is needed, not for what the file has.
func TestFetchQuota(t *testing.T) {
	dir := t.TempDir()
	file := writeWide(t, filepath.Join(dir, "f"), 12)
	parts := []Part{{File: connector.File{Path: file.Location, EndRow: 1000, Columns: columns("text")}, Size: file.Size}}
	src, err := hive.Fetch(connector.WithScratch(t.Context(), &scratch{left: 1 << 20}), newRemote(dir), parts)
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
	if _, err := hive.Fetch(connector.WithScratch(t.Context(), &scratch{left: 300 << 10}), newRemote(dir), parts); trinoerr.CodeOf(err) != trinoerr.ExceededSpillLimit {
		t.Errorf("beyond the quota: %v", err)
	}
}

// Footers are read once, and again when the file has changed; the cache does not outgrow its bound.
func TestFooters(t *testing.T) {
	dir := t.TempDir()
	r := newRemote(dir)
	file := writeWide(t, filepath.Join(dir, "f"), 1)
	c := NewFooters(r, hive, 1)
	get := func(f File, want int64) {
		t.Helper()
		if foot, err := c.Get(t.Context(), f); err != nil || foot.Rows != 1000 {
			t.Fatal(err)
		}
		if n := r.requests.Load(); n != want {
			t.Errorf("%d requests, want %d", n, want)
		}
	}
	get(file, 1)
	get(file, 1)
	changed := file
	changed.Modified = file.Modified.Add(1)
	get(changed, 2)
	if len(c.byKey) != 1 || c.recent.Len() != 1 {
		t.Errorf("%d footers are kept", len(c.byKey))
	}
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct{ in, want []extent }{
		{nil, nil},
		{[]extent{{5, 5}}, nil},
		{[]extent{{30, 40}, {0, 10}}, []extent{{0, 10}, {30, 40}}},
		{[]extent{{0, 10}, {12, 20}, {5, 7}}, []extent{{0, 20}}},
		{[]extent{{0, 100}, {3, 5}, {150, 160}}, []extent{{0, 100}, {150, 160}}},
	} {
		if got := merge(tt.in, 2); !slices.Equal(got, tt.want) {
			t.Errorf("merge(%v) = %v, want %v", tt.in, got, tt.want)
		}
	}
	if got := cut([]extent{{0, 14}, {100, 135}}, 10); !slices.Equal(got, []extent{{0, 14}, {100, 110}, {110, 120}, {120, 135}}) {
		t.Errorf("cut: %v", got)
	}
	if got := within([]extent{{-5, 3}, {8, 20}, {30, 40}}, 10); !slices.Equal(got, []extent{{0, 3}, {8, 10}}) {
		t.Errorf("within: %v", got)
	}
}

// numbered is a schema with numbers, as tables of Iceberg have it.
type numbered struct {
	A int64 `parquet:"old_a,id(1)"`
	R struct {
		X int64  `parquet:"x,id(3)"`
		Y string `parquet:"y,id(4)"`
	} `parquet:"r,id(2)"`
	L []struct {
		P int32 `parquet:"p,id(7)"`
	} `parquet:"l,list,id(5)"`
}

// Columns are found by number, name or position, and so are fields within them; what is missing or named otherwise is said.
func TestFind(t *testing.T) {
	var file bytes.Buffer
	if err := parquet.Write(&file, []numbered{{}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	foot, err := hive.ReadFooter(t.Context(), newRemote(filepath.Dir(path)), File{Location: path, Size: int64(file.Len())})
	if err != nil {
		t.Fatal(err)
	}
	row := must(t, "row(new_x bigint, z varchar, y varchar)")
	list := must(t, "array(row(q integer))")
	byID := Match{ID: 2, Type: row, Parts: []Match{{ID: 3, Type: row.Elem(0)}, {ID: 9, Type: row.Elem(1)}, {ID: 4, Type: row.Elem(2)}}}
	for _, tt := range []struct {
		name   string
		column connector.Column
		match  Match
		want   string
	}{
		{"by name", connector.Column{Name: "a", Type: types.Of(types.BigInt)}, Match{Name: "OLD_A", Type: types.Of(types.BigInt)}, "old_a"},
		{"by position", connector.Column{Name: "a", Type: types.Of(types.BigInt)}, Match{Position: 0, Type: types.Of(types.BigInt)}, "old_a"},
		{"beyond", connector.Column{Name: "a", Type: types.Of(types.BigInt)}, Match{Position: 9, Type: types.Of(types.BigInt)}, ""},
		{"no such number", connector.Column{Name: "old_a", Type: types.Of(types.BigInt)}, Match{ID: 17, Type: types.Of(types.BigInt)}, ""},
		{"row by number", connector.Column{Name: "renamed", Type: row}, byID, "r{x,-,y}"},
		{"field by number", connector.FieldColumn(connector.Column{Name: "renamed", Type: row}, []int{0}), byID, "r.x"},
		{"missing field", connector.FieldColumn(connector.Column{Name: "renamed", Type: row}, []int{1}), byID, ""},
		{"row by name", connector.Column{Name: "r", Type: row}, Match{Name: "r", Type: row}, "r{-,-,y}"},
		{"the same row", connector.Column{Name: "r", Type: must(t, "row(x bigint, y varchar)")}, Match{Name: "r", Type: must(t, "row(x bigint, y varchar)")}, "r"},
		{"in a list", connector.Column{Name: "l", Type: list}, Match{ID: 5, Type: list, Parts: []Match{{Type: list.Elem(0), Parts: []Match{{ID: 7, Type: types.Of(types.Integer)}}}}}, "l{{p}}"},
	} {
		c := foot.Find(tt.column, tt.match)
		from, err := c.Source()
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		got := from.Name
		for _, f := range from.Fields {
			got += "." + f
		}
		if got += shapeText(from.Shape); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func must(t *testing.T, text string) types.Type {
	t.Helper()
	typ, err := types.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return typ
}

// shapeText writes the names of parts down.
func shapeText(s *connector.FileShape) string {
	if s == nil {
		return ""
	}
	text := ""
	for i, p := range s.Parts {
		if i > 0 {
			text += ","
		}
		switch {
		case p.Missing:
			text += "-"
		case p.Parts != nil:
			text += shapeText(&p)
		default:
			text += p.Name
		}
	}
	return "{" + text + "}"
}
