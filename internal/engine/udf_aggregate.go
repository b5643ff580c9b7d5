package engine

/*
#cgo CFLAGS: -fexceptions
#include "udf_aggregate.h"
*/
import "C"

import (
	"errors"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func init() { functions = append(functions, registerAggregates) }

// registerAggregates makes the aggregates of package native known to DuckDB.
func registerAggregates(conn duckdb.Connection) error {
	for n := range native.Aggregates {
		if err := registerAggregate(conn, uint64(n), &native.Aggregates[n]); err != nil {
			return trinoerr.New(trinoerr.GenericInternalError, "engine: register %s: %v", native.Aggregates[n].Name, err)
		}
	}
	return nil
}

func registerAggregate(conn duckdb.Connection, n uint64, a *native.Aggregate) error {
	name := C.CString(a.Name)
	defer C.free(unsafe.Pointer(name))
	id := (*aggregateID)(C.malloc(C.size_t(unsafe.Sizeof(aggregateID{}))))
	*id = aggregateID{number: n, owner: uintptr(conn.Ptr)}
	f := C.wb_aggregate_create(name, unsafe.Pointer(id))
	if f == nil {
		return errors.New("its object has an unknown layout")
	}
	defer func() { C.duckdb_destroy_aggregate_function(&f) }()
	err := withTypes(a.Params, func(t duckdb.LogicalType) { C.duckdb_aggregate_function_add_parameter(f, t.Ptr) })
	if err == nil {
		err = withTypes([]string{a.Result}, func(t duckdb.LogicalType) { C.duckdb_aggregate_function_set_return_type(f, t.Ptr) })
	}
	if err == nil && C.duckdb_register_aggregate_function(conn.Ptr, f) != C.int(duckdb.StateSuccess) {
		err = errors.New("DuckDB refuses it")
	}
	return err
}

// aggregateID is what an aggregate's callbacks get: its index in native.Aggregates, and the connection it was registered with.
type aggregateID struct {
	number uint64
	owner  uintptr
}

// aggregate is the function that a callback is for.
func aggregate(info unsafe.Pointer) (*native.Aggregate, uintptr) {
	id := (*aggregateID)(C.duckdb_aggregate_function_get_extra_info(info))
	return &native.Aggregates[id.number], id.owner
}

// failAggregate makes the statement fail.
func failAggregate(info unsafe.Pointer, err error) {
	if err == nil {
		return
	}
	msg := C.CString(raising(err))
	defer C.free(unsafe.Pointer(msg))
	C.duckdb_aggregate_function_set_error(info, msg)
}

// accumulator returns the accumulator of a state, which is made when it is first needed.
func accumulator(a *native.Aggregate, owner uintptr, handle *uint64) native.Accumulator {
	if *handle == 0 {
		acc := a.New()
		*handle = running.add(acc, owner)
		return acc
	}
	return running.get(*handle)
}

// states are the handles that an array of pointers to states leads to.
func states(p *unsafe.Pointer, n C.uint64_t) []*uint64 {
	return unsafe.Slice((**uint64)(unsafe.Pointer(p)), int(n))
}

//export wb_aggregate_update
func wb_aggregate_update(info, chunk unsafe.Pointer, to *unsafe.Pointer) {
	a, owner := aggregate(info)
	failAggregate(info, guarded(a.Name, func() error {
		in := loadArguments(duckdb.DataChunk{Ptr: chunk})
		defer in.close()
		rows := int(duckdb.DataChunkGetSize(duckdb.DataChunk{Ptr: chunk}))
		args := make([]any, len(a.Params))
		for r, handle := range states(to, C.uint64_t(rows)) {
			if !in.row(r, args) && !a.CalledOnNull {
				continue
			}
			if err := accumulator(a, owner, handle).Add(args); err != nil {
				return err
			}
		}
		return nil
	}))
}

//export wb_aggregate_combine
func wb_aggregate_combine(info unsafe.Pointer, from, to *unsafe.Pointer, n C.uint64_t) {
	a, owner := aggregate(info)
	failAggregate(info, guarded(a.Name, func() error {
		targets := states(to, n)
		for i, handle := range states(from, n) {
			if *handle == 0 {
				continue
			}
			if err := accumulator(a, owner, targets[i]).Merge(running.get(*handle)); err != nil {
				return err
			}
		}
		return nil
	}))
}

//export wb_aggregate_finalize
func wb_aggregate_finalize(info unsafe.Pointer, from *unsafe.Pointer, result unsafe.Pointer, n, offset C.uint64_t) {
	a, _ := aggregate(info)
	failAggregate(info, guarded(a.Name, func() error {
		w := resultWriterOf(duckdb.Vector{Ptr: result})
		for i, handle := range states(from, n) {
			acc := native.Accumulator(nil)
			if *handle == 0 {
				acc = a.New()
			} else {
				acc = running.get(*handle)
			}
			v, err := acc.Result()
			if err != nil {
				return err
			}
			w.write(int(offset)+i, v)
		}
		return nil
	}))
}

//export wb_aggregate_destroy
func wb_aggregate_destroy(of *unsafe.Pointer, n C.uint64_t) {
	for _, handle := range states(of, n) {
		if *handle != 0 {
			running.remove(*handle)
			*handle = 0
		}
	}
}
