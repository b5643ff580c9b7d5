package bigquery

import (
	"testing"

	"cloud.google.com/go/bigquery"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestTypeOf(t *testing.T) {
	for _, tt := range []struct {
		field bigquery.FieldSchema
		want  string // empty: it cannot be read
	}{
		{bigquery.FieldSchema{Type: "INT64"}, "bigint"},
		{bigquery.FieldSchema{Type: bigquery.FloatFieldType}, "double"},
		{bigquery.FieldSchema{Type: bigquery.NumericFieldType}, "decimal(38,9)"},
		{bigquery.FieldSchema{Type: bigquery.NumericFieldType, Precision: 10, Scale: 2}, "decimal(10,2)"},
		{bigquery.FieldSchema{Type: bigquery.BigNumericFieldType}, ""},
		{bigquery.FieldSchema{Type: bigquery.BigNumericFieldType, Precision: 39}, ""},
		{bigquery.FieldSchema{Type: bigquery.BigNumericFieldType, Precision: 38, Scale: 38}, "decimal(38,38)"},
		{bigquery.FieldSchema{Type: bigquery.DateTimeFieldType}, "timestamp(6)"},
		{bigquery.FieldSchema{Type: bigquery.TimestampFieldType}, "timestamp(6) with time zone"},
		{bigquery.FieldSchema{Type: bigquery.TimestampFieldType, Repeated: true}, ""},
		{bigquery.FieldSchema{Type: bigquery.GeographyFieldType}, "varchar"},
		{bigquery.FieldSchema{Type: bigquery.IntervalFieldType}, ""},
		{bigquery.FieldSchema{Type: bigquery.RangeFieldType}, ""},
		{bigquery.FieldSchema{Type: bigquery.RecordFieldType, Repeated: true, Schema: bigquery.Schema{{Name: "a", Type: bigquery.JSONFieldType}}}, "array(row(a json))"},
	} {
		got, ok := typeOf(&tt.field)
		if ok != (tt.want != "") || ok && !got.Equal(types.MustParse(tt.want)) {
			t.Errorf("%s is read as %s, %t; want %q", tt.field.Type, got, ok, tt.want)
		}
	}
}

// Every type that a column can have comes back as a type of the same family.
func TestFieldOf(t *testing.T) {
	for typ, want := range map[string]bigquery.FieldType{"smallint": "INTEGER", "double": "FLOAT", "decimal(38,9)": "NUMERIC", "decimal(38,10)": "BIGNUMERIC",
		"decimal(30,0)": "BIGNUMERIC", "decimal(29,0)": "NUMERIC", "timestamp(3)": "DATETIME", "timestamp(6) with time zone": "TIMESTAMP", "row(a bigint)": "RECORD"} {
		f, err := fieldOf("x", types.MustParse(typ))
		if err != nil || f.Type != want {
			t.Errorf("%s is stored as %v, %v", typ, f, err)
			continue
		}
		if _, ok := typeOf(f); !ok {
			t.Errorf("%s, stored as %s, cannot be read", typ, f.Type)
		}
	}
	for _, typ := range []string{"real", "char(2)", "uuid", "map(varchar, bigint)", "array(array(bigint))", "row(bigint)", "timestamp(9)", "interval day to second"} {
		if f, err := fieldOf("x", types.MustParse(typ)); err == nil {
			t.Errorf("%s is stored as %s", typ, f.Type)
		}
	}
}

func TestQuote(t *testing.T) {
	if got, want := quoteText("it's \\ a\n`ä`"), `'it\'s \\ a\x0a`+"`ä`'"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := quote("a`b\\"), "`a\\`b\\\\`"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzDecoder feeds broken batches: they are errors.
func FuzzDecoder(f *testing.F) {
	schema, batch := arrowSample(f)
	f.Add(schema, batch)
	f.Add(schema, batch[:len(batch)/2])
	f.Add(batch, schema)
	f.Fuzz(func(t *testing.T, schema, batch []byte) {
		d, err := newDecoder(schema, []string{"a", "b"}, []types.Type{types.Of(types.BigInt), types.ArrayOf(types.Of(types.Varchar))})
		if err != nil {
			return
		}
		defer d.close()
		if _, err := d.add(batch); err != nil {
			return
		}
		var b connector.Batch
		for range 100 { // a batch may say that it has very many rows
			if n, err := d.take(&b, 10); n == 0 || err != nil {
				return
			}
		}
	})
}
