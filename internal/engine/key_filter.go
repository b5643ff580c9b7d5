package engine

/*
void wb_may_be_integer(void *, void *, void *);
void wb_may_be_text(void *, void *, void *);
*/
import "C"

import (
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func init() { functions = append(functions, registerKeyFilters) }

// The functions that test values by a key filter, which is the same for all rows: value, filter → whether the filter has the value.
const (
	mayBeInteger = "waterbear_may_be_integer"
	mayBeText    = "waterbear_may_be_text"
)

func registerKeyFilters(conn duckdb.Connection) error {
	for _, f := range []struct {
		name, value string
		call        unsafe.Pointer
	}{{mayBeInteger, "BIGINT", C.wb_may_be_integer}, {mayBeText, "VARCHAR", C.wb_may_be_text}} {
		if err := (scalar{name: f.name, params: []string{f.value, "BLOB"}, result: "BOOLEAN", call: f.call}).register(conn); err != nil {
			return err
		}
	}
	return nil
}

//export wb_may_be_integer
func wb_may_be_integer(ptr, in, out unsafe.Pointer) {
	testKeys(mayBeInteger, ptr, in, out, TypeBigInt, func(c *Column, has []bool, filter []byte) {
		for i, v := range Values[int64](c) {
			has[i] = facts.MayHave(filter, facts.HashInt(v))
		}
	})
}

//export wb_may_be_text
func wb_may_be_text(ptr, in, out unsafe.Pointer) {
	testKeys(mayBeText, ptr, in, out, TypeVarchar, func(c *Column, has []bool, filter []byte) {
		for i := range c.Rows {
			has[i] = !c.IsNull(i) && facts.MayHave(filter, facts.HashText(c.Bytes(i)))
		}
	})
}

// testKeys computes the rows of a chunk. NULL is no key.
func testKeys(name string, ptr, in, out unsafe.Pointer, value TypeID, test func(c *Column, has []bool, filter []byte)) {
	chunk := duckdb.DataChunk{Ptr: in}
	n := int(duckdb.DataChunkGetSize(chunk))
	if n == 0 {
		return
	}
	err := guarded(name, func() error {
		var keys, filters Column
		keys.load(duckdb.DataChunkGetVector(chunk, 0), &Type{ID: value}, n)
		filters.load(duckdb.DataChunkGetVector(chunk, 1), &Type{ID: TypeBlob}, n)
		has := unsafe.Slice((*bool)(duckdb.VectorGetData(duckdb.Vector{Ptr: out})), n)
		if filters.IsNull(0) || !facts.IsFilter(filters.Bytes(0)) {
			return trinoerr.New(trinoerr.GenericInternalError, "engine: %s is given no filter", name)
		}
		test(&keys, has, filters.Bytes(0))
		for i := range n {
			has[i] = has[i] && !keys.IsNull(i)
		}
		return nil
	})
	if err != nil {
		duckdb.ScalarFunctionSetError(duckdb.FunctionInfo{Ptr: ptr}, raising(err))
	}
}
