package duck_test

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// onlyTPCH is a server with one catalog.
type onlyTPCH struct{ *tpch.Connector }

func (onlyTPCH) Names() []string { return []string{"tpch"} }
func (c onlyTPCH) Metadata(name string) connector.Metadata {
	if name == "tpch" {
		return c.Connector
	}
	return nil
}

// TestGolden lowers bound queries, which no rule has changed.
func TestGolden(t *testing.T) {
	conn, err := tpch.New(connector.CatalogConfig{Catalog: "tpch"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			stmt, err := parser.ParseStatement(d.Input)
			if err != nil {
				return err.Error() + "\n"
			}
			b, err := binder.Bind(context.Background(), stmt, binder.Env{SQL: d.Input, Catalogs: onlyTPCH{conn},
				Session: binder.Session{User: "test", Catalog: "tpch", Schema: "tiny", Now: time.Unix(1_700_000_000, 0)}})
			if err != nil {
				return err.Error() + "\n"
			}
			st, err := duck.Lower(b.(*binder.Query).Plan, duck.Options{})
			if err != nil {
				return err.Error() + "\n"
			}
			return st.SQL + "\n"
		})
	})
}
