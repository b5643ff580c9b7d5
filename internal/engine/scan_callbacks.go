package engine

/*
#include <stdint.h>
#include <stdlib.h>

void wb_scan_bind(void *);
void wb_scan_init(void *);
void wb_scan_worker_init(void *);
void wb_scan_next(void *, void *);
void wb_scan_forget(void *);
*/
import "C"

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// scanFunction is the table function behind the views of BindBatches; its argument is the number of a scan.
const scanFunction = "waterbear_batches"

// objects are the scans, runs and workers that DuckDB knows by number.
var (
	objects    sync.Map // uint64 → *scan, *scanRun or *scanWorker
	lastObject atomic.Uint64
)

func (s *scan) register()   { s.id = keep(s) }
func (s *scan) unregister() { objects.Delete(s.id) }

func keep(v any) uint64 {
	id := lastObject.Add(1)
	objects.Store(id, v)
	return id
}

// number returns C memory that holds an object's number; forget frees it.
func number(id uint64) unsafe.Pointer {
	p := C.malloc(8)
	*(*uint64)(p) = id
	return p
}

func object[T any](p unsafe.Pointer) (T, bool) {
	var none T
	if p == nil {
		return none, false
	}
	v, _ := objects.Load(*(*uint64)(p))
	t, ok := v.(T)
	return t, ok
}

var forgetCallback = C.wb_scan_forget

func registerScan(conn duckdb.Connection) error {
	f := duckdb.CreateTableFunction()
	defer duckdb.DestroyTableFunction(&f)
	duckdb.TableFunctionSetName(f, scanFunction)
	id := duckdb.CreateLogicalType(duckdb.TypeBigInt)
	defer duckdb.DestroyLogicalType(&id)
	duckdb.TableFunctionAddParameter(f, id)
	duckdb.TableFunctionSupportsProjectionPushdown(f, true)
	duckdb.TableFunctionSetBind(f, C.wb_scan_bind)
	duckdb.TableFunctionSetInit(f, C.wb_scan_init)
	duckdb.TableFunctionSetLocalInit(f, C.wb_scan_worker_init)
	duckdb.TableFunctionSetFunction(f, C.wb_scan_next)
	if duckdb.RegisterTableFunction(conn, f) != duckdb.StateSuccess {
		return trinoerr.New(trinoerr.GenericInternalError, "engine: register %s", scanFunction)
	}
	return nil
}

//export wb_scan_bind
func wb_scan_bind(p unsafe.Pointer) {
	info := duckdb.BindInfo{Ptr: p}
	arg := duckdb.BindGetParameter(info, 0)
	id := uint64(duckdb.GetInt64(arg))
	duckdb.DestroyValue(&arg)
	v, _ := objects.Load(id)
	s, ok := v.(*scan)
	if !ok {
		duckdb.BindSetError(info, fmt.Sprintf("there is no table %d", id))
		return
	}
	add := func(name string, t duckdb.LogicalType) {
		duckdb.BindAddResultColumn(info, name, t)
		duckdb.DestroyLogicalType(&t)
	}
	// A statement that needs no column, as SELECT count(*), is given the first one: it costs nothing.
	add("nothing", duckdb.CreateLogicalType(duckdb.TypeBoolean))
	for n, c := range s.table.Columns {
		add(scanColumn(n), logicalType(c.Type))
	}
	if s.table.Rows > 0 {
		duckdb.BindSetCardinality(info, duckdb.IdxT(s.table.Rows), false)
	}
	duckdb.BindSetBindData(info, number(id), C.free)
}

//export wb_scan_init
func wb_scan_init(p unsafe.Pointer) {
	info := duckdb.InitInfo{Ptr: p}
	s, ok := object[*scan](duckdb.InitGetBindData(info))
	if !ok {
		duckdb.InitSetError(info, "the table is not bound any more")
		return
	}
	r := &scanRun{scan: s}
	for n := range duckdb.InitGetColumnCount(info) {
		r.projection = append(r.projection, int(duckdb.InitGetColumnIndex(info, n))-1)
	}
	threads := max(1, min(s.threads, s.table.Source.Partitions()))
	duckdb.InitSetMaxThreads(info, duckdb.IdxT(threads))
	duckdb.InitSetInitData(info, number(keep(r)), forgetCallback)
}

//export wb_scan_worker_init
func wb_scan_worker_init(p unsafe.Pointer) {
	info := duckdb.InitInfo{Ptr: p}
	// The run is only known to the scanning call, so the worker gets it there.
	duckdb.InitSetInitData(info, number(keep(&scanWorker{})), forgetCallback)
}

//export wb_scan_next
func wb_scan_next(p, out unsafe.Pointer) {
	info := duckdb.FunctionInfo{Ptr: p}
	run, ok := object[*scanRun](duckdb.FunctionGetInitData(info))
	w, ok2 := object[*scanWorker](duckdb.FunctionGetLocalInitData(info))
	if !ok || !ok2 {
		duckdb.FunctionSetError(info, "the scan has no state")
		return
	}
	if w.run == nil {
		*w = *newScanWorker(run)
	}
	if err := w.fill(duckdb.DataChunk{Ptr: out}); err != nil {
		run.scan.fail(err)
		duckdb.FunctionSetError(info, err.Error())
	}
}

// fill reads the next rows into a chunk. A panic of the source is its error.
func (w *scanWorker) fill(chunk duckdb.DataChunk) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = trinoerr.New(trinoerr.GenericInternalError, "panic in a source: %v\n%s", r, debug.Stack())
		}
	}()
	n, err := w.read(int(vectorSize))
	if err != nil || n == 0 {
		duckdb.DataChunkSetSize(chunk, 0)
		return err
	}
	column := 0
	for k, c := range w.run.projection {
		v := duckdb.DataChunkGetVector(chunk, duckdb.IdxT(k))
		if c < 0 {
			clear(unsafe.Slice((*bool)(duckdb.VectorGetData(v)), n))
			continue
		}
		if err := fill(v, w.run.scan.table.Columns[c].Type, &w.batch.Columns[column], n); err != nil {
			return err
		}
		column++
	}
	duckdb.DataChunkSetSize(chunk, duckdb.IdxT(n))
	return nil
}

var vectorSize = duckdb.VectorSize()

//export wb_scan_forget
func wb_scan_forget(p unsafe.Pointer) {
	if w, ok := object[*scanWorker](p); ok {
		_ = w.close() // what was only read
	}
	objects.Delete(*(*uint64)(p))
	C.free(p)
}
