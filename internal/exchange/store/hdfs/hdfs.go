// Package hdfs keeps exchange objects in the Hadoop file system.
//
// An object is a file. It is written under a temporary name beside its own and renamed, with or without overwriting, when it is
// complete, so that readers see all of it or nothing. Start with Opener and Store; session.go says how name nodes are reached.
//
// The library finds another name node when one is in standby, and another data node to read from. It does not find another
// data node to write to; that, and all else that fails, is left to whoever wraps the store.
package hdfs

import (
	"context"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Scheme is that of the URIs.
const Scheme = "hdfs"

// Config says how clusters are reached.
type Config struct {
	// Resources are files of Hadoop's configuration, such as core-site.xml; what a later one sets counts.
	Resources []string
	// BlockSize is how much of an object is collected before it is sent.
	BlockSize int64
	// User is the user that is told to the name node; it is not used with Kerberos.
	User string
	// Kerberos is how the user proves who he is; nil: he need not.
	Kerberos *Kerberos
	// Keys are those that objects may have.
	Keys store.Keys
}

// Opener opens stores at URIs such as hdfs://host:8020/path/, hdfs://nameservice/path/ and hdfs:///path/. Stores of the same
// cluster share its connections.
func Opener(cfg Config) store.Opener {
	var mu sync.Mutex
	pools := map[string]*pool{}
	return func(_ context.Context, uri *url.URL) (store.Store, error) {
		if uri.Scheme != Scheme || !strings.HasPrefix(uri.Path, "/") || uri.User != nil || uri.RawQuery != "" || uri.Fragment != "" {
			return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "not a directory of HDFS: %s", uri.Redacted())
		}
		mu.Lock()
		defer mu.Unlock()
		p := pools[uri.Host]
		if p == nil {
			var err error
			if p, err = newPool(cfg, uri.Host); err != nil {
				return nil, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "open hdfs://%s", uri.Host)
			}
			pools[uri.Host] = p
		}
		return &Store{pool: p, authority: uri.Host, dir: path.Clean(uri.Path), blockSize: cfg.BlockSize, keys: cfg.Keys}, nil
	}
}

// Store is a directory. It need not exist before the first object is written.
type Store struct {
	pool      *pool
	authority string
	dir       string
	blockSize int64
	keys      store.Keys
}

var _ store.Store = (*Store)(nil)

// URI returns the hdfs URI.
func (s *Store) URI() string {
	return (&url.URL{Scheme: Scheme, Host: s.authority, Path: strings.TrimSuffix(s.dir, "/") + "/"}).String()
}

// Close closes connections that nobody uses. Other stores of the cluster can still be used.
func (s *Store) Close() error {
	s.pool.closeIdle()
	return nil
}

// path is the file of a key, or the directory of a prefix that ends with a slash.
func (s *Store) path(key string) string { return path.Join(s.dir, key) }
