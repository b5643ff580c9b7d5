package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/bigquery"
	"github.com/waterbear-sql/waterbear/internal/connector/blackhole"
	"github.com/waterbear-sql/waterbear/internal/connector/delta"
	"github.com/waterbear-sql/waterbear/internal/connector/faker"
	"github.com/waterbear-sql/waterbear/internal/connector/hive"
	"github.com/waterbear-sql/waterbear/internal/connector/iceberg"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/clickhouse"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/mariadb"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/mysql"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/postgresql"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/redshift"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/sqlserver"
	"github.com/waterbear-sql/waterbear/internal/connector/memory"
	"github.com/waterbear-sql/waterbear/internal/connector/mongodb"
	"github.com/waterbear-sql/waterbear/internal/connector/system"
	"github.com/waterbear-sql/waterbear/internal/connector/tpcds"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
)

// factories are the connectors that catalogs can have.
var factories = []connector.Factory{tpch.Factory, tpcds.Factory, memory.Factory, blackhole.Factory, faker.Factory, hive.Factory, iceberg.Factory, delta.Factory,
	postgresql.Factory, mysql.Factory, mariadb.Factory, redshift.Factory, sqlserver.Factory, clickhouse.Factory, mongodb.Factory, bigquery.Factory}

// openCatalogs makes the connectors of all catalog files, and of the catalog system, which needs none.
func openCatalogs(ctx context.Context, cfg *config.Config, env connector.Env) (map[string]connector.Connector, error) {
	out := map[string]connector.Connector{}
	var errs []error
	for _, c := range cfg.Catalogs {
		factory := factoryOf(c.Connector)
		if factory == nil {
			errs = append(errs, fmt.Errorf("%s: no connector of the name '%s': there are %s", c.File.Path, c.Connector, factoryNames()))
			continue
		}
		conn, err := factory.New(ctx, connector.CatalogConfig{Catalog: c.Name, File: c.File, Host: config.LocalHost(), Env: env})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out[c.Name] = conn
	}
	sys, err := system.Factory.New(ctx, connector.CatalogConfig{Catalog: system.Catalog, Host: config.LocalHost(), Env: env})
	if err != nil {
		errs = append(errs, err)
	}
	out[system.Catalog] = sys
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// connectorNames are the names of the connectors, by catalog.
func connectorNames(cfg *config.Config) map[string]string {
	out := map[string]string{system.Catalog: system.Factory.Name}
	for _, c := range cfg.Catalogs {
		out[c.Name] = c.Connector
	}
	return out
}

func factoryOf(name string) *connector.Factory {
	for i := range factories {
		if factories[i].Name == name {
			return &factories[i]
		}
	}
	return nil
}

func factoryNames() string {
	var names strings.Builder
	for i, f := range factories {
		if i > 0 {
			names.WriteString(", ")
		}
		names.WriteString(f.Name)
	}
	return names.String()
}
