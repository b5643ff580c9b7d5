package engine

/*
#include <stdlib.h>

void wb_observe_integers(void *, void *, void *);
void wb_observe_texts(void *, void *, void *);
*/
import "C"

import (
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Observed is a value that is looked at for each row that WriteParquet writes.
type Observed struct {
	// Value is an expression over the columns of the query's result, a BIGINT or, with Text, a VARCHAR.
	Value string
	Text  bool
	// See is called with up to 2048 values at a time, by several threads at once. The column is valid until it returns.
	See func(*Column)
}

// The functions that look at values give 0 for every row. Their first argument says which of the observed values it is.
const (
	observeIntegers = "waterbear_observe_integers"
	observeTexts    = "waterbear_observe_texts"
)

// observers are those of all instances, which DuckDB knows by number.
var observers sync.Map // uint64 → *observer

// observer looks at the rows of the statement that an instance runs.
type observer struct {
	id     uint64
	values atomic.Pointer[[]Observed] // nil while nothing is looked at
}

// register makes the functions known to the connection of one instance.
func (o *observer) register(conn duckdb.Connection) error {
	o.id = lastObject.Add(1)
	observers.Store(o.id, o)
	for _, f := range []struct {
		name, value string
		call        unsafe.Pointer
	}{{observeIntegers, "BIGINT", C.wb_observe_integers}, {observeTexts, "VARCHAR", C.wb_observe_texts}} {
		err := scalar{name: f.name, params: []string{"BIGINT", f.value}, result: "BIGINT", object: o.id, volatile: true, nulls: true, call: f.call}.register(conn)
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *observer) unregister() { observers.Delete(o.id) }

// observing is the expression that looks at the values; empty when there are none.
func observing(values []Observed) string {
	sql := ""
	for i, v := range values {
		name := observeIntegers
		if v.Text {
			name = observeTexts
		}
		sql += " + " + name + "(" + strconv.Itoa(i) + ", " + v.Value + ")"
	}
	return sql
}

//export wb_observe_integers
func wb_observe_integers(ptr, in, out unsafe.Pointer) {
	observe(observeIntegers, duckdb.FunctionInfo{Ptr: ptr}, duckdb.DataChunk{Ptr: in}, duckdb.Vector{Ptr: out}, &Type{ID: TypeBigInt})
}

//export wb_observe_texts
func wb_observe_texts(ptr, in, out unsafe.Pointer) {
	observe(observeTexts, duckdb.FunctionInfo{Ptr: ptr}, duckdb.DataChunk{Ptr: in}, duckdb.Vector{Ptr: out}, &Type{ID: TypeVarchar})
}

func observe(name string, info duckdb.FunctionInfo, chunk duckdb.DataChunk, out duckdb.Vector, t *Type) {
	n := int(duckdb.DataChunkGetSize(chunk))
	if n == 0 {
		return
	}
	err := guarded(name, func() error {
		o, ok := observers.Load(*(*uint64)(duckdb.ScalarFunctionGetExtraInfo(info)))
		if !ok {
			return nil
		}
		values := o.(*observer).values.Load()
		if values == nil {
			return nil
		}
		which := *(*int64)(duckdb.VectorGetData(duckdb.DataChunkGetVector(chunk, 0)))
		if which < 0 || which >= int64(len(*values)) {
			return trinoerr.New(trinoerr.GenericInternalError, "engine: no value %d is observed", which)
		}
		var c Column
		c.load(duckdb.DataChunkGetVector(chunk, 1), t, n)
		(*values)[which].See(&c)
		return nil
	})
	if err != nil {
		duckdb.ScalarFunctionSetError(info, raising(err))
		return
	}
	clear(unsafe.Slice((*int64)(duckdb.VectorGetData(out)), n))
}
