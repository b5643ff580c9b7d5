package engine

/*
#include <stdlib.h>

void wb_native_call(void *, void *, void *);
*/
import "C"

import (
	"fmt"
	"runtime/debug"
	"strings"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func init() { functions = append(functions, registerNative) }

// nativeTypes are the DuckDB types that native functions take and give.
var nativeTypes = map[string]duckdb.Type{
	"BOOLEAN": duckdb.TypeBoolean, "BIGINT": duckdb.TypeBigInt, "HUGEINT": duckdb.TypeHugeInt, "FLOAT": duckdb.TypeFloat,
	"DOUBLE": duckdb.TypeDouble, "VARCHAR": duckdb.TypeVarchar, "BLOB": duckdb.TypeBlob, "NULL": duckdb.TypeSQLNull,
}

func nativeType(name string) duckdb.LogicalType {
	if elem, list := strings.CutSuffix(name, "[]"); list {
		t := nativeType(elem)
		defer duckdb.DestroyLogicalType(&t)
		return duckdb.CreateListType(t)
	}
	return duckdb.CreateLogicalType(nativeTypes[name])
}

// registerNative makes the functions of package native known to DuckDB.
func registerNative(conn duckdb.Connection) error {
	for n := range native.Functions {
		f := &native.Functions[n]
		sf := duckdb.CreateScalarFunction()
		duckdb.ScalarFunctionSetName(sf, f.Name)
		for _, p := range f.Params {
			t := nativeType(p)
			duckdb.ScalarFunctionAddParameter(sf, t)
			duckdb.DestroyLogicalType(&t)
		}
		t := nativeType(f.Result)
		duckdb.ScalarFunctionSetReturnType(sf, t)
		duckdb.DestroyLogicalType(&t)
		duckdb.ScalarFunctionSetExtraInfo(sf, number(uint64(n)), C.free)
		duckdb.ScalarFunctionSetFunction(sf, C.wb_native_call)
		state := duckdb.RegisterScalarFunction(conn, sf)
		duckdb.DestroyScalarFunction(&sf)
		if state != duckdb.StateSuccess {
			return trinoerr.New(trinoerr.GenericInternalError, "engine: register %s", f.Name)
		}
	}
	return nil
}

//export wb_native_call
func wb_native_call(p, in, out unsafe.Pointer) {
	info := duckdb.FunctionInfo{Ptr: p}
	f := &native.Functions[*(*uint64)(duckdb.ScalarFunctionGetExtraInfo(info))]
	if err := callNative(f, duckdb.DataChunk{Ptr: in}, duckdb.Vector{Ptr: out}); err != nil {
		e := trinoerr.From(err)
		duckdb.ScalarFunctionSetError(info, Raise+e.Code.Name+":"+e.Msg)
	}
}

// callNative computes the rows of a chunk. A panic is an error.
func callNative(f *native.Function, chunk duckdb.DataChunk, out duckdb.Vector) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in %s: %v\n%s", f.Name, r, debug.Stack())
		}
	}()
	rows := int(duckdb.DataChunkGetSize(chunk))
	columns := make([]Column, len(f.Params))
	for n := range columns {
		v := duckdb.DataChunkGetVector(chunk, duckdb.IdxT(n))
		lt := duckdb.VectorGetColumnType(v)
		t := newType(lt)
		duckdb.DestroyLogicalType(&lt)
		columns[n].load(v, &t, rows)
	}
	w := nativeWriter{vector: out, result: f.Result, rows: rows}
	args := make([]any, len(columns))
	for r := range rows {
		null := false
		for n := range columns {
			if null = columns[n].IsNull(r); null {
				break
			}
			args[n] = nativeArgument(&columns[n], f.Params[n], r)
		}
		var v any
		if !null {
			if v, err = f.Call(args); err != nil {
				return err
			}
		}
		w.write(r, v)
	}
	return nil
}

func nativeArgument(c *Column, typ string, r int) any {
	if elem, list := strings.CutSuffix(typ, "[]"); list {
		first, n := c.List(r)
		out := make([]any, n)
		for i := range out {
			if !c.Children[0].IsNull(first + i) {
				out[i] = nativeArgument(&c.Children[0], elem, first+i)
			}
		}
		return out
	}
	switch typ {
	case "BOOLEAN":
		return Values[bool](c)[r]
	case "BIGINT":
		return Values[int64](c)[r]
	case "HUGEINT":
		v := Values[Int128](c)[r]
		return types.Int128{Lo: v.Lo, Hi: v.Hi}
	case "FLOAT":
		return Values[float32](c)[r]
	case "DOUBLE":
		return Values[float64](c)[r]
	case "BLOB":
		return append([]byte(nil), c.Bytes(r)...)
	case "VARCHAR[]":
		first, n := c.List(r)
		list := make([]any, n)
		for i := range list {
			if elem := &c.Children[0]; !elem.IsNull(first + i) {
				list[i] = string(elem.Bytes(first + i))
			}
		}
		return list
	}
	return string(c.Bytes(r))
}

// nativeWriter fills a result vector.
type nativeWriter struct {
	vector duckdb.Vector
	result string
	rows   int
	mask   unsafe.Pointer
	elems  int // of a list vector, written so far
}

func (w *nativeWriter) write(r int, v any) {
	if v == nil {
		if w.mask == nil {
			duckdb.VectorEnsureValidityWritable(w.vector)
			w.mask = duckdb.VectorGetValidity(w.vector)
		}
		duckdb.ValiditySetRowInvalid(w.mask, duckdb.IdxT(r))
		if strings.HasSuffix(w.result, "[]") {
			w.list(r, nil)
		}
		return
	}
	switch v := v.(type) {
	case bool:
		put(w, r, v)
	case int64:
		put(w, r, v)
	case types.Int128:
		put(w, r, Int128{Lo: v.Lo, Hi: v.Hi})
	case float32:
		put(w, r, v)
	case float64:
		put(w, r, v)
	case string:
		duckdb.VectorAssignStringElementLen(w.vector, duckdb.IdxT(r), []byte(v))
	case []byte:
		duckdb.VectorAssignStringElementLen(w.vector, duckdb.IdxT(r), v)
	case []any:
		w.list(r, v)
	}
}

func put[T Fixed](w *nativeWriter, r int, v T) {
	unsafe.Slice((*T)(duckdb.VectorGetData(w.vector)), w.rows)[r] = v
}

func (w *nativeWriter) list(r int, v []any) {
	first := w.elems
	w.elems += len(v)
	duckdb.ListVectorReserve(w.vector, duckdb.IdxT(w.elems))
	duckdb.ListVectorSetSize(w.vector, duckdb.IdxT(w.elems))
	child := nativeWriter{vector: duckdb.ListVectorGetChild(w.vector), result: strings.TrimSuffix(w.result, "[]"), rows: w.elems}
	for i, e := range v {
		child.write(first+i, e)
	}
	put(w, r, ListEntry{Offset: uint64(first), Length: uint64(len(v))})
}
