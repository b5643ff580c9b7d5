// Package memory is the connector whose tables live in the coordinator's memory, until its process ends.
//
// Metadata is in the coordinator's Connector, in a tablemap.Map; the rows are Parquet files kept as blobs, which every task
// of the cluster can fetch. A write uploads files under keys of its own and becomes visible when its keys are attached to the
// table. The package knows nothing of how blobs travel. Start with Connector; schema.go has the metadata of schemas and tables,
// view.go and routine.go the stored views and functions, write.go the writing, change.go that of single rows, read.go
// splits and reading.
package memory

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tablemap"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=memory.
var Factory = connector.Factory{
	Name:       "memory",
	Properties: &properties,
	New:        func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// settings are the properties of a catalog file.
type settings struct {
	maxBytes   int64
	rowChanges bool
}

var properties = config.Table[settings]{
	Title: "Memory connector",
	Properties: []config.Property[settings]{
		{Name: "memory.max-data-per-node", Default: "128MB", UsedBy: "connector/memory",
			Value: config.Size(func(s *settings) *int64 { return &s.maxBytes }, 1),
			Doc:   "How much data the tables of the catalog may hold, as compressed files. It is the coordinator's memory that holds them."},
		{Name: "memory.row-level-changes", Default: "false", UsedBy: "connector/memory",
			Value: config.Bool(func(s *settings) *bool { return &s.rowChanges }),
			Doc:   "Whether DELETE, UPDATE and MERGE work. Trino's memory connector refuses them."},
	},
}

// Connector is a catalog of tables in memory. On nodes other than the coordinator only the methods of tasks are used, which
// need no metadata.
type Connector struct {
	settings
	*tablemap.Map[*table]
	catalog string
	blobs   connector.Blobs
	env     connector.Env
	// finished are the writes that were finished, oldest first. The Map's lock guards them.
	finished []string
	// routines are the stored functions, sorted. The Map's lock guards them.
	routines []connector.Routine
}

// maxFinished is how many writes are remembered: more than can be asked for again.
const maxFinished = 4096

// table is a table and where its rows are.
type table struct {
	tablemap.Table
	comment *string
	blobs   []blob
	files   int64 // how many were ever attached; they are numbered from 1 on
	// retired are the keys of files that the last change took away: who reads the table since before it may still want them.
	retired []string
}

// blob is a file of rows. Its columns are the first so many of the table: columns are added at the end and never dropped.
// They are named by number, so that they need not be renamed with the table's.
type blob struct {
	Key     string `json:"key"`
	ID      int64  `json:"id"` // its number in the table
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes"`
	Columns int    `json:"columns"`
	// Deletes are the numbers of the rows that are no more, Deleted is how many.
	Deletes rowList `json:"deletes,omitempty"`
	Deleted int64   `json:"deleted,omitempty"`
}

// New makes a connector with an empty schema "default".
func New(cfg connector.CatalogConfig) (*Connector, error) {
	s, err := connector.Properties(cfg, &properties)
	if err != nil {
		return nil, err
	}
	c := &Connector{
		settings: s,
		Map:      tablemap.New[*table](cfg.Catalog, readID),
		catalog:  cfg.Catalog,
		blobs:    cfg.Env.Blobs,
		env:      cfg.Env,
	}
	c.Views = map[connector.SchemaTable]*connector.View{}
	return c, nil
}

// bytes is how much all tables hold.
func (c *Connector) bytes() (sum int64) {
	for _, t := range c.ByName {
		for _, b := range t.blobs {
			sum += b.Bytes
		}
	}
	return sum
}

// checkLimit refuses more data than the catalog may hold.
func (c *Connector) checkLimit(bytes int64) error {
	if bytes > c.maxBytes {
		return trinoerr.New(trinoerr.MemoryLimitExceeded, "Memory limit [%d] for memory connector exceeded", c.maxBytes)
	}
	return nil
}

// Close does nothing: the blobs end with the process.
func (c *Connector) Close() error { return nil }
