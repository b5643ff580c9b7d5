package iceberg

import (
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// primitives relates Iceberg's types without parameters to SQL types. What SQL has no type of its own for (timestamp_ns) is the nearest that
// holds all values.
var primitives = []struct {
	iceberg iceberg.Type
	sql     types.Type
}{
	{iceberg.PrimitiveTypes.Bool, types.Of(types.Boolean)},
	{iceberg.PrimitiveTypes.Int32, types.Of(types.Integer)},
	{iceberg.PrimitiveTypes.Int64, types.Of(types.BigInt)},
	{iceberg.PrimitiveTypes.Float32, types.Of(types.Real)},
	{iceberg.PrimitiveTypes.Float64, types.Of(types.Double)},
	{iceberg.PrimitiveTypes.Date, types.Of(types.Date)},
	{iceberg.PrimitiveTypes.Time, types.TimeP(6)},
	{iceberg.PrimitiveTypes.Timestamp, types.TimestampP(6)},
	{iceberg.PrimitiveTypes.TimestampTz, types.TimestampTZP(6)},
	{iceberg.PrimitiveTypes.TimestampNs, types.TimestampP(9)},
	{iceberg.PrimitiveTypes.String, types.Of(types.Varchar)},
	{iceberg.PrimitiveTypes.Binary, types.Of(types.Varbinary)},
	{iceberg.PrimitiveTypes.UUID, types.Of(types.UUID)},
}

// sqlType is the SQL type of an Iceberg one, in which names of fields are in lower case.
func sqlType(t iceberg.Type) (types.Type, error) { return namedType(t, strings.ToLower) }

// fileType is a type as files have it, with names as they are.
func fileType(t iceberg.Type) (types.Type, error) {
	return namedType(t, func(name string) string { return name })
}

func namedType(t iceberg.Type, named func(string) string) (types.Type, error) {
	switch t := t.(type) {
	case iceberg.DecimalType:
		return types.DecimalOf(t.Precision(), t.Scale()), nil
	case iceberg.FixedType:
		return types.Of(types.Varbinary), nil
	case *iceberg.ListType:
		elem, err := namedType(t.Element, named)
		return types.ArrayOf(elem), err
	case *iceberg.MapType:
		key, err := namedType(t.KeyType, named)
		if err != nil {
			return key, err
		}
		value, err := namedType(t.ValueType, named)
		return types.MapOf(key, value), err
	case *iceberg.StructType:
		fields := make([]types.Field, len(t.FieldList))
		for i, f := range t.FieldList {
			ft, err := namedType(f.Type, named)
			if err != nil {
				return ft, err
			}
			fields[i] = types.Field{Name: named(f.Name), Type: ft}
		}
		return types.RowOf(fields...), nil
	}
	for _, p := range primitives {
		if p.iceberg.Equals(t) {
			return p.sql, nil
		}
	}
	return types.Type{}, trinoerr.New(trinoerr.NotSupported, "Cannot convert from Iceberg type '%s' to Trino type", t)
}

// idSource gives out ids of fields.
type idSource struct{ last int }

func (s *idSource) next() int {
	s.last++
	return s.last
}

// icebergType is the Iceberg type of a SQL one, whose parts get ids. Types that Iceberg does not have become those that Trino stores their
// values as; see supportedType.
func icebergType(t types.Type, ids *idSource) (iceberg.Type, error) {
	switch t.Kind {
	case types.Decimal:
		return iceberg.DecimalTypeOf(t.P, t.S), nil
	case types.Array, types.Map, types.Row:
		for _, a := range t.Args {
			if a.Type.Kind == types.TinyInt || a.Type.Kind == types.SmallInt {
				return nil, trinoerr.New(trinoerr.NotSupported, "Type not supported for Iceberg: %s", t)
			}
		}
	}
	switch t.Kind {
	case types.Array:
		out := &iceberg.ListType{ElementID: ids.next()}
		var err error
		out.Element, err = icebergType(t.Elem(0), ids)
		return out, err
	case types.Map:
		out := &iceberg.MapType{KeyID: ids.next(), ValueID: ids.next()}
		var err error
		if out.KeyType, err = icebergType(t.Elem(0), ids); err == nil {
			out.ValueType, err = icebergType(t.Elem(1), ids)
		}
		return out, err
	case types.Row:
		return icebergStruct(t, ids)
	}
	if t.P > 6 && (t.Kind == types.Time || t.Kind == types.Timestamp || t.Kind == types.TimestampTZ) {
		return nil, trinoerr.New(trinoerr.NotSupported, "Type not supported for Iceberg: %s", t)
	}
	t = supportedType(t)
	for _, p := range primitives {
		if p.sql.Equal(t) {
			return p.iceberg, nil
		}
	}
	return nil, trinoerr.New(trinoerr.NotSupported, "Type not supported for Iceberg: %s", t)
}

func icebergStruct(t types.Type, ids *idSource) (iceberg.Type, error) {
	out := &iceberg.StructType{FieldList: make([]iceberg.NestedField, len(t.Args))}
	for i, f := range t.Args {
		if f.Name == "" {
			return nil, trinoerr.New(trinoerr.NotSupported, "Row type field does not have a name: %s", t)
		}
		out.FieldList[i] = iceberg.NestedField{ID: ids.next(), Name: f.Name}
	}
	for i, f := range t.Args {
		var err error
		if out.FieldList[i].Type, err = icebergType(f.Type, ids); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// supportedType is the type that a column of a type gets, which Iceberg has: wider numbers, texts without a length, microseconds.
func supportedType(t types.Type) types.Type {
	switch t.Kind {
	case types.TinyInt, types.SmallInt:
		return types.Of(types.Integer)
	case types.Varchar, types.Char:
		return types.Of(types.Varchar)
	case types.Time:
		return types.TimeP(6)
	case types.Timestamp:
		return types.TimestampP(6)
	case types.TimestampTZ:
		return types.TimestampTZP(6)
	}
	return t
}

// fieldID names a column in messages that have no other name for it.
func fieldID(id int) string { return "field " + strconv.Itoa(id) }
