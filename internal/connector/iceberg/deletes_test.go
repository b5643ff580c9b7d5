package iceberg

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/iceberg-go"
	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// Rows go by position, and by equality with rows of a delete whose columns have another type, another order, or another name.
func TestDeletes(t *testing.T) {
	dir := t.TempDir()
	files := filesystem.New(filesystem.Config{}, filesystem.Options{LocalDirs: []string{dir}})
	defer files.Close()
	stored := func(name string, write func(path string) error) deleteFile {
		path := filepath.Join(dir, name)
		must(t, write(path))
		info, err := os.Stat(path)
		must(t, err)
		return deleteFile{Path: path, Size: info.Size(), Rows: 1}
	}
	one, b := int64(1), "b"
	data := stored("data", func(path string) error {
		return parquet.WriteFile(path, []testRow{row(0, "a"), {ID: &one}, row(2, "b"), {Name: &b}, row(4, "d"), row(5, "e")})
	})
	byPosition := stored("positions", func(path string) error {
		return parquet.WriteFile(path, []positionDelete{{"elsewhere", 0}, {data.Path, 4}})
	})
	type narrow struct {
		Other *string `parquet:"other,optional,id(2)"`
		ID    *int32  `parquet:"old,optional,id(1)"`
	}
	two, n := int32(2), int32(1)
	byBoth := stored("both", func(path string) error {
		return parquet.WriteFile(path, []narrow{{&b, &two}, {nil, &n}, {&b, &n}})
	})
	byBoth.Fields = []int{1, 2}
	byNull := stored("null", func(path string) error { return parquet.WriteFile(path, []narrow{{&b, nil}}) })
	byNull.Fields = []int{1}

	h := &handle{Schema: iceberg.NewSchema(0, iceberg.NestedField{ID: 1, Name: "id", Type: iceberg.PrimitiveTypes.Int64},
		iceberg.NestedField{ID: 2, Name: "name", Type: iceberg.PrimitiveTypes.String})}
	for _, test := range []struct {
		deletes []deleteFile
		want    []int64
	}{
		{nil, nil},
		{[]deleteFile{byPosition}, []int64{4}},
		{[]deleteFile{byBoth}, []int64{1, 2}},
		{[]deleteFile{byNull}, []int64{3}},
		{[]deleteFile{byPosition, byBoth, byNull, byBoth}, []int64{1, 2, 3, 4}},
	} {
		file, err := openParquet(t.Context(), files, data.Path, data.Size)
		must(t, err)
		got, err := newDeletes(files, h).rows(t.Context(), &split{Path: data.Path, Deletes: test.deletes}, file, newMapping(data.Path, file.Root(), nil))
		must(t, err)
		if !slices.Equal(got, test.want) {
			t.Errorf("rows %v are deleted, want %v", got, test.want)
		}
	}
}
