package hive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// parallelism is how many directories or footers are read at a time.
const parallelism = 16

// dataFile is a file of a table.
type dataFile struct {
	path     string
	location string
	size     int64
	modified time.Time
	footer   *footer
}

// partition is a table partition, or a whole table that has none.
type partition struct {
	name     string // "k=v/l=w"; empty for a whole table
	values   []any  // of the partitioning columns
	location string
	files    []dataFile
}

// partitionNames lists the table partitions below a metadata directory that the filter accepts, sorted by name of directory.
func (m metastore) partitionNames(name connector.SchemaTable, depth int) ([]string, error) {
	var names []string
	var walk func(dir, prefix string, depth int) error
	walk = func(dir, prefix string, depth int) error {
		if depth == 0 {
			if _, err := os.Stat(filepath.Join(dir, metadataFile)); err == nil {
				names = append(names, prefix)
			}
			return nil
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return metastoreError(err)
		}
		for _, e := range entries {
			if e.IsDir() && !hidden(e.Name()) && strings.Contains(e.Name(), "=") {
				if err := walk(filepath.Join(dir, e.Name()), strings.TrimPrefix(prefix+"/"+e.Name(), "/"), depth-1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return names, walk(m.tableDir(name), "", depth)
}

// partition reads a table partition; nil when there is none.
func (m metastore) partition(table connector.SchemaTable, name string) (*partitionFile, error) {
	var p partitionFile
	found, err := readMetadata(m.partitionFile(table, name), &p, &p.rest)
	if !found {
		return nil, err
	}
	return &p, nil
}

func (m metastore) partitionFile(table connector.SchemaTable, name string) string {
	return filepath.Join(m.tableDir(table), filepath.FromSlash(name), metadataFile)
}

// partitions lists the table partitions that a constraint leaves; a table that is not partitioned is one.
func (c *Connector) partitions(ctx context.Context, t *table, constraint []connector.Domain) ([]*partition, error) {
	if len(t.partitionColumns) == 0 {
		return []*partition{{location: t.location}}, nil
	}
	names, err := connector.Remember(ctx, listed{c: c, table: t.name}, func(names []string) int { return len(names) }, func() ([]string, error) {
		return c.store.partitionNames(t.name, len(t.partitionColumns))
	})
	if err != nil {
		return nil, err
	}
	var out []*partition
	for _, name := range names {
		p, err := t.partition(name)
		if err != nil {
			return nil, err
		}
		if !p.satisfies(t, constraint) {
			continue
		}
		if t.external {
			f, err := c.store.partition(t.name, name)
			if f == nil {
				if err != nil {
					return nil, err
				}
				continue // dropped meanwhile
			}
			if f.ExternalLocation != "" {
				p.location = f.ExternalLocation
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// partition makes sense of the name of a table partition.
func (t *table) partition(name string) (*partition, error) {
	columns := t.partitionNames()
	texts, ok := partitionValues(columns, name)
	if !ok {
		return nil, trinoerr.New(trinoerr.HiveInvalidMetadata, "Invalid partition name %s of table %s", name, t.name)
	}
	p := &partition{name: name, location: join(t.location, name), values: make([]any, len(texts))}
	for i, text := range texts {
		var err error
		if p.values[i], err = parseValue(t.partitionColumns[i].Type, text); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// hidden files and directories are no part of a table.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

// list finds the files of table partitions, sorted by name, and their footers. Empty files have no rows and are left out.
// A directory that does not exist has no files.
func (c *Connector) list(ctx context.Context, parts []*partition) error {
	if err := inParallel(ctx, len(parts), func(i int) (err error) {
		parts[i].files, err = c.filesOnce(ctx, parts[i].location)
		return err
	}); err != nil {
		return err
	}
	var files []*dataFile
	for _, p := range parts {
		for i := range p.files {
			files = append(files, &p.files[i])
		}
	}
	return inParallel(ctx, len(files), func(i int) (err error) {
		files[i].footer, err = c.footers.get(*files[i])
		return err
	})
}

// inParallel calls f for 0 to n-1, until one fails.
func inParallel(ctx context.Context, n int, f func(i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelism)
	for i := range n {
		g.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return f(i)
		})
	}
	return g.Wait()
}

// listed are the directory and, for partitions, the table that have been listed for a query.
type listed struct {
	c        *Connector
	location string
	table    connector.SchemaTable
}

// filesOnce lists a directory, once for a query.
func (c *Connector) filesOnce(ctx context.Context, location string) ([]dataFile, error) {
	files, err := connector.Remember(ctx, listed{c: c, location: location}, func(files []dataFile) int { return len(files) }, func() ([]dataFile, error) {
		p := &partition{location: location}
		err := c.listFiles(p)
		return p.files, err
	})
	return slices.Clone(files), err // footers are added to it
}

func (c *Connector) listFiles(p *partition) error {
	dir, err := c.path(p.location)
	if err != nil {
		return err
	}
	entries, err := c.readDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return filesystemError(err, p.location)
	}
	for _, e := range entries {
		if hidden(e.Name()) || e.IsDir() {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, e.Name())) // through symbolic links
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return filesystemError(err, p.location)
		}
		if info.Mode().IsRegular() && info.Size() > 0 {
			p.files = append(p.files, dataFile{path: filepath.Join(dir, e.Name()), location: join(p.location, e.Name()), size: info.Size(), modified: info.ModTime()})
		}
	}
	return nil
}

func filesystemError(err error, location string) error {
	return trinoerr.Wrap(err, trinoerr.HiveFilesystemError, "Failed to list directory: %s", location)
}
