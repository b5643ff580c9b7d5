package iceberg

import (
	"encoding"
	"fmt"
	"net/url"
	"strings"

	"github.com/apache/iceberg-go"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// partitionPath shows the partition that values of a spec's fields are, as Trino's hidden column $partition: "region=EU/day=2024-05-17".
func partitionPath(spec *iceberg.PartitionSpec, schema *iceberg.Schema, values map[int]any) string {
	var b strings.Builder
	for i, f := range spec.Fields() {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(f.EscapedName())
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(humanText(f, schema, values[f.FieldID])))
	}
	return b.String()
}

// humanText is a partition value as people write it.
func humanText(f iceberg.PartitionField, schema *iceberg.Schema, v any) string {
	if v == nil {
		return "null"
	}
	source, found := schema.FindFieldByID(f.SourceID())
	if !found {
		return fmt.Sprint(v)
	}
	return f.Transform.ToHumanStrType(f.Transform.ResultType(source.Type), v)
}

// serialized is a value in Iceberg's form for single values; nil for NULL.
func serialized(t iceberg.Type, v any) ([]byte, bool) {
	if v == nil {
		return nil, true
	}
	st, err := sqlType(t)
	if err != nil {
		return nil, false
	}
	sv, ok := sqlValue(st, v)
	if !ok {
		return nil, false
	}
	lit, ok := literal(t, sv)
	if !ok {
		return nil, false
	}
	m, ok := lit.(encoding.BinaryMarshaler)
	if !ok {
		return nil, false
	}
	raw, err := m.MarshalBinary()
	return raw, err == nil
}

// deserialized is the value that serialized gave.
func deserialized(t iceberg.Type, st types.Type, raw []byte) (any, error) {
	if raw == nil {
		return nil, nil
	}
	lit, err := iceberg.LiteralFromBytes(t, raw)
	if err != nil {
		return nil, err
	}
	v, ok := sqlValue(st, lit.Any())
	if !ok {
		return nil, fmt.Errorf("a value of type %s where one of type %s is wanted", lit.Type(), t)
	}
	return v, nil
}
