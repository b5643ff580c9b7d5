package connector

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of one name ("connector.name" in a catalog file).
type Factory struct {
	Name string
	// Properties describes those of its catalog files, for the reference.
	Properties config.Documented
	// New makes a connector for a catalog. An unknown or bad property is an error that names the file and line.
	New func(ctx context.Context, cfg CatalogConfig) (Connector, error)
}

// CatalogConfig is a catalog file, and what the node lends to its connector.
type CatalogConfig struct {
	// Catalog is the catalog's name: the file's name without ".properties".
	Catalog string
	// File has the properties of the catalog file without connector.name; nil is an empty file.
	File *config.File
	// Host is what defaults of properties may depend on.
	Host config.Host
	// Env is what a connector may ask of its node.
	Env Env
}

// Properties fills a connector's struct from its catalog file. The error has the identity CONFIGURATION_INVALID and names,
// for everything that is wrong, file and line and what was probably meant.
func Properties[C any](cfg CatalogConfig, table *config.Table[C]) (C, error) {
	file := cfg.File
	if file == nil {
		file = &config.File{Path: cfg.Catalog + ".properties"}
	}
	c, err := table.Read(file, cfg.Host)
	if err != nil {
		return c, &trinoerr.Error{Code: trinoerr.ConfigurationInvalid, Msg: err.Error(), Cause: err}
	}
	return c, nil
}

// Env is what a connector may ask of the node that it lives on.
type Env struct {
	// Coordinator says that this is the coordinator's process.
	Coordinator bool
	// System serves the system connector; it is set on the coordinator only.
	System System
	// Blobs keeps bytes on the coordinator for connectors whose tables live in its memory.
	Blobs Blobs
	// Abandoned, when not nil, returns those of some queries that a coordinator of this cluster began and nobody goes on with: what they have left in
	// other systems can go. Of queries of other clusters it says nothing. It is set on the coordinator only.
	Abandoned func(ctx context.Context, queryIDs []string) ([]string, error)
	// InCommit, when not nil, is called in the middle of each commit, with its query: where tests let one fail.
	InCommit func(ctx context.Context, queryID string) error
}

// Commit is to be called in the middle of a commit, where a failure would hurt most. Its error is the commit's.
func (e Env) Commit(ctx context.Context, queryID string) error {
	if e.InCommit == nil {
		return nil
	}
	return e.InCommit(ctx, queryID)
}

// Blobs is a keyed store of bytes in the coordinator's memory, reachable from every task of the cluster.
type Blobs interface {
	Put(ctx context.Context, key string, data []byte) error
	Fetch(ctx context.Context, key string) ([]byte, error)
	Delete(ctx context.Context, key string) error
	// Seal deletes the keys that start with a prefix, those to keep excepted, and from then on refuses to put any: what
	// attempts of a write that has ended still send.
	Seal(ctx context.Context, prefix string, keep []string) error
}

// System is the cluster's own state, for the system connector. The coordinator implements it.
type System interface {
	// Catalogs lists the catalogs, sorted by name.
	Catalogs() []CatalogInfo
	// Rows returns the rows of a table of schema runtime: nodes, queries, tasks or transactions. The columns and their
	// order are those of package system, the values are in the Go representation of package types.
	Rows(ctx context.Context, table string) ([][]any, error)
	// KillQuery ends a query with ADMINISTRATIVELY_KILLED; NOT_FOUND when there is none of that id.
	KillQuery(ctx context.Context, id, message string) error
}

// CatalogInfo is a catalog as the system connector shows it.
type CatalogInfo struct {
	// Name is the catalog's name and ConnectorName its "connector.name".
	Name, ConnectorName string
	// Metadata is its connector's, and has information_schema too.
	Metadata Metadata
	// Properties describes what its connector's schemas and tables may have; nil: nothing.
	Properties PropertyDescriber
	// Columns and Analyses describe what columns and ANALYZE may have; nil: nothing.
	Columns  ColumnDescriber
	Analyses Analyzer
}
