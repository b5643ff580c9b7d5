package engine

import (
	"fmt"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// arguments are the columns of a chunk that a native function is called with.
type arguments struct {
	columns []Column
	copies  []duckdb.Vector
}

func loadArguments(chunk duckdb.DataChunk) *arguments {
	rows := int(duckdb.DataChunkGetSize(chunk))
	a := &arguments{columns: make([]Column, duckdb.DataChunkGetColumnCount(chunk))}
	for n := range a.columns {
		v := duckdb.DataChunkGetVector(chunk, duckdb.IdxT(n))
		lt := duckdb.VectorGetColumnType(v)
		t := newType(lt)
		if len(t.Children) > 0 {
			v = a.flat(v, lt, rows)
		}
		duckdb.DestroyLogicalType(&lt)
		a.columns[n].load(v, &t, rows)
	}
	return a
}

// flat copies a nested vector: DuckDB flattens only the outside of what it passes, and a copy is flat all through.
func (a *arguments) flat(v duckdb.Vector, t duckdb.LogicalType, rows int) duckdb.Vector {
	sel := duckdb.CreateSelectionVector(duckdb.IdxT(rows))
	defer duckdb.DestroySelectionVector(&sel)
	if rows > 0 {
		for i, s := 0, unsafe.Slice(duckdb.SelectionVectorGetDataPtr(sel), rows); i < rows; i++ {
			s[i] = duckdb.SelT(i)
		}
	}
	c := duckdb.CreateVector(t, duckdb.IdxT(max(rows, 1)))
	duckdb.VectorCopySel(v, c, sel, duckdb.IdxT(rows), 0, 0)
	a.copies = append(a.copies, c)
	return c
}

func (a *arguments) close() {
	for n := range a.copies {
		duckdb.DestroyVector(&a.copies[n])
	}
}

// row stores the values of a row in out and reports whether none is NULL.
func (a *arguments) row(r int, out []any) bool {
	whole := true
	for n := range a.columns {
		out[n] = a.columns[n].value(r)
		whole = whole && out[n] != nil
	}
	return whole
}

// value is row r as native functions see it, see native.Function; nil for NULL.
func (c *Column) value(r int) any {
	if c.IsNull(r) {
		return nil
	}
	switch c.Type.Layout() {
	case TypeBoolean:
		return Values[bool](c)[r]
	case TypeTinyInt, TypeSmallInt, TypeInteger, TypeBigInt, TypeUTinyInt, TypeUSmallInt, TypeUInteger:
		return int64(c.Integer(r).Lo)
	case TypeUBigInt, TypeHugeInt, TypeUHugeInt:
		v := c.Integer(r)
		return types.Int128{Lo: v.Lo, Hi: v.Hi}
	case TypeFloat:
		return Values[float32](c)[r]
	case TypeDouble:
		return Values[float64](c)[r]
	case TypeVarchar:
		return string(c.Bytes(r))
	case TypeBlob:
		return append([]byte{}, c.Bytes(r)...)
	case TypeList, TypeArray:
		first, n := c.List(r)
		list := make([]any, n)
		for i := range list {
			list[i] = c.Children[0].value(first + i)
		}
		return list
	case TypeMap:
		first, n := c.List(r)
		entries := make([]any, n)
		for i := range entries {
			entries[i] = []any{c.Children[0].value(first + i), c.Children[1].value(first + i)}
		}
		return entries
	case TypeStruct:
		fields := make([]any, len(c.Children))
		for i := range fields {
			fields[i] = c.Children[i].value(r)
		}
		return fields
	}
	panic(fmt.Sprintf("engine: native functions cannot take a %s", c.Type))
}

// resultWriter fills a vector that native functions compute.
type resultWriter struct {
	vector   duckdb.Vector
	typ      *Type
	data     unsafe.Pointer
	mask     unsafe.Pointer
	children []resultWriter
	elems    int // of a list or map, written so far
}

// newResultWriter makes a writer for a vector; elements of lists are added to those that it has.
func newResultWriter(v duckdb.Vector, t *Type) resultWriter {
	w := resultWriter{vector: v, typ: t, data: duckdb.VectorGetData(v)}
	switch t.ID {
	case TypeList:
		w.elems = int(duckdb.ListVectorGetSize(v))
		w.children = []resultWriter{newResultWriter(duckdb.ListVectorGetChild(v), &t.Children[0].Type)}
	case TypeMap:
		// The entries of a map are a list of structs.
		w.elems = int(duckdb.ListVectorGetSize(v))
		entry := Type{ID: TypeStruct, layout: TypeStruct, Children: t.Children}
		w.children = []resultWriter{newResultWriter(duckdb.ListVectorGetChild(v), &entry)}
	case TypeStruct:
		for n := range t.Children {
			w.children = append(w.children, newResultWriter(duckdb.StructVectorGetChild(v, duckdb.IdxT(n)), &t.Children[n].Type))
		}
	}
	return w
}

func resultWriterOf(v duckdb.Vector) resultWriter {
	lt := duckdb.VectorGetColumnType(v)
	defer duckdb.DestroyLogicalType(&lt)
	t := newType(lt)
	return newResultWriter(v, &t)
}

// write stores a value of the Go type that belongs to the column's type; nil is NULL.
func (w *resultWriter) write(r int, v any) {
	if v == nil {
		w.null(r)
		return
	}
	switch w.typ.Layout() {
	case TypeBoolean:
		put(w, r, v.(bool))
	case TypeTinyInt, TypeUTinyInt:
		put(w, r, int8(v.(int64)))
	case TypeSmallInt, TypeUSmallInt:
		put(w, r, int16(v.(int64)))
	case TypeInteger, TypeUInteger:
		put(w, r, int32(v.(int64)))
	case TypeBigInt:
		put(w, r, v.(int64))
	case TypeUBigInt:
		put(w, r, v.(types.Int128).Lo)
	case TypeHugeInt, TypeUHugeInt:
		h := v.(types.Int128)
		put(w, r, Int128{Lo: h.Lo, Hi: h.Hi})
	case TypeFloat:
		put(w, r, v.(float32))
	case TypeDouble:
		put(w, r, v.(float64))
	case TypeVarchar:
		duckdb.VectorAssignStringElementLen(w.vector, duckdb.IdxT(r), []byte(v.(string)))
	case TypeBlob:
		duckdb.VectorAssignStringElementLen(w.vector, duckdb.IdxT(r), v.([]byte))
	case TypeList, TypeMap:
		w.list(r, v.([]any))
	case TypeStruct:
		for i, f := range v.([]any) {
			w.children[i].write(r, f)
		}
	default:
		panic(fmt.Sprintf("engine: native functions cannot give a %s", w.typ))
	}
}

func (w *resultWriter) null(r int) {
	if w.mask == nil {
		duckdb.VectorEnsureValidityWritable(w.vector)
		w.mask = duckdb.VectorGetValidity(w.vector)
	}
	duckdb.ValiditySetRowInvalid(w.mask, duckdb.IdxT(r))
	switch w.typ.ID {
	case TypeList, TypeMap:
		put(w, r, ListEntry{Offset: uint64(w.elems)})
	case TypeStruct:
		for n := range w.children {
			w.children[n].null(r)
		}
	}
}

func put[T Fixed](w *resultWriter, r int, v T) {
	var zero T
	*(*T)(unsafe.Add(w.data, r*int(unsafe.Sizeof(zero)))) = v
}

func (w *resultWriter) list(r int, v []any) {
	first := w.elems
	w.elems += len(v)
	duckdb.ListVectorReserve(w.vector, duckdb.IdxT(w.elems))
	duckdb.ListVectorSetSize(w.vector, duckdb.IdxT(w.elems))
	child := &w.children[0]
	child.refresh()
	for i, e := range v {
		child.write(first+i, e)
	}
	put(w, r, ListEntry{Offset: uint64(first), Length: uint64(len(v))})
}

// refresh looks up where a list's elements lie, which changes when the list grows.
func (w *resultWriter) refresh() {
	w.data, w.mask = duckdb.VectorGetData(w.vector), nil
	if w.typ.ID == TypeStruct {
		for n := range w.children {
			w.children[n].refresh()
		}
	}
}
