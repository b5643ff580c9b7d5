package jdbc_test

import (
	"os"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/mysql"
)

// TestPropertiesAreTold checks that the page of all databases names every property.
func TestPropertiesAreTold(t *testing.T) {
	page, err := os.ReadFile("../../../docs/connectors/databases.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range jdbc.Table("any").Properties {
		if !strings.Contains(string(page), "`"+p.Name+"`") {
			t.Errorf("the page does not name %s", p.Name)
		}
	}
}

// TestRefused lists catalog files that are wrong.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "connection-url",
		"connection-url=mysql://x":           "must begin with jdbc:",
		"connection-url=jdbc:mysql://x\nx=1": "x",
		"connection-url=jdbc:mysql://x\nuser-credential-name=y":    "users have no credentials of their own",
		"connection-url=jdbc:mysql://x\nquery.comment-format=a*/b": "must not contain */",
		"connection-url=jdbc:mysql://x\ndecimal-mapping=MAYBE":     "decimal-mapping",
	} {
		file, err := config.ParseProperties("m.properties", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := mysql.Factory.New(t.Context(), connector.CatalogConfig{Catalog: "m", File: file}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
			if c != nil {
				c.Close()
			}
		}
	}
}

func TestPool(t *testing.T) {
	c := jdbctest.Open(t, mysql.Factory, map[string]string{"connection-url": "jdbc:mysql://x", "connection-pool.max-size": "3"}).(*jdbc.Connector)
	if reads, writes := c.MostConnections(); reads != 3 || writes != 3 {
		t.Errorf("there can be %d and %d connections", reads, writes)
	}
}
