package mongodb

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// appendValue appends a document's value to a column. A value of another type becomes one of the column's where Trino does so (numbers, and texts of anything),
// otherwise NULL. A field that is not there is a Value of no type.
func appendValue(v *connector.Vector, t types.Type, val bsoncore.Value) error {
	ok, err := appendNonNull(v, t, val)
	if !ok && err == nil {
		v.AppendNull(t)
	}
	return err
}

// endList ends the value of an array or a map.
func endList(v *connector.Vector, t types.Type) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	of := v.Items
	if t.Kind == types.Map {
		of = &v.Fields[0]
	}
	v.Offsets = append(v.Offsets, uint32(of.Len(t.Elem(0))))
}

// appendNonNull appends a value, or nothing and false when it is NULL.
func appendNonNull(v *connector.Vector, t types.Type, val bsoncore.Value) (bool, error) {
	switch t.Kind {
	case types.Boolean:
		b, ok := val.BooleanOK()
		if ok {
			v.I8 = append(v.I8, boolean(b))
		}
		return ok, nil
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		n, ok := integer(val)
		if !ok {
			return false, nil
		}
		return true, appendInteger(v, t, n)
	case types.Real, types.Double:
		f, ok := float(val)
		switch {
		case ok && t.Kind == types.Real:
			v.F32 = append(v.F32, float32(f))
		case ok:
			v.F64 = append(v.F64, f)
		}
		return ok, nil
	case types.Decimal:
		return appendDecimal(v, t, val)
	case types.Varchar:
		text, ok := textOf(val)
		if ok {
			v.AppendBytes([]byte(cut(text, t.P)))
		}
		return ok, nil
	case types.Char:
		text, ok := val.StringValueOK()
		if ok {
			v.AppendBytes([]byte(strings.TrimRight(cut(text, t.P), " ")))
		}
		return ok, nil
	case types.Varbinary:
		_, data, ok := val.BinaryOK()
		if ok {
			v.AppendBytes(data)
		}
		return ok, nil
	case types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		millis, ok := val.DateTimeOK()
		if ok {
			appendMoment(v, t, millis)
		}
		return ok, nil
	case types.JSON:
		text, ok, err := jsonOf(val)
		if ok && err == nil {
			v.AppendBytes([]byte(text))
		}
		return ok, err
	case types.Array:
		return appendArray(v, t, val)
	case types.Map:
		return appendMap(v, t, val)
	case types.Row:
		return appendRow(v, t, val)
	}
	return false, trinoerr.New(trinoerr.NotSupported, "unsupported type: %s", t)
}

func boolean(b bool) int8 {
	if b {
		return 1
	}
	return 0
}

// cut is the first characters of a text.
func cut(text string, length int) string {
	if len(text) <= length || utf8.RuneCountInString(text) <= length {
		return text
	}
	return string([]rune(text)[:length])
}

// integer is a number without its fraction.
func integer(val bsoncore.Value) (int64, bool) {
	switch val.Type {
	case bsoncore.TypeInt32:
		return int64(val.Int32()), true
	case bsoncore.TypeInt64:
		return val.Int64(), true
	case bsoncore.TypeDouble:
		switch f := math.Trunc(val.Double()); { // as Java casts
		case f != f:
			return 0, true
		case f >= math.MaxInt64:
			return math.MaxInt64, true
		case f <= math.MinInt64:
			return math.MinInt64, true
		default:
			return int64(f), true
		}
	case bsoncore.TypeDecimal128:
		n, ok := scaled(val, 0, true)
		if ok && n.IsInt64() {
			return n.Int64(), true
		}
	}
	return 0, false
}

func appendInteger(v *connector.Vector, t types.Type, n int64) error {
	fits := true
	switch t.Kind {
	case types.TinyInt:
		fits = int64(int8(n)) == n
		v.I8 = append(v.I8, int8(n))
	case types.SmallInt:
		fits = int64(int16(n)) == n
		v.I16 = append(v.I16, int16(n))
	case types.Integer:
		fits = int64(int32(n)) == n
		v.I32 = append(v.I32, int32(n))
	default:
		v.I64 = append(v.I64, n)
	}
	if !fits {
		return trinoerr.New(trinoerr.NumericValueOutOfRange, "Out of range for %s: %d", t, n)
	}
	return nil
}

