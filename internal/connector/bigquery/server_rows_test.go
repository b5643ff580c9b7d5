//go:build e2e

package bigquery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	bq "google.golang.org/api/bigquery/v2"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// duckColumn is the type of a field as DuckDB gives it to the server.
func duckColumn(f *bq.TableFieldSchema) types.Type {
	var t types.Type
	switch f.Type {
	case "INTEGER":
		t = types.Of(types.BigInt)
	case "FLOAT":
		t = types.Of(types.Double)
	case "BOOLEAN":
		t = types.Of(types.Boolean)
	case "STRING", "GEOGRAPHY", "JSON":
		t = types.Of(types.Varchar)
	case "BYTES":
		t = types.Of(types.Varbinary)
	case "DATE":
		t = types.Of(types.Date)
	case "TIME":
		t = types.Type{Kind: types.Time, P: 6}
	case "DATETIME", "TIMESTAMP":
		t = types.Type{Kind: types.Timestamp, P: 6}
	case "NUMERIC", "BIGNUMERIC":
		t = types.DecimalOf(38, map[string]int{"NUMERIC": 9, "BIGNUMERIC": 19}[f.Type])
		if f.Precision > 0 {
			t = types.DecimalOf(int(f.Precision), int(f.Scale))
		}
	case "RECORD":
		var fields []types.Field
		for _, p := range f.Fields {
			fields = append(fields, types.Field{Name: p.Name, Type: duckColumn(p)})
		}
		t = types.RowOf(fields...)
	}
	if f.Mode == "REPEATED" {
		return types.ArrayOf(t)
	}
	return t
}

// jsonRows are the rows of a load job.
type jsonRows struct {
	columns []connector.Column
	fields  []*bq.TableFieldSchema
	rows    []map[string]any
}

func readRows(fields []*bq.TableFieldSchema, lines []byte) (*jsonRows, error) {
	r := &jsonRows{fields: fields}
	for _, f := range fields {
		r.columns = append(r.columns, connector.Column{Name: f.Name, Type: duckColumn(f)})
	}
	in := json.NewDecoder(bytes.NewReader(lines))
	in.UseNumber()
	for in.More() {
		var row map[string]any
		if err := in.Decode(&row); err != nil {
			return nil, err
		}
		r.rows = append(r.rows, row)
	}
	return r, nil
}

func (r *jsonRows) Partitions() int { return 1 }

func (r *jsonRows) Open(_ context.Context, _ int, projection []int) (connector.BatchReader, error) {
	return &jsonReader{jsonRows: r, projection: projection}, nil
}

type jsonReader struct {
	*jsonRows
	projection []int
	at         int
}

func (r *jsonReader) Close() error { return nil }

func (r *jsonReader) Next(b *connector.Batch, limit int) (int, error) {
	b.Columns = make([]connector.Vector, len(r.projection))
	n := min(limit, len(r.rows)-r.at)
	for i := range n {
		row := r.rows[r.at+i]
		for k, p := range r.projection {
			value := row[r.fields[p].Name]
			if value == nil && r.fields[p].Mode == "REPEATED" {
				value = []any{} // no array is NULL
			}
			if err := appendJSON(&b.Columns[k], r.fields[p], r.columns[p].Type, value, i); err != nil {
				return 0, fmt.Errorf("field %s: %w", r.fields[p].Name, err)
			}
		}
	}
	r.at += n
	b.Rows = n
	return n, nil
}

