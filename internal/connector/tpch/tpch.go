// Package tpch is the connector whose tables are those of the TPC-H benchmark, generated while they are read.
//
// Rows come from package dbgen; this package gives them Trino's names and types, cuts tables into splits and says what is
// known about the data. It knows nothing of how data is generated. Start with New; schema.go has the metadata, splits.go
// the splits, source.go the reading, statistics.go the statistics.
package tpch

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Factory makes the connectors of catalogs with connector.name=tpch.
var Factory = connector.Factory{
	Name: "tpch",
	New:  func(_ context.Context, cfg connector.CatalogConfig) (connector.Connector, error) { return New(cfg) },
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

// property is a line that a catalog file may have. The values of an option are listed; otherwise it is a positive number.
type property struct {
	name   string
	values [2]string
	set    func(c *Connector, value int)
}

var properties = []property{
	{"tpch.column-naming", [2]string{"SIMPLIFIED", "STANDARD"}, func(c *Connector, v int) { c.standardNames = v == 1 }},
	{"tpch.double-type-mapping", [2]string{"DOUBLE", "DECIMAL"}, func(c *Connector, v int) { c.decimals = v == 1 }},
	// The number of nodes does not enter into the number of splits, so that a scan that is repeated after nodes came or
	// went has the same splits; large tables have enough for any cluster.
	{"tpch.splits-per-node", [2]string{}, func(c *Connector, v int) { c.minSplits = int64(v) }},
}

// New makes a connector. A property it does not know and a value that makes no sense are errors.
func New(cfg connector.CatalogConfig) (*Connector, error) {
	c := &Connector{minSplits: 1}
	for _, line := range cfg.Properties {
		if problem := c.set(line); problem != "" {
			return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "%s:%d: %s", cfg.File, line.Line, problem)
		}
	}
	return c, nil
}

// set applies a property, or says what is wrong with it.
func (c *Connector) set(line connector.CatalogProperty) (problem string) {
	for _, p := range properties {
		if p.name != line.Name {
			continue
		}
		if p.values[0] == "" {
			n, err := strconv.Atoi(line.Value)
			if err != nil || n < 1 {
				return fmt.Sprintf("Invalid value '%s' for property '%s': must be a positive number", line.Value, line.Name)
			}
			p.set(c, n)
			return ""
		}
		for i, value := range p.values {
			if strings.EqualFold(value, line.Value) {
				p.set(c, i)
				return ""
			}
		}
		return fmt.Sprintf("Invalid value '%s' for property '%s': must be %s or %s", line.Value, line.Name, p.values[0], p.values[1])
	}
	return fmt.Sprintf("Configuration property '%s' was not used", line.Name)
}

// Close does nothing: a connector holds nothing.
func (c *Connector) Close() error { return nil }