// float is a number.
func float(val bsoncore.Value) (float64, bool) {
	switch val.Type {
	case bsoncore.TypeInt32, bsoncore.TypeInt64:
		return float64(val.AsInt64()), true
	case bsoncore.TypeDouble:
		return val.Double(), true
	case bsoncore.TypeDecimal128:
		f, err := strconv.ParseFloat(decimal(val).String(), 64)
		return f, err == nil || math.IsInf(f, 0)
	}
	return 0, false
}

func decimal(val bsoncore.Value) bson.Decimal128 { return bson.NewDecimal128(val.Decimal128()) }

// scaled is a decimal in units of 10^-scale: false when that is not a whole number of them, unless the rest is to be dropped, and for what is no number.
func scaled(val bsoncore.Value, scale int, drop bool) (*big.Int, bool) {
	n, exponent, err := decimal(val).BigInt()
	if err != nil {
		return nil, false
	}
	if n.Sign() == 0 {
		return new(big.Int), true
	}
	shift := exponent + scale
	if shift > 40 {
		return nil, false // more digits than any type has
	}
	if shift < -40 {
		return new(big.Int), drop
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		return n.Mul(n, power), true
	}
	n, rest := n.QuoRem(n, power, new(big.Int))
	return n, drop || rest.Sign() == 0
}

func appendDecimal(v *connector.Vector, t types.Type, val bsoncore.Value) (bool, error) {
	if val.Type != bsoncore.TypeDecimal128 {
		return false, nil
	}
	n, ok := scaled(val, t.S, false)
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.P)), nil)
	if !ok || n.CmpAbs(limit) >= 0 {
		return false, trinoerr.New(trinoerr.NumericValueOutOfRange, "The value %s is not a %s", decimal(val), t)
	}
	if t.P <= 18 {
		v.I64 = append(v.I64, n.Int64())
		return true, nil
	}
	wide, _ := types.Int128FromBig(n)
	v.I128 = append(v.I128, connector.Int128{Lo: wide.Lo, Hi: wide.Hi})
	return true, nil
}

const millisPerDay = 86_400_000

func appendMoment(v *connector.Vector, t types.Type, millis int64) {
	ofDay := (millis%millisPerDay + millisPerDay) % millisPerDay
	switch t.Kind {
	case types.Date:
		v.I32 = append(v.I32, int32((millis-ofDay)/millisPerDay))
	case types.Time:
		v.I64 = append(v.I64, ofDay*1000)
	case types.Timestamp:
		v.I64 = append(v.I64, millis*1000)
	default: // with time zone, of at most milliseconds; those of more digits count microseconds
		if t.P > 3 {
			millis *= 1000
		}
		v.I64 = append(v.I64, millis)
	}
}

// textOf is a value as a text; false for NULL, which programs, patterns, symbols and the ends of MongoDB's order become too.
func textOf(val bsoncore.Value) (string, bool) {
	switch val.Type {
	case 0, bsoncore.TypeNull, bsoncore.TypeUndefined:
		return "", false
	case bsoncore.TypeString:
		return val.StringValue(), true
	case bsoncore.TypeObjectID:
		oid := val.ObjectID()
		return hex.EncodeToString(oid[:]), true
	case bsoncore.TypeBoolean:
		return strconv.FormatBool(val.Boolean()), true
	case bsoncore.TypeInt32, bsoncore.TypeInt64:
		return strconv.FormatInt(val.AsInt64(), 10), true
	case bsoncore.TypeDouble:
		return floatText(val.Double()), true
	case bsoncore.TypeDecimal128:
		return decimal(val).String(), true
	case bsoncore.TypeDateTime:
		return time.UnixMilli(val.DateTime()).UTC().Format("2006-01-02T15:04:05.000Z"), true
	case bsoncore.TypeBinary:
		_, data := val.Binary()
		return base64.StdEncoding.EncodeToString(data), true
	case bsoncore.TypeArray:
		values, err := val.Array().Values()
		if err != nil {
			return "", false
		}
		texts := make([]string, len(values))
		for i, e := range values {
			var ok bool
			if texts[i], ok = textOf(e); !ok {
				texts[i] = "null"
			}
		}
		return "[" + strings.Join(texts, ", ") + "]", true
	case bsoncore.TypeEmbeddedDocument, bsoncore.TypeTimestamp:
		text, err := extendedJSON(val)
		return text, err == nil
	}
	return "", false
}

