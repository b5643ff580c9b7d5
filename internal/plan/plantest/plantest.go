// Package plantest makes plans of SQL text for the tests of planning: over the catalog tpch, with its statistics, and over
// a few described tables of a catalog named cat.
//
// Only tests import it. It knows the binder but no rewrite. Start with Bind.
package plantest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Catalogs are what statements are bound against.
type Catalogs map[string]connector.Metadata

// New returns the catalogs of the package comment. Table cat.s.t has 10 million rows, u has 2 million, v has 20, and of w nothing
// is known; all of these have columns a and b bigint, c varchar, d double, p row(x bigint, y varchar), l array(bigint). Rows of t and u lie in the
// order of a, those of t about in the order of b. Table n has 5 million rows of a bigint, r row(x bigint, s row(p bigint, q varchar), l array(row(i bigint, j varchar))),
// and e row(x bigint, y varchar).
// The catalogs remote and other have the same tables, in databases that take whatever is offered to them.
func New(t testing.TB) Catalogs {
	file, err := config.ParseProperties("tpch.properties", "tpch.column-naming=STANDARD", nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tpch.New(connector.CatalogConfig{Catalog: "tpch", File: file})
	if err != nil {
		t.Fatal(err)
	}
	return Catalogs{"tpch": conn, "cat": described{}, "remote": &Remote{Metadata: tables{described{}}}, "other": &Remote{Metadata: tables{described{}}}}
}

// Names lists the catalogs.
func (c Catalogs) Names() []string {
	var out []string
	for n := range c {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Metadata returns a catalog, nil when there is none of that name.
func (c Catalogs) Metadata(name string) connector.Metadata {
	if m, ok := c[name]; ok {
		return m
	}
	return nil
}

// Statistics gives the statistics of a scan to an estimator.
func (c Catalogs) Statistics(s *plan.Scan) (connector.Statistics, bool) {
	st, err := c[s.Catalog].Statistics(context.Background(), s.Table)
	return st, err == nil && st.Rows >= 0
}

// Clustering tells how the rows of a scan lie.
func (c Catalogs) Clustering(s *plan.Scan, column string) (connector.Clustering, bool) {
	clustered, ok := c[s.Catalog].(connector.Clustered)
	if !ok {
		return connector.Clustering{}, false
	}
	clusters, ok, err := clustered.Clustering(context.Background(), s.Table, column)
	return clusters, ok && err == nil
}

// Connector is whom parts of plans are offered to.
func (c Catalogs) Connector(name string) any { return c[name] }

// ReadsFields tells which catalogs read fields of rows alone.
func (c Catalogs) ReadsFields(name string) bool {
	_, ok := c[name].(connector.FieldReader)
	return ok
}

// Bind makes the plan of a query in a session of the given catalog and schema ("tpch.sf1").
func (c Catalogs) Bind(session, sql string) (*plan.Output, error) {
	stmt, err := parser.ParseStatement(sql)
	if err != nil {
		return nil, err
	}
	catalog, schema, _ := strings.Cut(session, ".")
	b, err := binder.Bind(context.Background(), stmt, binder.Env{SQL: sql, Catalogs: c,
		Session: binder.Session{User: "test", Catalog: catalog, Schema: schema, Now: time.Unix(0, 0).UTC()}})
	if err != nil {
		return nil, err
	}
	q, ok := b.(*binder.Query)
	if !ok {
		return nil, fmt.Errorf("a %T is no query", b)
	}
	return q.Plan, nil
}

// TPCH returns the benchmark's 22 queries, in order.
func TPCH(t testing.TB) []string {
	_, self, _, _ := runtime.Caller(0)
	text, err := os.ReadFile(filepath.Join(filepath.Dir(self), "../../sql/binder/testdata/tpch_standard.sql"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, q := range strings.Split(string(text), "\n-- ")[1:] {
		_, sql, _ := strings.Cut(q, "\n")
		out = append(out, strings.TrimSuffix(strings.TrimSpace(sql), ";"))
	}
	if len(out) != 22 {
		t.Fatalf("%d queries, want 22", len(out))
	}
	return out
}

// tables hides all but the metadata of a catalog.
type tables struct{ connector.Metadata }

// described is a catalog without data.
type described struct{ connector.Writer }

var describedRows = map[string]float64{"t": 10e6, "u": 2e6, "v": 20, "w": -1, "n": 5e6}

// RowID is one number.
func (described) RowID(context.Context, *connector.Table) ([]connector.Column, error) {
	return []connector.Column{{Name: "$id", Type: types.Of(types.BigInt)}}, nil
}

func (described) ReadsFields() {}

func (described) Schemas(context.Context) ([]string, error) { return []string{"s"}, nil }

func (described) Tables(context.Context, string) ([]connector.TableName, error) {
	var out []connector.TableName
	for _, n := range []string{"n", "t", "u", "v", "w"} {
		out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: "s", Table: n}})
	}
	return out, nil
}

func (described) Table(_ context.Context, n connector.SchemaTable) (*connector.Table, error) {
	if _, ok := describedRows[n.Table]; !ok || n.Schema != "s" {
		return nil, nil
	}
	t := &connector.Table{Name: n}
	columns := []string{"a bigint", "b bigint", "c varchar", "d double", "p row(x bigint, y varchar)", "l array(bigint)"}
	if n.Table == "n" {
		columns = []string{"a bigint", "r row(x bigint, s row(p bigint, q varchar), l array(row(i bigint, j varchar)))", "e row(x bigint, y varchar)"}
	}
	for _, c := range columns {
		name, typ, _ := strings.Cut(c, " ")
		t.Columns = append(t.Columns, connector.Column{Name: name, Type: types.MustParse(typ)})
	}
	return t, nil
}

func (described) Clustering(_ context.Context, s connector.Scan, column string) (connector.Clustering, bool, error) {
	rows := int64(describedRows[s.Table.Table])
	depth, ok := map[string]float64{"t.a": 0, "u.a": 0, "t.b": 40}[s.Table.Table+"."+column]
	if !ok {
		return connector.Clustering{}, false, nil
	}
	out := connector.Clustering{Pieces: int(rows / 100_000), Depth: depth, Bytes: float64(rows * int64(8*len(s.Columns)))}
	for low := int64(100_000); low < rows; low += 100_000 {
		out.Bounds = append(out.Bounds, low)
	}
	return out, true, nil
}

func (described) RangeSplits(context.Context, connector.Scan, connector.Ranges) (connector.SplitSource, error) {
	panic("nobody executes these plans")
}

func (described) Statistics(_ context.Context, s connector.Scan) (connector.Statistics, error) {
	rows := describedRows[s.Table.Table]
	st := connector.Statistics{Rows: rows, Columns: map[string]connector.ColumnStatistics{}}
	for _, c := range s.Columns {
		distinct := map[string]float64{"a": rows, "b": rows / 10, "c": 100, "d": rows / 2}[c.Name]
		if distinct > 0 {
			st.Columns[c.Name] = connector.ColumnStatistics{Distinct: distinct, Bytes: -1, Low: 0, High: distinct}
		}
	}
	return st, nil
}
