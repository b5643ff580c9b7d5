// Package local keeps exchange objects in a directory: a worker's own disk, or a mount that all nodes share at the same
// path.
//
// An object is a file; it is written under a temporary name beside its own and renamed, or linked when it must not exist
// yet, so that readers see all of it or nothing. Files are not synced unless the writer asks for it: bundles that a power
// failure damages are recomputed, only journals ask.
package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Store is a directory. It holds no open files between calls.
type Store struct {
	dir string
}

// New returns the store in a directory, which is created if needed.
func New(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, failed(err, "open exchange directory")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, failed(err, "open exchange directory")
	}
	return &Store{dir: dir}, nil
}

// Open is the store.Opener of file URIs.
func Open(_ context.Context, uri *url.URL) (store.Store, error) {
	if uri.Host != "" && uri.Host != "localhost" || !filepath.IsAbs(uri.Path) {
		return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "not a local directory: %s", uri.Redacted())
	}
	return New(uri.Path)
}

// URI returns the file URI of the directory.
func (s *Store) URI() string { return (&url.URL{Scheme: "file", Path: s.dir}).String() }

// Close does nothing.
func (s *Store) Close() error { return nil }

func (s *Store) path(key string) string { return filepath.Join(s.dir, filepath.FromSlash(key)) }

// temporary files have a leading dot, which no key has.
const temporary = ".tmp-"

// Create implements store.Store.
func (s *Store) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	if err := store.CheckKey(key); err != nil {
		return nil, failed(err, "create")
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	name := s.path(key)
	w := &writer{ctx: ctx, name: name, o: o}
	for attempt := 0; ; attempt++ {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return nil, failed(err, "create")
		}
		temp := filepath.Join(filepath.Dir(name), temporary+strconv.FormatUint(rand.Uint64(), 36))
		f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			w.f = f
			return w, nil
		}
		// A DeletePrefix may have removed the directory in between.
		if !errors.Is(err, fs.ErrNotExist) || attempt > 10 {
			return nil, failed(err, "create")
		}
	}
}

type writer struct {
	ctx  context.Context // of the writing, as Create says
	name string
	f    *os.File
	o    store.CreateOptions
	err  error
	done atomic.Bool
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	if w.done.Load() {
		return 0, failed(fs.ErrClosed, "write")
	}
	if w.ctx.Err() != nil {
		w.err = context.Cause(w.ctx)
		return 0, w.err
	}
	n, err := w.f.Write(p)
	if err != nil {
		w.err = failed(err, "write")
	}
	return n, w.err
}

// Close implements store.Writer.
func (w *writer) Close() error {
	if w.done.Swap(true) {
		return failed(fs.ErrClosed, "commit")
	}
	err := w.err
	if err == nil && w.ctx.Err() != nil {
		err = context.Cause(w.ctx)
	}
	if err == nil && w.o.Durable {
		err = failed(w.f.Sync(), "sync")
	}
	if e := w.f.Close(); err == nil {
		err = failed(e, "commit")
	}
	if err == nil {
		err = w.publish()
	}
	if err != nil {
		os.Remove(w.f.Name())
	}
	return err
}

// publish gives the finished file its name.
func (w *writer) publish() error {
	if w.o.IfAbsent {
		err := os.Link(w.f.Name(), w.name)
		if errors.Is(err, fs.ErrExist) {
			return store.ErrExists
		}
		if err != nil {
			return failed(err, "commit")
		}
		os.Remove(w.f.Name())
	} else if err := os.Rename(w.f.Name(), w.name); err != nil {
		return failed(err, "commit")
	}
	if w.o.Durable {
		return syncDir(filepath.Dir(w.name))
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return failed(err, "sync")
	}
	defer d.Close()
	return failed(d.Sync(), "sync")
}

// Abort implements store.Writer.
func (w *writer) Abort() error {
	if w.done.Swap(true) {
		return nil
	}
	w.f.Close()
	if err := os.Remove(w.f.Name()); !errors.Is(err, fs.ErrNotExist) {
		return failed(err, "abort")
	}
	return nil
}

