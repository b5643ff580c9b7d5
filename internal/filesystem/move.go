package filesystem

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Move implements FileSystem.
func (f *Files) Move(ctx context.Context, from, to string) error {
	s, source, err := f.at(ctx, from)
	if err != nil {
		return err
	}
	t, target, err := f.at(ctx, to)
	if err != nil {
		return err
	}
	if s != t {
		return trinoerr.New(trinoerr.NotSupported, "Moving is not supported from %s to %s", from, to)
	}
	if s == nil {
		return f.failed(ctx, moveLocal(source, target), "move", from)
	}
	if h := hierarchyOf(s); h != nil {
		return f.failed(ctx, moveInHierarchy(ctx, s, h, source, target), "move", from)
	}
	copier, ok := unwrap(s).(store.Copier)
	if !ok {
		return trinoerr.New(trinoerr.NotSupported, "Moving is not supported in %s", from)
	}
	if err := copier.Copy(ctx, source, target); err != nil {
		return f.failed(ctx, err, "move", from)
	}
	return f.failed(ctx, store.Delete(ctx, unwrap(s), source), "move", from)
}

// moveInHierarchy renames a file, in place of one that is there.
func moveInHierarchy(ctx context.Context, s store.Store, h hierarchy, from, to string) error {
	if err := h.MakeDirectory(ctx, path.Dir("/"+to)); err != nil {
		return err
	}
	err := h.Rename(ctx, from, to)
	if errors.Is(err, ErrExists) {
		if _, err := directories(s).Stat(ctx, from); err != nil {
			return err
		}
		if err := store.Delete(ctx, unwrap(s), to); err != nil {
			return err
		}
		err = h.Rename(ctx, from, to)
	}
	return err
}

func moveLocal(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return translate(os.Rename(from, to))
}

// TakeOver implements FileSystem.
func (f *Files) TakeOver(ctx context.Context, path, location string) error {
	s, target, err := f.at(ctx, location)
	if err != nil {
		return err
	}
	if s == nil {
		err := os.Rename(path, target)
		if err == nil {
			return f.failed(ctx, syncFile(target), "write", location)
		}
		if !errors.Is(err, syscall.EXDEV) {
			return f.failed(ctx, translate(err), "write", location)
		}
	}
	create := func() (Writer, error) { return f.Create(ctx, location, CreateOptions{Durable: true}) }
	if s == nil { // other than a bucket, a directory that was deleted stays so
		create = func() (Writer, error) { return createInDir(ctx, target, CreateOptions{Durable: true}) }
	}
	if err := upload(path, create); err != nil {
		return f.failed(ctx, err, "write", location)
	}
	return f.failed(ctx, os.Remove(path), "write", location)
}

// syncFile makes the content of a file durable.
func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// uploadBytes is the buffer of an upload.
const uploadBytes = 256 << 10

// upload copies a file of this machine to a new one.
func upload(path string, create func() (Writer, error)) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := create()
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, uploadBytes)); err != nil {
		return errors.Join(err, out.Abort())
	}
	return out.Close()
}

// DeleteEmptyDir implements FileSystem.
func (f *Files) DeleteEmptyDir(ctx context.Context, dir string) error {
	s, key, err := f.at(ctx, dir)
	if err != nil {
		return err
	}
	if s == nil {
		return f.failed(ctx, deleteEmptyDirLocal(key), "delete directory", dir)
	}
	if h := hierarchyOf(s); h != nil && key != "" {
		return f.failed(ctx, h.RemoveDirectory(ctx, key), "delete directory", dir)
	}
	return nil
}

// SyncDir implements FileSystem. What other storages have renamed is durable already.
func (f *Files) SyncDir(ctx context.Context, dir string) error {
	s, name, err := f.at(ctx, dir)
	if err != nil || s != nil {
		return err
	}
	return f.failed(ctx, translate(syncDir(name)), "write", dir)
}
