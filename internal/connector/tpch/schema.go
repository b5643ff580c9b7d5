package tpch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch/dbgen"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// A schema is a scale factor. Some are listed; any other "sf" with a number exists as well.
var listed = []string{"sf1", "sf100", "sf1000", "sf10000", "sf100000", "sf300", "sf3000", "sf30000", "tiny"}

const (
	tiny = 0.01
	// maxScale keeps keys and positions of random streams within 64 bits.
	maxScale = 1e9
	// rowNumber is the hidden column with the number of the row; in lineitem of the order, in partsupp of the part.
	rowNumber = "row_number"
)

// scaleFactor returns the scale factor of a schema; ok is false when there is no such schema. The number is what Java takes
// for a double: blanks around it, a hexadecimal fraction and the suffixes d and f are fine.
func scaleFactor(schema string) (sf float64, ok bool) {
	if schema == "tiny" {
		return tiny, true
	}
	text, ok := strings.CutPrefix(schema, "sf")
	if !ok {
		return 0, false
	}
	text = strings.Trim(text, " \t\r\n")
	if n := len(text) - 1; n > 0 && (text[n] == 'd' || text[n] == 'f') && (!strings.Contains(text, "0x") || strings.Contains(text, "p")) {
		text = text[:n]
	}
	if strings.ContainsAny(text, "_in") { // Go's digit separators, infinities and NaN
		return 0, false
	}
	sf, err := strconv.ParseFloat(text, 64)
	return sf, err == nil && sf > 0 && sf <= maxScale
}

// handle identifies a table.
type handle struct {
	Table string  `json:"table"`
	Scale float64 `json:"scale"`
}

func (h handle) table() *dbgen.Table { return dbgen.Lookup(h.Table) }

// readHandle returns the handle of a scan.
func readHandle(scan connector.Scan) (handle, error) {
	var h handle
	if err := json.Unmarshal(scan.Handle, &h); err != nil {
		return h, fmt.Errorf("handle of %s: %w", scan.Table, err)
	}
	if h.table() == nil || !(h.Scale > 0 && h.Scale <= maxScale) {
		return h, fmt.Errorf("handle of %s: there is no table %q at scale factor %v", scan.Table, h.Table, h.Scale)
	}
	return h, nil
}

// Schemas lists the usual scale factors.
func (c *Connector) Schemas(context.Context) ([]string, error) { return slices.Clone(listed), nil }

// Tables lists the eight tables of any schema with a scale factor, listed or not.
func (c *Connector) Tables(_ context.Context, schema string) ([]connector.TableName, error) {
	if _, ok := scaleFactor(schema); !ok {
		return nil, nil
	}
	var names []connector.TableName
	for _, t := range dbgen.Tables {
		names = append(names, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: t.Name}})
	}
	slices.SortFunc(names, func(a, b connector.TableName) int { return strings.Compare(a.Table, b.Table) })
	return names, nil
}

// Table describes a table.
func (c *Connector) Table(_ context.Context, name connector.SchemaTable) (*connector.Table, error) {
	sf, ok := scaleFactor(name.Schema)
	t := dbgen.Lookup(name.Table)
	if !ok || t == nil {
		return nil, nil
	}
	h, err := json.Marshal(handle{t.Name, sf})
	if err != nil {
		return nil, err
	}
	out := &connector.Table{Name: name, Handle: h}
	for _, col := range t.Columns {
		out.Columns = append(out.Columns, connector.Column{Name: c.columnName(col), Type: c.columnType(col), NotNull: true})
	}
	out.Columns = append(out.Columns, connector.Column{Name: rowNumber, Type: types.Of(types.BigInt), Hidden: true})
	return out, nil
}

// columnName returns the name of a column in SQL.
func (c *Connector) columnName(col dbgen.Column) string {
	if c.standardNames {
		return col.Name
	}
	_, name, _ := strings.Cut(col.Name, "_")
	return name
}

// columnType returns the SQL type of a column.
func (c *Connector) columnType(col dbgen.Column) types.Type {
	switch col.Kind {
	case dbgen.Integer:
		return types.Of(types.Integer)
	case dbgen.Date:
		return types.Of(types.Date)
	case dbgen.Text:
		return types.VarcharN(col.Length)
	case dbgen.Money:
		if c.decimals {
			return types.DecimalOf(12, 2)
		}
		return types.Of(types.Double)
	}
	return types.Of(types.BigInt)
}

// position returns where a table has the column of a name in SQL; dbgen.RowNumber for the hidden one.
func (c *Connector) position(t *dbgen.Table, name string) (int, error) {
	if name == rowNumber {
		return dbgen.RowNumber, nil
	}
	i := slices.IndexFunc(t.Columns, func(col dbgen.Column) bool { return c.columnName(col) == name })
	if i < 0 {
		return 0, fmt.Errorf("table %s has no column %s", t.Name, name)
	}
	return i, nil
}
