package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// place is a table, by BigQuery's names.
type place struct {
	Project string `json:"project"`
	Dataset string `json:"dataset"`
	Table   string `json:"table"`
}

func (p place) String() string { return p.Project + "." + p.Dataset + "." + p.Table }

// quoted is the table in a statement.
func (p place) quoted() string {
	return quote(p.Project) + "." + quote(p.Dataset) + "." + quote(p.Table)
}

// handle is what tasks, and the end of a write, have to know of a table.
type handle struct {
	place
	// Location is where the dataset is: jobs over it run there.
	Location string `json:"location"`
	// Fields are the columns, in the table's order.
	Fields []field `json:"fields"`
	// View says that the rows are those of a query, which has to run before they can be read.
	View bool `json:"view,omitempty"`
	// Query, when not empty, is what the table function query was given; there is no table then.
	Query string `json:"query,omitempty"`
}

// field is a column.
type field struct {
	Column string             `json:"column"`
	Name   string             `json:"name"` // BigQuery's
	Type   bigquery.FieldType `json:"type"`
	// Unordered says that BigQuery compares the values in another way than Trino.
	Unordered bool `json:"unordered,omitempty"`
}

func readHandle(raw json.RawMessage) (handle, error) {
	var h handle
	err := json.Unmarshal(raw, &h)
	return h, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a BigQuery table")
}

// target is the handle of a table that is to be changed.
func target(t *connector.Table) (handle, error) {
	h, err := readHandle(t.Handle)
	if err == nil && (h.View || h.Query != "") {
		err = trinoerr.New(trinoerr.NotSupported, "%s is no table that can be changed", t.Name)
	}
	return h, err
}

// field finds a column; nil when there is none.
func (h *handle) field(column string) *field {
	if i := slices.IndexFunc(h.Fields, func(f field) bool { return f.Column == column }); i >= 0 {
		return &h.Fields[i]
	}
	return nil
}

// datasets lists the datasets of the project, as they are named.
func (c *Connector) datasets(ctx context.Context) ([]string, error) {
	it := c.client.Datasets(ctx)
	it.ProjectID = c.project
	it.PageInfo().MaxSize = c.Settings().pageSize
	var names []string
	for {
		d, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return names, nil
		}
		if err != nil {
			return nil, failed(err, trinoerr.BigqueryListingDatasetError, "list the datasets of %s", c.project)
		}
		names = append(names, d.DatasetID)
	}
}

// Schemas lists the datasets.
func (c *Connector) Schemas(ctx context.Context) ([]string, error) {
	names, err := c.datasets(ctx)
	return lowered(names), err
}

func lowered(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// matching is the name that differs from one in lower case in nothing but case. Several such names are an error.
func matching(names []string, name string) (string, error) {
	found := name
	n := 0
	for _, other := range names {
		if strings.ToLower(other) == name {
			found = other
			n++
		}
	}
	if n > 1 {
		return "", trinoerr.New(trinoerr.BigqueryAmbiguousObjectName, "Found ambiguous names in BigQuery when looking up '%s': they differ only in case", name)
	}
	return found, nil
}

// dataset is the dataset of a schema.
func (c *Connector) dataset(ctx context.Context, schema string) (string, error) {
	if !c.Settings().caseInsensitive {
		return schema, nil
	}
	names, err := c.datasets(ctx)
	if err != nil {
		return "", err
	}
	return matching(names, schema)
}

// tableNames lists the tables and views of a dataset, as they are named, stagings of writes left out; none when there is no such dataset.
func (c *Connector) tableNames(ctx context.Context, dataset string) ([]string, error) {
	names, err := c.allTables(ctx, dataset)
	return slices.DeleteFunc(names, func(n string) bool { return strings.HasPrefix(n, stagingPrefix) || strings.HasPrefix(n, viewPrefix) }), err
}

func (c *Connector) allTables(ctx context.Context, dataset string) ([]string, error) {
	it := c.client.DatasetInProject(c.project, dataset).Tables(ctx)
	it.PageInfo().MaxSize = c.Settings().pageSize
	var names []string
	for {
		t, err := it.Next()
		if errors.Is(err, iterator.Done) || notFound(err) {
			return names, nil
		}
		if err != nil {
			return nil, failed(err, trinoerr.BigqueryListingTableError, "list the tables of %s", dataset)
		}
		names = append(names, t.TableID)
	}
}

// Tables lists the tables and views of a dataset.
func (c *Connector) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	dataset, err := c.dataset(ctx, schema)
	if err != nil {
		return nil, err
	}
	names, err := c.tableNames(ctx, dataset)
	var out []connector.TableName
	for _, n := range lowered(names) {
		out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: n}})
	}
	return out, err
}

