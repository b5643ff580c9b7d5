package engine

import (
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// Chunk is a piece of a result, at most 2048 rows in columnar form. It lies in DuckDB's memory.
type Chunk struct {
	Rows    int
	Columns []Column
}

func (c *Chunk) load(chunk duckdb.DataChunk, fields []Field) {
	c.Rows = int(duckdb.DataChunkGetSize(chunk))
	if c.Columns == nil {
		c.Columns = make([]Column, len(fields))
	}
	for n := range c.Columns {
		c.Columns[n].load(duckdb.DataChunkGetVector(chunk, duckdb.IdxT(n)), &fields[n].Type, c.Rows)
	}
}

// Column is a column of a chunk, or the children of a nested one.
type Column struct {
	Type *Type
	Rows int
	// Valid has bit i set when row i is not NULL; nil means that no row is NULL.
	Valid []uint64
	// Children are the elements of a LIST or ARRAY (one column); the keys and values of a MAP (two); the fields of a STRUCT.
	// Those of a STRUCT are parallel to its rows; Lists says which elements or entries belong to a row of the others.
	Children []Column

	data unsafe.Pointer
}

// ListEntry delimits the elements of one list in the child column.
type ListEntry struct{ Offset, Length uint64 }

// Int128 is DuckDB's HUGEINT and the unscaled value of a DECIMAL of more than 18 digits. A UUID is one with its highest
// bit flipped.
type Int128 = connector.Int128

// Interval is DuckDB's INTERVAL.
type Interval struct {
	Months, Days int32
	Micros       int64
}

// Fixed lists the Go types of fixed-width values.
type Fixed interface {
	bool | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64 |
		Int128 | Interval | ListEntry | stringT
}

// Values returns the values of a fixed-width column. T must have the layout of the column's type, see Type.Layout. Those of
// NULL rows are undefined.
func Values[T Fixed](c *Column) []T {
	if c.Rows == 0 {
		return nil
	}
	return unsafe.Slice((*T)(c.data), c.Rows)
}

// IsNull reports whether row i is NULL.
func (c *Column) IsNull(i int) bool {
	return c.Valid != nil && c.Valid[i>>6]&(1<<(uint(i)&63)) == 0
}

// stringT is duckdb_string_t: up to 12 bytes inside, longer ones behind a pointer after a prefix of 4 bytes.
type stringT struct {
	length uint32
	inline [4]byte
	ptr    unsafe.Pointer
}

const inlineLength = 12

// Bytes returns row i of a VARCHAR, BLOB or BIT column without copying.
func (c *Column) Bytes(i int) []byte {
	s := (*stringT)(unsafe.Add(c.data, i*int(unsafe.Sizeof(stringT{}))))
	if s.length <= inlineLength {
		return unsafe.Slice(&s.inline[0], s.length)
	}
	return unsafe.Slice((*byte)(s.ptr), s.length)
}

// List returns where the elements of row i of a LIST or MAP, or of an ARRAY, lie in the child columns.
func (c *Column) List(i int) (offset, length int) {
	if c.Type.ID == TypeArray {
		return i * c.Type.Size, c.Type.Size
	}
	e := (*ListEntry)(unsafe.Add(c.data, i*int(unsafe.Sizeof(ListEntry{}))))
	return int(e.Offset), int(e.Length)
}

// Integer returns row i of a column with an integer layout of any width, for example the unscaled value of a DECIMAL.
func (c *Column) Integer(i int) Int128 {
	switch c.Type.Layout() {
	case TypeBoolean, TypeTinyInt:
		return extend(int64(Values[int8](c)[i]))
	case TypeSmallInt:
		return extend(int64(Values[int16](c)[i]))
	case TypeInteger:
		return extend(int64(Values[int32](c)[i]))
	case TypeBigInt:
		return extend(Values[int64](c)[i])
	case TypeUTinyInt:
		return Int128{Lo: uint64(Values[uint8](c)[i])}
	case TypeUSmallInt:
		return Int128{Lo: uint64(Values[uint16](c)[i])}
	case TypeUInteger:
		return Int128{Lo: uint64(Values[uint32](c)[i])}
	case TypeUBigInt:
		return Int128{Lo: Values[uint64](c)[i]}
	}
	return Values[Int128](c)[i]
}

func extend(v int64) Int128 { return Int128{Lo: uint64(v), Hi: v >> 63} }

func (c *Column) load(v duckdb.Vector, t *Type, rows int) {
	c.Type, c.Rows = t, rows
	c.data = duckdb.VectorGetData(v)
	c.Valid = nil
	if p := duckdb.VectorGetValidity(v); p != nil && rows > 0 {
		c.Valid = unsafe.Slice((*uint64)(p), (rows+63)/64)
	}
	if c.Children == nil && len(t.Children) > 0 {
		c.Children = make([]Column, len(t.Children))
	}
	switch t.ID {
	case TypeStruct:
		for n := range t.Children {
			c.Children[n].load(duckdb.StructVectorGetChild(v, duckdb.IdxT(n)), &t.Children[n].Type, rows)
		}
	case TypeList:
		c.Children[0].load(duckdb.ListVectorGetChild(v), &t.Children[0].Type, int(duckdb.ListVectorGetSize(v)))
	case TypeArray:
		c.Children[0].load(duckdb.ArrayVectorGetChild(v), &t.Children[0].Type, rows*t.Size)
	case TypeMap:
		entries, n := duckdb.ListVectorGetChild(v), int(duckdb.ListVectorGetSize(v))
		c.Children[0].load(duckdb.StructVectorGetChild(entries, 0), &t.Children[0].Type, n)
		c.Children[1].load(duckdb.StructVectorGetChild(entries, 1), &t.Children[1].Type, n)
	}
}
