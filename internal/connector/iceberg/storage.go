package iceberg

import (
	"context"
	"errors"
	"net/url"
	"sync"

	icebergio "github.com/apache/iceberg-go/io"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// iceberg-go finds the storage of a location in a registry for the whole process, by the location's scheme and the catalog's properties.
// Each connector has its own, so the registry is told of one function for all schemes, and a property of the catalogs, storageKey, names
// the connector whose storage it is.
const storageKey = "waterbear.storage"

var storages sync.Map // token → *storage

// schemes are those of all locations that Trino knows; a plain path has none.
var schemes = []string{"", "file", "local", "s3", "s3a", "s3n", "gs", "abfs", "abfss", "wasb", "wasbs", "hdfs", "viewfs"}

func init() {
	for _, scheme := range schemes {
		icebergio.Unregister(scheme)
		icebergio.Register(scheme, func(ctx context.Context, u *url.URL, props map[string]string) (icebergio.IO, error) {
			s, ok := storages.Load(props[storageKey])
			if !ok {
				return nil, errors.New("no catalog has storage for " + u.String())
			}
			return &fileIO{ctx: context.WithoutCancel(ctx), files: s.(*storage).files}, nil
		})
	}
}

// storage is where the files of a connector's tables are.
type storage struct {
	token string
	files *filesystem.Files
}

func newStorage(files *filesystem.Files) *storage {
	s := &storage{token: uuid.NewString(), files: files}
	storages.Store(s.token, s)
	return s
}

// open is the storage as tables of iceberg-go want it.
func (s *storage) open(created *createdFiles) func(context.Context) (icebergio.IO, error) {
	return func(ctx context.Context) (icebergio.IO, error) {
		return &fileIO{ctx: ctx, files: s.files, created: created}, nil
	}
}

func (s *storage) close() error {
	storages.Delete(s.token)
	return s.files.Close()
}

// createdFiles are the files that an attempt of a commit has made: manifests, mostly. They go when it fails for sure.
type createdFiles struct {
	mu    sync.Mutex
	names []string
}

func (c *createdFiles) add(name string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names = append(c.names, name)
}

// remove deletes them. What cannot be deleted is in nobody's way: remove_orphan_files finds it.
func (c *createdFiles) remove(ctx context.Context, s *storage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range c.names {
		_ = s.files.Delete(ctx, name)
	}
	c.names = nil
}
