package filesystem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Options are what a connector adds to its configuration.
type Options struct {
	// LocalDirs are directories of this machine, as locations, in which plain paths and file:/ locations may lie, besides local.location. Others cannot be
	// reached: who can create tables is not to read any file of the nodes.
	LocalDirs []string
	// Failed is the identity of errors of this catalog's file systems, such as trinoerr.HiveFilesystemError.
	Failed *trinoerr.Code
}

// mostStores bounds how many buckets, containers and clusters are kept open.
const mostStores = 64

// Files is the FileSystem of a configuration.
type Files struct {
	cfg   Config
	roots []string // of plain paths, clean
	code  *trinoerr.Code

	mu     sync.Mutex
	stores map[string]*opened // by scheme and authority
	uses   int64
}

// opened is a store in use.
type opened struct {
	store.Store
	lastUse int64
}

var _ FileSystem = (*Files)(nil)

// New makes the file system of a configuration that Config.Check has approved. It connects to nothing yet.
func New(cfg Config, o Options) *Files {
	f := &Files{cfg: cfg, code: o.Failed, stores: map[string]*opened{}}
	if f.code == nil {
		f.code = trinoerr.GenericInternalError
	}
	if cfg.Local.Enabled {
		f.roots = append(f.roots, filepath.Clean(cfg.Local.Location))
	}
	for _, dir := range o.LocalDirs {
		if p, ok := split(dir); ok && p.scheme == "file" {
			f.roots = append(f.roots, "/"+p.path)
		}
	}
	return f
}

// Check implements FileSystem.
func (f *Files) Check(location string) error {
	p, ok := split(location)
	if !ok {
		return refused(location)
	}
	if p.scheme == "file" || p.scheme == "local" {
		_, err := f.local(p, location)
		return err
	}
	if f.driver(p) == nil {
		return refused(location)
	}
	return nil
}

// refused is Trino's word on locations without a file system.
func refused(location string) error {
	return trinoerr.New(trinoerr.NotSupported, "No factory for location: %s", location)
}

// LocalPath implements FileSystem.
func (f *Files) LocalPath(location string) (string, bool) {
	p, ok := split(location)
	if !ok || p.scheme != "file" && p.scheme != "local" {
		return "", false
	}
	name, err := f.local(p, location)
	return name, err == nil
}

// local is the path of a location on this machine.
func (f *Files) local(p place, location string) (string, error) {
	if p.scheme == "local" {
		if !f.cfg.Local.Enabled {
			return "", refused(location)
		}
		return filepath.Join(f.cfg.Local.Location, p.path), nil
	}
	name := "/" + p.path
	for _, root := range f.roots {
		if within(name, root) {
			return name, nil
		}
	}
	return "", refused(location)
}

// LocalRoots are the directories of this machine in which files may lie, without symbolic links.
func (f *Files) LocalRoots() []string {
	dirs := make([]string, len(f.roots))
	for i, dir := range f.roots {
		dirs[i] = dir
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dirs[i] = real
		}
	}
	return dirs
}

// at is the object of a location: its store and its key. On this machine the store is nil, and the key is a path.
func (f *Files) at(ctx context.Context, location string) (store.Store, string, error) {
	p, ok := split(location)
	if !ok {
		return nil, "", refused(location)
	}
	if p.scheme == "file" || p.scheme == "local" {
		name, err := f.local(p, location)
		return nil, name, err
	}
	s, err := f.store(ctx, p, location)
	return s, strings.TrimRight(p.path, "/"), err
}

// driver says how to open the store of a place; nil: there is no file system for its scheme.
func (f *Files) driver(p place) *driver {
	switch p.scheme {
	case "s3", "s3a", "s3n":
		if f.cfg.S3.Enabled {
			return f.cfg.S3.driver(p)
		}
	case "gs":
		if f.cfg.GCS.Enabled {
			return f.cfg.GCS.driver(p)
		}
	case "abfs", "abfss", "wasb", "wasbs":
		if f.cfg.Azure.Enabled {
			return f.cfg.Azure.driver(p)
		}
	case "hdfs":
		if f.cfg.HDFS.Enabled {
			return f.cfg.HDFS.driver(p)
		}
	}
	return nil
}

// driver is how a store is opened, and how patient one is with it.
type driver struct {
	open store.Opener
	root *url.URL
	wait retry.Config
	// noIfAbsent says that the storage overwrites what is to be written only if there is none.
	noIfAbsent bool
}

// store returns the opened store of a place.
func (f *Files) store(ctx context.Context, p place, location string) (store.Store, error) {
	d := f.driver(p)
	if d == nil {
		return nil, refused(location)
	}
	key := d.root.String()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.uses++
	if s := f.stores[key]; s != nil {
		s.lastUse = f.uses
		return s, nil
	}
	// What a store keeps, such as tokens that it renews, outlives the call.
	s, err := d.open(context.WithoutCancel(ctx), d.root)
	if err != nil {
		return nil, f.failed(ctx, err, "open", location)
	}
	if len(f.stores) >= mostStores {
		f.forgetOne()
	}
	d.wait.Keys, d.wait.Peer = store.AnyKeys, peer
	wrapped := &opened{Store: retry.New(s, d.wait), lastUse: f.uses}
	f.stores[key] = wrapped
	return wrapped, nil
}

// peer is whom errors blame.
const peer = "the storage of files. The storage may be unavailable or under too much load."

// forgetOne drops the store that was not used for the longest time. Who still uses it can.
func (f *Files) forgetOne() {
	oldest := ""
	for key, s := range f.stores {
		if oldest == "" || s.lastUse < f.stores[oldest].lastUse {
			oldest = key
		}
	}
	_ = f.stores[oldest].Close() // drops idle connections
	delete(f.stores, oldest)
}

// Close implements FileSystem.
func (f *Files) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, s := range f.stores {
		errs = append(errs, s.Close())
	}
	clear(f.stores)
	return errors.Join(errs...)
}

// failed gives an error the catalog's identity. What callers branch on, and the end of their context, is left as it is.
func (f *Files) failed(ctx context.Context, err error, op, location string) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrExists), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s %s: %w", op, location, err)
	}
	if e, ok := errors.AsType[*trinoerr.Error](err); ok && e.Code == f.code {
		return err
	}
	return &trinoerr.Error{Code: f.code, Cause: err, Msg: fmt.Sprintf("Failed to %s: %s: %v", op, location, err)}
}
