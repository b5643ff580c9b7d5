package binder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// fakeLake is a catalog that can do what tables of other catalogs cannot: versions, procedures, functions, all kinds of ALTER TABLE. The
// embedded interfaces are never called.
type fakeLake struct {
	fakeMetadata
	connector.TableCreator
	connector.ColumnAlterer
	connector.ColumnPlacer
	connector.ColumnTyper
	connector.FieldAlterer
	connector.PropertySetter
	connector.Rewriter
}

func newFakeLake(t testing.TB) fakeLake {
	m := fakeMetadata{}
	m.add(t, "s.e", "a bigint", "r row(x bigint, y row(z varchar), l array(row(p integer, q integer)), k map(varchar, row(u integer, v integer)))", "p varchar", "-$path varchar")
	return fakeLake{fakeMetadata: m}
}

// TableVersion gives a table whose handle is the version; version 0 has no table.
func (l fakeLake) TableVersion(_ context.Context, name connector.SchemaTable, v connector.Version) (*connector.Table, error) {
	t := l.fakeMetadata[name]
	switch {
	case t == nil || v.Value == int64(0):
		return nil, nil
	case v.Value == int64(-1):
		return nil, trinoerr.New(trinoerr.InvalidArguments, "Version pointer type is not supported: %s", v.Type)
	}
	out := *t
	out.Columns = t.Columns[:1]
	out.Handle = json.RawMessage(fmt.Sprintf("%q", fmt.Sprintf("timestamp %t, %s %v", v.Timestamp, v.Type, v.Value)))
	return &out, nil
}

func (fakeLake) TableFunctions() []connector.TableFunction {
	return []connector.TableFunction{{Name: connector.SchemaTable{Schema: "system", Table: "query"},
		Arguments: []connector.ProcedureArgument{{Name: "QUERY", Type: types.Of(types.Varchar), Required: true}, {Name: "LIMIT", Type: types.Of(types.BigInt)},
			{Name: "DEPTH", Type: types.Of(types.BigInt), Default: int64(7)}},
		Table: func(_ context.Context, args []any) (*connector.Table, error) {
			if args[0] == nil {
				return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "query is null")
			}
			return &connector.Table{Name: connector.SchemaTable{Schema: "system", Table: fmt.Sprint(args...)},
				Columns: []connector.Column{{Name: "c", Type: types.Of(types.BigInt)}, {Name: "D", Type: types.Of(types.Double)}}}, nil
		}}}
}

func (fakeLake) TableProcedures() []connector.TableProcedure {
	size := connector.Property{Name: "file_size_threshold", Type: types.Of(types.Varchar), Default: "100MB", Check: func(v any) error {
		_, err := config.ParseSize(v.(string))
		return err
	}}
	return []connector.TableProcedure{
		{Name: "OPTIMIZE", Arguments: []connector.Property{size}, Filtered: true, Rewrite: rewriteSome},
		{Name: "DROP_STATS", Run: func(context.Context, *connector.Table, map[string]any, []connector.Domain) error {
			return errors.New("never called")
		}},
	}
}

// rewriteSome rewrites nothing for a threshold of 0B, and cannot filter by a.
func rewriteSome(_ context.Context, t *connector.Table, args map[string]any, where []connector.Domain) (*connector.Table, error) {
	for _, d := range where {
		if d.Column == "a" {
			return nil, trinoerr.New(trinoerr.NotSupported, "cannot filter by a")
		}
	}
	if args["file_size_threshold"] == "0B" {
		return nil, nil
	}
	out := *t
	out.Handle = json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(args, len(where))))
	return &out, nil
}

func (fakeLake) TableProperties() []connector.Property {
	return []connector.Property{{Name: "format", Type: types.Of(types.Varchar), Default: "PARQUET"}, {Name: "files", Type: types.Of(types.BigInt)}}
}

func (fakeLake) SchemaProperties() []connector.Property { return nil }

func (fakeLake) ColumnProperties() []connector.Property {
	return []connector.Property{{Name: "kind", Type: types.Of(types.Varchar), Check: func(v any) error {
		if v != "ENUM" {
			return fmt.Errorf("Invalid value [%v]. Valid values: [ENUM]", v)
		}
		return nil
	}}, {Name: "words", Type: types.ArrayOf(types.Of(types.Varchar))}}
}

// withoutLake shortens what is said of the large table of the fake.
func withoutLake(text []byte) ([]byte, error) {
	if !bytes.Contains(text, []byte(`"Catalog":"lake","Table":{"Name":{"Schema":"s","Table":"e"}`)) {
		return text, nil
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	all["Table"] = "s.e"
	return json.Marshal(all)
}

// The pointer to a version reaches the connector, and what it answers the scan.
func TestVersionsArePinned(t *testing.T) {
	for _, tt := range []struct{ pointer, want string }{
		{"VERSION AS OF 17", "timestamp false, integer 17"},
		{"VERSION AS OF 'main'", "timestamp false, varchar(4) main"},
		{"TIMESTAMP AS OF TIMESTAMP '1970-01-01 00:00:01.5'", "timestamp true, timestamp(1) {1500000 0}"},
		{"TIMESTAMP AS OF DATE '1970-03-31' - INTERVAL '1' MONTH", "timestamp true, date 1970-02-28"},
		{"TIMESTAMP AS OF CAST('1970-01-01 01:00:00' AS timestamp(3) with time zone)", "timestamp true, timestamp(3) with time zone {0 0 Europe/Berlin}"},
		{"TIMESTAMP AS OF current_timestamp - INTERVAL '1' DAY", "timestamp true, timestamp(3) with time zone {1709123696789 0 Europe/Berlin}"},
	} {
		bound, err := bindText(fakeEnv(t), "SELECT * FROM lake.s.e FOR "+tt.pointer)
		if err != nil {
			t.Errorf("%s: %v", tt.pointer, err)
			continue
		}
		plan.Walk(bound.(*Query).Plan, func(n plan.Node) bool {
			if s, ok := n.(*plan.Scan); ok && string(s.Table.Handle) != strconv.Quote(tt.want) {
				t.Errorf("%s: %s, want %s", tt.pointer, s.Table.Handle, tt.want)
			}
			return true
		})
	}
}

// A rewrite reads and writes what the connector has chosen.
func TestRewriteIsPinned(t *testing.T) {
	bound, err := bindText(fakeEnv(t), "ALTER TABLE lake.s.e EXECUTE optimize('1MB') WHERE p = 'x'")
	if err != nil {
		t.Fatal(err)
	}
	q := bound.(*Query)
	scan := q.Plan.Source.(*plan.Write).Source.(*plan.Scan)
	const want = `"map[file_size_threshold:1MB] 1"`
	if got := string(scan.Table.Handle); got != want || string(q.Write.Table.Handle) != want || len(scan.Table.Columns) != 3 || q.Write.Procedure != "OPTIMIZE" {
		t.Errorf("scan of %s, write of %+v", got, q.Write)
	}
}
