package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// How parts of remote files are fetched. What a task holds of them in memory is requests times the buffer of each.
const (
	// mergeGap is what may lie between two parts of a file that are fetched by one request.
	mergeGap = 512 << 10
	// pieceBytes is how much one request brings, at most about half more.
	pieceBytes = 8 << 20
	// requests are under way at a time, for one source.
	requests = 8
	// wholeBytes is up to which size a file is fetched as a whole, which is one request.
	wholeBytes = 128 << 10
	// copyBytes is the buffer of a request.
	copyBytes = 256 << 10
)

// Part is what a split reads of a file.
type Part struct {
	// File is as DuckDB reads it, but that its Path is the location; Size is the size of all of it.
	connector.File
	Size int64
}

// Fetch makes parts of files readable on this machine: the source's files are these parts in their order. Of a remote file the columns that
// are read and the row groups of the rows are fetched into a local one with holes; it has no name, so that nothing is left however the
// process ends, and goes with Source.Close.
func (k Kind) Fetch(ctx context.Context, fs filesystem.FileSystem, parts []Part) (connector.Source, error) {
	src := connector.Source{Files: make([]connector.File, len(parts))}
	remote := map[string]*fetched{} // by location
	var order []*fetched
	for i, p := range parts {
		src.Files[i] = p.File
		src.Files[i].Location = p.Path
		if path, ok := fs.LocalPath(p.Path); ok {
			if _, err := os.Stat(path); err != nil {
				return connector.Source{}, trinoerr.Wrap(err, k.CannotOpen, "Error opening %s split %s", k.Name, p.Path)
			}
			src.Files[i].Path = path
			continue
		}
		f := remote[p.Path]
		if f == nil {
			f = &fetched{kind: k, fs: fs, file: File{Location: p.Path, Size: p.Size}}
			remote[p.Path] = f
			order = append(order, f)
		}
		f.parts = append(f.parts, &src.Files[i])
	}
	if order == nil {
		return src, nil
	}
	src.Close = func() error { return closeAll(order) }
	if err := fetchAll(ctx, order); err != nil {
		return connector.Source{}, errors.Join(err, src.Close())
	}
	for _, f := range order {
		for _, p := range f.parts {
			p.Path = fmt.Sprintf("/proc/self/fd/%d", f.local.Fd())
		}
	}
	return src, nil
}

func closeAll(all []*fetched) error {
	var errs []error
	for _, f := range all {
		if f.local != nil {
			errs = append(errs, f.local.Close())
			f.local = nil
		}
	}
	return errors.Join(errs...)
}

// fetched is a remote file of which a source reads something.
type fetched struct {
	kind  Kind
	fs    filesystem.FileSystem
	file  File
	parts []*connector.File
	local *os.File
}

// fetchAll looks into the files, and then fetches what is needed of them.
func fetchAll(ctx context.Context, files []*fetched) error {
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(requests)
	needed := make([][]extent, len(files))
	for i, f := range files {
		g.Go(func() (err error) {
			needed[i], err = f.begin(within)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	g, within = errgroup.WithContext(ctx)
	g.SetLimit(requests)
	for i, f := range files {
		for _, e := range needed[i] {
			g.Go(func() error { return f.fetch(within, e) })
		}
	}
	return g.Wait()
}

// begin makes the local file with the footer, and returns what else is needed.
func (f *fetched) begin(ctx context.Context) ([]extent, error) {
	if f.file.Size <= wholeBytes {
		return []extent{{0, f.file.Size}}, f.create(ctx, f.file.Size)
	}
	t, err := f.kind.readTail(ctx, f.fs, f.file)
	if err != nil {
		return nil, err
	}
	footer, err := f.kind.parse(t, f.file)
	if err != nil {
		return nil, err
	}
	var needed []extent
	for _, p := range f.parts {
		needed = append(needed, footer.needed(p)...)
	}
	// What the tail has need not be fetched again.
	needed = cut(within(merge(needed, mergeGap), t.from()), pieceBytes)
	bytes := int64(len(t.raw))
	for _, e := range needed {
		bytes += e.to - e.from
	}
	if err := f.create(ctx, bytes); err != nil {
		return nil, err
	}
	if _, err := f.local.WriteAt([]byte(magic), 0); err != nil {
		return nil, scratchError(err)
	}
	_, err = f.local.WriteAt(t.raw, t.from())
	return needed, scratchError(err)
}

// create makes the local file, of which so many bytes will take room.
func (f *fetched) create(ctx context.Context, bytes int64) (err error) {
	if f.local, err = connector.ScratchFile(ctx, bytes); err != nil {
		return err
	}
	return scratchError(f.local.Truncate(f.file.Size))
}

// needed are the parts of a file that reading a part of its rows touches. Of a column all is needed, though the part reads a field of it:
// DuckDB is free to read the others.
func (f *Footer) needed(p *connector.File) (out []extent) {
	var columns []*Field
	for _, c := range p.Columns {
		if c.Name == "" {
			continue
		}
		for i := range f.Fields {
			if f.Fields[i].Name == c.Name {
				columns = append(columns, &f.Fields[i])
			}
		}
	}
	first := int64(0)
	for i := range f.Groups {
		g := &f.Groups[i]
		if p.EndRow == 0 || first < p.EndRow && first+g.Rows > p.FirstRow {
			for _, c := range columns {
				for _, chunk := range g.Chunks[c.From:c.To] {
					out = append(out, chunk.ranges...)
				}
			}
		}
		first += g.Rows
	}
	return out
}

// fetch copies a part of the file.
func (f *fetched) fetch(ctx context.Context, e extent) error {
	r, err := f.fs.Open(ctx, f.file.Location, e.from, e.to-e.from)
	if err != nil {
		return f.kind.cannotOpen(ctx, err, f.file)
	}
	defer r.Close()
	w := &offsetWriter{File: f.local, at: e.from}
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, make([]byte, copyBytes)); err != nil {
		if w.failed {
			return scratchError(err)
		}
		return f.kind.cannotOpen(ctx, err, f.file)
	}
	if w.at != e.to {
		return f.kind.cannotOpen(ctx, io.ErrUnexpectedEOF, f.file)
	}
	return nil
}

// offsetWriter writes into a file from some place on.
type offsetWriter struct {
	*os.File
	at     int64
	failed bool
}

// Write implements io.Writer.
func (w *offsetWriter) Write(p []byte) (int, error) {
	n, err := w.WriteAt(p, w.at)
	w.at += int64(n)
	w.failed = w.failed || err != nil
	return n, err
}

func scratchError(err error) error {
	return trinoerr.Wrap(err, trinoerr.GenericInsufficientResources, "fetch a file of a table")
}
