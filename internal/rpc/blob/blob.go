// Package blob keeps bytes in the coordinator's memory, for connectors whose tables live there, and lets workers reach them.
// It knows nothing of what the bytes mean.
package blob

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Path is where workers reach the blobs of a coordinator.
const Path = "/v1/blob/"

// Store keeps bytes in the coordinator's memory for connectors whose tables live there, and serves them to workers. It
// implements connector.Blobs on the coordinator; Client does elsewhere. Its size is bounded.
type Store struct {
	maxBytes int64

	mu     sync.RWMutex
	blobs  map[string][]byte
	bytes  int64
	sealed []string // prefixes, the oldest first
}

// maxSealed is how many sealed prefixes are remembered: many more than there are writes that some attempt still runs for.
const maxSealed = 4096

// NewStore returns an empty store that holds at most maxBytes.
func NewStore(maxBytes int64) *Store {
	return &Store{maxBytes: maxBytes, blobs: map[string][]byte{}}
}

// Put stores bytes under a key and replaces what was there.
func (b *Store) Put(_ context.Context, key string, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.sealed, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
		return trinoerr.New(trinoerr.GenericInternalError, "%q comes too late: its write has ended", key)
	}
	size := b.bytes - int64(len(b.blobs[key])) + int64(len(data))
	if size > b.maxBytes {
		return trinoerr.New(trinoerr.GenericInsufficientResources,
			"tables in the coordinator's memory would take %d bytes; the limit is %d: drop some, or write to another catalog", size, b.maxBytes)
	}
	b.blobs[key], b.bytes = data, size
	return nil
}

// Fetch returns the bytes under a key, which must not be changed.
func (b *Store) Fetch(_ context.Context, key string) ([]byte, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	data, ok := b.blobs[key]
	if !ok {
		return nil, missing(key)
	}
	return data, nil
}

// Delete removes a key, if it is there.
func (b *Store) Delete(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes -= int64(len(b.blobs[key]))
	delete(b.blobs, key)
	return nil
}

// Seal deletes the keys that start with a prefix, those to keep excepted, and refuses further ones.
func (b *Store) Seal(_ context.Context, prefix string, keep []string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, data := range b.blobs {
		if strings.HasPrefix(key, prefix) && !slices.Contains(keep, key) {
			b.bytes -= int64(len(data))
			delete(b.blobs, key)
		}
	}
	if !slices.Contains(b.sealed, prefix) {
		b.sealed = append(b.sealed, prefix)
		b.sealed = b.sealed[max(0, len(b.sealed)-maxSealed):]
	}
	return nil
}

// Keys lists what is there, sorted.
func (b *Store) Keys() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Sorted(maps.Keys(b.blobs))
}

func missing(key string) error {
	return trinoerr.New(trinoerr.GenericInternalError, "no data under %q in the coordinator's memory: the table was dropped, or the coordinator restarted", key)
}

// Handle serves the store to the nodes of the cluster.
func (b *Store) Handle(mux *http.ServeMux, secret rpc.Secret, faults *faultpoint.Points) {
	// The writer of an object is the directory that it lies in, see package memory.
	mux.Handle(Path, secret.Require(rpc.FaultyObjects(faults, faultpoint.CallBlob, path.Base, http.HandlerFunc(b.serve))))
}

func (b *Store) serve(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, Path)
	switch r.Method {
	case http.MethodGet:
		data, err := b.Fetch(r.Context(), key)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Write(data)
	case http.MethodPut:
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, b.maxBytes))
		if err == nil {
			err = b.Put(r.Context(), key, data)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInsufficientStorage)
		}
	case http.MethodDelete:
		_ = b.Delete(r.Context(), key) // a store in memory has no reason to fail
	case http.MethodPost:
		var keep []string
		err := json.NewDecoder(r.Body).Decode(&keep)
		if err == nil {
			err = b.Seal(r.Context(), key, keep)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	default:
		http.Error(w, "use GET, PUT, DELETE or POST", http.StatusMethodNotAllowed)
	}
}

// Client reaches the blobs of a coordinator from another process.
type Client struct {
	Coordinator string // its URL
	Secret      rpc.Secret
	HTTP        *http.Client
	// Patience is how long an answer may take; zero: a minute. It is some seconds at least.
	Patience time.Duration
}

// The default of Client.Patience, and the least: tables may be large, and the network slow.
const (
	patience      = time.Minute
	leastPatience = 10 * time.Second
)

// Put implements connector.Blobs.
func (b Client) Put(ctx context.Context, key string, data []byte) error {
	_, err := b.do(ctx, http.MethodPut, key, data)
	return err
}

// Fetch implements connector.Blobs.
func (b Client) Fetch(ctx context.Context, key string) ([]byte, error) {
	return b.do(ctx, http.MethodGet, key, nil)
}

// Delete implements connector.Blobs.
func (b Client) Delete(ctx context.Context, key string) error {
	_, err := b.do(ctx, http.MethodDelete, key, nil)
	return err
}

// Seal implements connector.Blobs.
func (b Client) Seal(ctx context.Context, prefix string, keep []string) error {
	body, err := json.Marshal(keep)
	if err != nil {
		return err
	}
	_, err = b.do(ctx, http.MethodPost, prefix, body)
	return err
}

func (b Client) do(ctx context.Context, method, key string, data []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, max(leastPatience, cmp.Or(b.Patience, patience)))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, b.Coordinator+Path+key, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	b.Secret.Sign(req.Header)
	resp, err := b.HTTP.Do(req)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.PageTransportError, "reach the coordinator's memory")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return nil, trinoerr.Wrap(err, trinoerr.PageTransportError, "read from the coordinator's memory")
	case resp.StatusCode == http.StatusNotFound:
		return nil, missing(key)
	case resp.StatusCode == http.StatusInsufficientStorage:
		return nil, trinoerr.New(trinoerr.GenericInsufficientResources, "%s", strings.TrimSpace(string(body)))
	case resp.StatusCode != http.StatusOK:
		return nil, trinoerr.New(trinoerr.RemoteTaskError, "%s %s: %s: %s", method, key, resp.Status, strings.TrimSpace(string(body)))
	}
	return body, nil
}
