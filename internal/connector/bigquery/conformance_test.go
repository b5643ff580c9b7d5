//go:build e2e

package bigquery

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/connectortest"
)

// The suite of all connectors, over the server of these tests.
func TestConformance(t *testing.T) {
	s := startServer(t)
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
			c := s.open(t, "", env)
			for _, name := range []string{"suite", "made"} {
				_ = c.DropSchema(t.Context(), name, true) // there may be none
			}
			if err := c.CreateSchema(t.Context(), "suite", nil); err != nil {
				t.Fatal(err)
			}
			return c
		},
		Schema: "suite",
		Types: map[string]string{"tinyint": "bigint", "smallint": "bigint", "integer": "bigint", "real": "", "varchar(3)": "varchar", "varchar(20)": "varchar",
			"char(3)": "", "time(0)": "time(6)", "time(3)": "time(6)", "timestamp(0)": "timestamp(6)", "timestamp(3)": "timestamp(6)", "timestamp(9)": "", "timestamp(12)": "",
			"timestamp(3) with time zone": "timestamp(6) with time zone", "uuid": "", "map(varchar, bigint)": "",
			"array(row(k varchar, v array(integer)))": "array(row(k varchar, v array(bigint)))"},
		Without: []string{
			"JSON 'null'",                         // which JSON of load jobs does not tell from NULL
			"ARRAY[1, NULL, 9223372036854775807]", // no array has NULLs or is NULL
			"ARRAY['', NULL, 'it''s']", "ARRAY[ROW('a', ARRAY[1, NULL]), ROW(NULL, NULL), NULL]",
			"NULL AS array(bigint)", "NULL AS array(varchar)", "NULL AS array(row(k varchar, v array(integer)))"},
		Names:  []string{"a b", "select", "ünïcödé", "表", "100%", "it's"},
		Break:  func(n int) { left.Store(int64(n)) },
		Traces: func() []string { return s.names("suite") },
	})
}
