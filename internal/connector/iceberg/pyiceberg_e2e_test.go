//go:build e2e

package iceberg

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// both reads a table as PyIceberg does, prints what it finds, and adds a row of its own.
const both = `
import sys, pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
catalog = SqlCatalog("c", uri="sqlite:///" + sys.argv[1] + "/catalog.db", warehouse=sys.argv[1] + "/tables")
table = catalog.load_table("s.t")
print(sorted(table.scan().to_arrow()["id"].to_pylist()))
for s in table.metadata.statistics:
    for b in s.blob_metadata:
        print(b.type, b.fields, b.properties["ndv"])
table.append(pa.table({"id": pa.array([100], pa.int64()), "name": pa.array(["python"], pa.string())}))
table.delete("id = 1")
print(sorted(table.scan().to_arrow()["id"].to_pylist()))
`

// PyIceberg reads what was written here: rows, position deletes and statistics; and what it writes is read here.
func TestPyIceberg(t *testing.T) {
	c := catalogOf(t, "", nil)
	root := strings.TrimSuffix(c.jdbc.warehouse, "/tables")
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	insert(t, c, "q1", row(1, "a"), row(2, "b"), row(3, "c"))
	file := fileOf(t, c)
	insert(t, c, "q2", row(4, "d"))
	w, err := c.BeginChange(t.Context(), tableOf(t, c), connector.RetriesEnabled, "q3")
	must(t, err)
	must(t, c.FinishWrite(t.Context(), w, [][]byte{fragmentOf(t, c, w, []testRow{row(20, "x")}, map[string][]int64{file: {1}})}))
	a, err := c.Analysis(t.Context(), tableOf(t, c), nil)
	must(t, err)
	must(t, c.StoreStatistics(t.Context(), a.Handle, []connector.GroupStatistics{{Rows: 4,
		Columns: []connector.GatheredStatistics{gathered(t, "1", "3", "4", "20"), gathered(t, "a", "c", "d", "x")}}}))
	want := "[1, 3, 4, 20]\napache-datasketches-theta-v1 [1] 4\napache-datasketches-theta-v1 [2] 4\n[3, 4, 20, 100]"
	if got := servers.PyIceberg(t, both, root); got != want {
		t.Errorf("PyIceberg finds\n%s\nwant\n%s", got, want)
	}
	expectRows(t, c, 3, 4, 20, 100)
}
