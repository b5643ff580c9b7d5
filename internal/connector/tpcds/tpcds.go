// Package tpcds is the connector whose tables are those of the TPC-DS benchmark, generated while they are read.
//
// Rows come from package dsdgen; this package gives them Trino's types, cuts tables into splits and says what is known about the
// data. It knows nothing of how data is generated. Start with New; schema.go has the metadata, splits.go the splits, source.go the
// reading, statistics.go the statistics.
package tpcds

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Factory makes the connectors of catalogs with connector.name=tpcds.
var Factory = connector.Factory{
	Name:       "tpcds",
	Properties: &properties,
	New:        func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// Connector is a catalog of TPC-DS schemas.
type Connector struct {
	*connector.Configured[settings]
}

// settings are the properties of a catalog file.
type settings struct {
	splitsPerNode int
	splitCount    int // 0: as many as splitsPerNode says
	noSexism      bool
}

var properties = config.Table[settings]{
	Title: "TPC-DS connector",
	Properties: []config.Property[settings]{
		// The number of nodes does not enter into the number of splits, so that a scan that is repeated after nodes came or
		// went has the same splits; large tables have enough for any cluster.
		{Name: "tpcds.splits-per-node", Default: "1", UsedBy: "connector/tpcds",
			Value:   config.Int(func(s *settings) *int { return &s.splitsPerNode }, 1, config.NoMax),
			Doc:     "The least number of splits of a table, if it has as many rows.",
			Session: &config.SessionInfo{Name: "splits_per_node", Description: "Number of splits created for each worker node"}},
		{Name: "tpcds.split-count", UsedBy: "connector/tpcds",
			Value: config.Int(func(s *settings) *int { return &s.splitCount }, 1, config.NoMax),
			Doc:   "The number of splits of a table, if it has as many rows. If it is not set, the size of the table and `tpcds.splits-per-node` say.",
			Session: &config.SessionInfo{Name: "split_count", Description: "Number of split to be created. If not specified the number of splits is computed as " +
				"'splits_per_node * <number of active nodes>'"}},
		{Name: "tpcds.with-no-sexism", Default: "false", UsedBy: "connector/tpcds",
			Value:   config.Bool(func(s *settings) *bool { return &s.noSexism }),
			Doc:     "Whether managers have names of women too. In the benchmark they are all men.",
			Session: &config.SessionInfo{Name: "with_no_sexism", Description: "With no sexism"}},
	},
}

// New makes a connector. A property it does not know and a value that makes no sense are errors.
func New(cfg connector.CatalogConfig) (*Connector, error) {
	c, err := connector.Configure(cfg, &properties)
	if err != nil {
		return nil, err
	}
	return &Connector{c}, nil
}

// Close does nothing: a connector holds nothing.
func (c *Connector) Close() error { return nil }
