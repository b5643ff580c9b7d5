package metastore

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// fileTree is a directory of a file system.
type fileTree struct {
	files filesystem.FileSystem
	root  string
}

// FileTree is the tree below a location.
func FileTree(files filesystem.FileSystem, root string) Tree {
	return fileTree{files: files, root: root}
}

func (t fileTree) location(name string) string {
	if name == "" {
		return t.root
	}
	return Join(t.root, name)
}

// Read reads a file.
func (t fileTree) Read(ctx context.Context, name string) ([]byte, bool, error) {
	data, err := filesystem.ReadAll(ctx, t.files, t.location(name))
	if errors.Is(err, filesystem.ErrNotFound) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// Replace writes a file.
func (t fileTree) Replace(ctx context.Context, name string, data []byte) error {
	return filesystem.WriteAll(ctx, t.files, t.location(name), data, filesystem.CreateOptions{Durable: true})
}

// Remove removes a file.
func (t fileTree) Remove(ctx context.Context, name string) error {
	_, err := t.files.Stat(ctx, t.location(name))
	if errors.Is(err, filesystem.ErrNotFound) {
		return fs.ErrNotExist
	}
	if err != nil {
		return err
	}
	return t.files.Delete(ctx, t.location(name))
}

// List lists a directory.
func (t fileTree) List(ctx context.Context, dir string) ([]string, error) {
	var names []string
	err := t.files.ListDir(ctx, t.location(dir), func(e filesystem.Entry) error {
		name := e.Location[strings.LastIndexByte(e.Location, '/')+1:]
		if e.Dir {
			name += "/"
		}
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	return names, err
}

// RemoveAll removes a directory.
func (t fileTree) RemoveAll(ctx context.Context, dir string) error {
	return t.files.DeleteDir(ctx, t.location(dir))
}

// RemoveEmpty removes empty directories, of which object stores have none.
func (t fileTree) RemoveEmpty(ctx context.Context, dir, upTo string) error {
	for dir != upTo && strings.HasPrefix(dir, upTo) && t.files.CanRename(t.root) {
		left, err := t.List(ctx, dir)
		if err != nil || len(left) > 0 {
			return err
		}
		if err := t.files.DeleteDir(ctx, t.location(dir)); err != nil {
			return err
		}
		dir = dir[:max(strings.LastIndexByte(dir, '/'), 0)]
	}
	return nil
}

// Rename renames a directory, where the file system can.
func (t fileTree) Rename(ctx context.Context, dir, to string) error {
	if parent := to[:max(strings.LastIndexByte(to, '/'), 0)]; parent != "" {
		if err := t.files.CreateDir(ctx, t.location(parent)); err != nil {
			return err
		}
	}
	return t.files.Rename(ctx, t.location(dir), t.location(to))
}
