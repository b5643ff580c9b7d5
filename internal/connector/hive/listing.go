package hive

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// parallelism is how many directories or footers are read at a time.
const parallelism = 16

// dataFile is a file of a table.
type dataFile struct {
	lake.File
	footer *lake.Footer
	bucket int // noBucket when the table has none, or they have not been looked for
}

// readFooters reads the footers of the files of table partitions.
func (c *Connector) readFooters(ctx context.Context, parts []*partition) error {
	var files []*dataFile
	for _, p := range parts {
		for i := range p.files {
			files = append(files, &p.files[i])
		}
	}
	return inParallel(ctx, len(files), func(ctx context.Context, i int) (err error) {
		files[i].footer, err = c.footers.Get(ctx, files[i].File)
		return err
	})
}

// listDirectories finds the files of table partitions, sorted by name. Empty files have no rows and are left out.
// A directory that does not exist has no files.
func (c *Connector) listDirectories(ctx context.Context, parts []*partition) error {
	return inParallel(ctx, len(parts), func(ctx context.Context, i int) (err error) {
		parts[i].files, err = c.filesOnce(ctx, parts[i].location)
		return err
	})
}

// inParallel calls f for 0 to n-1, until one fails.
func inParallel(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelism)
	for i := range n {
		g.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return f(ctx, i)
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
		err := c.listFiles(ctx, p)
		return p.files, err
	})
	return slices.Clone(files), err // footers are added to it
}

// listFiles lists a directory. Files and directories that are hidden are no part of a table.
func (c *Connector) listFiles(ctx context.Context, p *partition) error {
	err := c.files.ListDir(ctx, p.location, func(e filesystem.Entry) error {
		if !e.Dir && e.Size > 0 && !metastore.Hidden(filesystem.Name(e.Location)) {
			p.files = append(p.files, dataFile{File: lake.File{Location: e.Location, Size: e.Size, Modified: e.Modified}, bucket: noBucket})
		}
		return nil
	})
	slices.SortFunc(p.files, func(a, b dataFile) int { return strings.Compare(a.Location, b.Location) })
	return filesystemError(err, p.location)
}

func filesystemError(err error, location string) error {
	return trinoerr.Wrap(err, trinoerr.HiveFilesystemError, "Failed to list directory: %s", location)
}
