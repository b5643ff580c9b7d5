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
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Store reads the objects that a node serves below its URI.
type Store struct {
	uri    string
	client *http.Client
	sign   func(http.Header)
	// patience is how long a node that answers badly is asked again.
	patience time.Duration
}

// Opener returns an opener of stores. Requests are signed by sign; one that goes wrong while the node is there is repeated
// until patience is at an end.
func Opener(client *http.Client, sign func(http.Header), patience time.Duration) store.Opener {
	return func(_ context.Context, uri *url.URL) (store.Store, error) {
		return &Store{uri: uri.String(), client: client, sign: sign, patience: patience}, nil
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
	resp, err := s.persist(req)
	if err != nil {
		return nil, fmt.Errorf("read from %s: %w", s.uri, err)
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
	return &body{ReadCloser: resp.Body, left: length}, nil
}

// The first and the longest pause of persist.
const (
	firstPause   = 20 * time.Millisecond
	longestPause = time.Second
)

// stallTimeout bounds the wait for an answer, and for each further piece of it.
const stallTimeout = 10 * time.Second

// persist repeats a request while the node breaks it off, does not answer, or answers that something is wrong with itself. A node
// where nobody listens any more is gone: asking it again would only delay those who make the object anew.
func (s *Store) persist(req *http.Request) (*http.Response, error) {
	began := time.Now()
	for failures, pause := 1, firstPause; ; failures, pause = failures+1, min(2*pause, longestPause) {
		resp, err := s.try(req)
		var dial *net.OpError
		switch {
		case err == nil && resp.StatusCode < http.StatusInternalServerError, req.Context().Err() != nil,
			errors.As(err, &dial) && dial.Op == "dial":
			return resp, err
		case err == nil:
			resp.Body.Close()
			err = errors.New(resp.Status)
		}
		if took := time.Since(began); took+pause > s.patience {
			return nil, trinoerr.Wrap(err, trinoerr.PageTransportTimeout, "Encountered too many errors talking to a worker node. The node may have "+
				"crashed or be under too much load. This is probably a transient issue, so please retry your query in a few minutes. "+
				"(%s - %d failures, failure duration %s)", req.URL, failures, took.Round(time.Millisecond))
		}
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(pause):
		}
	}
}

// try sends a request once. Its answer must not stall.
func (s *Store) try(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	timer := time.AfterFunc(s.stall(), cancel)
	resp, err := s.client.Do(req.Clone(ctx))
	if err != nil {
		timer.Stop()
		cancel()
		return nil, err
	}
	resp.Body = &moving{ReadCloser: resp.Body, timer: timer, limit: s.stall(), cancel: cancel}
	return resp, nil
}

func (s *Store) stall() time.Duration { return max(time.Second, min(stallTimeout, s.patience)) }

// moving is the body of an answer that is broken off when it stalls. Who reads slowly is given the time.
type moving struct {
	io.ReadCloser
	timer  *time.Timer
	limit  time.Duration
	cancel context.CancelFunc
}

func (m *moving) Read(p []byte) (int, error) {
	m.timer.Reset(m.limit)
	n, err := m.ReadCloser.Read(p)
	m.timer.Stop()
	if errors.Is(err, context.Canceled) {
		err = trinoerr.Wrap(err, trinoerr.PageTransportTimeout, "Nothing came from a worker node for %s", m.limit)
	}
	return n, err
}

func (m *moving) Close() error {
	m.timer.Stop()
	err := m.ReadCloser.Close()
	m.cancel()
	return err
}

// body gives io.ErrUnexpectedEOF when fewer bytes come than were asked for.
type body struct {
	io.ReadCloser
	left int64 // negative: unknown
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left >= 0 {
		b.left -= int64(n)
		if err == io.EOF && b.left > 0 {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

// List implements store.Store: it fails, because nobody needs it.
func (s *Store) List(context.Context, string, func(store.Object) error) error {
	return errors.New("another node's disk cannot be listed")
}

// DeletePrefix implements store.Store: it fails.
func (s *Store) DeletePrefix(context.Context, string) error { return errReadOnly }

// URI implements store.Store.
func (s *Store) URI() string { return s.uri }

// Close implements store.Store.
func (s *Store) Close() error { return nil }