// appendJSON appends value number n of a field.
func appendJSON(v *connector.Vector, f *bq.TableFieldSchema, t types.Type, value any, n int) error {
	if value == nil {
		v.SetNull(n, n+1)
	}
	text, isText := value.(string)
	if number, ok := value.(json.Number); ok {
		text, isText = number.String(), true
	}
	instant := func(layout string) (time.Time, error) {
		if value == nil {
			return time.UnixMicro(0).UTC(), nil
		}
		return time.Parse(layout, text)
	}
	switch t.Kind {
	case types.Array:
		if len(v.Offsets) == 0 {
			v.Offsets, v.Items = append(v.Offsets, 0), new(connector.Vector)
		}
		list, _ := value.([]any)
		one := *f
		one.Mode = ""
		at := int(v.Offsets[len(v.Offsets)-1])
		for i, e := range list {
			if e == nil {
				return fmt.Errorf("an array has NULL")
			}
			if err := appendJSON(v.Items, &one, t.Elem(0), e, at+i); err != nil {
				return err
			}
		}
		v.Offsets = append(v.Offsets, uint32(at+len(list)))
	case types.Row:
		if v.Fields == nil {
			v.Fields = make([]connector.Vector, len(t.Args))
		}
		row, _ := value.(map[string]any)
		for i, p := range f.Fields {
			part := row[p.Name]
			if part == nil && row != nil && p.Mode == "REPEATED" {
				part = []any{}
			}
			if err := appendJSON(&v.Fields[i], p, t.Elem(i), part, n); err != nil {
				return err
			}
		}
	case types.Boolean:
		b, _ := value.(bool)
		v.I8 = append(v.I8, map[bool]int8{true: 1}[b])
	case types.BigInt:
		x, err := strconv.ParseInt(text, 10, 64)
		if err != nil && value != nil {
			return err
		}
		v.I64 = append(v.I64, x)
	case types.Double:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil && value != nil && math.Abs(x) > 1e-300 {
			return err
		}
		v.F64 = append(v.F64, x)
	case types.Decimal:
		var x types.Int128
		if value != nil {
			d, ok := types.Cast(text, types.Of(types.Varchar), t, "UTC")
			if !ok {
				return fmt.Errorf("no decimal: %s", text)
			}
			x = d.(types.Int128)
		}
		if t.P > 18 {
			v.I128 = append(v.I128, connector.Int128{Lo: x.Lo, Hi: x.Hi})
		} else {
			v.I64 = append(v.I64, int64(x.Lo))
		}
	case types.Varchar:
		if f.Type == "JSON" && value != nil {
			raw, err := json.Marshal(value)
			if err != nil {
				return err
			}
			text, isText = string(raw), true
		}
		if !isText && value != nil {
			return fmt.Errorf("no text: %v", value)
		}
		v.AppendBytes([]byte(text))
	case types.Varbinary:
		var raw []byte
		if value != nil {
			var err error
			if raw, err = readBytes(value); err != nil {
				return err
			}
		}
		v.AppendBytes(raw)
	case types.Date:
		at, err := instant(time.DateOnly)
		v.I32 = append(v.I32, int32(types.FloorDiv(at.UnixMicro(), microsOfDay)))
		return err
	case types.Time:
		at, err := instant("15:04:05.000000")
		v.I64 = append(v.I64, (at.UnixMicro()%microsOfDay+microsOfDay)%microsOfDay)
		return err
	case types.Timestamp:
		layout := "2006-01-02 15:04:05.000000"
		if f.Type == "TIMESTAMP" {
			layout += " UTC"
		}
		at, err := instant(layout)
		v.I64 = append(v.I64, at.UnixMicro())
		return err
	}
	return nil
}

// arrowType is the type in which BigQuery sends a field.
func arrowType(f *bq.TableFieldSchema) arrow.DataType {
	if f.Mode == "REPEATED" {
		one := *f
		one.Mode = ""
		return arrow.ListOf(arrowType(&one))
	}
	switch f.Type {
	case "INTEGER":
		return arrow.PrimitiveTypes.Int64
	case "FLOAT":
		return arrow.PrimitiveTypes.Float64
	case "BOOLEAN":
		return arrow.FixedWidthTypes.Boolean
	case "BYTES":
		return arrow.BinaryTypes.Binary
	case "DATE":
		return arrow.FixedWidthTypes.Date32
	case "TIME":
		return arrow.FixedWidthTypes.Time64us
	case "DATETIME":
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case "TIMESTAMP":
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case "NUMERIC":
		return &arrow.Decimal128Type{Precision: 38, Scale: 9}
	case "BIGNUMERIC":
		return &arrow.Decimal256Type{Precision: 76, Scale: 38}
	case "RECORD":
		var fields []arrow.Field
		for _, p := range f.Fields {
			fields = append(fields, arrow.Field{Name: p.Name, Type: arrowType(p), Nullable: true})
		}
		return arrow.StructOf(fields...)
	}
	return arrow.BinaryTypes.String
}

