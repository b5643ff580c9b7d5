package engine

/*
#include <stdlib.h>

void wb_pace_call(void *, void *, void *);
*/
import "C"

import (
	"sync"
	"sync/atomic"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// paceFunction is a function of no arguments that gives 0 for every row. It returns when the writing of the output may go on.
const paceFunction = "waterbear_pace"

// paces are those of all instances, which DuckDB knows by number.
var paces sync.Map // uint64 → *pace

// pace holds the threads of a statement back that would otherwise write faster than its output is taken away.
type pace struct {
	id   uint64
	wait atomic.Pointer[func() error] // nil while no statement is held back
}

// register makes the function known to the connection of one instance.
func (p *pace) register(conn duckdb.Connection) error {
	p.id = lastObject.Add(1)
	paces.Store(p.id, p)
	return scalar{name: paceFunction, result: "BIGINT", object: p.id, volatile: true, call: C.wb_pace_call}.register(conn)
}

func (p *pace) unregister() { paces.Delete(p.id) }

//export wb_pace_call
func wb_pace_call(ptr, in, out unsafe.Pointer) {
	info := duckdb.FunctionInfo{Ptr: ptr}
	err := guarded(paceFunction, func() error {
		p, ok := paces.Load(*(*uint64)(duckdb.ScalarFunctionGetExtraInfo(info)))
		if !ok {
			return nil
		}
		if wait := p.(*pace).wait.Load(); wait != nil {
			return (*wait)()
		}
		return nil
	})
	if err != nil {
		duckdb.ScalarFunctionSetError(info, raising(err))
		return
	}
	if n := int(duckdb.DataChunkGetSize(duckdb.DataChunk{Ptr: in})); n > 0 {
		clear(unsafe.Slice((*int64)(duckdb.VectorGetData(duckdb.Vector{Ptr: out})), n))
	}
}
