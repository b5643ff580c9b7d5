package filesystem

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Open implements FileSystem.
func (f *Files) Open(ctx context.Context, location string, offset, length int64) (io.ReadCloser, error) {
	s, key, err := f.at(ctx, location)
	if err != nil {
		return nil, err
	}
	var r io.ReadCloser
	if s == nil {
		r, err = openLocal(ctx, key, offset, length)
	} else {
		r, err = s.Open(ctx, key, offset, length)
	}
	if err != nil {
		return nil, f.failed(ctx, err, "read", location)
	}
	return &reader{ReadCloser: r, failed: func(err error) error { return f.failed(ctx, err, "read", location) }}, nil
}

// reader gives the errors of reading the catalog's identity.
type reader struct {
	io.ReadCloser
	failed func(error) error
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		err = r.failed(err)
	}
	return n, err
}

// Stat implements FileSystem.
func (f *Files) Stat(ctx context.Context, location string) (Entry, error) {
	s, key, err := f.at(ctx, location)
	if err != nil {
		return Entry{}, err
	}
	if s == nil {
		e, err := statLocal(key)
		e.Location = location
		return e, f.failed(ctx, err, "look for", location)
	}
	o, err := directories(s).Stat(ctx, key)
	return Entry{Location: location, Size: o.Size, Modified: o.Modified}, f.failed(ctx, err, "look for", location)
}

// directories is a store's other face, which the stores of file systems have.
func directories(s store.Store) store.Directories {
	if o, ok := s.(*opened); ok {
		s = o.Store
	}
	return s.(store.Directories)
}

// Create implements FileSystem.
func (f *Files) Create(ctx context.Context, location string, o CreateOptions) (Writer, error) {
	s, key, err := f.at(ctx, location)
	if err != nil {
		return nil, err
	}
	var w Writer
	switch {
	case s == nil:
		w, err = createLocal(ctx, key, o)
	case o.IfAbsent && f.noIfAbsent(location):
		return nil, trinoerr.New(trinoerr.NotSupported, "The storage of %s is said not to support writing a file only if it does not exist: s3.exclusive-create is false", location)
	default:
		w, err = s.Create(ctx, key, o)
	}
	if err != nil {
		return nil, f.failed(ctx, err, "write", location)
	}
	return &writer{Writer: w, failed: func(err error) error { return f.failed(ctx, err, "write", location) }}, nil
}

func (f *Files) noIfAbsent(location string) bool {
	p, ok := split(location)
	if !ok {
		return false
	}
	d := f.driver(p)
	return d != nil && d.noIfAbsent
}

// writer gives the errors of writing the catalog's identity.
type writer struct {
	Writer
	failed func(error) error
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	return n, w.failed(err)
}

// Close implements Writer.
func (w *writer) Close() error { return w.failed(w.Writer.Close()) }

// Abort implements Writer.
func (w *writer) Abort() error { return w.failed(w.Writer.Abort()) }

// List implements FileSystem.
func (f *Files) List(ctx context.Context, dir string, g func(Entry) error) error {
	return f.list(ctx, dir, g, listLocal, func(s store.Store, prefix string, g func(store.Object) error) error { return s.List(ctx, prefix, g) })
}

// ListDir implements FileSystem.
func (f *Files) ListDir(ctx context.Context, dir string, g func(Entry) error) error {
	return f.list(ctx, dir, g, listDirLocal, func(s store.Store, prefix string, g func(store.Object) error) error {
		return directories(s).ListDirectory(ctx, prefix, g)
	})
}

