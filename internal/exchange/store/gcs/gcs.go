// Package gcs keeps exchange objects in buckets of Google Cloud Storage, through its native JSON interface.
//
// An object is written by one request when it fits into a part, else by a resumable upload that runs while the writer still
// writes. Nobody sees it before its last byte has arrived; that an object is made only if there is none is a precondition on
// its generation. Start with Opener and Store.
//
// The SDK repeats requests that fail, up to Config.MaxErrorRetries times; bodies that break off, and what lasts longer, are
// left to whoever wraps the store.
package gcs

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"cloud.google.com/go/storage"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Config says how buckets are reached.
type Config struct {
	// KeyFile is a file with credentials in JSON, Key is its content. With neither the SDK looks in the environment, in its
	// own files, and asks the machine.
	KeyFile, Key string
	// Endpoint is the URL of a server that speaks the protocol; empty: Google's.
	Endpoint string
	// MaxErrorRetries is how often a request that failed is repeated.
	MaxErrorRetries int
	// Adaptive leaves requests that the server throttles to whoever wraps the store, who sends fewer.
	Adaptive bool
	// PartSize is the size of an upload's parts, cut to a multiple of 256 kB; objects up to it are one request.
	PartSize int64
	// KMSKey is the name of a key with which the server encrypts objects; empty: the bucket's default.
	KMSKey string
	// PageSize is how many objects a request for a listing brings; zero: as many as the protocol allows.
	PageSize int
	// ApplicationID is what requests name in their User-Agent header, if anything.
	ApplicationID string
	// Connections is how many requests a bucket is sent at a time. Up to Waiting others wait for their turn, each up to
	// WaitTimeout.
	Connections, Waiting int
	WaitTimeout          time.Duration
	// Keys are those that objects may have.
	Keys store.Keys
	// Names are those under which users know some of this; empty: those of the exchange manager.
	Names Names
}

// Names are names of properties, for errors.
type Names struct{ Waiting, WaitTimeout string }

// names returns those of the configuration.
func (c Config) names() Names {
	return Names{Waiting: cmp.Or(c.Names.Waiting, "exchange.s3.async-client-max-pending-connection-acquires"),
		WaitTimeout: cmp.Or(c.Names.WaitTimeout, "exchange.s3.async-client-connection-acquisition-timeout")}
}

// partUnit is what the sizes of parts are multiples of, by the protocol.
const partUnit = 256 << 10

// partSize is the size of parts that the protocol allows.
func (c Config) partSize() int { return int(max(c.PartSize/partUnit, 1) * partUnit) }

// Opener opens stores at URIs such as gs://bucket/prefix/. Stores of the same bucket share a client.
func Opener(cfg Config) store.Opener {
	var mu sync.Mutex
	clients := map[string]*client{}
	return func(ctx context.Context, uri *url.URL) (store.Store, error) {
		bucket, prefix, err := store.Bucket(uri, "gs")
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		c := clients[bucket]
		if c == nil {
			// The client outlives the call: its credentials are renewed in its context.
			if c, err = newClient(context.WithoutCancel(ctx), cfg); err != nil {
				return nil, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "open gs://%s", bucket)
			}
			clients[bucket] = c
		}
		return &Store{cfg: cfg, client: c, handle: c.Bucket(bucket), bucket: bucket, prefix: prefix}, nil
	}
}

// Store is a prefix of the keys of a bucket.
type Store struct {
	cfg    Config
	client *client
	handle *storage.BucketHandle
	bucket string
	prefix string // empty, or ending with a slash
}

var _ store.Store = (*Store)(nil)

// URI returns the gs URI.
func (s *Store) URI() string {
	return store.BucketURI("gs", s.bucket, s.prefix)
}

// Close drops idle connections. Other stores of the bucket can still be used.
func (s *Store) Close() error {
	s.client.closeIdle()
	return nil
}

// object is the handle of an object.
func (s *Store) object(key string) *storage.ObjectHandle { return s.handle.Object(s.prefix + key) }

// client is what stores of a bucket share.
type client struct {
	*storage.Client
	http      *http.Client // what the SDK's requests are made with
	closeIdle func()
	// pageSize bounds the pages of listings. Tests have less patience than the protocol.
	pageSize int
}
