// Package example is the worked example of docs/connectors.md: a connector that reads the data sets of a REST service, page by page. It is
// complete and tested, and no program contains it.
//
// Its service is made up (client.go tells what it answers), but public ones look like this: data sets with typed fields, records in pages of
// JSON, filters in the URL, a revision that changes when the data does, and now and then a 503. Start with New; then metadata.go (what tables there
// are), splits.go (what a task reads), read.go (how it does) and pushdown.go (what the service does better).
package example

import (
	"context"
	"net/url"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=example.
var Factory = connector.Factory{
	Name:       "example",
	Properties: &properties,
	New:        func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// settings are the properties of a catalog file.
type settings struct {
	url      string
	token    string
	pageSize int
	timeout  time.Duration
	retries  int
}

// properties is all there is to say about them. Those with Session are session properties too.
var properties = config.Table[settings]{
	Title: "Example connector",
	Properties: []config.Property[settings]{
		{Name: "example.url", Required: true, UsedBy: "connector/example",
			Value: config.Text(func(s *settings) *string { return &s.url }, "the URL of the service, such as https://data.example.com", checkURL),
			Doc:   "Where the service is."},
		{Name: "example.token", Secret: true, UsedBy: "connector/example",
			Value: config.Text(func(s *settings) *string { return &s.token }, "a token", nil),
			Doc:   "Sent with every request."},
		{Name: "example.page-size", Default: "1000", UsedBy: "connector/example",
			Value:   config.Int(func(s *settings) *int { return &s.pageSize }, 1, 10_000),
			Doc:     "How many records are asked for at a time.",
			Session: &config.SessionInfo{Name: "page_size"}},
		{Name: "example.request-timeout", Default: "10s", UsedBy: "connector/example",
			Value: config.Duration(func(s *settings) *time.Duration { return &s.timeout }, time.Millisecond),
			Doc:   "How long an answer may take before the request is repeated."},
		{Name: "example.max-retries", Default: "4", UsedBy: "connector/example",
			Value: config.Int(func(s *settings) *int { return &s.retries }, 0, 100),
			Doc:   "How often a request that has failed for a reason that may pass is repeated."},
	},
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return err
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return &config.PropertyError{Property: "example.url", Msg: "it begins with neither http:// nor https://"}
	}
	return nil
}

// schema is the one schema of a catalog.
const schema = "default"

// Connector is a catalog's connection to the service. Its methods are called by many goroutines at a time; all that they share is the client, which
// bears that.
type Connector struct {
	*connector.Configured[settings]
	client *client
}

// New opens a catalog. It asks nothing of the service: a catalog can be opened while that is down.
func New(cfg connector.CatalogConfig) (*Connector, error) {
	c, err := connector.Configure(cfg, &properties)
	if err != nil {
		return nil, err
	}
	return &Connector{c, newClient(c.Settings())}, nil
}

// Close closes the connections that nobody uses.
func (c *Connector) Close() error {
	c.client.http.CloseIdleConnections()
	return nil
}

// failed is the error of a service that does not answer as it should. It is EXTERNAL, so that the task is tried again.
func failed(cause error, format string, args ...any) error {
	e := trinoerr.New(trinoerr.ExampleRequestFailed, format, args...)
	e.Cause = cause
	return e
}
