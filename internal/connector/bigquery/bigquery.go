// Package bigquery is the connector for Google BigQuery: datasets are schemas. Tables are read as Arrow streams of the Storage Read API; everything else, statements
// and what is written, goes through jobs.
//
// Start with Connector; properties.go has its settings, fieldtype.go the mapping of types, schema.go and ddl.go the metadata. A scan becomes a read session with a
// filter (splits.go, filter.go), whose streams are splits (source.go); arrow.go makes vectors of record batches, json.go lines of vectors. write.go tells how rows are
// written once, and job.go how a statement is run once.
package bigquery

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"sync"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/bigquery"
	storage "cloud.google.com/go/bigquery/storage/apiv1"
	"google.golang.org/api/option"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=bigquery.
var Factory = connector.Factory{
	Name:       "bigquery",
	Properties: &properties,
	New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
		return New(ctx, cfg)
	},
}

// Connector is a catalog over the datasets of a project.
type Connector struct {
	*connector.Configured[settings]
	env connector.Env
	// project has the datasets; jobs and read sessions are of the project parent, which pays for them.
	project, parent string
	client          *bigquery.Client
	reads           *storage.BigQueryReadClient
	closing         sync.Once
}

// New makes a connector. It sends nothing to BigQuery yet.
func New(ctx context.Context, cfg connector.CatalogConfig) (*Connector, error) {
	configured, err := connector.Configure(cfg, &properties)
	if err != nil {
		return nil, err
	}
	s := configured.Settings()
	key, err := credentialsOf(&s)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "catalog %s", cfg.Catalog)
	}
	var options []option.ClientOption
	if key != nil {
		options = append(options, option.WithAuthCredentials(key))
	}
	c, err := open(ctx, configured, cfg.Env, key, options, options)
	return c, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "catalog %s", cfg.Catalog)
}

// credentialsOf are those of the catalog file; nil when there are none and the environment is asked.
func credentialsOf(s *settings) (*auth.Credentials, error) {
	var text []byte
	var err error
	switch {
	case s.credentialsKey != "":
		if text, err = base64.StdEncoding.DecodeString(s.credentialsKey); err != nil {
			return nil, errors.New("bigquery.credentials-key is not in base64: it must be the content of a file with credentials, encoded") // says nothing of the key
		}
	case s.credentialsFile != "":
		if text, err = os.ReadFile(s.credentialsFile); err != nil {
			return nil, err
		}
	default:
		return nil, nil
	}
	var kind struct {
		Type credentials.CredType `json:"type"`
	}
	if json.Unmarshal(text, &kind) != nil || kind.Type == "" {
		return nil, errors.New(`the credentials are no JSON with a "type": they must be the content of a file with credentials`)
	}
	return credentials.NewCredentialsFromJSON(kind.Type, text, &credentials.DetectOptions{Scopes: []string{bigquery.Scope}})
}

// open makes the clients, one for each protocol. Projects that are not named are those of the credentials.
func open(ctx context.Context, configured *connector.Configured[settings], env connector.Env, key *auth.Credentials, rest, streams []option.ClientOption) (*Connector, error) {
	s := configured.Settings()
	c := &Connector{Configured: configured, env: env, parent: s.parentProject, project: s.project}
	own := bigquery.DetectProjectID
	if key != nil {
		name, err := key.ProjectID(ctx)
		if err != nil {
			return nil, err
		}
		if name != "" {
			own = name
		}
	}
	if c.parent == "" {
		c.parent = own
		if own == bigquery.DetectProjectID && c.project != "" {
			c.parent = c.project // credentials of the environment may name no project
		}
	}
	// The clients outlive the call: credentials are renewed in their context.
	ctx = context.WithoutCancel(ctx)
	agent := option.WithUserAgent("waterbear")
	var err error
	if c.client, err = bigquery.NewClient(ctx, c.parent, append(rest, agent)...); err != nil {
		return nil, err
	}
	c.parent = c.client.Project()
	if c.project == "" {
		c.project = c.parent
	}
	if c.reads, err = storage.NewBigQueryReadClient(ctx, append(streams, agent)...); err != nil {
		return nil, errors.Join(err, c.client.Close())
	}
	return c, nil
}

// Close closes the connections.
func (c *Connector) Close() (err error) {
	c.closing.Do(func() { err = errors.Join(c.client.Close(), c.reads.Close()) })
	return err
}
