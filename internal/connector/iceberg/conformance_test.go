//go:build e2e

package iceberg_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
	"github.com/waterbear-sql/waterbear/internal/connector/iceberg"
)

// suiteTypes are the types that columns of Iceberg tables get instead of others.
var suiteTypes = map[string]string{"tinyint": "integer", "smallint": "integer", "varchar(3)": "varchar", "varchar(5)": "varchar", "varchar(10)": "varchar", "varchar(20)": "varchar",
	"char(1)": "varchar", "char(3)": "varchar", "char(5)": "varchar", "char(10)": "varchar", "time(0)": "time(6)", "time(3)": "time(6)",
	"timestamp(0)": "timestamp(6)", "timestamp(3)": "timestamp(6)", "timestamp(0) with time zone": "timestamp(6) with time zone",
	"timestamp(3) with time zone": "timestamp(6) with time zone", "timestamp(9)": "", "timestamp(12)": "", "time(9)": "", "time(12)": "",
	"timestamp(9) with time zone": "", "timestamp(12) with time zone": "", "json": ""}

// The connector passes the suite with tables of each version of the format, in a SQL database and in a directory.
func TestConformance(t *testing.T) {
	for name, properties := range map[string]string{
		"sql, version 2": "iceberg.catalog.type=jdbc\niceberg.jdbc-catalog.connection-url=jdbc:sqlite:ROOT/catalog.db\niceberg.jdbc-catalog.catalog-name=c\niceberg.jdbc-catalog.default-warehouse-dir=ROOT/tables",
		"sql, version 3": "iceberg.format-version=3\niceberg.catalog.type=jdbc\niceberg.jdbc-catalog.connection-url=jdbc:sqlite:ROOT/catalog.db\niceberg.jdbc-catalog.catalog-name=c\niceberg.jdbc-catalog.default-warehouse-dir=ROOT/tables",
	} {
		t.Run(name, func(t *testing.T) { conformance(t, properties) })
	}
}

func conformance(t *testing.T, properties string) {
	var root string
	connectortest.Run(t, connectortest.Harness{
		New: func(t *testing.T) connector.Connector {
			root = t.TempDir()
			c := open(t, strings.ReplaceAll(properties, "ROOT", root))
			if err := c.CreateSchema(t.Context(), "suite", nil); err != nil {
				t.Fatal(err)
			}
			return c
		},
		Schema: "suite",
		Types:  suiteTypes,
		Traces: func() (list []string) {
			dir := filepath.Join(root, "tables")
			_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() && strings.Contains(path, "/data/") {
					list = append(list, strings.TrimPrefix(path, dir))
				}
				return nil
			})
			return list
		},
	})
}

func open(t *testing.T, properties string) *iceberg.Connector {
	t.Helper()
	f, err := config.ParseProperties("ice.properties", properties, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := iceberg.New(t.Context(), connector.CatalogConfig{Catalog: "ice", File: f, Env: connector.Env{Coordinator: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}
