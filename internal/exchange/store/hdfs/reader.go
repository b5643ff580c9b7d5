package hdfs

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/colinmarc/hdfs/v2"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Open implements store.Store.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := s.keys.Check(key); err != nil {
		return nil, err
	}
	in, err := s.pool.enter(ctx)
	if err != nil {
		return nil, s.failed(ctx, nil, err, "read an object")
	}
	r, err := s.open(ctx, in, key, offset, length)
	if err != nil {
		in.leave(err)
		return nil, s.failed(ctx, in, err, "read an object")
	}
	return r, nil
}

func (s *Store) open(ctx context.Context, in *session, key string, offset, length int64) (*reader, error) {
	f, err := in.client.Open(s.path(key))
	if err != nil {
		return nil, err
	}
	if f.Stat().IsDir() {
		return nil, store.ErrNotFound
	}
	r := &reader{s: s, ctx: ctx, in: in, f: f, left: length}
	size := f.Stat().Size()
	if length < 0 {
		r.left = max(0, size-offset)
	}
	r.short = max(0, offset+r.left-size)
	r.left = max(0, r.left-r.short)
	if r.left > 0 {
		if _, err := f.Seek(offset, io.SeekStart); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// reader reads a part of a file, whose blocks were found out before the first byte is read.
type reader struct {
	s     *Store
	ctx   context.Context // of the reading, as store.Store says
	in    *session
	f     *hdfs.FileReader
	left  int64 // to be read
	short int64 // what was asked for and is not there

	mu  sync.Mutex // Close may come while a Read waits
	err error
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	if r.left == 0 {
		if r.short > 0 {
			return 0, io.ErrUnexpectedEOF
		}
		return 0, io.EOF
	}
	n, err := r.f.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if err == nil {
		return n, nil
	}
	r.mu.Lock()
	r.err = err
	r.mu.Unlock()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, io.ErrUnexpectedEOF // the file is shorter than it was said to be
	}
	return n, r.s.failed(r.ctx, r.in, err, "read an object")
}

// Close implements io.Closer.
func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.in == nil {
		return nil
	}
	_ = r.f.Close() // closes a connection of which nothing is wanted any more
	r.in.leave(r.err)
	r.in = nil
	return nil
}
