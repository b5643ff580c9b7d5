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
//	varchar, char, varbinary, json       Offsets and Data
//	uuid                                 I128 (big-endian value)
//	array of one of these, but not of    Offsets and Items
//	  timestamps with time zone
//
// Other types do not occur in record batches.
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
	// Value i of an array column is the values Offsets[i] to Offsets[i+1] of Items.
	Items *Vector
	// Valid has bit i set when value i is not NULL; nil means that no value is NULL.
	Valid []uint64
}

// Int128 is a two's complement 128-bit integer.
type Int128 struct {
	Lo uint64
	Hi int64
}

// SetNull marks value i of n as NULL.
func (v *Vector) SetNull(i, n int) {
	if v.Valid == nil {
		v.Valid = make([]uint64, (n+63)/64)
		for w := range v.Valid {
			v.Valid[w] = ^uint64(0)
		}
	}
	v.Valid[i/64] &^= 1 << (i % 64)
}

// IsNull reports whether value i is NULL.
func (v *Vector) IsNull(i int) bool {
	return v.Valid != nil && v.Valid[i/64]&(1<<(i%64)) == 0
}

// AppendBytes appends a value to a variable-width column.
func (v *Vector) AppendBytes(b []byte) {
	if len(v.Offsets) == 0 {
		v.Offsets = append(v.Offsets, 0)
	}
	v.Data = append(v.Data, b...)
	v.Offsets = append(v.Offsets, uint32(len(v.Data)))
}

// Reset empties the vector and keeps its memory.
func (v *Vector) Reset() {
	*v = Vector{
		I8: v.I8[:0], I16: v.I16[:0], I32: v.I32[:0], I64: v.I64[:0], I128: v.I128[:0],
		F32: v.F32[:0], F64: v.F64[:0], Offsets: v.Offsets[:0], Data: v.Data[:0],
	}
}

// BatchTypeSupported reports whether values of a type can travel in a Batch.
func BatchTypeSupported(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double,
		types.Decimal, types.Date, types.Varchar, types.Char, types.Varbinary, types.JSON, types.UUID:
		return true
	case types.Time, types.Timestamp:
		return t.P <= 6
	case types.TimestampTZ:
		return t.P <= 3
	case types.Array:
		e := t.Elem(0)
		return e.Kind != types.Array && e.Kind != types.TimestampTZ && BatchTypeSupported(e)
	}
	return false
}
