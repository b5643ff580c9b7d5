//go:build e2e

package mongodb

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// open makes a connector to a server.
func open(t *testing.T, m *servers.MongoDB, more string, env connector.Env) *Connector {
	t.Helper()
	f, err := config.ParseProperties("mongodb.properties", "mongodb.connection-url="+m.URL+"\n"+more, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(connector.CatalogConfig{Catalog: "mongodb", File: f, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// The suite of all connectors. Each test has a database of its own.
func TestConformance(t *testing.T) {
	m := servers.StartMongoDB(t)
	client := m.Client(t)
	var left atomic.Int64
	left.Store(-1)
	env := connector.Env{InCommit: func(context.Context, string) error {
		if left.Add(-1) == -1 {
			return fmt.Errorf("a failure that was asked for")
		}
		return nil
	}}
	connectortest.Run(t, connectortest.Harness{
		New: func(t *testing.T) connector.Connector {
			names, err := client.ListDatabaseNames(t.Context(), bson.D{})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range names {
				if !systemDatabases[n] {
					if err := client.Database(n).Drop(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			c := open(t, m, "", env)
			if err := c.CreateSchema(t.Context(), "suite", nil); err != nil {
				t.Fatal(err)
			}
			return c
		},
		Schema: "suite",
		Types: map[string]string{"decimal(38,0)": "", "decimal(38,10)": "", "time(0)": "", "time(6)": "", "timestamp(0)": "", "timestamp(6)": "", "timestamp(9)": "",
			"timestamp(12)": "", "timestamp(6) with time zone": "", "uuid": ""},
		Without: []string{"JSON 'null'"}, // which is MongoDB's NULL
		Names:   []string{"a b", "select", "it's", "ünïcödé", "表", "semi;colon--", "100%", "back`tick"},
		Break:   func(n int) { left.Store(int64(n)) },
		Traces: func() []string {
			names, err := client.Database("suite").ListCollectionNames(context.Background(), bson.D{})
			if err != nil {
				t.Fatal(err)
			}
			return slices.DeleteFunc(names, func(n string) bool { return n == "_schema" })
		},
	})
}
