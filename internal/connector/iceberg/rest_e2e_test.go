//go:build e2e

package iceberg

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// Tables of a real REST catalog are made, written, changed and dropped, and commits repeat and rebase as over any other.
func TestREST(t *testing.T) {
	server := servers.StartIcebergREST(t)
	var c *Connector
	other := true
	c = configured(t, "iceberg.catalog.type=rest\niceberg.rest-catalog.uri="+server.URL+"\nfs.native-local.enabled=true\nlocal.location="+server.Warehouse,
		func(_ context.Context, query string) error {
			if query == "q1" && other {
				other = false
				insert(t, c, "other", row(10, "o"))
			}
			return nil
		})
	for _, version := range []int64{2, 3} {
		other = true
		w, err := c.BeginWrite(t.Context(), definitionOf(map[string]any{"format_version": version}), true, connector.RetriesEnabled, "q0")
		must(t, err)
		f := [][]byte{fragmentOf(t, c, w, []testRow{row(1, "a"), row(2, "b")}, nil)}
		must(t, c.FinishWrite(t.Context(), w, f))
		must(t, c.FinishWrite(t.Context(), w, f))
		file := fileOf(t, c)
		insert(t, c, "q1", row(3, "c"))
		expectRows(t, c, 1, 2, 3, 10)
		w, err = c.BeginChange(t.Context(), tableOf(t, c), connector.RetriesEnabled, "q2")
		must(t, err)
		f = [][]byte{fragmentOf(t, c, w, []testRow{row(20, "x")}, map[string][]int64{file: {1}})}
		must(t, c.FinishWrite(t.Context(), w, f))
		must(t, c.FinishWrite(t.Context(), w, f))
		expectRows(t, c, 1, 3, 10, 20)
		must(t, c.DropTable(t.Context(), tableOf(t, c)))
	}
	must(t, c.DropSchema(t.Context(), "s", false))
}
