package connector

import "github.com/waterbear-sql/waterbear/internal/types"

// Batch is a record batch: Columns of Rows values each, in columnar form.
type Batch struct {
	Rows    int
	Columns []Vector
}

// Vector is one column of a batch. Which slice is used follows from the column's SQL type:
//
//	boolean                              I8 (0 or 1)
//	tinyint, smallint, integer, bigint   I8, I16, I32, I64
//	real, double                         F32, F64
//	decimal(p ≤ 18), decimal(p > 18)     I64 (unscaled), I128 (unscaled)
//	date                                 I32 (days since 1970-01-01)
//	time(p ≤ 6), timestamp(p ≤ 6)        I64 (microseconds)
//	timestamp(p) with time zone, p ≤ 3   I64 (UTC milliseconds; the zone is UTC)
//	timestamp(p) with time zone, p ≤ 6   I64 (UTC microseconds, likewise)
//	varchar, char, varbinary, json       Offsets and Data
//	uuid                                 I128 (big-endian value)
//	array                                Offsets and Items
//	map                                  Offsets and Fields: the keys and the values of its entries
//	row                                  Fields, each as long as the column; all NULL where the row is
//
// Other types do not occur in record batches, and timestamps with time zone not within others.
type Vector struct {
	I8   []int8
	I16  []int16
	I32  []int32
	I64  []int64
	I128 []Int128
	F32  []float32
	F64  []float64
	// Value i of a variable-width column is Data[Offsets[i]:Offsets[i+1]].
	Offsets []uint32
	Data    []byte
	// Value i of an array column is the values Offsets[i] to Offsets[i+1] of Items; of a map column, those of both Fields.
	Items  *Vector
	Fields []Vector
	// Valid has bit i set when value i is not NULL. Those beyond its end are not.
	Valid []uint64
}

// Int128 is a two's complement 128-bit integer.
type Int128 struct {
	Lo uint64
	Hi int64
}

// SetNull marks value i of n as NULL.
func (v *Vector) SetNull(i, n int) {
	for words := (max(i+1, n) + 63) / 64; len(v.Valid) < words; {
		v.Valid = append(v.Valid, ^uint64(0))
	}
	v.Valid[i/64] &^= 1 << (i % 64)
}

// IsNull reports whether value i is NULL.
func (v *Vector) IsNull(i int) bool {
	return i/64 < len(v.Valid) && v.Valid[i/64]&(1<<(i%64)) == 0
}

// AppendBytes appends a value to a variable-width column.
func (v *Vector) AppendBytes(b []byte) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	v.Data = append(v.Data, b...)
	v.Offsets = append(v.Offsets, uint32(len(v.Data)))
}

// Len is how many values a column of a type has.
func (v *Vector) Len(t types.Type) int {
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		return len(v.I8)
	case types.SmallInt:
		return len(v.I16)
	case types.Integer, types.Date:
		return len(v.I32)
	case types.Real:
		return len(v.F32)
	case types.Double:
		return len(v.F64)
	case types.UUID:
		return len(v.I128)
	case types.Decimal:
		return len(v.I64) + len(v.I128)
	case types.BigInt, types.Time, types.Timestamp, types.TimestampTZ:
		return len(v.I64)
	case types.Row:
		if len(v.Fields) == 0 {
			return 0
		}
		return v.Fields[0].Len(t.Elem(0))
	}
	return max(len(v.Offsets)-1, 0)
}

// Reset empties the vector and keeps its memory.
func (v *Vector) Reset() {
	*v = Vector{
		I8: v.I8[:0], I16: v.I16[:0], I32: v.I32[:0], I64: v.I64[:0], I128: v.I128[:0],
		F32: v.F32[:0], F64: v.F64[:0], Offsets: v.Offsets[:0], Data: v.Data[:0], Valid: v.Valid[:0], Items: v.Items, Fields: v.Fields,
	}
	if v.Items != nil {
		v.Items.Reset()
	}
	for i := range v.Fields {
		v.Fields[i].Reset()
	}
}

// BatchTypeSupported reports whether values of a type can travel in a Batch.
func BatchTypeSupported(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double,
		types.Decimal, types.Date, types.Varchar, types.Char, types.Varbinary, types.JSON, types.UUID:
		return true
	case types.Time, types.Timestamp, types.TimestampTZ:
		return t.P <= 6
	case types.Array, types.Map, types.Row:
		for i := range t.Args {
			if e := t.Elem(i); e.Kind == types.TimestampTZ || !BatchTypeSupported(e) {
				return false
			}
		}
		return true
	}
	return false
}
