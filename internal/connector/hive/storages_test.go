//go:build e2e

package hive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// catalogLines are those of a catalog file.
func catalogLines(properties map[string]string, more ...string) (out []string) {
	for key, value := range properties {
		out = append(out, key+"="+strings.ReplaceAll(value, `\`, `\\`)) // as the file has it
	}
	slices.Sort(out)
	return append(out, more...)
}

// breaking is a file system of which one operation fails.
type breaking struct {
	filesystem.FileSystem
	left *atomic.Int64 // until then
}

var errBroken = errors.New("broken on purpose")

func (b breaking) fails() error {
	if b.left.Add(-1) == -1 {
		return errBroken
	}
	return nil
}

func (b breaking) Open(ctx context.Context, location string, offset, length int64) (io.ReadCloser, error) {
	if err := b.fails(); err != nil {
		return nil, err
	}
	return b.FileSystem.Open(ctx, location, offset, length)
}

func (b breaking) Stat(ctx context.Context, location string) (filesystem.Entry, error) {
	if err := b.fails(); err != nil {
		return filesystem.Entry{}, err
	}
	return b.FileSystem.Stat(ctx, location)
}

func (b breaking) Create(ctx context.Context, location string, o filesystem.CreateOptions) (filesystem.Writer, error) {
	if err := b.fails(); err != nil {
		return nil, err
	}
	return b.FileSystem.Create(ctx, location, o)
}

// Move fails when all is done, as if the answer had been lost.
func (b breaking) Move(ctx context.Context, from, to string) error {
	return cmp.Or(b.FileSystem.Move(ctx, from, to), b.fails())
}

func (b breaking) Delete(ctx context.Context, location string) error {
	return cmp.Or(b.fails(), b.FileSystem.Delete(ctx, location))
}

func (b breaking) ListDir(ctx context.Context, dir string, f func(filesystem.Entry) error) error {
	return cmp.Or(b.fails(), b.FileSystem.ListDir(ctx, dir, f))
}

// conforms runs the suite with tables and metastore in a storage; root is the location of an empty directory there.
func conforms(t *testing.T, properties map[string]string, root func() string) {
	var at string
	var left atomic.Int64
	var files filesystem.FileSystem
	connectortest.Run(t, connectortest.Harness{
		New: func(t *testing.T) connector.Connector {
			at = root()
			c, err := configured(catalogLines(properties, "hive.metastore=file", "hive.metastore.catalog.dir="+at)...)
			if err != nil {
				t.Fatal(err)
			}
			files = c.files
			left.Store(-1)
			c.use(breaking{c.files, &left})
			c.store = metastore.OpenFile(c.catalog, at, metastore.FileTree(c.files, at))
			if err := c.CreateSchema(t.Context(), "default", nil); err != nil {
				t.Fatal(err)
			}
			return c
		},
		Schema:      "default",
		Partitioned: true,
		NamesStay:   !filesystem.New(filesystem.Config{}, filesystem.Options{}).CanRename(root()),
		Types: map[string]string{"time(0)": "", "time(3)": "", "time(6)": "", "timestamp(0)": "", "timestamp(6)": "", "timestamp(9)": "", "timestamp(12)": "",
			"timestamp(3) with time zone": "", "timestamp(6) with time zone": "", "uuid": "", "json": ""},
		Break: func(n int) { left.Store(int64(n)) },
		Traces: func() (list []string) {
			dir := filesystem.Join(at, "default")
			if err := files.List(t.Context(), dir, func(e filesystem.Entry) error {
				list = append(list, strings.TrimPrefix(e.Location, dir))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			slices.Sort(list)
			return list
		},
	})
}

// numbered makes locations below another.
func numbered(base string) func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("%s/metastore %d", base, n) }
}

// The connector passes the suite wherever its files are. One after the other: the suite looks for goroutines that were left behind.
func TestStorages(t *testing.T) {
	t.Run("local", func(t *testing.T) {
		dir := t.TempDir()
		conforms(t, map[string]string{"fs.native-local.enabled": "true", "local.location": dir}, numbered("local://"))
	})
	for name, start := range servers.S3Servers {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			conforms(t, s.Catalog(), numbered("s3://"+s.Bucket(t)))
		})
	}
	t.Run("azurite", func(t *testing.T) {
		s := servers.Azurite(t)
		conforms(t, s.Catalog(), numbered(s.BaseDirectory(s.Bucket(t), "base")))
	})
	t.Run("fake-gcs-server", func(t *testing.T) {
		s := servers.FakeGCS(t)
		conforms(t, s.Catalog(), numbered("gs://"+s.Bucket(t)))
	})
	t.Run("hdfs", func(t *testing.T) {
		h := servers.HDFSCluster(t)
		conforms(t, h.Catalog(), numbered("hdfs://"+servers.NameService+"/"+h.Bucket(t)))
	})
}

// A scan of a table in S3 asks for the footer once on the coordinator and once in the task, and for the columns and row groups that it reads.
func TestBytesFromS3(t *testing.T) {
	server := servers.MinIO(t)
	proxy := servers.NewProxy(t, server.URL, 1)
	properties := server.Catalog()
	properties["s3.endpoint"] = proxy.URL
	bucket := server.Bucket(t)
	c, err := configured(catalogLines(properties, "hive.metastore=file", "hive.metastore.catalog.dir=s3://"+bucket+"/m", "hive.max-split-size=1B")...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CreateSchema(t.Context(), "s", nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "f")
	writeFile(t, path, 400_000, 100_000)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.files.TakeOver(t.Context(), path, "s3://"+bucket+"/data/f.parquet"); err != nil {
		t.Fatal(err)
	}
	def := definition("t", "id bigint, name varchar", map[string]any{propLocation: "s3://" + bucket + "/data"})
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	table := describe(t, c, def.Name)
	gets := func() (n int) {
		for _, r := range proxy.Requests() {
			if regexp.MustCompile(`^GET .*f\.parquet`).MatchString(r) {
				n++
			}
		}
		return n
	}
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:1],
		Constraint: []connector.Domain{{Column: "id", Values: []any{int64(250_000)}}}}
	list := splitList(t, c, scan)
	if len(list) != 1 || list[0].Rows != 100_000 {
		t.Fatalf("splits are %v", list)
	}
	if n := gets(); n != 1 {
		t.Errorf("the coordinator asked %d times for the file: %q", n, proxy.Requests())
	}
	var bytes atomic.Int64
	c.use(measured{c.files, &bytes})
	src, err := c.Source(t.Context(), scan, list)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if n := gets(); n != 3 {
		t.Errorf("with the task, there were %d requests for the file", n)
	}
	if n := bytes.Load(); n < list[0].Bytes || n > list[0].Bytes+200<<10 || n*4 > info.Size() {
		t.Errorf("the task read %d bytes of %d; the split has %d", n, info.Size(), list[0].Bytes)
	}
}

// measured counts the bytes that are read of files.
type measured struct {
	filesystem.FileSystem
	bytes *atomic.Int64
}

func (m measured) Open(ctx context.Context, location string, offset, length int64) (io.ReadCloser, error) {
	r, err := m.FileSystem.Open(ctx, location, offset, length)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{readerFunc(func(p []byte) (int, error) {
		n, err := r.Read(p)
		m.bytes.Add(int64(n))
		return n, err
	}), r}, nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
