package gcs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// statusCancelled is how the server says that an upload has been cancelled.
const statusCancelled = 499

// session is the URL at which an upload goes on, once the server has said it.
type session struct {
	mu  sync.Mutex
	url string
}

func (s *session) set(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url = url
}

func (s *session) location() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// sessionKey is the key of the session in the context of a writer's requests.
type sessionKey struct{}

// uploads is between the SDK and the server. It learns from answers where uploads go on: the SDK knows, but does not tell, so that an upload
// that is given up would stay on the server for a week. And it makes failures, which the SDK repeats, of answers that are not the server's
// though their status says that all is well, as those of a gateway: the SDK would take what was sent for written.
type uploads struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t uploads) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || req.Method != http.MethodPost && req.Method != http.MethodPut {
		return resp, err
	}
	s, ok := req.Context().Value(sessionKey{}).(*session)
	if !ok {
		return resp, err
	}
	if at := resp.Header.Get("Location"); at != "" {
		s.set(at)
	} else if !ofServer(resp) {
		resp.Body.Close()
		return nil, errNotAnswered
	}
	return resp, nil
}

// errNotAnswered is the failure of a request that somebody else has answered.
var errNotAnswered = errors.New("the answer is not one of the server's")

// ofServer reports whether an answer to an upload is what the server says: an error, that it waits for more, or the object.
func ofServer(resp *http.Response) bool {
	return resp.StatusCode >= 300 || resp.Header.Get("X-Http-Status-Code-Override") != "" ||
		strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json")
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
