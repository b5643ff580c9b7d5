// Package mongodb is the connector for MongoDB: databases are schemas, collections tables, documents rows. What columns a collection has is written down in
// another collection of the database, as Trino does, or guessed from a document.
//
// Start with Connector; definition.go has the collection with the definitions, guess.go makes one up, schema.go and ddl.go are the metadata. A scan is cut by
// ranges of _id (splits.go) and read with a filter (filter.go) that the server applies; decode.go makes vectors of documents and encode.go documents of vectors.
// write.go tells how rows are written once, delete.go how they are deleted.
package mongodb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=mongodb.
var Factory = connector.Factory{
	Name:       "mongodb",
	Properties: &properties,
	New:        func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// Connector is a catalog over a MongoDB deployment. The driver's pool of connections, and the goroutines that watch the servers, end with Close.
type Connector struct {
	catalog  string
	settings settings
	client   *mongo.Client
	env      connector.Env
	close    sync.Once
}

// settings are the properties of a catalog file.
type settings struct {
	url, schemaCollection        string
	caseInsensitive              bool
	minConnections               int
	maxConnections               int
	connectTimeoutMs, idleTimeMs int
	readPreference, writeConcern string
	replicaSet                   string
	batchSize                    int
	tls                          bool
	keystore, truststore         string
	implicitPrefix               string
}

const usedBy = "connector/mongodb"

var properties = config.Table[settings]{
	Title: "MongoDB connector",
	Properties: []config.Property[settings]{
		{Name: "mongodb.connection-url", Required: true, Secret: true, UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.url }, "", nil),
			Doc: "Where MongoDB is, as `mongodb://user:password@host:27017/`."},
		{Name: "mongodb.schema-collection", Default: "_schema", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.schemaCollection }, "", nil),
			Doc: "The collection of each database that has the definitions of tables."},
		{Name: "mongodb.case-insensitive-name-matching", Default: "false", UsedBy: usedBy, Value: config.Bool(func(s *settings) *bool { return &s.caseInsensitive }),
			Doc: "Whether names of databases and collections are found whatever their case is. Otherwise they have to be in lower case."},
		{Name: "mongodb.min-connections-per-host", Default: "0", UsedBy: usedBy, Value: config.Int(func(s *settings) *int { return &s.minConnections }, 0, config.NoMax),
			Doc: "How many connections are kept open."},
		{Name: "mongodb.connections-per-host", Default: "100", UsedBy: usedBy, Value: config.Int(func(s *settings) *int { return &s.maxConnections }, 1, config.NoMax),
			Doc: "How many connections there may be."},
		{Name: "mongodb.connection-timeout", Default: "10000", UsedBy: usedBy, Value: config.Int(func(s *settings) *int { return &s.connectTimeoutMs }, 0, config.NoMax),
			Doc: "How many milliseconds a connection may take to be made; 0 is as long as it takes."},
		{Name: "mongodb.max-connection-idle-time", Default: "0", UsedBy: usedBy, Value: config.Int(func(s *settings) *int { return &s.idleTimeMs }, 0, config.NoMax),
			Doc: "After how many milliseconds a connection that is not used is closed; 0 is never."},
		{Name: "mongodb.read-preference", Default: "PRIMARY", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.readPreference }, "PRIMARY", "PRIMARY_PREFERRED", "SECONDARY", "SECONDARY_PREFERRED", "NEAREST"),
			Doc:   "Which members of a replica set are read."},
		{Name: "mongodb.write-concern", Default: "ACKNOWLEDGED", UsedBy: usedBy,
			Value: config.Enum(func(s *settings) *string { return &s.writeConcern }, "ACKNOWLEDGED", "JOURNALED", "MAJORITY"),
			Doc:   "When a write counts as done. `UNACKNOWLEDGED` is not possible: rows could get lost."},
		{Name: "mongodb.required-replica-set", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.replicaSet }, "", nil),
			Doc: "The replica set that the servers must be of."},
		{Name: "mongodb.cursor-batch-size", Default: "0", UsedBy: usedBy, Value: config.Int(func(s *settings) *int { return &s.batchSize }, 0, config.NoMax),
			Doc: "How many documents the server sends at once; 0 leaves it to the driver."},
		{Name: "mongodb.implicit-row-field-prefix", Default: "_pos", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.implicitPrefix }, "", nil),
			Doc: "How the names of fields begin of rows that stand for arrays whose elements have different types."},
		{Name: "mongodb.tls.enabled", Default: "false", UsedBy: usedBy, Value: config.Bool(func(s *settings) *bool { return &s.tls }),
			Doc: "Whether connections use TLS."},
		{Name: "mongodb.tls.keystore-path", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.keystore }, "", nil),
			Doc: "A PEM file with the client's certificate and key."},
		{Name: "mongodb.tls.truststore-path", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.truststore }, "", nil),
			Doc: "A PEM file with the certificates that servers are trusted by."},
	},
	Defunct: []config.Defunct{
		{Name: "mongodb.seeds", Use: "use 'mongodb.connection-url'"}, {Name: "mongodb.credentials", Use: "use 'mongodb.connection-url'"},
		{Name: "mongodb.ssl.enabled", Use: "use 'mongodb.tls.enabled'"},
		{Name: "mongodb.connection-per-host", Use: "use 'mongodb.connections-per-host'"}, {Name: "mongodb.socket-keep-alive", Use: "it can be removed"},
	},
	Unsupported: []config.Defunct{
		{Name: "mongodb.socket-timeout", Use: "reads and writes end with their query"},
		{Name: "mongodb.max-wait-time", Use: "who waits for a connection ends with its query"},
		{Name: "mongodb.tls.keystore-password", Use: "key stores are PEM files without a password"},
		{Name: "mongodb.tls.truststore-password", Use: "trust stores are PEM files"},
		{Name: "mongodb.allow-local-scheduling", Use: "splits are read anywhere"},
		{Name: "mongodb.dynamic-filtering.wait-timeout", Use: "splits are found when the filters are known"},
		{Name: "mongodb.projection-pushdown-enabled", Use: "columns are read as a whole"},
	},
	Check: func(s *settings) error {
		if !strings.HasPrefix(s.url, "mongodb://") && !strings.HasPrefix(s.url, "mongodb+srv://") {
			return fmt.Errorf("invalid connection URL: expected mongodb:// or mongodb+srv://")
		}
		if s.minConnections > s.maxConnections {
			return fmt.Errorf("mongodb.min-connections-per-host is more than mongodb.connections-per-host")
		}
		if !s.tls && (s.keystore != "" || s.truststore != "") {
			return fmt.Errorf("mongodb.tls.keystore-path and mongodb.tls.truststore-path need mongodb.tls.enabled=true")
		}
		return nil
	},
}

