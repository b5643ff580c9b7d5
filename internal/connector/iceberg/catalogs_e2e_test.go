//go:build e2e

package iceberg

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// catalogSuite makes, writes, changes and drops tables of a catalog, whose commits repeat and rebase as over any other.
func catalogSuite(t *testing.T, properties string) {
	t.Helper()
	var c *Connector
	other := true
	c = configured(t, properties, func(_ context.Context, query string) error {
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
		if err := c.CreateTable(t.Context(), definitionOf(nil)); trinoerr.CodeOf(err) != trinoerr.TableAlreadyExists {
			t.Errorf("a table that is there is made: %v", err)
		}
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
	alterSuite(t, c)
	parallelInserts(t, c, opened(t, properties, nil))
	must(t, c.DropTable(t.Context(), tableOf(t, c)))
	if err := c.CreateSchema(t.Context(), "s", nil); trinoerr.CodeOf(err) != trinoerr.SchemaAlreadyExists {
		t.Errorf("a schema that is there is made: %v", err)
	}
	must(t, c.DropSchema(t.Context(), "s", false))
	if err := c.DropSchema(t.Context(), "s", false); trinoerr.CodeOf(err) != trinoerr.SchemaNotFound {
		t.Errorf("a schema that is not there is dropped: %v", err)
	}
}

// alterSuite leaves an empty table t.
func alterSuite(t *testing.T, c *Connector) {
	t.Helper()
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	insert(t, c, "a1", row(1, "a"))
	must(t, c.AddColumnAfter(t.Context(), tableOf(t, c), connector.Column{Name: "first", Type: types.Of(types.Integer)}, ""))
	must(t, c.DropColumn(t.Context(), tableOf(t, c), "first"))
	must(t, c.AddColumn(t.Context(), tableOf(t, c), connector.Column{Name: "n", Type: types.Of(types.Integer)}))
	must(t, c.SetColumnType(t.Context(), tableOf(t, c), "n", types.Of(types.BigInt)))
	must(t, c.RenameColumn(t.Context(), tableOf(t, c), "n", "m"))
	comment := "what it is"
	must(t, c.SetComment(t.Context(), tableOf(t, c), "", &comment))
	moved := connector.SchemaTable{Schema: "s", Table: "moved"}
	must(t, c.RenameTable(t.Context(), tableOf(t, c), moved))
	names, err := c.Tables(t.Context(), "s")
	must(t, err)
	if len(names) != 1 || names[0].SchemaTable != moved {
		t.Errorf("tables are %v", names)
	}
	tbl, err := c.Table(t.Context(), moved)
	must(t, err)
	var columns []string
	for _, col := range tbl.Columns {
		if !col.Hidden {
			columns = append(columns, col.Name+" "+col.Type.String())
		}
	}
	if want := []string{"id bigint", "name varchar", "m bigint"}; !slices.Equal(columns, want) || tbl.Comment == nil || *tbl.Comment != comment {
		t.Errorf("columns %v, comment %v", columns, tbl.Comment)
	}
	if err := c.DropSchema(t.Context(), "s", false); trinoerr.CodeOf(err) != trinoerr.SchemaNotEmpty {
		t.Errorf("a schema with a table is dropped: %v", err)
	}
	must(t, c.RenameTable(t.Context(), tbl, tableName))
	expectRows(t, c, 1)
	n, err := c.Delete(t.Context(), tableOf(t, c), nil)
	must(t, err)
	if n != 1 {
		t.Errorf("%d rows were deleted", n)
	}
}

// parallelInserts lets two coordinators add rows to a table at a time: none is lost.
func parallelInserts(t *testing.T, connectors ...*Connector) {
	t.Helper()
	const writes = 4
	var group sync.WaitGroup
	var want []int64
	for at, c := range connectors {
		for n := range writes {
			id := int64(100*at + n)
			want = append(want, id)
			w, err := c.BeginWrite(t.Context(), tableOf(t, c), false, connector.RetriesEnabled, fmt.Sprint("p", id))
			must(t, err)
			f := [][]byte{fragmentOf(t, c, w, []testRow{row(id, "p")}, nil)}
			group.Go(func() {
				if err := c.FinishWrite(t.Context(), w, f); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	expectRows(t, connectors[0], want...)
}

// Tables of a real REST catalog.
func TestREST(t *testing.T) {
	server := servers.StartIcebergREST(t)
	catalogSuite(t, "iceberg.catalog.type=rest\niceberg.rest-catalog.uri="+server.URL+"\nfs.native-local.enabled=true\nlocal.location="+server.Warehouse)
}

// Tables of a Hive metastore, which compares and swaps. The one here has no tables for locks, which only Hive's schema tool makes.
func TestHiveMetastore(t *testing.T) {
	server := servers.StartHiveMetastore(t)
	catalogSuite(t, "iceberg.catalog.type=hive_metastore\nhive.metastore.uri="+server.URL+"\niceberg.hive-catalog.locking-enabled=false\n"+
		"hive.metastore.thrift.client.read-timeout=1m\nfs.native-local.enabled=true\nlocal.location="+server.Warehouse)
}

// Tables of a Glue Data Catalog, as far as moto is one.
func TestGlue(t *testing.T) {
	front := httptest.NewServer(&versionChecker{behind: servers.StartGlue(t).URL})
	defer front.Close()
	catalogSuite(t, "iceberg.catalog.type=glue\nhive.metastore.glue.endpoint-url="+front.URL+"\nhive.metastore.glue.region=eu-central-1\n"+
		"hive.metastore.glue.aws-access-key=a\nhive.metastore.glue.aws-secret-key=s\nhive.metastore.glue.default-warehouse-dir="+t.TempDir())
}

// versionChecker does what Glue does and moto does not: it refuses to change a table of which the request has an older version.
type versionChecker struct {
	behind string
	mu     sync.Mutex
}

func (v *versionChecker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	const service = "AWSGlue."
	if r.Header.Get("X-Amz-Target") == service+"UpdateTable" {
		var update struct {
			DatabaseName string
			TableInput   struct{ Name string }
			VersionId    string //nolint:revive // Glue's name
		}
		var now struct{ Table struct{ VersionId string } } //nolint:revive // Glue's name
		err := json.Unmarshal(body, &update)
		question, e := json.Marshal(map[string]string{"DatabaseName": update.DatabaseName, "Name": update.TableInput.Name})
		_, answer, e2 := v.ask(r, service+"GetTable", question)
		if err := errors.Join(err, e, e2, json.Unmarshal(answer, &now)); err != nil || now.Table.VersionId != update.VersionId {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"__type":"ConcurrentModificationException","Message":"Update table failed due to concurrent modifications. %v"}`, err)
			return
		}
	}
	status, answer, err := v.ask(r, r.Header.Get("X-Amz-Target"), body)
	if err != nil {
		status = http.StatusBadGateway
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// ask forwards a request with the header of another.
func (v *versionChecker) ask(like *http.Request, target string, body []byte) (int, []byte, error) {
	r, err := http.NewRequestWithContext(like.Context(), http.MethodPost, v.behind, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header = like.Header.Clone()
	r.Header.Set("X-Amz-Target", target)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}
