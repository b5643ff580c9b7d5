package iceberg

import (
	"fmt"
	"strings"

	"github.com/apache/iceberg-go"

	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
)

// hiveColumns are the columns of a schema in Hive's types, after Iceberg's HiveSchemaUtil.
func hiveColumns(s *iceberg.Schema) []metastore.Column {
	out := make([]metastore.Column, 0, s.NumFields())
	for _, f := range s.Fields() {
		col := metastore.Column{Name: strings.ToLower(f.Name), Type: hiveType(f.Type)}
		if f.Doc != "" {
			col.Comment = &f.Doc
		}
		out = append(out, col)
	}
	return out
}

// hiveType is the name of the type of Hive that comes nearest to one of Iceberg's.
func hiveType(t iceberg.Type) string {
	switch t := t.(type) {
	case iceberg.BooleanType:
		return "boolean"
	case iceberg.Int32Type:
		return "int"
	case iceberg.Int64Type:
		return "bigint"
	case iceberg.Float32Type:
		return "float"
	case iceberg.Float64Type:
		return "double"
	case iceberg.DateType:
		return "date"
	case iceberg.TimestampType, iceberg.TimestampNsType:
		return "timestamp"
	case iceberg.TimestampTzType, iceberg.TimestampTzNsType:
		return "timestamp with local time zone"
	case iceberg.BinaryType, iceberg.FixedType:
		return "binary"
	case iceberg.DecimalType:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision(), t.Scale())
	case *iceberg.ListType:
		return "array<" + hiveType(t.Element) + ">"
	case *iceberg.MapType:
		return "map<" + hiveType(t.KeyType) + "," + hiveType(t.ValueType) + ">"
	case *iceberg.StructType:
		fields := make([]string, len(t.FieldList))
		for i, f := range t.FieldList {
			fields[i] = strings.ToLower(f.Name) + ":" + hiveType(f.Type)
		}
		return "struct<" + strings.Join(fields, ",") + ">"
	}
	return "string" // texts, and what Hive does not have: times and UUIDs
}
