package example

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
)

// The suite plans statements over the connector and runs their tasks as a cluster does, in this process.
func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Harness{
		New:      func(t *testing.T) connector.Connector { return open(t, serve(t), "example.page-size=100") },
		Schema:   schema,
		Existing: []connector.SchemaTable{{Schema: schema, Table: "cities"}, {Schema: schema, Table: "nothing"}},
		Rows:     map[connector.SchemaTable]int{{Schema: schema, Table: "cities"}: 2500, {Schema: schema, Table: "nothing"}: 0},
		Tricky:   true,
	})
}
