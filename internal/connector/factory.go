package connector

import "context"

// Factory makes the connectors of one name ("connector.name" in a catalog file).
type Factory struct {
	Name string
	// New makes a connector for a catalog. An unknown or bad property is an error that names the file and line.
	New func(ctx context.Context, cfg CatalogConfig) (Connector, error)
}

// CatalogConfig is a catalog file, and what the node lends to its connector.
type CatalogConfig struct {
	// Catalog is the catalog's name: the file's name without ".properties".
	Catalog string
	// File is the file's path and Properties its content without connector.name, in the order of the file.
	File       string
	Properties []CatalogProperty
	// Env is what a connector may ask of its node.
	Env Env
}

// CatalogProperty is a line of a catalog file.
type CatalogProperty struct {
	Name, Value string
	Line        int
}

// Env is what a connector may ask of the node that it lives on.
type Env struct {
	// Coordinator says that this is the coordinator's process.
	Coordinator bool
	// Nodes, Queries, Tasks and KillQuery serve the system connector; they are set on the coordinator only.
	System System
	// Blobs keeps bytes on the coordinator for connectors whose tables live in its memory.
	Blobs Blobs
}

// Blobs is a keyed store of bytes in the coordinator's memory, reachable from every task of the cluster.
type Blobs interface {
	Put(ctx context.Context, key string, data []byte) error
	Fetch(ctx context.Context, key string) ([]byte, error)
	Delete(ctx context.Context, key string) error
}

// System is the cluster's own state, as rows for the system connector's tables.
type System interface {
	// Rows returns the rows of schema.table; nil when it has no such table. Values are in the Go representation of package types.
	Rows(ctx context.Context, table SchemaTable) ([][]any, error)
	// KillQuery ends a query with ADMINISTRATIVELY_KILLED.
	KillQuery(ctx context.Context, id, message string) error
}