// encoded gives the rows of a query as batches, and returns their schema.
func (s *server) encoded(ctx context.Context, query string, fields []*bq.TableFieldSchema, batch func(batch []byte, rows int64)) ([]byte, error) {
	var list []arrow.Field
	var columns []types.Type
	for _, f := range fields {
		list = append(list, arrow.Field{Name: f.Name, Type: arrowType(f), Nullable: true})
		columns = append(columns, duckColumn(f))
	}
	schema := arrow.NewSchema(list, nil)
	var head bytes.Buffer
	empty := ipc.NewWriter(&head, ipc.WithSchema(schema))
	if err := empty.Close(); err != nil {
		return nil, err
	}
	own := head.Bytes()[:head.Len()-8] // without the mark of the end
	err := s.db.QueryChunks(ctx, query, func(c *engine.Chunk) error {
		var b connector.Batch
		if err := engine.FillBatch(&b, c, columns); err != nil {
			return err
		}
		builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer builder.Release()
		for i, f := range fields {
			for row := range b.Rows {
				appendArrow(builder.Field(i), f, columns[i], &b.Columns[i], row)
			}
		}
		record := builder.NewRecordBatch()
		defer record.Release()
		var out bytes.Buffer
		w := ipc.NewWriter(&out, ipc.WithSchema(schema))
		if err := w.Write(record); err != nil {
			return err
		}
		batch(bytes.Clone(out.Bytes()[len(own):]), record.NumRows())
		return w.Close()
	})
	return own, err
}

// appendArrow appends a value of a vector.
func appendArrow(b array.Builder, f *bq.TableFieldSchema, t types.Type, v *connector.Vector, i int) {
	if v.IsNull(i) && t.Kind != types.Array {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(v.I64[i])
	case *array.Float64Builder:
		b.Append(v.F64[i])
	case *array.BooleanBuilder:
		b.Append(v.I8[i] != 0)
	case *array.StringBuilder:
		b.Append(string(v.Data[v.Offsets[i]:v.Offsets[i+1]]))
	case *array.BinaryBuilder:
		b.Append(v.Data[v.Offsets[i]:v.Offsets[i+1]])
	case *array.Date32Builder:
		b.Append(arrow.Date32(v.I32[i]))
	case *array.Time64Builder:
		b.Append(arrow.Time64(v.I64[i]))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.I64[i]))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromBigInt(scaled(v, t, i, 9)))
	case *array.Decimal256Builder:
		b.Append(decimal256.FromBigInt(scaled(v, t, i, 38)))
	case *array.ListBuilder:
		b.Append(true) // no array is NULL
		if v.IsNull(i) {
			return
		}
		one := *f
		one.Mode = ""
		for k := v.Offsets[i]; k < v.Offsets[i+1]; k++ {
			appendArrow(b.ValueBuilder(), &one, t.Elem(0), v.Items, int(k))
		}
	case *array.StructBuilder:
		b.Append(true)
		for k, p := range f.Fields {
			appendArrow(b.FieldBuilder(k), p, t.Elem(k), &v.Fields[k], i)
		}
	}
}

// scaled is an unscaled decimal with another number of digits after the point.
func scaled(v *connector.Vector, t types.Type, i, scale int) *big.Int {
	n := new(big.Int)
	if t.P > 18 {
		n = types.Int128{Lo: v.I128[i].Lo, Hi: v.I128[i].Hi}.Big()
	} else {
		n.SetInt64(v.I64[i])
	}
	return n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-t.S)), nil))
}
