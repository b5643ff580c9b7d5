package iceberg

import (
	"encoding/binary"
	"math"
	"math/big"

	"github.com/apache/iceberg-go"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// equality reads the values of the fields that an equality delete is about from rows of a file, as bytes that are equal for equal values,
// whichever way the file stores them: columns get wider types, so a delete and the data need not have the same.
type equality []equalityField

type equalityField struct {
	field iceberg.NestedField
	leaf  *parquet.Column // nil when the file lacks it
}

// equalityColumns finds the fields of an equality delete in a file.
func equalityColumns(m *mapping, ids []int, h *handle) (equality, error) {
	out := make(equality, len(ids))
	for i, id := range ids {
		field, found := h.Schema.FindFieldByID(id)
		if !found {
			// A column that has been dropped since: its type is that of the file.
			field = iceberg.NestedField{ID: id}
		}
		if out[i] = (equalityField{field: field, leaf: findLeaf(m, m.root, id)}); out[i].leaf != nil && !out[i].leaf.Leaf() {
			return nil, trinoerr.New(trinoerr.NotSupported, "Equality deletes by a column that is not a single value cannot be read: %s", m.file)
		}
	}
	return out, nil
}

// findLeaf finds a field that does not repeat at any depth.
func findLeaf(m *mapping, group *parquet.Column, id int) *parquet.Column {
	for _, c := range group.Columns() {
		if c.Repeated() {
			continue
		}
		if m.id(c) == id {
			return c
		}
		if found := findLeaf(m, c, id); found != nil {
			return found
		}
	}
	return nil
}

func (e equality) leaves() (out []*parquet.Column) {
	for _, f := range e {
		if f.leaf != nil {
			out = append(out, f.leaf)
		}
	}
	return out
}

// key appends the values of a row, which are those of the leaves.
func (e equality) key(dst []byte, values []parquet.Value) []byte {
	at := 0
	for _, f := range e {
		if f.leaf == nil {
			dst = f.appendDefault(dst)
			continue
		}
		dst = appendKey(dst, f.leaf, values[at])
		at++
	}
	return dst
}

// Kinds of values in keys.
const (
	keyNull byte = iota
	keyInt
	keyFloat
	keyBytes
)

// appendDefault appends the value of a field that a file lacks.
func (f *equalityField) appendDefault(dst []byte) []byte {
	switch v := defaultValue(f.field).(type) {
	case bool:
		n := int64(0)
		if v {
			n = 1
		}
		return appendInt(dst, n)
	case int32:
		return appendInt(dst, int64(v))
	case int64:
		return appendInt(dst, v)
	case iceberg.Date:
		return appendInt(dst, int64(v))
	case iceberg.Time:
		return appendInt(dst, int64(v))
	case iceberg.Timestamp:
		return appendInt(dst, int64(v))
	case float32:
		return appendFloat(dst, float64(v))
	case float64:
		return appendFloat(dst, v)
	case string:
		return appendBytes(dst, []byte(v))
	case []byte:
		return appendBytes(dst, v)
	}
	return append(dst, keyNull)
}

func appendKey(dst []byte, leaf *parquet.Column, v parquet.Value) []byte {
	switch {
	case v.IsNull():
		return append(dst, keyNull)
	case v.Kind() == parquet.Boolean:
		n := int64(0)
		if v.Boolean() {
			n = 1
		}
		return appendInt(dst, n)
	case v.Kind() == parquet.Int32:
		return appendInt(dst, int64(v.Int32()))
	case v.Kind() == parquet.Int64:
		return appendInt(dst, v.Int64())
	case v.Kind() == parquet.Float:
		return appendFloat(dst, float64(v.Float()))
	case v.Kind() == parquet.Double:
		return appendFloat(dst, v.Double())
	case decimalBytes(leaf):
		if n := bigEndian(v.ByteArray()); n.IsInt64() {
			return appendInt(dst, n.Int64())
		}
		return appendBytes(dst, trimSign(v.ByteArray()))
	}
	return appendBytes(dst, v.ByteArray())
}

func appendInt(dst []byte, n int64) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, keyInt), uint64(n))
}

func appendFloat(dst []byte, f float64) []byte {
	if f != f {
		f = math.NaN() // all of them are one
	}
	return binary.LittleEndian.AppendUint64(append(dst, keyFloat), math.Float64bits(f))
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.AppendUvarint(append(dst, keyBytes), uint64(len(b))), b...)
}

// decimalBytes reports whether the bytes of a column are decimals, whose width varies.
func decimalBytes(leaf *parquet.Column) bool {
	t := leaf.Type().ConvertedType()
	return t != nil && *t == deprecated.Decimal
}

func bigEndian(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// trimSign removes leading bytes that only repeat the sign.
func trimSign(b []byte) []byte {
	for len(b) > 1 && (b[0] == 0 && b[1]&0x80 == 0 || b[0] == 0xff && b[1]&0x80 != 0) {
		b = b[1:]
	}
	return b
}
