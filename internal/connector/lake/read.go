package lake

import (
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Source says where DuckDB finds the column in the file; the error tells that the file's type cannot be read as the table's. A column that
// the file lacks is NULL.
func (c Column) Source() (connector.FileColumn, error) {
	if c.Field == nil {
		return connector.FileColumn{}, nil
	}
	if err := c.readable(); err != nil {
		return connector.FileColumn{}, err
	}
	out := connector.FileColumn{Name: c.Top.Name, Fields: c.Path, Shape: c.Shape}
	for i := range c.Field.Schema {
		e := &c.Field.Schema[i]
		if e.Type.Valid && e.Type.V == format.Int96 {
			out.FractionDigits = max(out.FractionDigits, 6) // which is what DuckDB reads of them
		} else {
			out.FractionDigits = max(out.FractionDigits, TimestampDigits(e))
		}
	}
	return out, nil
}

// readable refuses columns of a file whose values would be changed by reading them as the table's type.
func (c Column) readable() error {
	t, e := c.Type, &c.Field.Schema[0]
	nested := t.Kind == types.Array || t.Kind == types.Map || t.Kind == types.Row
	group := !e.Type.Valid
	ok := nested == group || t.Kind == types.Array && c.Field.Repeated()
	if !group {
		switch t.Kind {
		case types.Real:
			ok = ok && e.Type.V != format.Double
		case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
			ok = ok && e.Type.V != format.Double && e.Type.V != format.Float && e.Type.V != format.ByteArray && e.Type.V != format.Int96
		case types.Date, types.Timestamp:
			ok = ok && e.Type.V != format.Double && e.Type.V != format.Float && e.Type.V != format.Boolean
		case types.Varbinary:
			ok = ok && (e.Type.V == format.ByteArray || e.Type.V == format.FixedLenByteArray)
		}
	}
	if ok {
		return nil
	}
	kind := "group"
	if !group {
		kind = e.Type.V.String()
	}
	return trinoerr.New(trinoerr.NotSupported, "Unsupported Trino column type (%s) for Parquet column ([%s] %s)", t, c.Field.Name, kind)
}

// Layout describes the types of columns in a file, for connector.File.
func Layout(columns []Column) string {
	var b strings.Builder
	for _, c := range columns {
		if c.Field == nil {
			continue
		}
		schema := c.Top.Schema
		for i := range schema {
			e := &schema[i]
			fmt.Fprintf(&b, "%d.%d.%d.%d", e.Type.V, Converted(e), e.Scale.V, TimestampDigits(e))
			if i > 0 { // DuckDB takes the fields of a row to be those of the first file
				fmt.Fprintf(&b, "%q", e.Name)
			}
		}
		b.WriteByte(';')
	}
	return b.String()
}
