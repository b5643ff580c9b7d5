package distributedtest

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// table is a table of the tests: its columns and its rows as SQL.
type table struct {
	name    string
	columns string // "name type, …"
	rows    string // a query
}

// tables are small and full of NULLs, duplicates and keys without a partner. One is empty.
var tables = []table{
	{"t", "a bigint, b bigint, c varchar, d decimal(10,2)", `SELECT CASE WHEN i % 7 = 3 THEN NULL ELSE i % 6 END, CASE WHEN i % 5 = 4 THEN NULL ELSE (i * 3) % 8 END,
		CASE WHEN i % 9 = 5 THEN NULL ELSE chr((97 + i % 4)::INTEGER) END, CASE WHEN i % 8 = 1 THEN NULL ELSE (i % 10) / 4.0 END FROM range(37) r(i)`},
	{"u", "a bigint, x bigint, s varchar", `SELECT CASE WHEN i % 6 = 2 THEN NULL ELSE i % 9 END, CASE WHEN i % 4 = 1 THEN NULL ELSE (i * 5) % 7 END,
		CASE WHEN i % 5 = 3 THEN NULL ELSE chr((98 + i % 3)::INTEGER) END FROM range(23) r(i)`},
	{"v", "a bigint, y bigint", `SELECT i + 2, CASE WHEN i = 3 THEN NULL ELSE i * 2 END FROM range(5) r(i)`},
	{"e", "a bigint, z bigint", `SELECT 1, 1 WHERE false`},
	{"n", "k bigint, arr array(bigint)", `SELECT i, CASE WHEN i % 4 = 3 THEN NULL WHEN i % 4 = 2 THEN [] ELSE [i, NULL, i + 1] END FROM range(9) r(i)`},
	{"w", "a bigint, r row(x bigint, s row(y bigint, c varchar)), l array(row(i bigint, j bigint))", `SELECT CASE WHEN i % 5 = 2 THEN NULL ELSE i % 7 END,
		CASE WHEN i % 6 = 4 THEN NULL ELSE {'f1': CASE WHEN i % 4 <> 1 THEN i % 5 END,
			'f2': CASE WHEN i % 3 <> 2 THEN {'f1': CASE WHEN i % 7 <> 5 THEN i % 8 END, 'f2': chr((97 + i % 4)::INTEGER)} END} END,
		CASE WHEN i % 4 = 3 THEN NULL ELSE [{'f1': i, 'f2': i % 3}, NULL] END FROM range(29) r(i)`},
	{"o", "a bigint, b bigint, c varchar", valuesOf(outerRows)},
}

// outerRows are the rows of o, the rows outside of random correlated subqueries.
var outerRows = [][3]string{{"1", "2", "'b'"}, {"NULL", "3", "'c'"}, {"1", "2", "'b'"}, {"4", "NULL", "NULL"}, {"3", "5", "'a'"}, {"1", "5", "'c'"},
	{"NULL", "NULL", "'d'"}, {"70", "0", "'b'"}}

func valuesOf(rows [][3]string) string {
	var out []string
	for _, r := range rows {
		out = append(out, "("+strings.Join(r[:], ", ")+")")
	}
	return "VALUES " + strings.Join(out, ", ")
}

// metadata describes the tables to the binder.
type metadata map[string]*connector.Table

func newMetadata() metadata {
	m := metadata{}
	for _, t := range tables {
		ct := &connector.Table{Name: connector.SchemaTable{Schema: "s", Table: t.name}}
		for _, c := range declarations(t.columns) {
			name, typ, _ := strings.Cut(c, " ")
			ct.Columns = append(ct.Columns, connector.Column{Name: name, Type: types.MustParse(typ)})
		}
		m[t.name] = ct
	}
	return m
}

// declarations divides "name type, …" at the commas outside of parentheses.
func declarations(columns string) (out []string) {
	depth, from := 0, 0
	for i, r := range columns {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, columns[from:i])
				from = i + len(", ")
			}
		}
	}
	return append(out, columns[from:])
}

func (m metadata) Names() []string                           { return []string{"cat"} }
func (m metadata) Metadata(string) connector.Metadata        { return m }
func (m metadata) Schemas(context.Context) ([]string, error) { return []string{"s"}, nil }
func (m metadata) Tables(context.Context, string) ([]connector.TableName, error) {
	var out []connector.TableName
	for _, t := range m {
		out = append(out, connector.TableName{SchemaTable: t.Name})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Table < out[j].Table })
	return out, nil
}

func (m metadata) Table(_ context.Context, n connector.SchemaTable) (*connector.Table, error) {
	return m[n.Table], nil
}

// Statistics are wrong on purpose in nothing but scale: a table of few rows is said to have many.
func (m metadata) Statistics(_ context.Context, s connector.Scan) (connector.Statistics, error) {
	rows := map[string]float64{"t": 37e6, "u": 23e6, "v": 5, "e": 0, "n": 9, "w": 29e6, "o": 8e6}[s.Table.Table]
	st := connector.Statistics{Rows: rows, Columns: map[string]connector.ColumnStatistics{}}
	for _, c := range s.Columns {
		st.Columns[c.Name] = connector.ColumnStatistics{Distinct: min(rows, 8), Bytes: -1, Low: 0, High: 9}
	}
	return st, nil
}

// bind makes the plan of a query.
func bind(t testing.TB, sql string) (*plan.Output, error) {
	t.Helper()
	stmt, err := parser.ParseStatement(sql)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	env := binder.Env{SQL: sql, Catalogs: newMetadata(), Session: binder.Session{User: "test", Catalog: "cat", Schema: "s", Now: time.Unix(0, 0).UTC()}}
	b, err := binder.Bind(context.Background(), stmt, env)
	if err != nil {
		return nil, err
	}
	return b.(*binder.Query).Plan, nil
}
