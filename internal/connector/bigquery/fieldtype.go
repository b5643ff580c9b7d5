package bigquery

import (
	"cloud.google.com/go/bigquery"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// plain are the types of BigQuery that are read as one type, whatever their parameters.
var plain = map[bigquery.FieldType]types.Type{
	bigquery.BooleanFieldType:   types.Of(types.Boolean),
	bigquery.IntegerFieldType:   types.Of(types.BigInt),
	bigquery.FloatFieldType:     types.Of(types.Double),
	bigquery.StringFieldType:    types.Of(types.Varchar),
	bigquery.GeographyFieldType: types.Of(types.Varchar),
	bigquery.BytesFieldType:     types.Of(types.Varbinary),
	bigquery.JSONFieldType:      types.Of(types.JSON),
	bigquery.DateFieldType:      types.Of(types.Date),
	bigquery.TimeFieldType:      {Kind: types.Time, P: 6},
	bigquery.DateTimeFieldType:  {Kind: types.Timestamp, P: 6},
	bigquery.TimestampFieldType: {Kind: types.TimestampTZ, P: 6},
}

// synonyms are other names that BigQuery gives to types.
var synonyms = map[bigquery.FieldType]bigquery.FieldType{
	"INT64": bigquery.IntegerFieldType, "FLOAT64": bigquery.FloatFieldType, "BOOL": bigquery.BooleanFieldType, "STRUCT": bigquery.RecordFieldType,
}

// typeOf is the type of a field; false when it cannot be read.
func typeOf(f *bigquery.FieldSchema) (t types.Type, ok bool) {
	kind := f.Type
	if other, ok := synonyms[kind]; ok {
		kind = other
	}
	switch kind {
	case bigquery.NumericFieldType, bigquery.BigNumericFieldType:
		p, s := f.Precision, f.Scale
		if p == 0 && kind == bigquery.NumericFieldType {
			p, s = 38, 9
		}
		if p == 0 || p > types.MaxDecimalPrecision {
			return t, false
		}
		t = types.DecimalOf(int(p), int(s))
	case bigquery.RecordFieldType:
		var fields []types.Field
		for _, part := range f.Schema {
			own, ok := typeOf(part)
			if !ok {
				return t, false
			}
			fields = append(fields, types.Field{Name: part.Name, Type: own})
		}
		if len(fields) == 0 {
			return t, false
		}
		t = types.RowOf(fields...)
	default:
		if t, ok = plain[kind]; !ok {
			return t, false
		}
	}
	if f.Repeated {
		t = types.ArrayOf(t)
	}
	return t, connector.BatchTypeSupported(t)
}

// fieldOf is the field for a new column.
func fieldOf(name string, t types.Type) (*bigquery.FieldSchema, error) {
	f := &bigquery.FieldSchema{Name: name}
	switch t.Kind {
	case types.Boolean:
		f.Type = bigquery.BooleanFieldType
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		f.Type = bigquery.IntegerFieldType
	case types.Double:
		f.Type = bigquery.FloatFieldType
	case types.Varchar:
		f.Type = bigquery.StringFieldType
	case types.Varbinary:
		f.Type = bigquery.BytesFieldType
	case types.JSON:
		f.Type = bigquery.JSONFieldType
	case types.Date:
		f.Type = bigquery.DateFieldType
	case types.Decimal:
		f.Type, f.Precision, f.Scale = bigquery.NumericFieldType, int64(t.P), int64(t.S)
		if t.S > 9 || t.P-t.S > 29 {
			f.Type = bigquery.BigNumericFieldType
		}
	case types.Time:
		f.Type = bigquery.TimeFieldType
	case types.Timestamp:
		f.Type = bigquery.DateTimeFieldType
	case types.TimestampTZ:
		f.Type = bigquery.TimestampFieldType
	case types.Array:
		if t.Elem(0).Kind == types.Array {
			return nil, unsupported(t)
		}
		elem, err := fieldOf(name, t.Elem(0))
		if err != nil {
			return nil, err
		}
		elem.Repeated = true
		return elem, nil
	case types.Row:
		f.Type = bigquery.RecordFieldType
		for _, part := range t.Args {
			if part.Name == "" {
				return nil, unsupported(t)
			}
			own, err := fieldOf(part.Name, part.Type)
			if err != nil {
				return nil, err
			}
			f.Schema = append(f.Schema, own)
		}
	}
	if f.Type == "" || !connector.BatchTypeSupported(t) {
		return nil, unsupported(t)
	}
	return f, nil
}

func unsupported(t types.Type) error {
	return trinoerr.New(trinoerr.NotSupported, "Unsupported column type: %s", t)
}