// list calls g for what one of two listings finds; local gives names below the directory.
func (f *Files) list(ctx context.Context, dir string, g func(Entry) error,
	local func(ctx context.Context, path string, g func(Entry) error) error,
	remote func(s store.Store, prefix string, g func(store.Object) error) error) error {
	s, key, err := f.at(ctx, dir)
	if err != nil {
		return err
	}
	var stopped error // by g
	give := func(e Entry) error {
		e.Location = Join(dir, e.Location)
		stopped = g(e)
		return stopped
	}
	if s == nil {
		err = local(ctx, key, give)
	} else {
		prefix := key
		if prefix != "" {
			prefix += "/"
		}
		err = remote(s, prefix, func(o store.Object) error {
			name, isDir := strings.CutSuffix(strings.TrimPrefix(o.Key, prefix), "/")
			return give(Entry{Location: name, Size: o.Size, Modified: o.Modified, Dir: isDir})
		})
	}
	if stopped != nil {
		return stopped
	}
	return f.failed(ctx, err, "list directory", dir)
}

// Delete implements FileSystem.
func (f *Files) Delete(ctx context.Context, location string) error {
	s, key, err := f.at(ctx, location)
	if err != nil {
		return err
	}
	if s == nil {
		return f.failed(ctx, deleteLocal(key), "delete", location)
	}
	return f.failed(ctx, store.Delete(ctx, unwrap(s), key), "delete", location)
}

// unwrap is the store with the faces of package retry.
func unwrap(s store.Store) store.Store {
	if o, ok := s.(*opened); ok {
		return o.Store
	}
	return s
}

// DeleteDir implements FileSystem. A whole bucket, container or cluster is not deleted.
func (f *Files) DeleteDir(ctx context.Context, dir string) error {
	s, key, err := f.at(ctx, dir)
	if err != nil {
		return err
	}
	if s == nil && !slices.Contains(f.roots, key) {
		return f.failed(ctx, deleteDirLocal(key), "delete directory", dir)
	}
	if s == nil || key == "" {
		return f.failed(ctx, errors.New("it is the root of the storage"), "delete directory", dir)
	}
	return f.failed(ctx, s.DeletePrefix(ctx, key+"/"), "delete directory", dir)
}

// hierarchy is a store with directories that exist by themselves.
type hierarchy interface {
	MakeDirectory(ctx context.Context, dir string) error
	RemoveDirectory(ctx context.Context, dir string) error
	Rename(ctx context.Context, from, to string) error
}

// hierarchyOf finds the driver beneath what repeats requests; nil when it has no directories.
func hierarchyOf(s store.Store) hierarchy {
	s = unwrap(s)
	if w, ok := s.(interface{ Unwrap() store.Store }); ok {
		s = w.Unwrap()
	}
	h, _ := s.(hierarchy)
	return h
}

// CreateDir implements FileSystem.
func (f *Files) CreateDir(ctx context.Context, dir string) error {
	s, key, err := f.at(ctx, dir)
	if err != nil {
		return err
	}
	if s == nil {
		return f.failed(ctx, createDirLocal(key), "create directory", dir)
	}
	if h := hierarchyOf(s); h != nil {
		return f.failed(ctx, h.MakeDirectory(ctx, key), "create directory", dir)
	}
	return nil
}

// CanRename implements FileSystem.
func (f *Files) CanRename(location string) bool {
	switch Scheme(location) {
	case "file", "local", "hdfs":
		return true
	}
	return false
}

// Rename implements FileSystem.
func (f *Files) Rename(ctx context.Context, from, to string) error {
	s, source, err := f.at(ctx, from)
	if err != nil {
		return err
	}
	t, target, err := f.at(ctx, to)
	if err != nil {
		return err
	}
	if s == nil && t == nil {
		return f.failed(ctx, renameLocal(source, target), "rename", from)
	}
	if s == nil || s != t || hierarchyOf(s) == nil {
		return trinoerr.New(trinoerr.NotSupported, "Renaming is not supported from %s to %s", from, to)
	}
	h := hierarchyOf(s)
	if err := h.MakeDirectory(ctx, path.Dir("/"+target)); err != nil {
		return f.failed(ctx, err, "rename", from)
	}
	return f.failed(ctx, h.Rename(ctx, source, target), "rename", from)
}
