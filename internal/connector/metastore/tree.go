package metastore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Tree is where the files of a metastore lie: names are paths below its root, with slashes.
type Tree interface {
	// Read returns the content of a file; found is false when there is none.
	Read(ctx context.Context, name string) (data []byte, found bool, err error)
	// Replace writes a file, so that readers see the old or the new content and a crash leaves one of them.
	Replace(ctx context.Context, name string, data []byte) error
	// Remove removes a file; fs.ErrNotExist when there is none.
	Remove(ctx context.Context, name string) error
	// List returns the names of what is in a directory, sorted; none when it does not exist. Directories end with a slash.
	List(ctx context.Context, dir string) ([]string, error)
	// RemoveAll removes a directory with all that is in it.
	RemoveAll(ctx context.Context, dir string) error
	// RemoveEmpty removes a directory if there is nothing in it, and those above it, up to but not including another.
	RemoveEmpty(ctx context.Context, dir, upTo string) error
	// Rename renames a directory. The new name is free.
	Rename(ctx context.Context, dir, to string) error
}

// LocalTree is a directory of the local file system.
type LocalTree struct{ Dir string }

func (l LocalTree) path(name string) string { return filepath.Join(l.Dir, filepath.FromSlash(name)) }

// Read reads a file.
func (l LocalTree) Read(_ context.Context, name string) ([]byte, bool, error) {
	data, err := os.ReadFile(l.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// Replace writes beside the file, and renames.
func (l LocalTree) Replace(_ context.Context, name string, data []byte) error {
	file := l.path(name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".waterbear-metadata-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return syncDir(filepath.Dir(file))
}

// Remove removes a file.
func (l LocalTree) Remove(_ context.Context, name string) error {
	if err := os.Remove(l.path(name)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(l.path(name)))
}

// List lists a directory.
func (l LocalTree) List(_ context.Context, dir string) ([]string, error) {
	entries, err := os.ReadDir(l.path(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		if names[i] = e.Name(); e.IsDir() {
			names[i] += "/"
		}
	}
	return names, nil
}

// RemoveAll removes a directory.
func (l LocalTree) RemoveAll(_ context.Context, dir string) error {
	if err := os.RemoveAll(l.path(dir)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(l.path(dir)))
}

// RemoveEmpty removes empty directories.
func (l LocalTree) RemoveEmpty(_ context.Context, dir, upTo string) error {
	for at, root := l.path(dir), l.path(upTo); at != root && len(at) > len(root); at = filepath.Dir(at) {
		err := os.Remove(at)
		if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) {
			return nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Rename renames a directory.
func (l LocalTree) Rename(_ context.Context, dir, to string) error {
	if err := os.MkdirAll(filepath.Dir(l.path(to)), 0o777); err != nil {
		return err
	}
	if err := os.Rename(l.path(dir), l.path(to)); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(l.path(dir))), syncDir(filepath.Dir(l.path(to))))
}

// syncDir makes the entries of a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
