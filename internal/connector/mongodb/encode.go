package mongodb

import (
	"math/big"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// encoder makes documents' values of those of columns.
type encoder struct {
	prefix string // of the fields of rows that stand for arrays
}

// appendElement appends value i of a column to a document, under a name.
func (e encoder) appendElement(dst []byte, name string, v *connector.Vector, t types.Type, i int) ([]byte, error) {
	if v.IsNull(i) {
		return bsoncore.AppendNullElement(dst, name), nil
	}
	switch t.Kind {
	case types.Boolean:
		return bsoncore.AppendBooleanElement(dst, name, v.I8[i] != 0), nil
	case types.TinyInt:
		return bsoncore.AppendInt64Element(dst, name, int64(v.I8[i])), nil
	case types.SmallInt:
		return bsoncore.AppendInt64Element(dst, name, int64(v.I16[i])), nil
	case types.Integer:
		return bsoncore.AppendInt64Element(dst, name, int64(v.I32[i])), nil
	case types.BigInt:
		return bsoncore.AppendInt64Element(dst, name, v.I64[i]), nil
	case types.Real:
		return bsoncore.AppendDoubleElement(dst, name, float64(v.F32[i])), nil
	case types.Double:
		return bsoncore.AppendDoubleElement(dst, name, v.F64[i]), nil
	case types.Decimal:
		n := big.NewInt(0)
		if t.P > 18 {
			n = types.Int128{Lo: v.I128[i].Lo, Hi: v.I128[i].Hi}.Big()
		} else {
			n.SetInt64(v.I64[i])
		}
		d, ok := bson.ParseDecimal128FromBigInt(n, -t.S)
		if !ok {
			return dst, trinoerr.New(trinoerr.NumericValueOutOfRange, "A value of the type %s does not fit into MongoDB's decimal", t)
		}
		h, l := d.GetBytes()
		return bsoncore.AppendDecimal128Element(dst, name, h, l), nil
	case types.Varchar:
		return bsoncore.AppendStringElement(dst, name, string(bytesOf(v, i))), nil
	case types.Char: // with its spaces
		text := string(bytesOf(v, i))
		return bsoncore.AppendStringElement(dst, name, text+strings.Repeat(" ", max(0, t.P-len([]rune(text))))), nil
	case types.Varbinary:
		return bsoncore.AppendBinaryElement(dst, name, 0, bytesOf(v, i)), nil
	case types.Date:
		return bsoncore.AppendDateTimeElement(dst, name, int64(v.I32[i])*millisPerDay), nil
	case types.Time, types.Timestamp:
		return bsoncore.AppendDateTimeElement(dst, name, types.FloorDiv(v.I64[i], 1000)), nil
	case types.TimestampTZ:
		return bsoncore.AppendDateTimeElement(dst, name, v.I64[i]), nil
	case types.JSON:
		return appendJSON(dst, name, bytesOf(v, i))
	case types.Array:
		return e.appendArray(dst, name, v, t, i)
	case types.Map:
		return e.appendMap(dst, name, v, t, i)
	case types.Row:
		return e.appendRow(dst, name, v, t, i)
	}
	return dst, trinoerr.New(trinoerr.NotSupported, "unsupported type: %s", t)
}

func bytesOf(v *connector.Vector, i int) []byte { return v.Data[v.Offsets[i]:v.Offsets[i+1]] }

// appendJSON makes the value that a JSON text is of.
func appendJSON(dst []byte, name string, text []byte) ([]byte, error) {
	var doc bson.Raw
	if err := bson.UnmarshalExtJSON([]byte(`{"v":`+string(text)+`}`), false, &doc); err != nil {
		return dst, trinoerr.New(trinoerr.NotSupported, "Can't convert json to MongoDB Document: %s", text)
	}
	value, err := bsoncore.Document(doc).LookupErr("v")
	if err != nil {
		return dst, err
	}
	return bsoncore.AppendValueElement(dst, name, value), nil
}

func (e encoder) appendArray(dst []byte, name string, v *connector.Vector, t types.Type, i int) ([]byte, error) {
	at, dst := bsoncore.AppendArrayElementStart(dst, name)
	var err error
	for k := v.Offsets[i]; k < v.Offsets[i+1] && err == nil; k++ {
		dst, err = e.appendElement(dst, strconv.Itoa(int(k-v.Offsets[i])), v.Items, t.Elem(0), int(k))
	}
	if err != nil {
		return dst, err
	}
	return bsoncore.AppendArrayEnd(dst, at)
}

// appendMap makes an array of documents with a key and a value, as Trino.
func (e encoder) appendMap(dst []byte, name string, v *connector.Vector, t types.Type, i int) ([]byte, error) {
	at, dst := bsoncore.AppendArrayElementStart(dst, name)
	for k := v.Offsets[i]; k < v.Offsets[i+1]; k++ {
		var entry int32
		entry, dst = bsoncore.AppendDocumentElementStart(dst, strconv.Itoa(int(k-v.Offsets[i])))
		var err error
		for f, part := range []string{"key", "value"} {
			if dst, err = e.appendElement(dst, part, &v.Fields[f], t.Elem(f), int(k)); err != nil {
				return dst, err
			}
		}
		if dst, err = bsoncore.AppendDocumentEnd(dst, entry); err != nil {
			return dst, err
		}
	}
	return bsoncore.AppendArrayEnd(dst, at)
}

// appendRow makes a document, or an array of a row whose fields all have the names that stand for places in one.
func (e encoder) appendRow(dst []byte, name string, v *connector.Vector, t types.Type, i int) ([]byte, error) {
	places := true
	for k := range t.Args {
		places = places && e.prefix != "" && t.Args[k].Name == e.prefix+strconv.Itoa(k+1)
	}
	var at int32
	if places {
		at, dst = bsoncore.AppendArrayElementStart(dst, name)
	} else {
		at, dst = bsoncore.AppendDocumentElementStart(dst, name)
	}
	for k := range t.Args {
		field := connector.FieldName(t, k)
		if places {
			field = strconv.Itoa(k)
		}
		var err error
		if dst, err = e.appendElement(dst, field, &v.Fields[k], t.Elem(k), i); err != nil {
			return dst, err
		}
	}
	return bsoncore.AppendDocumentEnd(dst, at)
}
