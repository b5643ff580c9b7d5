package engine

/*
#cgo noescape wb_fill_strings
#include "scan_fill.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// fill moves a batch column of n rows into a vector of DuckDB.
func fill(out duckdb.Vector, t types.Type, v *connector.Vector, n int) error {
	data := duckdb.VectorGetData(out)
	if len(v.Valid) > 0 {
		duckdb.VectorEnsureValidityWritable(out)
		copy(unsafe.Slice((*uint64)(duckdb.VectorGetValidity(out)), (n+63)/64), v.Valid)
	}
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		return move(data, v.I8, t, n)
	case types.SmallInt:
		return move(data, v.I16, t, n)
	case types.Integer, types.Date:
		return move(data, v.I32, t, n)
	case types.BigInt, types.Time, types.Timestamp, types.TimestampTZ:
		return move(data, v.I64, t, n)
	case types.Real:
		return move(data, v.F32, t, n)
	case types.Double:
		return move(data, v.F64, t, n)
	case types.Decimal:
		return fillDecimal(data, v, t, n)
	case types.UUID:
		return fillUUID(data, v, t, n)
	case types.Array:
		return fillList(out, data, v, n, func(child duckdb.Vector, items int) error {
			return fill(child, t.Elem(0), v.Items, items)
		})
	case types.Map:
		return fillList(out, data, v, n, func(child duckdb.Vector, items int) error { return fillFields(child, v, t, items) })
	case types.Row:
		return fillFields(out, v, t, n)
	}
	return fillStrings(out, data, v, t, n)
}

func short(t types.Type, have, want int) error {
	return fmt.Errorf("engine: a batch column of type %s has %d of %d values", t, have, want)
}

// move copies values that DuckDB lays out as the batch does.
func move[T Fixed](data unsafe.Pointer, values []T, t types.Type, n int) error {
	if len(values) < n {
		return short(t, len(values), n)
	}
	copy(unsafe.Slice((*T)(data), n), values)
	return nil
}

// fillDecimal narrows unscaled values to the width that DuckDB uses for the precision.
func fillDecimal(data unsafe.Pointer, v *connector.Vector, t types.Type, n int) error {
	switch {
	case t.P > 18:
		return move(data, v.I128, t, n)
	case len(v.I64) < n:
		return short(t, len(v.I64), n)
	case t.P <= 4:
		narrow(unsafe.Slice((*int16)(data), n), v.I64)
	case t.P <= 9:
		narrow(unsafe.Slice((*int32)(data), n), v.I64)
	default:
		return move(data, v.I64, t, n)
	}
	return nil
}

func narrow[T int16 | int32](out []T, in []int64) {
	for i := range out {
		out[i] = T(in[i])
	}
}

// fillUUID flips the highest bit, by which DuckDB makes signed comparison order UUIDs.
func fillUUID(data unsafe.Pointer, v *connector.Vector, t types.Type, n int) error {
	if len(v.I128) < n {
		return short(t, len(v.I128), n)
	}
	out := unsafe.Slice((*Int128)(data), n)
	for i, u := range v.I128[:n] {
		out[i] = Int128{Lo: u.Lo, Hi: u.Hi ^ -1<<63}
	}
	return nil
}

// fillList points the values to their items, and has the child vector filled with these.
func fillList(out duckdb.Vector, data unsafe.Pointer, v *connector.Vector, n int, items func(child duckdb.Vector, n int) error) error {
	if len(v.Offsets) < n+1 {
		return fmt.Errorf("engine: a batch column has %d of %d lists", len(v.Offsets)-1, n)
	}
	entries := unsafe.Slice((*struct{ offset, length uint64 })(data), n)
	for i := range entries {
		begin, end := v.Offsets[i], v.Offsets[i+1]
		entries[i].offset, entries[i].length = uint64(begin), uint64(end-begin)
	}
	all := v.Offsets[n]
	if all == 0 {
		return nil
	}
	duckdb.ListVectorReserve(out, duckdb.IdxT(all))
	duckdb.ListVectorSetSize(out, duckdb.IdxT(all))
	return items(duckdb.ListVectorGetChild(out), int(all))
}

// fillFields fills the fields of a row, or the keys and values of the entries of a map.
func fillFields(out duckdb.Vector, v *connector.Vector, t types.Type, n int) error {
	if len(v.Fields) != len(t.Args) {
		return fmt.Errorf("engine: a batch column of type %s has %d of %d fields", t, len(v.Fields), len(t.Args))
	}
	for i := range v.Fields {
		if err := fill(duckdb.StructVectorGetChild(out, duckdb.IdxT(i)), t.Elem(i), &v.Fields[i], n); err != nil {
			return err
		}
	}
	return nil
}

func fillStrings(out duckdb.Vector, data unsafe.Pointer, v *connector.Vector, t types.Type, n int) error {
	if len(v.Offsets) < n+1 {
		return short(t, len(v.Offsets)-1, n)
	}
	if end := v.Offsets[n]; v.Offsets[0] > end || int(end) > len(v.Data) {
		return fmt.Errorf("engine: a batch column of type %s ends at byte %d of %d", t, end, len(v.Data))
	}
	C.wb_fill_strings(out.Ptr, data, (*C.uint32_t)(&v.Offsets[0]), (*C.char)(unsafe.Pointer(unsafe.SliceData(v.Data))), C.size_t(n))
	return nil
}
