package hive

import (
	"context"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A query's statistics, the order of its rows and its splits are those of one listing of the table, each other query's of another.
func TestListedOnce(t *testing.T) {
	c, root := open(t)
	table, dir := external(t, c, root, "t", "id bigint, name varchar")
	writeFile(t, filepath.Join(dir, "a"), 40, 10)
	var listings atomic.Int64
	c.use(counted{c.files, &listings})
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:2]}
	plan := func(ctx context.Context) (rows float64, files int) {
		for range 2 {
			st, err := c.Statistics(ctx, scan)
			if err != nil {
				t.Fatal(err)
			}
			rows = st.Rows
		}
		clusters, ok, err := c.Clustering(ctx, scan, "id")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		src, err := c.RangeSplits(ctx, scan, connector.Ranges{Column: "id", Bounds: clusters.Bounds})
		if err != nil {
			t.Fatal(err)
		}
		list, err := src.Next(ctx, 1000)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range list {
			seen[strings.Split(string(s.Handle), ",")[0]] = true
		}
		if src, err := c.Splits(ctx, scan); err != nil || src == nil {
			t.Fatal(err)
		}
		return rows, len(seen)
	}
	first := connector.Remembering(t.Context())
	if rows, files := plan(first); rows != 40 || files != 1 || listings.Load() != 1 {
		t.Errorf("%v rows, %d files, %d listings", rows, files, listings.Load())
	}
	writeFile(t, filepath.Join(dir, "b"), 5, 10)
	if rows, files := plan(first); rows != 40 || files != 1 || listings.Load() != 1 {
		t.Errorf("later in the query: %v rows, %d files, %d listings", rows, files, listings.Load())
	}
	if rows, files := plan(connector.Remembering(t.Context())); rows != 45 || files != 2 || listings.Load() != 2 {
		t.Errorf("in the next query: %v rows, %d files, %d listings", rows, files, listings.Load())
	}
}

// counted counts listings of directories.
type counted struct {
	filesystem.FileSystem
	listings *atomic.Int64
}

func (c counted) ListDir(ctx context.Context, dir string, f func(filesystem.Entry) error) error {
	c.listings.Add(1)
	return c.FileSystem.ListDir(ctx, dir, f)
}

// The size of texts is that before compression, what a scan reads is that after it.
func TestDataSize(t *testing.T) {
	var s columnSum
	s.addGroup(&lake.RowGroup{Rows: 10, Chunks: []lake.Chunk{{Bytes: 7, Data: 100}}}, lake.Column{Field: &lake.Field{To: 1}})
	if got := s.result(types.Of(types.Varchar), 10); got.Bytes != 7 || got.DataSize != 100 {
		t.Errorf("%+v", got)
	}
}
