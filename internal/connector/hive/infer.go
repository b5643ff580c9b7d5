package hive

import (
	"context"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// InferColumns takes the columns of an external table from its first file.
func (c *Connector) InferColumns(ctx context.Context, properties map[string]any) ([]connector.Column, error) {
	location, ok := properties[propLocation].(string)
	if !ok {
		return nil, trinoerr.New(trinoerr.InvalidTableProperty, "A table without columns needs the property external_location, whose files have them")
	}
	p := &partition{location: location}
	if err := c.listDirectories(ctx, []*partition{p}); err != nil {
		return nil, err
	}
	if err := c.readFooters(ctx, []*partition{p}); err != nil {
		return nil, err
	}
	if len(p.files) == 0 {
		return nil, trinoerr.New(trinoerr.InvalidTableProperty, "There is no file to take columns from: %s", location)
	}
	var out []connector.Column
	for _, f := range p.files[0].footer.Fields {
		t, end, ok := c.inferType(f.Schema, 0)
		if !ok || end != len(f.Schema) {
			return nil, trinoerr.New(trinoerr.NotSupported, "Column '%s' of %s has a type without a counterpart in SQL", f.Name, p.files[0].Location)
		}
		out = append(out, connector.Column{Name: strings.ToLower(f.Name), Type: t})
	}
	return out, nil
}

// inferType returns the SQL type of the part of a schema tree that begins at i, and where it ends.
func (c *Connector) inferType(schema []format.SchemaElement, i int) (t types.Type, end int, ok bool) {
	e := &schema[i]
	repeated := e.RepetitionType.Valid && e.RepetitionType.V == format.Repeated
	switch {
	case e.Type.Valid:
		t, ok = c.inferLeaf(e)
		end = i + 1
	case isList(e):
		t, end, ok = c.inferList(schema, i)
	case isMap(e):
		t, end, ok = c.inferMap(schema, i)
	default:
		t, end, ok = c.inferRow(schema, i)
	}
	if repeated {
		t = types.ArrayOf(t)
	}
	return t, end, ok
}

func isList(e *format.SchemaElement) bool {
	_, ok := e.LogicalType.Value.(*format.ListType)
	return ok || lake.Converted(e) == deprecated.List
}

func isMap(e *format.SchemaElement) bool {
	_, ok := e.LogicalType.Value.(*format.MapType)
	return ok || lake.Converted(e) == deprecated.Map || lake.Converted(e) == deprecated.MapKeyValue
}

// inferList reads a list of three levels, or of two as older writers have it (see the format's LogicalTypes document).
func (c *Connector) inferList(schema []format.SchemaElement, i int) (t types.Type, end int, ok bool) {
	inner := i + 1
	if inner >= len(schema) || schema[i].NumChildren.V != 1 {
		return t, 0, false
	}
	e := &schema[inner]
	older := e.Type.Valid || e.NumChildren.V > 1 || e.Name == "array" || e.Name == schema[i].Name+"_tuple"
	if !older && inner+1 < len(schema) {
		t, end, ok = c.inferType(schema, inner+1)
		return types.ArrayOf(t), end, ok
	}
	return c.inferType(schema, inner) // repeated: a list already
}

func (c *Connector) inferMap(schema []format.SchemaElement, i int) (t types.Type, end int, ok bool) {
	if i+2 >= len(schema) || schema[i].NumChildren.V != 1 || schema[i+1].NumChildren.V != 2 {
		return t, 0, false
	}
	key, next, ok := c.inferType(schema, i+2)
	if !ok || next >= len(schema) {
		return t, 0, false
	}
	value, end, ok := c.inferType(schema, next)
	return types.MapOf(key, value), end, ok
}

func (c *Connector) inferRow(schema []format.SchemaElement, i int) (t types.Type, end int, ok bool) {
	var fields []types.Field
	end = i + 1
	for range schema[i].NumChildren.V {
		if end >= len(schema) {
			return t, 0, false
		}
		name := strings.ToLower(schema[end].Name)
		var f types.Type
		if f, end, ok = c.inferType(schema, end); !ok {
			return t, 0, false
		}
		fields = append(fields, types.Field{Name: name, Type: f})
	}
	return types.RowOf(fields...), end, len(fields) > 0
}

// inferLeaf returns the SQL type of a column without children.
func (c *Connector) inferLeaf(e *format.SchemaElement) (types.Type, bool) {
	if lake.TimestampDigits(e) >= 0 {
		return types.TimestampP(c.digits()), true
	}
	annotation := lake.Converted(e)
	if annotation == deprecated.Decimal {
		p, s := int(e.Precision.V), int(e.Scale.V)
		return types.DecimalOf(p, s), p >= 1 && p <= types.MaxDecimalPrecision && s >= 0 && s <= p
	}
	switch e.Type.V {
	case format.Boolean:
		return types.Of(types.Boolean), true
	case format.Float:
		return types.Of(types.Real), true
	case format.Double:
		return types.Of(types.Double), true
	case format.ByteArray:
		switch annotation {
		case deprecated.UTF8, deprecated.Enum, deprecated.Json:
			return types.Of(types.Varchar), true
		}
		return types.Of(types.Varbinary), true
	case format.FixedLenByteArray:
		return types.Of(types.Varbinary), annotation == -1
	case format.Int32, format.Int64:
		return inferInteger(e.Type.V, annotation)
	}
	return types.Type{}, false
}

// inferInteger returns a type that has all values; the unsigned ones need the next larger.
func inferInteger(physical format.Type, annotation deprecated.ConvertedType) (types.Type, bool) {
	switch annotation {
	case deprecated.Date:
		return types.Of(types.Date), true
	case deprecated.Int8:
		return types.Of(types.TinyInt), true
	case deprecated.Int16, deprecated.Uint8:
		return types.Of(types.SmallInt), true
	case deprecated.Int32, deprecated.Uint16:
		return types.Of(types.Integer), true
	case deprecated.Int64, deprecated.Uint32:
		return types.Of(types.BigInt), true
	case deprecated.Uint64:
		return types.DecimalOf(20, 0), true
	case -1:
		if physical == format.Int32 {
			return types.Of(types.Integer), true
		}
		return types.Of(types.BigInt), true
	}
	return types.Type{}, false
}
