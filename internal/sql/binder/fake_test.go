package binder

import (
	"context"
	"encoding/json"
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// fakeCatalogs are catalogs by name.
type fakeCatalogs map[string]connector.Metadata

func (c fakeCatalogs) Names() []string {
	var names []string
	for n := range c {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

func (c fakeCatalogs) Metadata(name string) connector.Metadata {
	if md, ok := c[name]; ok {
		return md
	}
	return nil
}

// fakeMetadata is a catalog that is described, for reading only.
type fakeMetadata map[connector.SchemaTable]*connector.Table

// add declares a table: "schema.name" and columns as "name type"; a leading "-" makes a column hidden, a trailing "!" makes
// it NOT NULL.
func (m fakeMetadata) add(t testing.TB, name string, columns ...string) {
	schema, table, _ := strings.Cut(name, ".")
	tab := &connector.Table{Name: connector.SchemaTable{Schema: schema, Table: table}}
	for _, c := range columns {
		column, typ, _ := strings.Cut(c, " ")
		hidden := strings.HasPrefix(column, "-")
		notNull := strings.HasSuffix(typ, "!")
		parsed, err := types.Parse(strings.TrimSuffix(typ, "!"))
		if err != nil {
			t.Fatal(err)
		}
		tab.Columns = append(tab.Columns, connector.Column{Name: strings.TrimPrefix(column, "-"), Type: parsed, Hidden: hidden, NotNull: notNull})
	}
	m[tab.Name] = tab
}

func (m fakeMetadata) Schemas(context.Context) ([]string, error) {
	seen := map[string]bool{}
	var names []string
	for n := range m {
		if !seen[n.Schema] {
			seen[n.Schema] = true
			names = append(names, n.Schema)
		}
	}
	sort.Strings(names)
	return names, nil
}

func (m fakeMetadata) Tables(_ context.Context, schema string) ([]connector.TableName, error) {
	var out []connector.TableName
	for n := range m {
		if n.Schema == schema {
			out = append(out, connector.TableName{SchemaTable: n})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Table < out[j].Table })
	return out, nil
}

func (m fakeMetadata) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	return m[name], nil
}

func (m fakeMetadata) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	if scan.Table.Table == "n" {
		return connector.Statistics{}, nil // no rows
	}
	return connector.Statistics{Rows: 42, Columns: map[string]connector.ColumnStatistics{
		"a": {NullFraction: 0.5, Distinct: 10, Low: 1, High: 99},
		"x": {NullFraction: 1, Bytes: -1, Low: math.NaN(), High: math.NaN()},
	}}, nil
}

// fakeWritable is a catalog that can be changed. The embedded interfaces are never called: binding changes nothing.
type fakeWritable struct {
	fakeMetadata
	connector.Writer
	connector.SchemaWriter
	connector.TableCreator
	connector.TableRenamer
	connector.ColumnAlterer
	connector.Commenter
	connector.Deleter
	connector.Truncater
}

// CanDelete holds for all rows, and for constraints on column v.
func (fakeWritable) CanDelete(_ context.Context, _ *connector.Table, constraint []connector.Domain) (bool, error) {
	for _, d := range constraint {
		if d.Column != "v" {
			return false, nil
		}
	}
	return true, nil
}

// RowID is a number; no row of table fixed can be changed.
func (fakeWritable) RowID(_ context.Context, t *connector.Table) ([]connector.Column, error) {
	if t.Name.Table == "fixed" {
		return nil, trinoerr.New(trinoerr.NotSupported, "Rows of this table are fixed")
	}
	return []connector.Column{{Name: "$id", Type: types.Of(types.BigInt)}}, nil
}

// AnalyzeProperties is one.
func (fakeWritable) AnalyzeProperties() []connector.Property {
	return []connector.Property{{Name: "groups", Type: types.ArrayOf(types.ArrayOf(types.Of(types.Varchar)))}}
}

// Analysis describes all columns, by the first.
func (fakeWritable) Analysis(_ context.Context, t *connector.Table, properties map[string]any) (*connector.Analysis, error) {
	a := &connector.Analysis{GroupBy: []string{t.Columns[0].Name}}
	for _, c := range t.Columns {
		a.Columns = append(a.Columns, c.Name)
	}
	a.Groups, _ = properties["groups"].([][]*string)
	return a, nil
}

// StoreStatistics is never called.
func (fakeWritable) StoreStatistics(context.Context, json.RawMessage, []connector.GroupStatistics) error {
	return nil
}

// TableProperties are those of the fake.
func (fakeWritable) TableProperties() []connector.Property {
	return []connector.Property{
		{Name: "format", Type: types.Of(types.Varchar), Default: "PARQUET"},
		{Name: "buckets", Type: types.Of(types.BigInt)},
		{Name: "partitioned_by", Type: types.ArrayOf(types.Of(types.Varchar))},
	}
}

// SchemaProperties are those of the fake.
func (fakeWritable) SchemaProperties() []connector.Property {
	return []connector.Property{{Name: "location", Type: types.Of(types.Varchar)}}
}

// Schema gives every schema a location.
func (fakeWritable) Schema(_ context.Context, name string) (map[string]any, error) {
	return map[string]any{"location": "memory:/" + name}, nil
}

// Procedures is one that refreshes.
func (fakeWritable) Procedures() []connector.Procedure {
	return []connector.Procedure{{Name: connector.SchemaTable{Schema: "s", Table: "refresh"}, Arguments: []connector.ProcedureArgument{
		{Name: "TABLE_NAME", Type: types.Of(types.Varchar), Required: true},
		{Name: "DEPTH", Type: types.Of(types.BigInt), Default: int64(7)},
	}}}
}

// fakeEnv has a catalog "cat" that is read only and "mem" that can be changed, both with a schema "s".
func fakeEnv(t testing.TB) Env {
	read := fakeMetadata{}
	read.add(t, "s.t", "a bigint", "b varchar(10)", "c double", "d date", "-$path varchar")
	read.add(t, "s.u", "a bigint", "x integer", "y decimal(10,2)")
	read.add(t, "s.n", "arr array(integer)", "m map(varchar, bigint)", "r row(f bigint, g row(h varchar))", "rows array(row(p integer, q varchar))")
	read.add(t, "other.t", "z boolean!")
	mem := fakeMetadata{}
	mem.add(t, "s.w", "a bigint", "v varchar(3)", "d double")
	mem.add(t, "s.strict", "k bigint!", "v varchar")
	mem.add(t, "s.fixed", "a bigint", "v varchar")
	return Env{
		Session: Session{User: "alice", Source: "test", Catalog: "cat", Schema: "s", TimeZone: "Europe/Berlin",
			Now: time.Date(2024, 2, 29, 12, 34, 56, 789_000_000, time.UTC), Properties: map[string]string{"depth": "3"}},
		Catalogs: fakeCatalogs{"cat": read, "mem": fakeWritable{fakeMetadata: mem}, "lake": newFakeLake(t)},
		Prepared: map[string]string{"q": "SELECT a, b AS c FROM t WHERE a > ? AND b = ? LIMIT ?"},
		Properties: []SessionProperty{{Name: "depth", Type: "bigint", Default: "1", Description: "How deep"},
			{Name: "secret", Type: "varchar", Hidden: true}, {Catalog: "mem", Name: "fast", Type: "boolean", Default: "false"}},
	}
}

// bindText parses and binds a statement.
func bindText(env Env, sql string) (Bound, error) {
	stmt, err := parser.ParseStatement(sql)
	if err != nil {
		return nil, err
	}
	env.SQL = sql
	return Bind(context.Background(), stmt, env)
}
