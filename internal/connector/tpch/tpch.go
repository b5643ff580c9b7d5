// Package tpch is the connector whose tables are those of the TPC-H benchmark, generated while they are read.
//
// Rows come from package dbgen; this package gives them Trino's names and types, cuts tables into splits and says what is
// known about the data. It knows nothing of how data is generated. Start with New; schema.go has the metadata, splits.go
// the splits, source.go the reading, statistics.go the statistics.
package tpch

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Factory makes the connectors of catalogs with connector.name=tpch.
var Factory = connector.Factory{
	Name:       "tpch",
	Properties: &properties,
	New:        func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
}

// Connector is a catalog of TPC-H schemas.
type Connector struct {
	// standardNames keeps the prefix of the specification's column names: o_orderkey instead of orderkey.
	standardNames bool
	// decimals makes amounts decimal(12,2) instead of double.
	decimals bool
	// minSplits is the least number of splits of a table, rows permitting.
	minSplits int64
}

// settings are the properties of a catalog file.
type settings struct {
	naming  string
	doubles string
	splits  int
}

var properties = config.Table[settings]{
	Title: "TPC-H connector",
	Properties: []config.Property[settings]{
		{Name: "tpch.column-naming", Default: "SIMPLIFIED", UsedBy: "connector/tpch",
			Value: config.Enum(func(s *settings) *string { return &s.naming }, "SIMPLIFIED", "STANDARD"),
			Doc:   "Whether columns have plain names (`orderkey`) or those of the specification (`o_orderkey`)."},
		{Name: "tpch.double-type-mapping", Default: "DOUBLE", UsedBy: "connector/tpch",
			Value: config.Enum(func(s *settings) *string { return &s.doubles }, "DOUBLE", "DECIMAL"),
			Doc:   "Whether amounts are of type double or decimal(12,2)."},
		// The number of nodes does not enter into the number of splits, so that a scan that is repeated after nodes came or
		// went has the same splits; large tables have enough for any cluster.
		{Name: "tpch.splits-per-node", Default: "1", UsedBy: "connector/tpch",
			Value: config.Int(func(s *settings) *int { return &s.splits }, 1, config.NoMax),
			Doc:   "The least number of splits of a table, if it has as many rows."},
	},
}

// New makes a connector. A property it does not know and a value that makes no sense are errors.
func New(cfg connector.CatalogConfig) (*Connector, error) {
	s, err := connector.Properties(cfg, &properties)
	if err != nil {
		return nil, err
	}
	return &Connector{standardNames: s.naming == "STANDARD", decimals: s.doubles == "DECIMAL", minSplits: int64(s.splits)}, nil
}

// Close does nothing: a connector holds nothing.
func (c *Connector) Close() error { return nil }
