// Package client is a client of Trino's REST protocol for the command line: it sends a statement, follows nextUri, takes
// over the changes of the session, and tries again when the server is away for a moment.
//
// It keeps the rows as the JSON that came. Start with Client.Start.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/cli/format"
	"github.com/waterbear-sql/waterbear/internal/protocol"
)

// retryFor is how long a request is repeated while the server cannot be reached or answers 502, 503 or 504.
const retryFor = 2 * time.Minute

// Client sends statements to one server in one session. It is used by one goroutine.
type Client struct {
	Server  string // http://host:port
	HTTP    *http.Client
	Session Session
}

// Results is one answer of the server.
type Results struct {
	ID               string          `json:"id"`
	InfoURI          string          `json:"infoUri"`
	PartialCancelURI string          `json:"partialCancelUri"`
	NextURI          string          `json:"nextUri"`
	Columns          []Column        `json:"columns"`
	Data             json.RawMessage `json:"data"`
	Stats            protocol.Stats  `json:"stats"`
	Error            *QueryError     `json:"error"`
	Warnings         []Warning       `json:"warnings"`
	UpdateType       string          `json:"updateType"`
	UpdateCount      *int64          `json:"updateCount"`
}

// Column is a result column.
type Column struct {
	Name string           `json:"name"`
	Type format.Signature `json:"typeSignature"`
}

// Warning is a remark of the server.
type Warning struct {
	Message string `json:"message"`
}

// QueryError is why a query failed.
type QueryError struct {
	Message  string `json:"message"`
	Code     int    `json:"errorCode"`
	Name     string `json:"errorName"`
	Type     string `json:"errorType"`
	Location *struct {
		Line   int `json:"lineNumber"`
		Column int `json:"columnNumber"`
	} `json:"errorLocation"`
}

// Query is a statement under way.
type Query struct {
	client *Client
	now    Results
}

// Start sends a statement. Its results come with Next.
func (c *Client) Start(ctx context.Context, sql string) (*Query, error) {
	q := &Query{client: c}
	header := c.Session.headers()
	if err := c.call(ctx, http.MethodPost, strings.TrimSuffix(c.Server, "/")+"/v1/statement", sql, header, &q.now); err != nil {
		return nil, err
	}
	return q, nil
}

// Now returns the last answer.
func (q *Query) Now() *Results { return &q.now }

// Next fetches the next answer; false means that there is none.
func (q *Query) Next(ctx context.Context) (bool, error) {
	if q.now.NextURI == "" {
		return false, nil
	}
	var next Results
	header := http.Header{headerUser: {q.client.Session.User}}
	if err := q.client.call(ctx, http.MethodGet, q.now.NextURI, "", header, &next); err != nil {
		return false, err
	}
	q.now = next
	return true, nil
}

// Cancel stops the query. It needs a ctx of its own, for the one of the query has often ended.
func (q *Query) Cancel(ctx context.Context) error {
	if q.now.NextURI == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, q.now.NextURI, nil)
	if err != nil {
		return err
	}
	req.Header.Set(headerUser, q.client.Session.User)
	res, err := q.client.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("cancel query: %w", err)
	}
	return res.Body.Close()
}

// statusError is an answer that is no result.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("server answered %d: %s", e.status, strings.TrimSpace(e.text))
}

// call sends a request until it is answered.
func (c *Client) call(ctx context.Context, method, uri, body string, header http.Header, into *Results) error {
	begin := time.Now()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := c.try(ctx, method, uri, body, header, into)
		if err == nil || ctx.Err() != nil || !again(err, method) || time.Since(begin) > retryFor {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// again reports whether a request may be repeated: a fetch may whenever the server was away, a new statement only when
// the server said that it did not take it.
func again(err error, method string) bool {
	if status, ok := errors.AsType[*statusError](err); ok {
		return status.status == 502 || status.status == 503 || status.status == 504
	}
	return method == http.MethodGet
}

func (c *Client) try(ctx context.Context, method, uri, body string, header http.Header, into *Results) error {
	req, err := http.NewRequestWithContext(ctx, method, uri, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = header.Clone()
	res, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return &statusError{res.StatusCode, string(text)}
	}
	*into = Results{}
	if err := json.Unmarshal(text, into); err != nil {
		return &statusError{res.StatusCode, "no results of a query: " + err.Error()}
	}
	return c.Session.apply(res.Header)
}
