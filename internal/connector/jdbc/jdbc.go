// Package jdbc is what connectors to SQL databases share, which in Trino are reached by JDBC: settings, metadata, pushdown, parallel reads
// and writes that are exact under retries. A database is a Dialect, in a package of its own.
//
// To add one: write a package with a type that implements Dialect (dialect.go says what each method is for, and which optional
// interfaces make it faster or let it do more), a table of properties made by Table, and a connector.Factory whose New calls New of this
// package; register the factory in cmd/waterbear/catalogs.go.
package jdbc

import (
	"context"
	"database/sql"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Connector is a catalog of a database.
type Connector struct {
	*connector.Configured[Settings]
	dialect Dialect
	catalog string
	env     connector.Env
	cache   *cache
	names   *cache // lists of names that are matched whatever their case
	sweeper sweeper

	// Those that read have connections of their own: a task that reads and writes would otherwise wait for itself.
	reads, writes *sql.DB
	closing       sync.Once
}

// New makes a connector. The database need not be there.
func New(_ context.Context, cfg connector.CatalogConfig, table *config.Table[Settings], d Dialect) (*Connector, error) {
	configured, err := connector.Configure(cfg, table)
	if err != nil {
		return nil, err
	}
	s := configured.Settings()
	if a, ok := d.(Adjusted); ok {
		d = a.With(&s)
	}
	c := &Connector{Configured: configured, dialect: d, catalog: cfg.Catalog, env: cfg.Env, cache: newCache(s.CacheTTL), names: newCache(s.NamesTTL)}
	for _, db := range []**sql.DB{&c.reads, &c.writes} {
		if *db, err = d.Open(&s); err != nil {
			_ = c.Close() // the first error counts
			return nil, err
		}
		(*db).SetMaxOpenConns(s.PoolSize)
		(*db).SetMaxIdleConns(min(s.PoolSize, maxIdle))
		(*db).SetConnMaxIdleTime(idleFor)
	}
	return c, nil
}

// Close ends all connections.
func (c *Connector) Close() (err error) {
	c.closing.Do(func() {
		for _, db := range []*sql.DB{c.reads, c.writes} {
			if db != nil {
				if e := db.Close(); err == nil {
					err = e
				}
			}
		}
	})
	return err
}

// qualified is the quoted name of a table.
func (c *Connector) qualified(n Name) string {
	return c.dialect.Quote(n.Schema) + "." + c.dialect.Quote(n.Table)
}
