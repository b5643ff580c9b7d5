package hive

import (
	"reflect"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// trinosView is the text of a view that Trino 476 made.
const trinosView = "/* Presto View: eyJvcmlnaW5hbFNxbCI6IlNFTEVDVFxuICBuYXRpb25rZXlcbiwgbmFtZVxuLCBDQVNUKG51bGwgQVMgdGltZXN0YW1wKDkpIHdpdGggdGltZSB6b25lKSB6XG4sIEFSUkFZW1JPVygxLCAneCcpXSByXG5GUk9NXG4gIHRwY2gudGlueS5uYXRpb25cbldIRVJFIChyZWdpb25rZXkgPSAxKVxuIiwiY2F0YWxvZyI6ImhpdmUiLCJzY2hlbWEiOiJ0eCIsImNvbHVtbnMiOlt7Im5hbWUiOiJuYXRpb25rZXkiLCJ0eXBlIjoiYmlnaW50In0seyJuYW1lIjoibmFtZSIsInR5cGUiOiJ2YXJjaGFyKDI1KSIsImNvbW1lbnQiOiJubSJ9LHsibmFtZSI6InoiLCJ0eXBlIjoidGltZXN0YW1wKDkpIHdpdGggdGltZSB6b25lIn0seyJuYW1lIjoiciIsInR5cGUiOiJhcnJheShyb3coaW50ZWdlcix2YXJjaGFyKDEpKSkifV0sImNvbW1lbnQiOiJpdCdzIiwib3duZXIiOiJvcmFjbGUiLCJydW5Bc0ludm9rZXIiOmZhbHNlLCJwYXRoIjpbXX0= */"

// A view of Trino's is understood, and written as Trino has written it.
func TestViewOfTrino(t *testing.T) {
	v, err := decodeView(connector.SchemaTable{Schema: "tx", Table: "v"}, trinosView)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(v.SQL, "SELECT\n  nationkey") || v.Catalog != "hive" || v.Schema != "tx" || v.Owner != "oracle" || *v.Comment != "it's" || len(v.Columns) != 4 ||
		*v.Columns[1].Comment != "nm" || !v.Columns[2].Type.Equal(types.TimestampTZP(9)) || v.Columns[3].Type.String() != "array(row(integer, varchar(1)))" {
		t.Errorf("got %+v", v)
	}
	text, err := encodeView(v)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeView(v.Name, text)
	if err != nil || !reflect.DeepEqual(again, v) {
		t.Errorf("comes back as %+v, %v", again, err)
	}
}

func TestViewPath(t *testing.T) {
	v := &connector.View{SQL: "SELECT 1", Path: "memory.default, h.s", Columns: []connector.ViewColumn{}}
	text, err := encodeView(v)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decodeView(v.Name, text); err != nil || got.Path != v.Path || got.Owner != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Views of Hive itself are refused, and no tables.
func TestForeignView(t *testing.T) {
	c, _ := open(t)
	text := "select 1"
	name := connector.SchemaTable{Schema: "s", Table: "v"}
	if err := c.store.CreateTable(t.Context(), &metastore.Table{Name: name, Type: metastore.VirtualView, Parameters: map[string]string{}, ViewOriginalText: &text}); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Table(t.Context(), name); got != nil || err != nil {
		t.Errorf("Table = %v, %v", got, err)
	}
	if _, err := c.View(t.Context(), name); err == nil || trinoerr.CodeOf(err) != trinoerr.NotSupported {
		t.Errorf("View: %v", err)
	}
}

// FuzzDecodeView checks that no text does harm, and that what can be read can be written.
func FuzzDecodeView(f *testing.F) {
	f.Add(trinosView)
	f.Add("/* Presto View: e30= */")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := decodeView(connector.SchemaTable{}, text)
		if err != nil {
			return
		}
		if _, err := encodeView(v); err != nil {
			t.Fatal(err)
		}
	})
}
