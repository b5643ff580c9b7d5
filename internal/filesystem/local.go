package filesystem

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Files of this machine are made under a temporary name beside their own, and renamed, or linked when they must not exist yet. Their modes
// are left to the user's mask, as other programs read them too.

// temporary is what the names of files begin with that are being written. Listings leave them out.
const temporary = ".waterbear-tmp-"

func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR):
		return ErrNotFound
	case errors.Is(err, fs.ErrExist):
		return ErrExists
	}
	return err
}

func openLocal(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, translate(err)
	}
	if offset > 0 {
		if _, err = f.Seek(offset, io.SeekStart); err != nil {
			f.Close()
			return nil, err
		}
	}
	return store.Body(ctx, f, length, translate), nil
}

func statLocal(name string) (Entry, error) {
	info, err := os.Stat(name)
	if err != nil {
		return Entry{}, translate(err)
	}
	if info.IsDir() {
		return Entry{}, ErrNotFound
	}
	return Entry{Size: info.Size(), Modified: info.ModTime()}, nil
}

// localWriter writes a file of this machine.
type localWriter struct {
	ctx  context.Context // of the writing, as FileSystem.Create says
	name string
	f    *os.File
	o    CreateOptions
	err  error
	done atomic.Bool
}

func createLocal(ctx context.Context, name string, o CreateOptions) (*localWriter, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, err
	}
	return createInDir(ctx, name, o)
}

// createInDir is createLocal in a directory that must exist.
func createInDir(ctx context.Context, name string, o CreateOptions) (*localWriter, error) {
	f, err := os.OpenFile(filepath.Join(filepath.Dir(name), temporary+strconv.FormatUint(rand.Uint64(), 36)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, translate(err)
	}
	return &localWriter{ctx: ctx, name: name, f: f, o: o}, nil
}

// Write implements io.Writer.
func (w *localWriter) Write(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		w.err = context.Cause(w.ctx)
		return 0, w.err
	}
	n, err := w.f.Write(p)
	if err != nil {
		w.err = err
	}
	return n, err
}

// Close implements Writer.
func (w *localWriter) Close() error {
	if w.done.Swap(true) {
		return fs.ErrClosed
	}
	err := w.err
	if err == nil && w.ctx.Err() != nil {
		err = context.Cause(w.ctx)
	}
	if err == nil && w.o.Durable {
		err = w.f.Sync()
	}
	err = errors.Join(err, w.f.Close())
	if err == nil {
		err = w.publish()
	}
	if err != nil || w.o.IfAbsent {
		os.Remove(w.f.Name())
	}
	return err
}

// publish gives the file its name.
func (w *localWriter) publish() error {
	if w.o.IfAbsent {
		if err := os.Link(w.f.Name(), w.name); err != nil {
			return translate(err)
		}
	} else if err := os.Rename(w.f.Name(), w.name); err != nil {
		return err
	}
	if w.o.Durable {
		return syncDir(filepath.Dir(w.name))
	}
	return nil
}

// Abort implements Writer.
func (w *localWriter) Abort() error {
	if w.done.Swap(true) {
		return nil
	}
	w.f.Close()
	if err := os.Remove(w.f.Name()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func listLocal(ctx context.Context, dir string, g func(Entry) error) error {
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(translate(err), ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if e.IsDir() || strings.HasPrefix(e.Name(), temporary) {
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return giveLocal(name, rel, g)
	})
	return err
}

func listDirLocal(ctx context.Context, dir string, g func(Entry) error) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(translate(err), ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if strings.HasPrefix(e.Name(), temporary) {
			continue
		}
		if err := giveLocal(filepath.Join(dir, e.Name()), e.Name(), g); err != nil {
			return err
		}
	}
	return nil
}

// giveLocal calls g for a file or directory, through symbolic links, unless it is gone or something else.
func giveLocal(name, rel string, g func(Entry) error) error {
	info, err := os.Stat(name)
	if errors.Is(translate(err), ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		return g(Entry{Location: filepath.ToSlash(rel), Dir: true})
	case info.Mode().IsRegular():
		return g(Entry{Location: filepath.ToSlash(rel), Size: info.Size(), Modified: info.ModTime()})
	}
	return nil
}

func deleteLocal(name string) error {
	if info, err := os.Lstat(name); err == nil && info.IsDir() {
		return nil // it is no file
	}
	if err := translate(os.Remove(name)); !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

func deleteDirLocal(dir string) error {
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return nil
	}
	return os.RemoveAll(dir)
}

func deleteEmptyDirLocal(dir string) error {
	err := os.Remove(dir)
	if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) || errors.Is(translate(err), ErrNotFound) {
		return nil
	}
	return err
}

func createDirLocal(dir string) error { return os.MkdirAll(dir, 0o777) }

// renameLocal moves a file or directory to where there is none, or only an empty directory.
func renameLocal(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	if info, err := os.Lstat(to); err == nil && !info.IsDir() {
		return ErrExists
	}
	err := os.Rename(from, to)
	if errors.Is(err, syscall.ENOTEMPTY) {
		return ErrExists
	}
	return translate(err)
}
