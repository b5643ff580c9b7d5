//go:build e2e

package hive_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
	"github.com/waterbear-sql/waterbear/internal/connector/hive"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// The connector passes the suite over Hive's own metastore. Over files it does so among the tests of connectortest.
func TestThriftMetastore(t *testing.T) {
	server := servers.StartHiveMetastore(t)
	n := 0
	connectortest.Run(t, connectortest.Harness{
		New: func(t *testing.T) connector.Connector {
			n++
			root := filepath.Join(server.Warehouse, fmt.Sprint("root", n))
			text := "hive.metastore=thrift\nhive.metastore.uri=" + server.URL + "\nhive.metastore.thrift.client.read-timeout=1m\nfs.native-local.enabled=true\nlocal.location=" + server.Warehouse
			f, err := config.ParseProperties("h.properties", text, nil)
			if err != nil {
				t.Fatal(err)
			}
			c, err := hive.New(t.Context(), connector.CatalogConfig{Catalog: "h", File: f, Env: connector.Env{Coordinator: true}})
			if err != nil {
				t.Fatal(err)
			}
			for _, schema := range []string{"suite", "made", "other"} {
				if d, err := c.Schema(t.Context(), schema); err != nil {
					t.Fatal(err)
				} else if d != nil {
					if err := c.DropSchema(t.Context(), schema, true); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := c.CreateSchema(t.Context(), "suite", map[string]any{"location": "file:" + root}); err != nil {
				t.Fatal(err)
			}
			return c
		},
		Schema:      "suite",
		Partitioned: true,
		Types: map[string]string{"time(0)": "", "time(3)": "", "time(6)": "", "timestamp(0)": "", "timestamp(6)": "", "timestamp(9)": "", "timestamp(12)": "",
			"timestamp(3) with time zone": "", "timestamp(6) with time zone": "", "uuid": "", "json": ""},
		Names: []string{"select", "with_underscore", "n1"}, // Hive's metastore wants letters, digits and underscores
		Traces: func() (list []string) {
			dir := filepath.Join(server.Warehouse, fmt.Sprint("root", n))
			if err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
				if path != dir {
					list = append(list, strings.TrimPrefix(path, dir))
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return list
		},
	})
}
