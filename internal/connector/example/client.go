package example

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// The service answers
//
//	GET /v1/datasets            {"datasets": [dataset, …]}
//	GET /v1/datasets/NAME       a dataset: {"name": …, "description": …, "revision": …, "records": how many, "fields": [{"name": …, "type": …}, …]}
//	GET /v1/datasets/NAME/records?revision=R&page=1&page_size=100&fields=a,b&where=a:ge:7
//	                            {"records": [{"a": 7, "b": "x"}, …], "total": how many satisfy the conditions}
//
// Names are in lower case. Records of a revision are always in the same order. A revision that is no more is answered with 410, what there is not with 404.

// client asks the service.
type client struct {
	base, token string
	timeout     time.Duration
	retries     int
	http        *http.Client
}

// dataset describes a data set.
type dataset struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Revision    string  `json:"revision"`
	Records     int64   `json:"records"`
	Fields      []field `json:"fields"`
}

type field struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// page is some of the records.
type page struct {
	Records []map[string]json.RawMessage `json:"records"`
	Total   int64                        `json:"total"`
}

// maxAnswer bounds what is kept of an answer in memory.
const maxAnswer = 64 << 20

func newClient(s settings) *client {
	return &client{base: strings.TrimRight(s.url, "/"), token: s.token, timeout: s.timeout, retries: s.retries,
		http: &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}}
}

// errNone says that what was asked for is not there.
var errNone = errors.New("there is none")

// datasets lists all data sets.
func (c *client) datasets(ctx context.Context) ([]dataset, error) {
	var out struct {
		Datasets []dataset `json:"datasets"`
	}
	err := c.get(ctx, "/v1/datasets", nil, &out)
	return out.Datasets, err
}

// dataset describes one; errNone when there is none of that name.
func (c *client) dataset(ctx context.Context, name string) (dataset, error) {
	var out dataset
	err := c.get(ctx, "/v1/datasets/"+url.PathEscape(name), nil, &out)
	return out, err
}

// page reads a page, counted from 1, of what a handle describes. Without fields the records are empty.
func (c *client) page(ctx context.Context, h handle, number, size int, fields []string) (page, error) {
	q := url.Values{"revision": {h.Revision}, "page": {strconv.Itoa(number)}, "page_size": {strconv.Itoa(size)}, "fields": {strings.Join(fields, ",")}}
	for _, w := range h.Where {
		q.Add("where", w.Field+":"+w.Operator+":"+w.Value)
	}
	var out page
	err := c.get(ctx, "/v1/datasets/"+url.PathEscape(h.Dataset)+"/records", q, &out)
	return out, err
}

// get reads an answer, again and again if it fails for a reason that may pass.
func (c *client) get(ctx context.Context, path string, query url.Values, into any) error {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	for try := 0; ; try++ {
		again, err := c.try(ctx, target, into)
		if err == nil || !again || try == c.retries || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(100*time.Millisecond<<min(try, 10), 5*time.Second)):
		}
	}
}

// try asks once; again says that it may help to repeat it.
func (c *client) try(ctx context.Context, target string, into any) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return false, failed(err, "bad request of %s: %v", target, err)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return true, failed(err, "%v", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return true, failed(err, "the answer to %s breaks off: %v", target, err)
	case len(body) > maxAnswer:
		return false, failed(nil, "the answer to %s is longer than %d bytes", target, maxAnswer)
	case resp.StatusCode == http.StatusNotFound:
		return false, errNone
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return false, trinoerr.New(trinoerr.PermissionDenied, "Access Denied: the service refuses %s: %s", target, summary(body))
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return true, failed(nil, "the service answers %s with %s: %s", target, resp.Status, summary(body))
	case resp.StatusCode != http.StatusOK:
		return false, failed(nil, "the service answers %s with %s: %s", target, resp.Status, summary(body))
	}
	if err := json.Unmarshal(body, into); err != nil {
		return false, failed(err, "the answer to %s is none that can be understood: %v", target, err)
	}
	return false, nil
}

// summary is the begin of an answer.
func summary(body []byte) string {
	const enough = 200
	return fmt.Sprintf("%.*s", enough, strings.TrimSpace(string(body)))
}
