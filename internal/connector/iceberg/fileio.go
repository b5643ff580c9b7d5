package iceberg

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	icebergio "github.com/apache/iceberg-go/io"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// fileIO is a file system as iceberg-go wants it. The context is kept because that interface has none: it is the one of the call that the
// value serves.
type fileIO struct {
	ctx     context.Context
	files   filesystem.FileSystem
	created *createdFiles
}

var (
	_ icebergio.ReadFileIO        = (*fileIO)(nil)
	_ icebergio.WriteFileIO       = (*fileIO)(nil)
	_ icebergio.ListableIO        = (*fileIO)(nil)
	_ icebergio.StatIO            = (*fileIO)(nil)
	_ icebergio.RenameIO          = (*fileIO)(nil)
	_ icebergio.RenameNoReplaceIO = (*fileIO)(nil)
	_ icebergio.RemoveAllIO       = (*fileIO)(nil)
	_ icebergio.MkdirAllIO        = (*fileIO)(nil)
)

// ioError is an error as package fs has them, which iceberg-go looks for.
func ioError(op, name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, filesystem.ErrNotFound):
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	case errors.Is(err, filesystem.ErrExists):
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrExist}
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Open opens a file that is there.
func (f *fileIO) Open(name string) (icebergio.File, error) {
	e, err := f.files.Stat(f.ctx, name)
	if err != nil {
		return nil, ioError("open", name, err)
	}
	return &file{io: f, entry: e, name: name}, nil
}

// ReadFile reads a whole file.
func (f *fileIO) ReadFile(name string) ([]byte, error) {
	data, err := filesystem.ReadAll(f.ctx, f.files, name)
	return data, ioError("read", name, err)
}

// Create makes a file, which is there when it is closed.
func (f *fileIO) Create(name string) (icebergio.FileWriter, error) {
	w, err := f.files.Create(f.ctx, name, filesystem.CreateOptions{Durable: true})
	if err != nil {
		return nil, ioError("create", name, err)
	}
	f.created.add(name)
	return &fileWriter{Writer: w, buffered: bufio.NewWriterSize(w, 64<<10)}, nil
}

// WriteFile makes a file.
func (f *fileIO) WriteFile(name string, data []byte) error {
	f.created.add(name)
	return ioError("write", name, filesystem.WriteAll(f.ctx, f.files, name, data, filesystem.CreateOptions{Durable: true}))
}

// Remove removes a file.
func (f *fileIO) Remove(name string) error {
	return ioError("remove", name, f.files.Delete(f.ctx, name))
}

// RemoveAll removes a directory.
func (f *fileIO) RemoveAll(name string) error {
	return ioError("remove", name, f.files.DeleteDir(f.ctx, name))
}

// MkdirAll makes a directory.
func (f *fileIO) MkdirAll(name string) error {
	return ioError("mkdir", name, f.files.CreateDir(f.ctx, name))
}

// Rename moves a file.
func (f *fileIO) Rename(from, to string) error {
	if f.files.CanRename(from) {
		return ioError("rename", from, f.files.Rename(f.ctx, from, to))
	}
	return f.copy(from, to, filesystem.CreateOptions{Durable: true})
}

// RenameNoReplace moves a file to where none is: of two that try, one fails.
func (f *fileIO) RenameNoReplace(from, to string) error {
	return f.copy(from, to, filesystem.CreateOptions{Durable: true, IfAbsent: true})
}

func (f *fileIO) copy(from, to string, o filesystem.CreateOptions) error {
	data, err := filesystem.ReadAll(f.ctx, f.files, from)
	if err == nil {
		err = filesystem.WriteAll(f.ctx, f.files, to, data, o)
	}
	if err == nil {
		err = f.files.Delete(f.ctx, from)
	}
	return ioError("rename", from, err)
}

