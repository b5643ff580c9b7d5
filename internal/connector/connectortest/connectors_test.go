package connectortest

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/blackhole"
	"github.com/waterbear-sql/waterbear/internal/connector/memory"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
)

// configure reads the text of a catalog file.
func configure(t *testing.T, catalog, text string, env connector.Env) connector.CatalogConfig {
	t.Helper()
	f, err := config.ParseProperties(catalog+".properties", text, nil)
	must(t, err)
	return connector.CatalogConfig{Catalog: catalog, File: f, Env: env}
}

func TestTPCH(t *testing.T) {
	Run(t, Harness{
		New: func(t *testing.T) connector.Connector {
			c, err := tpch.New(configure(t, "tpch", "", connector.Env{}))
			must(t, err)
			return c
		},
		Existing: []connector.SchemaTable{{Schema: "tiny", Table: "nation"}, {Schema: "sf0.001", Table: "lineitem"}},
	})
}

func TestMemory(t *testing.T) {
	var store *blob.Store
	Run(t, Harness{
		New: func(t *testing.T) connector.Connector {
			store = blob.NewStore(1 << 30)
			c, err := memory.New(configure(t, "memory", "", connector.Env{Coordinator: true, Blobs: store}))
			must(t, err)
			return c
		},
		Schema: "default",
		Traces: func() []string { return store.Keys() },
	})
}

func TestBlackhole(t *testing.T) {
	Run(t, Harness{
		New: func(t *testing.T) connector.Connector {
			c, err := blackhole.New(configure(t, "blackhole", "", connector.Env{}))
			must(t, err)
			return c
		},
		Schema:  "default",
		Forgets: true,
	})
}
