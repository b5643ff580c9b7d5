package system

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// table is a system table.
type table struct {
	schema, name string
	columns      []connector.Column
	// rows makes the rows that a filter lets through; more is allowed. nil is a table that never has rows.
	rows func(ctx context.Context, c *Connector, f filter) ([][]any, error)
}

// tables are all tables, by schema and name.
var tables = func() []table {
	list := slices.Concat(runtimeTables, metadataTables, jdbcTables)
	sort.Slice(list, func(i, j int) bool {
		if list[i].schema != list[j].schema {
			return list[i].schema < list[j].schema
		}
		return list[i].name < list[j].name
	})
	return list
}()

// define makes a table of columns written as "name type, …"; a column without a type is a varchar.
func define(schema, name, columns string, rows func(context.Context, *Connector, filter) ([][]any, error)) table {
	t := table{schema: schema, name: name, rows: rows}
	for c := range strings.SplitSeq(columns, ", ") {
		column, kind, typed := strings.Cut(c, " ")
		if !typed {
			kind = "varchar"
		}
		t.columns = append(t.columns, connector.Column{Name: column, Type: types.MustParse(kind)})
	}
	return t
}

func find(name connector.SchemaTable) *table {
	for i := range tables {
		if tables[i].schema == name.Schema && tables[i].name == name.Table {
			return &tables[i]
		}
	}
	return nil
}

// position finds a column; -1 when there is none of that name.
func (t *table) position(column string) int {
	return slices.IndexFunc(t.columns, func(c connector.Column) bool { return c.Name == column })
}

// Schemas lists the schemas.
func (c *Connector) Schemas(context.Context) ([]string, error) {
	var out []string
	for _, t := range tables {
		if !slices.Contains(out, t.schema) {
			out = append(out, t.schema)
		}
	}
	return out, nil
}

// Tables lists the tables of a schema.
func (c *Connector) Tables(_ context.Context, schema string) ([]connector.TableName, error) {
	var out []connector.TableName
	for _, t := range tables {
		if t.schema == schema {
			out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: t.schema, Table: t.name}})
		}
	}
	return out, nil
}

// Table describes a table.
func (c *Connector) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	t := find(name)
	if t == nil {
		return nil, nil
	}
	return &connector.Table{Name: name, Columns: t.columns}, nil
}

// fewRows is what a system table counts as: rows are not made to be counted, and never so many that a second task pays.
const fewRows = 1000

// Statistics says that a table is small.
func (c *Connector) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	s := connector.Statistics{Rows: fewRows}
	if t := find(scan.Table); t != nil && t.rows == nil {
		s.Rows = 0
	}
	return s, nil
}