// New makes a connector. It does not wait for the servers.
func New(cfg connector.CatalogConfig) (*Connector, error) {
	s, err := connector.Properties(cfg, &properties)
	if err != nil {
		return nil, err
	}
	o, err := clientOptions(&s)
	if err == nil {
		err = o.Validate()
	}
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "catalog %s", cfg.Catalog)
	}
	client, err := mongo.Connect(o)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "catalog %s", cfg.Catalog)
	}
	return &Connector{catalog: cfg.Catalog, settings: s, client: client, env: cfg.Env}, nil
}

// clientOptions are what the driver is told.
func clientOptions(s *settings) (*options.ClientOptions, error) {
	millis := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	o := options.Client().ApplyURI(s.url).SetAppName("waterbear").SetMinPoolSize(uint64(s.minConnections)).SetMaxPoolSize(uint64(s.maxConnections)).
		SetConnectTimeout(millis(s.connectTimeoutMs)).SetMaxConnIdleTime(millis(s.idleTimeMs))
	mode, err := readpref.ModeFromString(strings.ReplaceAll(s.readPreference, "_", ""))
	if err != nil {
		return nil, err
	}
	preference, err := readpref.New(mode)
	if err != nil {
		return nil, err
	}
	o.SetReadPreference(preference)
	switch s.writeConcern {
	case "JOURNALED":
		o.SetWriteConcern(writeconcern.Journaled())
	case "MAJORITY":
		o.SetWriteConcern(writeconcern.Majority())
	default:
		o.SetWriteConcern(writeconcern.W1())
	}
	if s.replicaSet != "" {
		o.SetReplicaSet(s.replicaSet)
	}
	if s.tls {
		t := &tls.Config{MinVersion: tls.VersionTLS12}
		if s.keystore != "" {
			pair, err := tls.LoadX509KeyPair(s.keystore, s.keystore)
			if err != nil {
				return nil, err
			}
			t.Certificates = []tls.Certificate{pair}
		}
		if s.truststore != "" {
			pem, err := os.ReadFile(s.truststore)
			if err != nil {
				return nil, err
			}
			t.RootCAs = x509.NewCertPool()
			if !t.RootCAs.AppendCertsFromPEM(pem) {
				return nil, fmt.Errorf("%s has no certificate", s.truststore)
			}
		}
		o.SetTLSConfig(t)
	}
	return o, nil
}

// Close closes the connections.
func (c *Connector) Close() (err error) {
	c.close.Do(func() { err = c.client.Disconnect(context.Background()) })
	return err
}
