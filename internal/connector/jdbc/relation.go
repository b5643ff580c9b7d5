package jdbc

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// relation is what a handle describes: a table, or a query made of tables, as the FROM clause of a query that reads it and the conditions,
// order and limit that have been pushed into it since.
type relation struct {
	// Table is the table, as long as each row of the relation is one of its rows.
	Table *Name `json:"table,omitempty"`
	// From is what stands in the FROM clause.
	From    string   `json:"from"`
	Columns []column `json:"columns"`
	Where   []string `json:"where,omitempty"`
	OrderBy []string `json:"orderBy,omitempty"`
	Limit   int64    `json:"limit,omitempty"`
}

// column is a column of a relation.
type column struct {
	// Name is the scan's name.
	Name string     `json:"name"`
	Type types.Type `json:"type"`
	// Ref is the SQL that names the column, and Value that of what is read; empty when they are the same.
	Ref     string     `json:"ref"`
	Value   string     `json:"value,omitempty"`
	Compare Comparison `json:"compare"`
	// Sort, when not empty, is the SQL of a value that is ordered as Trino orders the column's.
	Sort string `json:"sort,omitempty"`
	// ReadOnly columns are shown as something else than they are.
	ReadOnly bool `json:"readOnly,omitempty"`
	// Remote is the column's name in the table, and Native its type there; empty in other relations.
	Remote string `json:"remote,omitempty"`
	Native string `json:"native,omitempty"`
}

func (c *column) value() string {
	if c.Value != "" {
		return c.Value
	}
	return c.Ref
}

// sorted is the SQL of a value that is ordered as Trino orders the column's; empty when there is none.
func (c *column) sorted() string {
	if c.Compare == Order && c.Sort == "" {
		return c.Ref
	}
	return c.Sort
}

func readRelation(raw json.RawMessage) (*relation, error) {
	r := &relation{}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a table in a database")
	}
	return r, nil
}

func (r *relation) handle() (json.RawMessage, error) { return json.Marshal(r) }

// find returns a column by name; nil when there is none. The columns of a row's id are those of the primary key.
func (r *relation) find(name string) *column {
	name = strings.TrimPrefix(name, keyPrefix)
	for i := range r.Columns {
		if r.Columns[i].Name == name {
			return &r.Columns[i]
		}
	}
	return nil
}

// cut says that the relation has not all of the rows that satisfy its conditions.
func (r *relation) cut() bool { return r.Limit > 0 }

// copied returns a relation that can be changed.
func (r *relation) copied() *relation {
	out := *r
	out.Where = slices.Clone(r.Where)
	out.Columns = slices.Clone(r.Columns)
	return &out
}

// selected lists columns by name, as they are read.
func (r *relation) selected(columns []connector.Column) ([]string, error) {
	var list []string
	for _, c := range columns {
		col := r.find(c.Name)
		if col == nil {
			return nil, trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", c.Name)
		}
		list = append(list, col.value())
	}
	return list, nil
}

// query writes a query over the relation. No columns: only the number of rows counts.
func (c *Connector) query(r *relation, list []string, where ...string) string {
	if len(list) == 0 {
		list = []string{"1"}
	}
	var b strings.Builder
	b.WriteString("SELECT ")
	b.WriteString(strings.Join(list, ", "))
	b.WriteString(" FROM ")
	b.WriteString(r.From)
	if all := slices.Concat(r.Where, where); len(all) > 0 {
		b.WriteString(" WHERE ")
		b.WriteString(strings.Join(all, " AND "))
	}
	if len(r.OrderBy) > 0 {
		b.WriteString(" ORDER BY ")
		b.WriteString(strings.Join(r.OrderBy, ", "))
	}
	if r.Limit == 0 {
		return b.String()
	}
	kind := Limited
	if len(r.OrderBy) > 0 {
		kind = LimitedInOrder
	}
	sql, _ := c.statement(kind, b.String(), strconv.FormatInt(r.Limit, 10)) // Limit is only set where there is such a statement
	return sql
}

// alias is the name of a subquery. Each has a scope of its own.
const alias = "r"

// wrapped makes the relation a subquery, on which whatever comes next is done.
func (c *Connector) wrapped(r *relation) *relation {
	var list []string
	columns := slices.Clone(r.Columns)
	for i := range columns {
		col := &columns[i]
		list = append(list, col.value()+" AS "+c.dialect.Quote(col.Name))
		col.renamed(c.dialect.Quote(col.Name))
	}
	return &relation{From: "(" + c.query(r, list) + ") " + alias, Columns: columns}
}

// renamed makes the column one of a subquery.
func (c *column) renamed(ref string) {
	if c.Sort != "" {
		c.Sort = strings.ReplaceAll(c.Sort, c.Ref, ref)
	}
	c.Ref, c.Value, c.Remote, c.Native = ref, "", "", ""
}
