// Package direct reads objects that lie on another node's disk, over HTTP: the direct exchange. A node writes only to its
// own disk, so the store is read-only; the worker deletes.
package direct

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Store reads the objects that a node serves below its URI.
type Store struct {
	uri    string
	client *http.Client
	sign   func(http.Header)
}

// Opener returns an opener of stores. Requests are signed by sign.
func Opener(client *http.Client, sign func(http.Header)) store.Opener {
	return func(_ context.Context, uri *url.URL) (store.Store, error) {
		return &Store{uri: uri.String(), client: client, sign: sign}, nil
	}
}

var errReadOnly = errors.New("another node's disk cannot be written to")

// Create implements store.Store: it fails.
func (s *Store) Create(context.Context, string, store.CreateOptions) (store.Writer, error) {
	return nil, errReadOnly
}

// Open implements store.Store.
func (s *Store) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := store.CheckKey(key); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.uri+"/"+key, nil)
	if err != nil {
		return nil, err
	}
	s.sign(req.Header)
	whole := offset == 0 && length < 0
	switch {
	case length == 0:
		return http.NoBody, nil
	case length > 0:
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case !whole:
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	resp, err := s.client.Do(req)
	if err != nil {
		err = fmt.Errorf("read from %s: %w", s.uri, err)
		// A node where nobody listens any more is gone: asking it again would only delay those who make the object anew.
		if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
			err = &store.FinalError{Err: err}
		}
		return nil, err
	}
	switch {
	case resp.StatusCode == http.StatusNotFound:
		err = store.ErrNotFound
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		err = io.ErrUnexpectedEOF
	case resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent, resp.StatusCode == http.StatusOK && !whole:
		err = fmt.Errorf("read from %s: %s", s.uri, resp.Status)
	}
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return store.Body(ctx, resp.Body, length, func(err error) error { return err }), nil
}

// List implements store.Store: it fails, because nobody needs it.
func (s *Store) List(context.Context, string, func(store.Object) error) error {
	return fmt.Errorf("another node's disk cannot be listed: %w", errors.ErrUnsupported)
}

// DeletePrefix implements store.Store: it fails.
func (s *Store) DeletePrefix(context.Context, string) error { return errReadOnly }

// URI implements store.Store.
func (s *Store) URI() string { return s.uri }

// Close implements store.Store.
func (s *Store) Close() error { return nil }
