package iceberg

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A directory without any service is a catalog, in which rows can be written twice and schemas are there before they have tables.
func TestDirectoryAsCatalog(t *testing.T) {
	dir := t.TempDir()
	for _, properties := range []string{
		"waterbear.iceberg.hadoop-warehouse-dir=" + dir + "/plain",
		"fs.native-local.enabled=true\nlocal.location=" + dir + "\nwaterbear.iceberg.hadoop-warehouse-dir=local:///ware",
	} {
		c := configured(t, "iceberg.catalog.type=HADOOP\n"+properties, nil)
		schemas, err := c.Schemas(t.Context())
		must(t, err)
		if len(schemas) != 1 || schemas[0] != "s" {
			t.Errorf("schemas: %v", schemas)
		}
		must(t, c.CreateTable(t.Context(), definitionOf(nil)))
		for query, id := range map[string]int64{"q1": 1, "q2": 2} {
			write, err := c.BeginWrite(t.Context(), tableOf(t, c), false, connector.RetriesEnabled, query)
			must(t, err)
			fragment := fragmentOf(t, c, write, []testRow{row(id, "x")}, nil)
			for range 2 { // as after a failure that was none
				must(t, c.FinishWrite(t.Context(), write, [][]byte{fragment}))
			}
		}
		tbl := tableOf(t, c)
		stats, err := c.Statistics(t.Context(), connector.Scan{Table: tbl.Name, Handle: tbl.Handle, Columns: tbl.Columns})
		must(t, err)
		if stats.Rows != 2 {
			t.Errorf("%v rows, want 2", stats.Rows)
		}
	}
}

// In object storage a directory is no catalog.
func TestBucketIsNoCatalog(t *testing.T) {
	f, err := config.ParseProperties("ice.properties", "iceberg.catalog.type=HADOOP\nwaterbear.iceberg.hadoop-warehouse-dir=s3://b/ware\nfs.native-s3.enabled=true\ns3.region=r", nil)
	must(t, err)
	if _, err := New(t.Context(), connector.CatalogConfig{Catalog: "ice", File: f}); trinoerr.CodeOf(err) != trinoerr.ConfigurationInvalid {
		t.Errorf("got %v", err)
	}
}
