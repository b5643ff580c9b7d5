package jdbc

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// TableOf describes a table as if the database had done it.
func (c *Connector) TableOf(ctx context.Context, name Name, d *Description) (*connector.Table, error) {
	return c.tableOf(ctx, connector.SchemaTable{Schema: name.Schema, Table: name.Table}, name, d)
}

// SQL is the query that reads a scan as a whole.
func (c *Connector) SQL(ctx context.Context, scan connector.Scan) (string, error) {
	r, err := readRelation(scan.Handle)
	if err != nil {
		return "", err
	}
	list, err := r.selected(scan.Columns)
	if err != nil {
		return "", err
	}
	s := c.SettingsFor(ctx)
	return c.query(r, list, c.constraint(r, scan.Constraint, &s)...), nil
}

// MostConnections is how many connections there can be, for reading and for writing.
func (c *Connector) MostConnections() (reads, writes int) {
	return c.reads.Stats().MaxOpenConnections, c.writes.Stats().MaxOpenConnections
}
