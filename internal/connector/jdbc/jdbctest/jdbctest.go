// Package jdbctest is what tests of connectors to SQL databases share.
package jdbctest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Open makes a connector of a catalog with properties; connector.name is not one of them. It is closed with the test.
func Open(t *testing.T, factory connector.Factory, properties map[string]string) connector.Connector {
	t.Helper()
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if name != "connector.name" {
			text.WriteString(name + "=" + properties[name] + "\n")
		}
	}
	file, err := config.ParseProperties("test.properties", text.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := factory.New(t.Context(), connector.CatalogConfig{Catalog: "test", File: file})
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