// Stat describes a file or directory. Where directories are only what keys have in common, one with something in it is there.
func (f *fileIO) Stat(name string) (fs.FileInfo, error) {
	e, err := f.files.Stat(f.ctx, name)
	if err == nil {
		return entryInfo{e}, nil
	}
	if !errors.Is(err, filesystem.ErrNotFound) {
		return nil, ioError("stat", name, err)
	}
	if local, ok := f.files.LocalPath(name); ok { // an empty directory is there as well
		if info, err := os.Stat(local); err == nil && info.IsDir() {
			return entryInfo{filesystem.Entry{Location: name, Dir: true, Modified: info.ModTime()}}, nil
		}
	}
	found := errors.New("found")
	err = f.files.ListDir(f.ctx, name, func(filesystem.Entry) error { return found })
	if errors.Is(err, found) {
		return entryInfo{filesystem.Entry{Location: name, Dir: true}}, nil
	}
	if err == nil {
		err = filesystem.ErrNotFound
	}
	return nil, ioError("stat", name, err)
}

// WalkDir calls fn for a directory and all that is below it.
func (f *fileIO) WalkDir(root string, fn fs.WalkDirFunc) error {
	err := f.walk(filesystem.Entry{Location: root, Dir: true}, fn)
	if errors.Is(err, fs.SkipAll) || errors.Is(err, fs.SkipDir) {
		return nil
	}
	return err
}

func (f *fileIO) walk(e filesystem.Entry, fn fs.WalkDirFunc) error {
	if err := fn(e.Location, fs.FileInfoToDirEntry(entryInfo{e}), nil); err != nil || !e.Dir {
		return err
	}
	var children []filesystem.Entry
	err := f.files.ListDir(f.ctx, e.Location, func(child filesystem.Entry) error {
		children = append(children, child)
		return nil
	})
	if err != nil {
		return fn(e.Location, fs.FileInfoToDirEntry(entryInfo{e}), ioError("readdir", e.Location, err))
	}
	for _, child := range children {
		if err := f.walk(child, fn); errors.Is(err, fs.SkipDir) {
			if !child.Dir {
				return nil // skips the rest of the directory
			}
		} else if err != nil {
			return err
		}
	}
	return nil
}

// entryInfo is an entry of a listing as package fs has them.
type entryInfo struct{ filesystem.Entry }

func (e entryInfo) Name() string       { return path.Base(e.Location) }
func (e entryInfo) Size() int64        { return e.Entry.Size }
func (e entryInfo) ModTime() time.Time { return e.Modified }
func (e entryInfo) IsDir() bool        { return e.Dir }
func (e entryInfo) Sys() any           { return nil }
func (e entryInfo) Mode() fs.FileMode {
	if e.Dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// file is a file open for reading: from its beginning to its end, or at any place.
type file struct {
	io    *fileIO
	name  string
	entry filesystem.Entry
	at    int64
	rest  io.ReadCloser // from at on; nil until it is read
}

func (f *file) Stat() (fs.FileInfo, error) { return entryInfo{f.entry}, nil }

// Read reads on.
func (f *file) Read(p []byte) (int, error) {
	if f.rest == nil {
		if f.at >= f.entry.Size {
			return 0, io.EOF
		}
		r, err := f.io.files.Open(f.io.ctx, f.name, f.at, -1)
		if err != nil {
			return 0, ioError("read", f.name, err)
		}
		f.rest = r
	}
	n, err := f.rest.Read(p)
	f.at += int64(n)
	return n, err
}

// ReadAt reads at a place.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.entry.Size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), f.entry.Size-off)
	if err := filesystem.ReadRange(f.io.ctx, f.io.files, f.name, off, p[:n]); err != nil {
		return 0, ioError("read", f.name, err)
	}
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// Seek says where to read on.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.entry.Size
	}
	if offset < 0 {
		return 0, &fs.PathError{Op: "seek", Path: f.name, Err: fs.ErrInvalid}
	}
	if offset != f.at {
		if err := f.Close(); err != nil {
			return 0, err
		}
		f.at = offset
	}
	return offset, nil
}

// Close ends the reading.
func (f *file) Close() error {
	if f.rest == nil {
		return nil
	}
	err := f.rest.Close()
	f.rest = nil
	return err
}

// fileWriter writes a file in larger pieces.
type fileWriter struct {
	filesystem.Writer
	buffered *bufio.Writer
}

// Write appends to the file.
func (w *fileWriter) Write(p []byte) (int, error) { return w.buffered.Write(p) }

// ReadFrom appends all that a reader gives.
func (w *fileWriter) ReadFrom(r io.Reader) (int64, error) { return w.buffered.ReadFrom(r) }

// Close makes the file visible.
func (w *fileWriter) Close() error {
	if err := w.buffered.Flush(); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Writer.Close()
}