// floatText is a number as Java writes it.
func floatText(f float64) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	if java, err := types.CanonicalJSON(text); err == nil {
		return java
	}
	return text
}

// extendedJSON is a value as MongoDB's relaxed JSON.
func extendedJSON(val bsoncore.Value) (string, error) {
	doc := bsoncore.NewDocumentBuilder().AppendValue("v", val).Build()
	text, err := bson.MarshalExtJSON(bson.Raw(doc), false, false)
	if err != nil {
		return "", err
	}
	var wrapped struct{ V json.RawMessage }
	err = json.Unmarshal(text, &wrapped)
	return string(wrapped.V), err
}

// jsonOf is a value as JSON; false for NULL.
func jsonOf(val bsoncore.Value) (string, bool, error) {
	if val.Type == 0 || val.Type == bsoncore.TypeNull || val.Type == bsoncore.TypeUndefined {
		return "", false, nil
	}
	text, err := extendedJSON(val)
	if err == nil {
		text, err = types.CanonicalJSON(text)
	}
	return text, true, trinoerr.Wrap(err, trinoerr.GenericInternalError, "a value as JSON")
}

func appendArray(v *connector.Vector, t types.Type, val bsoncore.Value) (bool, error) {
	a, ok := val.ArrayOK()
	if !ok {
		return false, nil
	}
	v.MakeParts(t)
	values, err := a.Values()
	for _, e := range values {
		if err == nil {
			err = appendValue(v.Items, t.Elem(0), e)
		}
	}
	endList(v, t)
	return true, err
}

// appendMap makes a map of a document, or of an array of documents with a key and a value. Keys are never NULL, and the last of equal ones counts.
func appendMap(v *connector.Vector, t types.Type, val bsoncore.Value) (bool, error) {
	type entry struct{ key, value bsoncore.Value }
	var entries []entry
	switch val.Type {
	case bsoncore.TypeEmbeddedDocument:
		elements, err := val.Document().Elements()
		if err != nil {
			return false, err
		}
		for _, e := range elements {
			entries = append(entries, entry{bsoncore.Value{Type: bsoncore.TypeString, Data: bsoncore.AppendString(nil, e.Key())}, e.Value()})
		}
	case bsoncore.TypeArray:
		values, err := val.Array().Values()
		if err != nil {
			return false, err
		}
		for _, e := range values {
			if d, ok := e.DocumentOK(); ok {
				key, keyErr := d.LookupErr("key")
				value, valueErr := d.LookupErr("value")
				if keyErr == nil && valueErr == nil {
					entries = append(entries, entry{key, value})
				}
			}
		}
	default:
		return false, nil
	}
	last := map[string]int{}
	for i, e := range entries {
		last[keyText(t.Elem(0), e.key)] = i
	}
	v.MakeParts(t)
	var err error
	for i, e := range entries {
		if text := keyText(t.Elem(0), e.key); text == "" || last[text] != i || err != nil {
			continue
		}
		if err = appendValue(&v.Fields[0], t.Elem(0), e.key); err == nil {
			err = appendValue(&v.Fields[1], t.Elem(1), e.value)
		}
	}
	endList(v, t)
	return true, err
}

// keyText tells keys apart; it is empty for one that would be NULL.
func keyText(t types.Type, key bsoncore.Value) string {
	var v connector.Vector
	if ok, err := appendNonNull(&v, t, key); !ok || err != nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return key.String()
	}
	return string(b)
}

func appendRow(v *connector.Vector, t types.Type, val bsoncore.Value) (bool, error) {
	var of func(i int) bsoncore.Value
	switch val.Type {
	case bsoncore.TypeEmbeddedDocument:
		d := val.Document()
		of = func(i int) bsoncore.Value {
			name := connector.FieldName(t, i)
			value, err := d.LookupErr(name)
			for part, known := range referenceNames { // of a reference to another collection
				if err != nil && known == name {
					value, err = d.LookupErr(part)
				}
			}
			return value
		}
	case bsoncore.TypeArray:
		values, err := val.Array().Values()
		if err != nil {
			return false, err
		}
		of = func(i int) bsoncore.Value {
			if i < len(values) {
				return values[i]
			}
			return bsoncore.Value{}
		}
	default:
		return false, nil
	}
	v.MakeParts(t)
	for i := range t.Args {
		if err := appendValue(&v.Fields[i], t.Elem(i), of(i)); err != nil {
			return true, err
		}
	}
	return true, nil
}
