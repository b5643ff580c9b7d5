package tpcds

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpcds/dsdgen"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A schema is a scale factor. Some are listed; any other "sf" with a number exists as well.
var listed = []string{"sf1", "sf10", "sf100", "sf1000", "sf10000", "sf100000", "sf300", "sf3000", "sf30000", "tiny"}

const tiny = 0.01

// scaleFactor returns the scale factor of a schema; ok is false when there is no such schema.
func scaleFactor(schema string) (sf float64, ok bool) {
	if schema == "tiny" {
		return tiny, true
	}
	text, ok := strings.CutPrefix(schema, "sf")
	if !ok || strings.Trim(text, "0123456789.e-") != "" {
		return 0, false
	}
	sf, err := strconv.ParseFloat(text, 64)
	return sf, err == nil && validScale(sf)
}

func validScale(sf float64) bool { return sf > 0 && sf <= dsdgen.MaxScale }

// handle identifies a table.
type handle struct {
	Table string  `json:"table"`
	Scale float64 `json:"scale"`
	// AllNames is tpcds.with-no-sexism of the session.
	AllNames bool `json:"allNames,omitempty"`
	// Created is when the rows of dbgen_version came into being: with the statement. Other tables have none.
	Created *time.Time `json:"created,omitempty"`
}

func (h handle) table() *dsdgen.Table { return dsdgen.Lookup(h.Table) }

// options are what rows depend on.
func (h handle) options() dsdgen.Options {
	o := dsdgen.Options{AllNames: h.AllNames}
	if h.Created != nil {
		o.Created = *h.Created
	}
	if h.Scale != 1 {
		scale := strconv.FormatFloat(h.Scale, 'f', -1, 64)
		if !strings.Contains(scale, ".") {
			scale += ".0"
		}
		o.Arguments = "--scale " + scale + " "
	}
	o.Arguments += "--table " + h.Table
	if h.AllNames {
		o.Arguments += " --no-sexism"
	}
	return o
}

// readHandle returns the handle of a scan.
func readHandle(scan connector.Scan) (handle, error) {
	var h handle
	if err := json.Unmarshal(scan.Handle, &h); err != nil {
		return h, fmt.Errorf("handle of %s: %w", scan.Table, err)
	}
	if h.table() == nil || !validScale(h.Scale) {
		return h, fmt.Errorf("handle of %s: there is no table %q at scale factor %v", scan.Table, h.Table, h.Scale)
	}
	return h, nil
}

// Schemas lists the usual scale factors.
func (c *Connector) Schemas(context.Context) ([]string, error) { return slices.Clone(listed), nil }

// Tables lists the tables of any schema with a scale factor, listed or not.
func (c *Connector) Tables(_ context.Context, schema string) ([]connector.TableName, error) {
	if _, ok := scaleFactor(schema); !ok {
		return nil, nil
	}
	var names []connector.TableName
	for _, t := range dsdgen.Tables {
		names = append(names, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: t.Name}})
	}
	return names, nil
}

// Table describes a table.
func (c *Connector) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	sf, ok := scaleFactor(name.Schema)
	t := dsdgen.Lookup(name.Table)
	if !ok || t == nil {
		return nil, nil
	}
	h := handle{Table: t.Name, Scale: sf, AllNames: c.SettingsFor(ctx).noSexism}
	if t.Name == "dbgen_version" {
		h.Created = new(time.Time)
		*h.Created = connector.SessionOf(ctx).Start
	}
	raw, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	out := &connector.Table{Name: name, Handle: raw}
	for _, col := range t.Columns {
		out.Columns = append(out.Columns, connector.Column{Name: col.Name, Type: columnType(col)})
	}
	return out, nil
}

// columnType returns the SQL type of a column.
func columnType(col dsdgen.Column) types.Type {
	switch col.Kind {
	case dsdgen.Integer:
		return types.Of(types.Integer)
	case dsdgen.Decimal:
		return types.DecimalOf(col.Length, 2)
	case dsdgen.Date:
		return types.Of(types.Date)
	case dsdgen.Time:
		return types.Type{Kind: types.Time, P: 3}
	case dsdgen.Char:
		return types.CharN(col.Length)
	case dsdgen.Varchar:
		return types.VarcharN(col.Length)
	}
	return types.Of(types.BigInt)
}

// position returns where a table has the column of a name.
func position(t *dsdgen.Table, name string) (int, error) {
	i := slices.IndexFunc(t.Columns, func(col dsdgen.Column) bool { return col.Name == name })
	if i < 0 {
		return 0, fmt.Errorf("table %s has no column %s", t.Name, name)
	}
	return i, nil
}