// Open implements store.Store.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := store.CheckKey(key); err != nil {
		return nil, failed(err, "open")
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	f, err := os.Open(s.path(key))
	if err == nil && offset > 0 {
		_, err = f.Seek(offset, io.SeekStart)
	}
	if err != nil {
		return nil, failed(err, "open")
	}
	return store.Body(ctx, f, length, func(err error) error { return failed(err, "read") }), nil
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, prefix string, f func(store.Object) error) error {
	if err := store.CheckPrefix(prefix); err != nil {
		return failed(err, "list")
	}
	var found []store.Object
	err := s.walk(ctx, prefix, func(key string, e fs.DirEntry) error {
		if strings.HasPrefix(e.Name(), temporary) {
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return failed(err, "list")
		}
		found = append(found, store.Object{Key: key, Size: info.Size()})
		return nil
	})
	if err != nil {
		return err
	}
	// Directories are walked in the order of names, which is not that of keys: "a-b" comes before "a/b".
	slices.SortFunc(found, func(a, b store.Object) int { return strings.Compare(a.Key, b.Key) })
	for _, o := range found {
		if err := f(o); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements store.Deleter.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := store.CheckKey(key); err != nil {
		return failed(err, "delete")
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if info, err := os.Lstat(s.path(key)); err == nil && info.IsDir() { // other objects are below it
		return nil
	}
	if err := os.Remove(s.path(key)); !absent(err) {
		return failed(err, "delete")
	}
	return nil
}

// DeletePrefix implements store.Store. Directories that become empty stay until a prefix above them is deleted.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	if err := store.CheckPrefix(prefix); err != nil {
		return failed(err, "delete")
	}
	if dir, ok := strings.CutSuffix(prefix, "/"); ok {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if info, err := os.Stat(s.path(dir)); err != nil || !info.IsDir() {
			return nil // nothing, or the object of that name without the slash
		}
		return failed(os.RemoveAll(s.path(dir)), "delete")
	}
	return s.walk(ctx, prefix, func(key string, e fs.DirEntry) error {
		if err := os.Remove(s.path(key)); !errors.Is(err, fs.ErrNotExist) {
			return failed(err, "delete")
		}
		return nil
	})
}

// walk calls f for all files, temporary ones included, whose keys begin with prefix. A temporary file directly in the
// directory in which the prefix ends belongs to the prefix only when this is the directory itself.
func (s *Store) walk(ctx context.Context, prefix string, f func(key string, e fs.DirEntry) error) error {
	top, _ := filepath.Split(s.path(prefix + "x"))
	err := filepath.WalkDir(top, func(name string, e fs.DirEntry, err error) error {
		if absent(err) {
			return nil
		}
		if err != nil {
			return failed(err, "list")
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rel, err := filepath.Rel(s.dir, name)
		if err != nil {
			return failed(err, "list")
		}
		key := filepath.ToSlash(rel)
		if e.IsDir() {
			if key != "." && !strings.HasPrefix(key+"/", prefix) && !strings.HasPrefix(prefix, key+"/") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasPrefix(key, prefix) {
			return nil
		}
		return f(key, e)
	})
	return err
}

// absent reports whether a path does not exist, be it because a part of it is a file.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// failed translates an error of the file system. Only the operation is named: paths are in the cause.
func failed(err error, op string) error {
	switch {
	case err == nil:
		return nil
	case absent(err):
		return store.ErrNotFound
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return trinoerr.Wrap(err, trinoerr.GenericInsufficientResources, "exchange directory is full")
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return trinoerr.Wrap(err, trinoerr.GenericInsufficientResources, "too many open files in the exchange directory")
	}
	return trinoerr.Wrap(err, trinoerr.GenericInternalError, "%s in the exchange directory", op)
}

// Interrupted implements what store.Interrupted asks for: a directory without objects may have temporary files.
func (s *Store) Interrupted(_ context.Context, f func(key string) error) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return failed(err, "list")
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := f(e.Name() + "/"); err != nil {
				return err
			}
		}
	}
	return nil
}
