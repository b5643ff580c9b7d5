package hive

import (
	"context"
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// kind is how errors of files are called.
var kind = lake.Kind{Name: "Hive", CannotOpen: trinoerr.HiveCannotOpenSplit, BadData: trinoerr.HiveBadData}

// Source makes the files of splits readable, of remote ones what the splits need.
func (c *Connector) Source(ctx context.Context, scan connector.Scan, splits []connector.Split) (connector.Source, error) {
	h, err := handleOf(scan)
	if err != nil {
		return connector.Source{}, err
	}
	if h.About != "" {
		batches, err := newAboutSource(scan, splits)
		return connector.Source{Batches: batches}, err
	}
	if h.Lines != nil {
		batches, err := c.newLineSource(h.Lines, scan, splits)
		return connector.Source{Batches: batches}, err
	}
	parts := make([]lake.Part, len(splits))
	for n, sp := range splits {
		var s split
		if err := json.Unmarshal(sp.Handle, &s); err != nil || len(s.Columns) != len(scan.Columns) {
			return connector.Source{}, trinoerr.New(trinoerr.SerializationError, "split of %s: %v", scan.Table, err)
		}
		f := connector.File{Path: s.Location, FirstRow: s.First, EndRow: s.End, Rows: s.Rows, Layout: s.Layout, Columns: make([]connector.FileColumn, len(s.Columns))}
		for i, col := range s.Columns {
			f.Columns[i] = connector.FileColumn{Name: col.Name, Fields: col.Fields, FractionDigits: col.Digits, Shape: col.Shape}
			if col.Name != "" {
				continue
			}
			v, err := constant(scan.Columns[i].Type, col.Value)
			if err != nil {
				return connector.Source{}, err
			}
			f.Columns[i].Constant = v
		}
		parts[n] = lake.Part{File: f, Size: s.Size}
	}
	return kind.Fetch(ctx, c.files, parts)
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
