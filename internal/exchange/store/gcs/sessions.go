package gcs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// statusCancelled is how the server says that an upload has been cancelled.
const statusCancelled = 499

// session is the URL at which an upload goes on, once the server has said it.
type session struct {
	mu  sync.Mutex
	url string
}

func (s *session) location() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// sessionKey is the key of the session in the context of a writer's requests.
type sessionKey struct{}

// sessions learns from answers where uploads go on. The SDK knows, but does not tell, so that an upload that is given up would
// stay on the server for a week.
type sessions struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t sessions) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || req.Method != http.MethodPost {
		return resp, err
	}
	s, ok := req.Context().Value(sessionKey{}).(*session)
	if at := resp.Header.Get("Location"); ok && at != "" {
		s.mu.Lock()
		s.url = at
		s.mu.Unlock()
	}
	return resp, nil
}

// cancelSession ends an upload.
func (c *client) cancelSession(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	switch resp.StatusCode {
	case statusCancelled, http.StatusNotFound, http.StatusGone:
		return nil
	}
	if resp.StatusCode < 300 {
		return nil
	}
	return fmt.Errorf("cancel an upload: %w", errors.New(resp.Status))
}
