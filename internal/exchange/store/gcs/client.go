package gcs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/auth/httptransport"
	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
)

// newClient makes a client for one bucket. It asks the machine for credentials if there are none elsewhere, and sends nothing
// else yet.
func newClient(ctx context.Context, cfg Config) (*client, error) {
	connections := transport.New()
	creds, err := credentialsOf(cfg, &http.Client{Transport: connections})
	if err != nil {
		return nil, err
	}
	queue := transport.NewQueue(connections, transport.Limits{Requests: cfg.Connections, Waiting: cfg.Waiting, WaitTimeout: cfg.WaitTimeout,
		WaitingProperty: cfg.names().Waiting, TimeoutProperty: cfg.names().WaitTimeout})
	hc, err := httptransport.NewClient(&httptransport.Options{Credentials: creds, BaseRoundTripper: uploads{queue}, DisableTelemetry: true})
	if err != nil {
		return nil, err
	}
	options := []option.ClientOption{option.WithHTTPClient(hc), storage.WithJSONReads(), storage.WithDisabledClientMetrics()}
	if cfg.Endpoint != "" {
		options = append(options, option.WithEndpoint(strings.TrimSuffix(cfg.Endpoint, "/")+"/storage/v1/"))
	}
	if cfg.ApplicationID != "" {
		options = append(options, option.WithUserAgent(cfg.ApplicationID))
	}
	c, err := storage.NewClient(ctx, options...)
	if err != nil {
		return nil, err
	}
	c.SetRetry(storage.WithPolicy(storage.RetryAlways), storage.WithBackoff(pauses), storage.WithMaxAttempts(cfg.MaxErrorRetries+1), storage.WithErrorFunc(cfg.passing))
	return &client{Client: c, pageSize: cmp.Or(cfg.PageSize, maxPage), http: hc, closeIdle: connections.CloseIdleConnections}, nil
}

// pauses are those of package transport, as the SDK takes them.
var pauses = gax.Backoff{Initial: transport.FirstPause, Max: transport.LongestPause, Multiplier: 2}

// passing reports whether the SDK is to repeat a request. Every request for an object can be repeated.
func (c Config) passing(err error) bool {
	_, throttled := throttled(err)
	return !(throttled && c.Adaptive) && !refused(err) && (throttled || storage.ShouldRetry(err))
}

// credentialsOf returns the credentials of a configuration, which renew themselves with requests of hc.
func credentialsOf(cfg Config, hc *http.Client) (*auth.Credentials, error) {
	options := &credentials.DetectOptions{Scopes: []string{storage.ScopeReadWrite}, Client: hc}
	text := []byte(cfg.Key)
	switch {
	case cfg.KeyFile != "":
		var err error
		if text, err = os.ReadFile(cfg.KeyFile); err != nil {
			return nil, err
		}
	case cfg.Key == "":
		return credentials.DetectDefault(options)
	}
	var key struct {
		Type credentials.CredType `json:"type"`
	}
	if err := json.Unmarshal(text, &key); err != nil {
		return nil, errors.New("the JSON key is no JSON: it must be the content of a file with credentials") // says nothing of the key
	}
	if key.Type == "" {
		return nil, errors.New(`the JSON key has no "type": it must be the content of a file with credentials`)
	}
	c, err := credentials.NewCredentialsFromJSON(key.Type, text, options)
	if err != nil {
		return nil, fmt.Errorf("the JSON key of type %q cannot be used: %w", key.Type, err)
	}
	return c, nil
}
