package iceberg

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Sessions say how files are compressed and how large they become; without that the table and the catalog do.
func TestWriteSettings(t *testing.T) {
	c := catalogOf(t, "iceberg.compression-codec=GZIP\niceberg.target-max-file-size=5MB\niceberg.unique-table-location=false\n", nil)
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	begun := func(ctx context.Context) *write {
		raw, err := c.BeginWrite(ctx, tableOf(t, c), false, connector.RetriesEnabled, "q")
		must(t, err)
		w := new(write)
		must(t, json.Unmarshal(raw, w))
		return w
	}
	if w := begun(t.Context()); w.Codec != "gzip" || w.Bytes != 5<<20 {
		t.Errorf("%s, %d bytes", w.Codec, w.Bytes)
	}
	session := connector.WithSession(t.Context(), func() *connector.Session {
		return &connector.Session{Properties: map[string]string{"ice.compression_codec": "SNAPPY", "ice.target_max_file_size": "7MB"}}
	})
	if w := begun(session); w.Codec != "snappy" || w.Bytes != 7<<20 {
		t.Errorf("of the session: %s, %d bytes", w.Codec, w.Bytes)
	}
	for unique, same := range map[string]bool{"true": false, "false": true} {
		c := catalogOf(t, "iceberg.unique-table-location="+unique+"\n", nil)
		var locations []any
		for range 2 {
			must(t, c.CreateTable(t.Context(), definitionOf(nil)))
			locations = append(locations, tableOf(t, c).Properties[propLocation])
			must(t, c.DropTable(t.Context(), tableOf(t, c)))
		}
		if (locations[0] == locations[1]) != same {
			t.Errorf("unique %s: locations %v", unique, locations)
		}
	}
}

// A commit that others come before for ever fails after as many attempts as are allowed.
func TestRetriesEnd(t *testing.T) {
	var c *Connector
	attempts := 0
	c = catalogOf(t, "iceberg.max-commit-retry=2\n", func(_ context.Context, query string) error {
		if query == "q1" {
			attempts++
			return c.AddColumn(context.Background(), tableOf(t, c), connector.Column{Name: "c" + string(rune('a'+attempts)), Type: types.Of(types.Integer)})
		}
		return nil
	})
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	if err := c.commit(t.Context(), tableName, "q1", func() (*table.Table, error) { return c.load(t.Context(), tableName) },
		func(_ *table.Table, tx *table.Transaction) error {
			return tx.UpdateSchema(true, false).AddColumn([]string{"z"}, iceberg.PrimitiveTypes.Int32, "", false, nil).Commit()
		}); !failedWith(err, trinoerr.IcebergCommitError) || attempts != 3 {
		t.Errorf("after %d attempts: %v", attempts, err)
	}
}

// Properties that Trino has and that cannot be honoured are refused with what to do, and others are held against each other.
func TestRefusedProperties(t *testing.T) {
	for text, want := range map[string]string{
		"iceberg.catalog.type=hive_metastore":                                                                                   "HIVE_METASTORE needs hive.metastore.uri",
		"iceberg.catalog.type=glue\nhive.metastore.glue.aws-access-key=a":                                                       "'hive.metastore.glue.aws-secret-key' must be set with it",
		"iceberg.catalog.type=glue\nhive.metastore.glue.external-id=a":                                                          "'hive.metastore.glue.iam-role' must be set with it",
		"iceberg.catalog.type=glue\nhive.metastore.glue.threads=3":                                                              "'hive.metastore.glue.threads' is not supported",
		"iceberg.catalog.type=nessie":                                                                                           "must be one of",
		"iceberg.catalog.type=rest\niceberg.rest-catalog.uri=http://h:1\niceberg.rest-catalog.sigv4-enabled=true":               "requests to a REST catalog are not signed",
		"iceberg.catalog.type=rest\niceberg.rest-catalog.uri=http://h:1\niceberg.experimental.extended-statistics.enabled=true": "iceberg.extended-statistics.enabled",
	} {
		f, err := config.ParseProperties("ice.properties", text, nil)
		must(t, err)
		if _, err := New(t.Context(), connector.CatalogConfig{Catalog: "ice", File: f}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", text, err, want)
		}
	}
}
