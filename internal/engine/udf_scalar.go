package engine

/*
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// scalar is a function of ours that computes a value for each row of a chunk.
type scalar struct {
	name   string
	params []string // types
	result string
	// object is the number that the function finds as its extra information.
	object uint64
	// volatile ones are called for each vector of rows, whatever their arguments; nulls says that rows with NULL are the function's too.
	volatile, nulls bool
	call            unsafe.Pointer
}

// register makes the function known to a connection.
func (s scalar) register(conn duckdb.Connection) error {
	f := duckdb.CreateScalarFunction()
	defer duckdb.DestroyScalarFunction(&f)
	duckdb.ScalarFunctionSetName(f, s.name)
	err := withTypes(s.params, func(t duckdb.LogicalType) { duckdb.ScalarFunctionAddParameter(f, t) })
	if err == nil {
		err = withTypes([]string{s.result}, func(t duckdb.LogicalType) { duckdb.ScalarFunctionSetReturnType(f, t) })
	}
	if s.volatile {
		duckdb.ScalarFunctionSetVolatile(f)
	}
	if s.nulls {
		duckdb.ScalarFunctionSetSpecialHandling(f)
	}
	duckdb.ScalarFunctionSetExtraInfo(f, number(s.object), C.free)
	duckdb.ScalarFunctionSetFunction(f, s.call)
	if err == nil && duckdb.RegisterScalarFunction(conn, f) != duckdb.StateSuccess {
		err = errors.New("DuckDB refuses it")
	}
	if err != nil {
		return trinoerr.New(trinoerr.GenericInternalError, "engine: register %s: %v", s.name, err)
	}
	return nil
}
