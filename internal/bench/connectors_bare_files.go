package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// bareFiles reads the Parquet files of a table with DuckDB in this process. Files that lie elsewhere are transferred first, whole, which is part of
// what is measured.
type bareFiles struct {
	s       *Server
	catalog string
	files   *filesystem.Files
	threads int
	scratch string
	remote  bool
	// table is the one that was read last, with its files and, unless they are remote, DuckDB over them.
	table     string
	locations []string
	local     *Reference
}

// transfers is how many files are transferred at a time.
const transfers = 8

func openBareFiles(ctx context.Context, s *Server, src ConnectorSource, threads int) (bareReader, error) {
	f := &config.File{Path: src.Catalog}
	for name, value := range src.Properties {
		for _, prefix := range []string{"fs.", "local.", "s3.", "azure.", "gcs."} {
			if strings.HasPrefix(name, prefix) {
				f.Entries = append(f.Entries, config.Entry{Key: name, Value: value})
			}
		}
	}
	table := config.Table[filesystem.Config]{Title: "files", Properties: filesystem.Properties(func(c *filesystem.Config) *filesystem.Config { return c })}
	cfg, err := table.Read(f, config.LocalHost())
	if err != nil {
		return nil, err
	}
	b := &bareFiles{s: s, catalog: src.Catalog, threads: threads, files: filesystem.New(cfg, filesystem.Options{})}
	b.scratch, err = os.MkdirTemp("", "waterbear-transfer")
	return b, err
}

func (b *bareFiles) name() string {
	if b.remote {
		return "transfer and DuckDB"
	}
	return "DuckDB"
}

func (b *bareFiles) computes() bool { return false }

func (b *bareFiles) read(ctx context.Context, table string, columns []string) (int64, error) {
	if b.table != table {
		var err error
		if b.locations, err = b.s.column(ctx, fmt.Sprintf(`SELECT DISTINCT "$path" FROM %s.%s.%s`, b.catalog, connectorSchema, table)); err != nil {
			return 0, err
		}
		b.table = table
	}
	ref := b.local
	if ref == nil {
		dir := filepath.Join(b.scratch, "t")
		if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
			return 0, err
		}
		if err := b.transfer(ctx, dir); err != nil {
			return 0, err
		}
		var err error
		if ref, err = OpenReference(ctx, ReferenceConfig{Threads: b.threads, MemoryBytes: 2 << 30, TableDir: b.scratch, Tables: []string{"t"}}); err != nil {
			return 0, err
		}
		if b.remote {
			defer ref.Close()
		} else {
			b.local = ref
		}
	}
	a, _, err := ref.Run(ctx, "SELECT count(*), max("+strings.Join(columns, "), max(")+") FROM t")
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(a.Rows[0][0], 10, 64)
}

// transfer puts the files into a directory: a link to those of this machine, copies of others.
func (b *bareFiles) transfer(ctx context.Context, dir string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(transfers)
	for i, location := range b.locations {
		to := filepath.Join(dir, strconv.Itoa(i)) // files of several directories may have the same name
		if path, ok := b.files.LocalPath(location); ok {
			if err := link(path, to); err != nil {
				return err
			}
			continue
		}
		b.remote = true
		g.Go(func() error {
			r, err := b.files.Open(ctx, location, 0, -1)
			if err != nil {
				return err
			}
			defer r.Close()
			return writeFile(to, r)
		})
	}
	return g.Wait()
}

func (b *bareFiles) Close() error {
	err := errors.Join(b.files.Close(), os.RemoveAll(b.scratch))
	if b.local != nil {
		err = errors.Join(err, b.local.Close())
	}
	return err
}
