package hdfs

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// List implements store.Store. A directory is read as a whole before its entries are given, because the order of names is not
// that of keys: "a-b" comes before "a/b".
func (s *Store) List(ctx context.Context, prefix string, f func(store.Object) error) error {
	if err := s.keys.CheckPrefix(prefix); err != nil {
		return err
	}
	in, err := s.pool.enter(ctx)
	if err != nil {
		return s.failed(ctx, nil, err, "list objects")
	}
	given := false // by f
	dir, begin := split(prefix)
	err = s.list(in, dir, begin, func(o store.Object) error {
		err := f(o)
		given = err != nil
		return err
	})
	if given {
		in.leave(nil)
		return err
	}
	in.leave(err)
	return s.failed(ctx, in, err, "list objects")
}

// split cuts a prefix behind the last slash: into a directory, and the beginning of the names in it.
func split(prefix string) (dir, begin string) {
	n := strings.LastIndexByte(prefix, '/') + 1
	return prefix[:n], prefix[n:]
}

// list calls f for the objects in a directory, which is empty or ends with a slash, and in those below it.
func (s *Store) list(in *session, dir, begin string, f func(store.Object) error) error {
	entries, err := s.entries(in, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case !strings.HasPrefix(e.Name(), begin) || s.concealed(e.Name()):
		case e.IsDir():
			err = s.list(in, dir+e.Name()+"/", "", f)
		default:
			err = f(store.Object{Key: dir + e.Name(), Size: e.Size(), Modified: e.ModTime()})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entries are what is in a directory, in the order of the keys. There are none when it does not exist.
func (s *Store) entries(in *session, dir string) ([]fs.FileInfo, error) {
	f, err := in.client.Open(s.path(dir))
	if err == nil && !f.Stat().IsDir() {
		return nil, nil
	}
	var entries []fs.FileInfo
	if err == nil {
		entries, err = f.Readdir(0)
	}
	if isNotFound(err) {
		return nil, nil
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int { return strings.Compare(sortName(a), sortName(b)) })
	return entries, err
}

// sortName is what an entry's keys begin with.
func sortName(e fs.FileInfo) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// DeletePrefix implements store.Store. Directories that become empty stay until a prefix above them is deleted.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	if err := s.keys.CheckPrefix(prefix); err != nil {
		return err
	}
	in, err := s.pool.enter(ctx)
	if err != nil {
		return s.failed(ctx, nil, err, "delete objects")
	}
	err = s.deletePrefix(in, prefix)
	in.leave(err)
	if err = s.failed(ctx, in, err, "delete objects"); errors.Is(err, store.ErrNotFound) {
		return nil // somebody else has deleted them
	}
	return err
}

// Delete implements store.Deleter.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.keys.Check(key); err != nil {
		return err
	}
	in, err := s.pool.enter(ctx)
	if err != nil {
		return s.failed(ctx, nil, err, "delete an object")
	}
	info, err := in.client.Stat(s.path(key))
	if err == nil && !info.IsDir() { // else other objects are below it
		err = in.client.Remove(s.path(key))
	}
	in.leave(err)
	if err = s.failed(ctx, in, err, "delete an object"); errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (s *Store) deletePrefix(in *session, prefix string) error {
	dir, begin := split(prefix)
	if dir != "" && begin == "" {
		if info, err := in.client.Stat(s.path(dir)); err != nil || !info.IsDir() {
			return err // nothing, or the object of that name without the slash
		}
		return in.client.RemoveAll(s.path(dir))
	}
	entries, err := s.entries(in, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, temp := objectOf(e.Name())
		if !strings.HasPrefix(name, begin) || !temp && strings.HasPrefix(name, ".") {
			continue
		}
		if err := in.client.RemoveAll(s.path(path.Join(dir, e.Name()))); err != nil && !isNotFound(err) {
			return err
		}
	}
	return nil
}

// Interrupted implements what store.Interrupted asks for: a directory without objects may have temporary files.
func (s *Store) Interrupted(ctx context.Context, f func(key string) error) error {
	in, err := s.pool.enter(ctx)
	if err != nil {
		return s.failed(ctx, nil, err, "list directories")
	}
	entries, err := s.entries(in, "")
	in.leave(err)
	if err != nil {
		return s.failed(ctx, in, err, "list directories")
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
