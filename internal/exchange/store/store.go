// Package store is the contract between Waterbear and the storage that holds exchange data and journals: a flat name
// space of immutable objects.
//
// Drivers (store/local and others) implement Store and nothing else: they do not retry beyond what their SDK does, cache,
// encrypt or count; wrappers do. Every driver passes the suite in store/storetest, which is the contract's fine print.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"
)

// Store is a place for objects. All methods may be called concurrently, and from several processes at a time. Listings
// and reads are strongly consistent: they see every write that was committed before they began.
type Store interface {
	// Create starts writing an object, which nobody sees until its writer is closed. The context governs the whole
	// writing.
	Create(ctx context.Context, key string, o CreateOptions) (Writer, error)

	// Open reads length bytes of an object from offset on; a negative length means up to the end. The reader gives
	// io.ErrUnexpectedEOF when the object ends sooner. A missing object is ErrNotFound, from here or from the reader.
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)

	// List calls f for the objects whose keys begin with prefix, in ascending order of their keys; f's error ends the
	// listing. Objects that are written or deleted meanwhile may be listed or not.
	List(ctx context.Context, prefix string, f func(Object) error) error

	// DeletePrefix deletes the objects whose keys begin with prefix, and what interrupted writers left there; that there
	// are none is no error. After an error some may be deleted.
	DeletePrefix(ctx context.Context, prefix string) error

	// URI names the store; Registry.Open with it gives an equal store in another process.
	URI() string

	// Close releases connections. It may be called twice.
	Close() error
}

// Object is an entry of a listing.
type Object struct {
	Key  string
	Size int64
	// Modified is when it was written; zero when the storage does not say.
	Modified time.Time
}

// CreateOptions say what committing means.
type CreateOptions struct {
	// IfAbsent makes Close fail with ErrExists when there is an object of that name, of several concurrent writers for
	// all but one. Without it the last one to close wins.
	IfAbsent bool
	// Durable makes Close wait until the object survives a power failure. Stores that replicate always do.
	Durable bool
}

// Writer writes an object. Exactly one of Close and Abort takes effect: whichever is called first.
type Writer interface {
	io.Writer
	// Close commits the object. After an error it is unknown whether the object exists, unless the error is ErrExists.
	Close() error
	// Abort discards what was written. It may be called after Close, and then does nothing.
	Abort() error
}

// The errors that callers branch on. All others have a Trino identity.
var (
	ErrNotFound = errors.New("object not found")
	ErrExists   = errors.New("object already exists")
)

// Opener opens a store by its URI.
type Opener func(ctx context.Context, uri *url.URL) (Store, error)

// Registry opens stores by the schemes of their URIs. Opened stores are kept, so that opening is cheap. Fill Openers before
// the first use.
type Registry struct {
	Openers map[string]Opener
	// Wrap, when set, puts what all stores of this process share around an opened one.
	Wrap func(Store) Store

	mu   sync.Mutex
	open map[string]opened
}

// opened is a store as its driver gives it, and with what is put around it.
type opened struct{ driver, wrapped Store }

// Open returns the store of a URI. It belongs to the registry: do not close it.
func (r *Registry) Open(ctx context.Context, uri string) (Store, error) {
	s, err := r.find(ctx, uri)
	return s.wrapped, err
}

// Driver returns the store of a URI with nothing around it, for who has his own way with its failures.
func (r *Registry) Driver(ctx context.Context, uri string) (Store, error) {
	s, err := r.find(ctx, uri)
	return s.driver, err
}

func (r *Registry) find(ctx context.Context, uri string) (opened, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.open[uri]; ok {
		return s, nil
	}
	u, err := url.Parse(uri)
	if err != nil {
		return opened{}, fmt.Errorf("open store: %w", err)
	}
	open, ok := r.Openers[u.Scheme]
	if !ok {
		return opened{}, fmt.Errorf("open store %s: unknown scheme %q", u.Redacted(), u.Scheme)
	}
	driver, err := open(ctx, u)
	if err != nil {
		return opened{}, err
	}
	s := opened{driver, driver}
	if r.Wrap != nil {
		s.wrapped = r.Wrap(driver)
	}
	if r.open == nil {
		r.open = map[string]opened{}
	}
	r.open[uri] = s
	return s, nil
}

// Close closes all stores.
func (r *Registry) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range r.open {
		errs = append(errs, s.wrapped.Close())
	}
	r.open = nil
	return errors.Join(errs...)
}

// ReadAll reads a whole object.
func ReadAll(ctx context.Context, s Store, key string) ([]byte, error) {
	r, err := s.Open(ctx, key, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Put writes a whole object.
func Put(ctx context.Context, s Store, key string, data []byte, o CreateOptions) error {
	return putBy(ctx, s.Create, key, data, o)
}

// putBy writes a whole object with what create gives.
func putBy(ctx context.Context, create func(context.Context, string, CreateOptions) (Writer, error), key string, data []byte, o CreateOptions) error {
	w, err := create(ctx, key, o)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Close()
}
