package rpc

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Coordinators finds the one of several coordinators that leads the cluster: an http.RoundTripper that sends a request for
// the first of them to the one that answered last, and, when it is not reached or says that it only stands by, to the
// others in turn.
type Coordinators struct {
	// Patience is how long one may take to begin to answer, as long as there is another to ask; zero: any time.
	Patience time.Duration

	urls []*url.URL
	base http.RoundTripper
	at   atomic.Int64 // index of the one that answered last
}

// NewCoordinators takes the coordinators' URLs, at least one.
func NewCoordinators(uris []string, base http.RoundTripper) (*Coordinators, error) {
	c := &Coordinators{base: base}
	for _, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil {
			return nil, fmt.Errorf("URI of a coordinator: %w", err)
		}
		c.urls = append(c.urls, u)
	}
	return c, nil
}

// Client is an HTTP client that reaches the leading coordinator at URL.
func (c *Coordinators) Client() *http.Client { return &http.Client{Transport: c} }

// URL is the address under which the leading coordinator is reached through Client.
func (c *Coordinators) URL() string { return strings.TrimSuffix(c.urls[0].String(), "/") }

// RoundTrip implements http.RoundTripper.
func (c *Coordinators) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		req.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	first := int(c.at.Load())
	for i := range c.urls {
		n := (first + i) % len(c.urls)
		r := req.Clone(req.Context())
		r.URL.Scheme, r.URL.Host, r.Host = c.urls[n].Scheme, c.urls[n].Host, c.urls[n].Host
		if req.Body != nil {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		res, err := c.try(r, i < len(c.urls)-1)
		if err == nil && res.StatusCode != http.StatusServiceUnavailable {
			c.at.Store(int64(n))
			return res, nil
		}
		// One that hangs uses up the request's time; the next request begins with another.
		c.at.Store(int64((n + 1) % len(c.urls)))
		if i == len(c.urls)-1 || req.Context().Err() != nil {
			return res, err
		}
		if err == nil {
			res.Body.Close()
		}
	}
	return nil, fmt.Errorf("no coordinator is known")
}

// try sends a request to one coordinator, impatiently when there is another one.
func (c *Coordinators) try(r *http.Request, impatient bool) (*http.Response, error) {
	if !impatient || c.Patience == 0 {
		return c.base.RoundTrip(r)
	}
	ctx, cancel := context.WithCancel(r.Context())
	timer := time.AfterFunc(c.Patience, cancel)
	res, err := c.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	timer.Stop()
	res.Body = &closer{res.Body, cancel}
	return res, nil
}

// closer is a body that calls something when it is closed.
type closer struct {
	io.ReadCloser
	done func()
}

func (c *closer) Close() error {
	defer c.done()
	return c.ReadCloser.Close()
}
