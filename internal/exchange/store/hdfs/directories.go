package hdfs

import (
	"context"
	"errors"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

var _ store.Directories = (*Store)(nil)

// randomLength is how long the end of the names of temporary files is.
const randomLength = 26

// concealed reports whether a name is not one of an object's: that of a temporary file, or any with a dot in front when no key begins so.
func (s *Store) concealed(name string) bool {
	if !strings.HasPrefix(name, ".") || s.keys == store.OwnKeys {
		return strings.HasPrefix(name, ".")
	}
	n := strings.LastIndexByte(name, '.')
	return n > 0 && len(name)-n-1 == randomLength && strings.IndexFunc(name[n+1:], notRandom) < 0
}

// notRandom reports whether a character is none of crypto/rand.Text.
func notRandom(r rune) bool { return !('A' <= r && r <= 'Z' || '2' <= r && r <= '7') }

// Stat implements store.Directories.
func (s *Store) Stat(ctx context.Context, key string) (store.Object, error) {
	if err := s.keys.Check(key); err != nil {
		return store.Object{}, err
	}
	in, err := s.pool.enter(ctx)
	if err != nil {
		return store.Object{}, s.failed(ctx, nil, err, "look for an object")
	}
	info, err := in.client.Stat(s.path(key))
	in.leave(err)
	if err != nil {
		return store.Object{}, s.failed(ctx, in, err, "look for an object")
	}
	if info.IsDir() {
		return store.Object{}, store.ErrNotFound
	}
	return store.Object{Key: key, Size: info.Size(), Modified: info.ModTime()}, nil
}

// ListDirectory implements store.Directories.
func (s *Store) ListDirectory(ctx context.Context, prefix string, f func(store.Object) error) error {
	if err := s.keys.CheckPrefix(prefix); err != nil {
		return err
	}
	in, err := s.pool.enter(ctx)
	if err != nil {
		return s.failed(ctx, nil, err, "list a directory")
	}
	entries, err := s.entries(in, prefix)
	in.leave(err)
	if err != nil {
		return s.failed(ctx, in, err, "list a directory")
	}
	for _, e := range entries {
		o := store.Object{Key: prefix + e.Name(), Size: e.Size(), Modified: e.ModTime()}
		switch {
		case s.concealed(e.Name()):
			continue
		case e.IsDir():
			o = store.Object{Key: o.Key + "/"}
		}
		if err := f(o); err != nil {
			return err
		}
	}
	return nil
}

// MakeDirectory makes a directory and those above it.
func (s *Store) MakeDirectory(ctx context.Context, dir string) error {
	in, err := s.pool.enter(ctx)
	if err != nil {
		return s.failed(ctx, nil, err, "make a directory")
	}
	err = in.client.MkdirAll(s.path(dir), 0o777&^s.pool.layout.umask)
	in.leave(err)
	return s.failed(ctx, in, err, "make a directory")
}

// RemoveDirectory removes a directory if it is empty.
func (s *Store) RemoveDirectory(ctx context.Context, dir string) error {
	in, err := s.pool.enter(ctx)
	if err != nil {
		return s.failed(ctx, nil, err, "remove a directory")
	}
	entries, err := s.entries(in, dir+"/")
	if err == nil && len(entries) == 0 {
		err = in.client.Remove(s.path(dir))
	}
	in.leave(err)
	if err = s.failed(ctx, in, err, "remove a directory"); errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// Rename moves a file or a directory to where there is none; else ErrExists.
func (s *Store) Rename(ctx context.Context, from, to string) error {
	in, err := s.pool.enter(ctx)
	if err != nil {
		return s.failed(ctx, nil, err, "rename")
	}
	err = in.call.rename(s.path(from), s.path(to), false)
	in.leave(err)
	return s.failed(ctx, in, err, "rename")
}
