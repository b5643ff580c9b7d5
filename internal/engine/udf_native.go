package engine

/*
#include <stdlib.h>

void wb_native_call(void *, void *, void *);
*/
import "C"

import (
	"fmt"
	"runtime/debug"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func init() { functions = append(functions, registerNative) }

// registerNative makes the functions of package native known to DuckDB.
func registerNative(conn duckdb.Connection) error {
	for n := range native.Functions {
		f := &native.Functions[n]
		if err := (scalar{name: f.Name, params: f.Params, result: f.Result, object: uint64(n), call: C.wb_native_call}).register(conn); err != nil {
			return err
		}
	}
	return nil
}

// withTypes makes types and hands each to use.
func withTypes(texts []string, use func(duckdb.LogicalType)) error {
	for _, text := range texts {
		t, err := logicalOf(text)
		if err != nil {
			return err
		}
		use(t)
		duckdb.DestroyLogicalType(&t)
	}
	return nil
}

//export wb_native_call
func wb_native_call(p, in, out unsafe.Pointer) {
	info := duckdb.FunctionInfo{Ptr: p}
	f := &native.Functions[*(*uint64)(duckdb.ScalarFunctionGetExtraInfo(info))]
	err := guarded(f.Name, func() error { return callNative(f, duckdb.DataChunk{Ptr: in}, duckdb.Vector{Ptr: out}) })
	if err != nil {
		duckdb.ScalarFunctionSetError(info, raising(err))
	}
}

// guarded calls a native function. A panic is an error.
func guarded(name string, call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in %s: %v\n%s", name, r, debug.Stack())
		}
	}()
	return call()
}

// raising is the message from which classify makes the error again.
func raising(err error) string {
	e := trinoerr.From(err)
	return Raise + e.Code.Name + ":" + e.Msg
}

// callNative computes the rows of a chunk.
func callNative(f *native.Function, chunk duckdb.DataChunk, out duckdb.Vector) error {
	in := loadArguments(chunk)
	defer in.close()
	w := resultWriterOf(out)
	args := make([]any, len(f.Params))
	for r := range int(duckdb.DataChunkGetSize(chunk)) {
		var v any
		if in.row(r, args) {
			var err error
			if v, err = f.Call(args); err != nil {
				return err
			}
		}
		w.write(r, v)
	}
	return nil
}
