package example

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// handle describes the rows of a scan: at first a data set, then what has been pushed into it. It travels to tasks, and another coordinator
// that plans the query again compares it: it names the revision, so that all tasks read the same records, and it has the page size, which is the
// session's, as tasks have no session.
type handle struct {
	Dataset  string      `json:"dataset"`
	Revision string      `json:"revision"`
	Records  int64       `json:"records"` // of the revision
	PageSize int         `json:"pageSize"`
	Where    []condition `json:"where,omitempty"`
	Limit    int64       `json:"limit,omitempty"` // of the rows that satisfy the conditions; zero: none
}

// condition compares a field with a value. Operators are eq, lt, le, gt and ge.
type condition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

func decode(raw json.RawMessage) (handle, error) {
	var h handle
	if err := json.Unmarshal(raw, &h); err != nil {
		return h, failed(err, "decode a table handle: %v", err)
	}
	return h, nil
}

// Schemas is the one that there is.
func (c *Connector) Schemas(context.Context) ([]string, error) { return []string{schema}, nil }

// Tables are the data sets.
func (c *Connector) Tables(ctx context.Context, name string) ([]connector.TableName, error) {
	if name != schema {
		return nil, nil
	}
	list, err := c.client.datasets(ctx)
	if err != nil {
		return nil, err
	}
	var out []connector.TableName
	for _, d := range list {
		out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: d.Name}})
	}
	slices.SortFunc(out, func(a, b connector.TableName) int { return strings.Compare(a.Table, b.Table) })
	return out, nil
}

// Table describes a data set as it is now. Fields of types that there is no mapping for are not shown.
func (c *Connector) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	if name.Schema != schema {
		return nil, nil
	}
	d, err := c.client.dataset(ctx, name.Table)
	switch {
	case errors.Is(err, errNone):
		return nil, nil
	case err != nil:
		return nil, err
	}
	t := &connector.Table{Name: name}
	if d.Description != "" {
		t.Comment = &d.Description
	}
	for _, f := range d.Fields {
		if typ, ok := typeOf(f.Type); ok {
			t.Columns = append(t.Columns, connector.Column{Name: f.Name, Type: typ})
		}
	}
	t.Handle, err = json.Marshal(handle{Dataset: d.Name, Revision: d.Revision, Records: d.Records, PageSize: c.SettingsFor(ctx).pageSize})
	return t, err
}

// simpleTypes are the types of fields without parameters.
var simpleTypes = map[string]types.Type{
	"int32": types.Of(types.Integer), "int64": types.Of(types.BigInt), "double": types.Of(types.Double), "boolean": types.Of(types.Boolean),
	"text": types.VarcharN(types.UnboundedLength), "date": types.Of(types.Date),
}

// typeOf maps the type of a field.
func typeOf(name string) (types.Type, bool) {
	if t, ok := simpleTypes[name]; ok {
		return t, true
	}
	if strings.HasPrefix(name, "decimal(") {
		if t, err := types.Parse(name); err == nil {
			return t, true
		}
	}
	return types.Type{}, false
}

// Statistics are the number of records, as long as nothing is known to be left out.
func (c *Connector) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	h, err := decode(scan.Handle)
	if err != nil {
		return connector.Statistics{}, err
	}
	rows := float64(h.Records)
	if h.Limit > 0 {
		rows = min(rows, float64(h.Limit))
	}
	if len(h.Where) > 0 {
		rows = -1
	}
	return connector.Statistics{Rows: rows}, nil
}