// at is where a table is, or would be.
func (c *Connector) at(ctx context.Context, name connector.SchemaTable) (place, error) {
	p := place{c.project, name.Schema, name.Table}
	if !c.Settings().caseInsensitive {
		return p, nil
	}
	var err error
	if p.Dataset, err = c.dataset(ctx, name.Schema); err != nil {
		return p, err
	}
	names, err := c.tableNames(ctx, p.Dataset)
	if err == nil {
		p.Table, err = matching(names, name.Table)
	}
	return p, err
}

func (c *Connector) table(p place) *bigquery.Table {
	return c.client.DatasetInProject(p.Project, p.Dataset).Table(p.Table)
}

// described is what metadata is remembered by within a statement.
type described struct {
	c  *Connector
	at place
}

// metadata describes a table; nil when there is none.
func (c *Connector) metadata(ctx context.Context, at place) (*bigquery.TableMetadata, error) {
	m, err := c.table(at).Metadata(ctx)
	if notFound(err) || hasStatus(err, 400) && !validName(at) {
		return nil, nil
	}
	return m, failed(err, trinoerr.GenericInternalError, "describe %s", at)
}

// validName says that there may be such a table: BigQuery refuses other names as a bad request.
func validName(at place) bool {
	return at.Table != "" && !strings.ContainsAny(at.Dataset+at.Table, "$./\\`*\"'")
}

// Table describes a table or view.
func (c *Connector) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	at, err := c.at(ctx, name)
	if err != nil {
		return nil, err
	}
	if base, ok := strings.CutSuffix(at.Table, definitionSuffix); ok {
		at.Table = base
		return c.definitionTable(ctx, name, at)
	}
	m, err := c.metadata(ctx, at)
	if err != nil || m == nil {
		return nil, err
	}
	h := handle{place: at, Location: m.Location, View: m.Type != bigquery.RegularTable && m.Type != bigquery.Snapshot}
	t := &connector.Table{Name: name}
	if m.Description != "" {
		t.Comment = &m.Description
	}
	if t.Columns, h.Fields, err = columnsOf(m.Schema, name); err != nil {
		return nil, err
	}
	t.Handle, err = json.Marshal(h)
	return t, err
}

// columnsOf are the fields that can be read.
func columnsOf(schema bigquery.Schema, name connector.SchemaTable) (columns []connector.Column, fields []field, err error) {
	for _, f := range schema {
		t, ok := typeOf(f)
		if !ok {
			continue
		}
		col := connector.Column{Name: strings.ToLower(f.Name), Type: t, NotNull: f.Required}
		if f.Description != "" {
			col.Comment = &f.Description
		}
		columns = append(columns, col)
		kind := f.Type
		if other, ok := synonyms[kind]; ok {
			kind = other
		}
		fields = append(fields, field{Column: col.Name, Name: f.Name, Type: kind, Unordered: f.Collation != "" || f.Repeated})
	}
	if len(columns) == 0 {
		return nil, nil, trinoerr.New(trinoerr.NotSupported, "%s has no columns of supported types", name)
	}
	return columns, fields, nil
}

// Statistics knows how many rows a table has.
func (c *Connector) Statistics(ctx context.Context, scan connector.Scan) (connector.Statistics, error) {
	unknown := connector.Statistics{Rows: -1}
	h, err := readHandle(scan.Handle)
	if err != nil || h.View || h.Query != "" || len(scan.Constraint) > 0 {
		return unknown, err
	}
	m, err := connector.Remember(ctx, described{c, h.place}, func(*bigquery.TableMetadata) int { return 1 }, func() (*bigquery.TableMetadata, error) {
		return c.metadata(ctx, h.place)
	})
	if err != nil || m == nil || m.StreamingBuffer != nil {
		return unknown, err
	}
	return connector.Statistics{Rows: float64(m.NumRows)}, nil
}

// definitionSuffix is how the name of a table ends that has the definition of a view.
const definitionSuffix = "$view_definition"

// definitionTable is the table of one row with the definition of a view; nil when there is no such view.
func (c *Connector) definitionTable(ctx context.Context, name connector.SchemaTable, at place) (*connector.Table, error) {
	m, err := c.metadata(ctx, at)
	if err != nil || m == nil {
		return nil, err
	}
	text := m.ViewQuery
	if m.MaterializedView != nil {
		text = m.MaterializedView.Query
	}
	if text == "" {
		return nil, nil
	}
	// The row is a query's answer, as those of the function query.
	h := handle{place: place{Project: c.parent}, Location: m.Location, Query: "SELECT " + quoteText(text) + " AS `query`",
		Fields: []field{{Column: "query", Name: "query", Type: bigquery.StringFieldType}}}
	t := &connector.Table{Name: name, Columns: []connector.Column{{Name: "query", Type: types.Of(types.Varchar)}}}
	t.Handle, err = json.Marshal(h)
	return t, err
}
