package connectortest

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/blackhole"
	"github.com/waterbear-sql/waterbear/internal/connector/faker"
	"github.com/waterbear-sql/waterbear/internal/connector/hive"
	"github.com/waterbear-sql/waterbear/internal/connector/memory"
	"github.com/waterbear-sql/waterbear/internal/connector/tpcds"
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
		Rows:     map[connector.SchemaTable]int{{Schema: "tiny", Table: "nation"}: 25, {Schema: "sf0.001", Table: "lineitem"}: 6005},
	})
}

func TestTPCDS(t *testing.T) {
	Run(t, Harness{
		New: func(t *testing.T) connector.Connector {
			c, err := tpcds.New(configure(t, "tpcds", "", connector.Env{}))
			must(t, err)
			return c
		},
		Existing: []connector.SchemaTable{{Schema: "tiny", Table: "store"}, {Schema: "tiny", Table: "web_returns"}, {Schema: "tiny", Table: "dbgen_version"}},
		Rows:     map[connector.SchemaTable]int{{Schema: "tiny", Table: "store"}: 2, {Schema: "tiny", Table: "web_returns"}: 1152},
	})
}

func TestMemory(t *testing.T) {
	store := &breaking{left: -1}
	Run(t, Harness{
		New: func(t *testing.T) connector.Connector {
			store.Store = blob.NewStore(1 << 30)
			c, err := memory.New(configure(t, "memory", "memory.row-level-changes=true", connector.Env{Coordinator: true, Blobs: store}))
			must(t, err)
			return c
		},
		Schema: "default",
		Break:  func(n int) { store.left = n },
		Traces: func() []string { return store.Keys() },
	})
}

// breaking is a store of which one operation fails.
type breaking struct {
	*blob.Store
	left int // operations that succeed before it; negative: all succeed
}

var errBroken = errors.New("the storage is broken")

func (b *breaking) step() error {
	b.left--
	if b.left == -1 {
		return errBroken
	}
	return nil
}

func (b *breaking) Put(ctx context.Context, key string, data []byte) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Store.Put(ctx, key, data)
}

func (b *breaking) Fetch(ctx context.Context, key string) ([]byte, error) {
	if err := b.step(); err != nil {
		return nil, err
	}
	return b.Store.Fetch(ctx, key)
}

func (b *breaking) Delete(ctx context.Context, key string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Store.Delete(ctx, key)
}

func (b *breaking) Seal(ctx context.Context, prefix string, keep []string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Store.Seal(ctx, prefix, keep)
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

func TestFaker(t *testing.T) {
	Run(t, Harness{
		New: func(t *testing.T) connector.Connector {
			c, err := faker.New(configure(t, "faker", "", connector.Env{}))
			must(t, err)
			return c
		},
		Schema:    "default",
		Generates: true,
	})
}

func TestHive(t *testing.T) {
	var root string
	Run(t, Harness{
		New: func(t *testing.T) connector.Connector {
			root = t.TempDir()
			text := "hive.metastore=file\nhive.metastore.catalog.dir=local:///metastore\nfs.native-local.enabled=true\nlocal.location=" + root
			c, err := hive.New(t.Context(), configure(t, "hive", text, connector.Env{Coordinator: true}))
			must(t, err)
			must(t, c.CreateSchema(t.Context(), "default", nil))
			return c
		},
		Schema:      "default",
		Partitioned: true,
		Types: map[string]string{"time(0)": "", "time(3)": "", "time(6)": "", "timestamp(0)": "", "timestamp(6)": "", "timestamp(9)": "", "timestamp(12)": "",
			"timestamp(3) with time zone": "", "timestamp(6) with time zone": "", "uuid": "", "json": ""},
		Traces: func() (list []string) {
			dir := filepath.Join(root, "metastore", "default")
			must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
				if path != dir {
					list = append(list, strings.TrimPrefix(path, dir))
				}
				return err
			}))
			return list
		},
	})
}
