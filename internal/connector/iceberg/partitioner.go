package iceberg

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/iceberg-go"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// partitioner knows how rows are told apart by the partitions of a table: the engine computes the columns, see connector.ComputedColumn,
// and the partitioner makes sense of their texts.
type partitioner struct {
	spec   *iceberg.PartitionSpec
	fields []partitionField
}

type partitionField struct {
	iceberg.PartitionField
	column connector.ComputedColumn
	result iceberg.Type
}

func newPartitioner(spec *iceberg.PartitionSpec, schema *iceberg.Schema) (*partitioner, error) {
	p := &partitioner{spec: spec}
	top := schema.Fields()
	for i, f := range spec.Fields() {
		at := slices.IndexFunc(top, func(t iceberg.NestedField) bool { return t.ID == f.SourceID() })
		_, void := f.Transform.(iceberg.VoidTransform)
		if at < 0 && !void {
			return nil, trinoerr.New(trinoerr.NotSupported, "Writing to tables that are partitioned by a field of a row is not supported: %s", f.Name)
		}
		out := partitionField{PartitionField: f, column: connector.ComputedColumn{Name: "$partition" + strconv.Itoa(i), Column: max(at, 0)}}
		switch t := f.Transform.(type) {
		case iceberg.BucketTransform:
			out.column.Transform, out.column.Width = "bucket", t.NumBuckets
		case iceberg.TruncateTransform:
			out.column.Transform, out.column.Width = "truncate", t.Width
		default:
			out.column.Transform = t.String()
		}
		if out.result = iceberg.PrimitiveTypes.String; at >= 0 {
			out.result = f.Transform.ResultType(top[at].Type)
		}
		p.fields = append(p.fields, out)
	}
	return p, nil
}

func (p *partitioner) columns() []string {
	var out []string
	for _, f := range p.fields {
		out = append(out, f.column.Name)
	}
	return out
}

func (p *partitioner) computed() (out []connector.ComputedColumn) {
	for _, f := range p.fields {
		out = append(out, f.column)
	}
	return out
}

// parse reads the values of a partition from the texts of its columns, by field id.
func (p *partitioner) parse(texts []*string) (map[int]any, error) {
	if len(texts) != len(p.fields) {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "%d partition values instead of %d", len(texts), len(p.fields))
	}
	out := map[int]any{}
	for i, f := range p.fields {
		out[f.FieldID] = nil
		if texts[i] == nil {
			continue
		}
		v, err := parsePartitionValue(f.result, *texts[i])
		if err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.IcebergInvalidPartitionValue, "Invalid partition value '%s' for %s partition key: %s", *texts[i], f.result, f.Name)
		}
		out[f.FieldID] = v
	}
	return out, nil
}

// parsePartitionValue reads a value as the engine computes it.
func parsePartitionValue(t iceberg.Type, text string) (any, error) {
	switch t := t.(type) {
	case iceberg.StringType:
		return text, nil
	case iceberg.BinaryType, iceberg.FixedType:
		return hex.DecodeString(text)
	case iceberg.BooleanType:
		return strconv.ParseBool(text)
	case iceberg.Float32Type:
		v, err := strconv.ParseFloat(text, 32)
		return float32(v), err
	case iceberg.Float64Type:
		return strconv.ParseFloat(text, 64)
	case iceberg.UUIDType:
		return uuid.Parse(text)
	case iceberg.DecimalType:
		return parseDecimal(t, text)
	case iceberg.Int32Type:
		n, err := strconv.ParseInt(text, 10, 64)
		return int32(n), err
	case iceberg.DateType:
		n, err := strconv.ParseInt(text, 10, 32)
		return iceberg.Date(n), err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch t.(type) {
	case iceberg.Int64Type:
		return n, err
	case iceberg.TimeType:
		return iceberg.Time(n), err
	case iceberg.TimestampType, iceberg.TimestampTzType:
		return iceberg.Timestamp(n), err
	}
	return nil, fmt.Errorf("tables cannot be partitioned by values of type %s", t)
}

// parseDecimal reads a decimal with all digits of its scale, or without a point.
func parseDecimal(t iceberg.DecimalType, text string) (any, error) {
	digits := make([]byte, 0, len(text))
	for _, c := range []byte(text) {
		if c != '.' {
			digits = append(digits, c)
		}
	}
	n, ok := new(big.Int).SetString(string(digits), 10)
	if !ok {
		return nil, strconv.ErrSyntax
	}
	return iceberg.Decimal{Val: decimal128.FromBigInt(n), Scale: t.Scale()}, nil
}

// encode serializes the values of a partition for a fragment.
func (p *partitioner) encode(values map[int]any) ([][]byte, error) {
	out := make([][]byte, len(p.fields))
	for i, f := range p.fields {
		raw, ok := serialized(f.result, values[f.FieldID])
		if !ok {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "partition value %v of type %s", values[f.FieldID], f.result)
		}
		if values[f.FieldID] != nil && raw == nil {
			raw = []byte{}
		}
		out[i] = raw
	}
	return out, nil
}

// decode reads what encode gave.
func (p *partitioner) decode(raw [][]byte) (map[int]any, error) {
	if len(p.fields) == 0 {
		return nil, nil
	}
	out := map[int]any{}
	for i, f := range p.fields {
		out[f.FieldID] = nil
		if i >= len(raw) || raw[i] == nil {
			continue
		}
		lit, err := iceberg.LiteralFromBytes(f.result, raw[i])
		if err != nil {
			return nil, fmt.Errorf("value of partition field %s: %w", f.Name, err)
		}
		if out[f.FieldID] = lit.Any(); f.result.Equals(iceberg.PrimitiveTypes.Binary) {
			out[f.FieldID] = raw[i]
		}
	}
	return out, nil
}

// avroTypes are Avro's names of the types of partition values, by field id, as manifests have them.
func avroTypes(spec *iceberg.PartitionSpec, schema *iceberg.Schema) map[int]string {
	out := map[int]string{}
	for _, f := range spec.Fields() {
		source, found := schema.FindFieldByID(f.SourceID())
		if !found {
			continue
		}
		switch f.Transform.ResultType(source.Type).(type) {
		case iceberg.DateType:
			out[f.FieldID] = "date"
		case iceberg.TimeType:
			out[f.FieldID] = "time-micros"
		case iceberg.TimestampType, iceberg.TimestampTzType:
			out[f.FieldID] = "timestamp-micros"
		case iceberg.DecimalType:
			out[f.FieldID] = "decimal"
		case iceberg.UUIDType:
			out[f.FieldID] = "uuid"
		}
	}
	return out
}
