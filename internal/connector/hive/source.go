package hive

import (
	"context"
	"encoding/json"
	"os"

	"github.com/parquet-go/parquet-go/format"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Source names the files of splits.
func (c *Connector) Source(_ context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	var src connector.Source
	for _, sp := range splits {
		var s split
		if err := json.Unmarshal(sp.Handle, &s); err != nil || len(s.Columns) != len(scan.Columns) {
			return connector.Source{}, trinoerr.New(trinoerr.SerializationError, "split of %s: %v", scan.Table, err)
		}
		if _, err := os.Stat(s.Path); err != nil {
			return connector.Source{}, trinoerr.Wrap(err, trinoerr.HiveCannotOpenSplit, "Error opening Hive split %s", s.Path)
		}
		f := connector.File{Path: s.Path, FirstRow: s.First, EndRow: s.End, Rows: s.Rows, Layout: s.Layout,
			Columns: make([]connector.FileColumn, len(s.Columns))}
		for i, col := range s.Columns {
			if f.Columns[i] = (connector.FileColumn{Name: col.Name, Fields: col.Fields, FractionDigits: col.Digits}); col.Name != "" {
				continue
			}
			v, err := constant(scan.Columns[i].Type, col.Value)
			if err != nil {
				return connector.Source{}, err
			}
			f.Columns[i].Constant = v
		}
		src.Files = append(src.Files, f)
	}
	return src, nil
}

// constant reads the value of a column that is not in a file.
func constant(t types.Type, text *string) (any, error) {
	if t.Kind != types.TimestampTZ || text == nil {
		return parseValue(t, text)
	}
	_, v, err := types.ParseLiteral(types.TimestampP(3), *text)
	ts, ok := v.(types.TimestampValue)
	if err != nil || !ok {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "time %q of a file", *text)
	}
	return types.TimestampTZValue{EpochMillis: ts.EpochMicros / 1000, Zone: "UTC"}, nil
}

// readableAs refuses columns of a file whose values would be changed by reading them as the table's type.
func readableAs(c fileColumn) error {
	t, e := c.column.Type, &c.field.schema[0]
	nested := t.Kind == types.Array || t.Kind == types.Map || t.Kind == types.Row
	group := !e.Type.Valid
	ok := nested == group
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
	return trinoerr.New(trinoerr.NotSupported, "Unsupported Trino column type (%s) for Parquet column ([%s] %s)", t, c.field.name, kind)
}
