package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Table is a table that a statement reads from record batches.
type Table struct {
	Columns []connector.Column
	Source  connector.BatchSource
	// Rows is about how many rows there are, for DuckDB's choice of join orders; zero is unknown.
	Rows int64
}

// BindBatches makes name a table whose rows come from record batches: until Reset, a statement that reads it opens the
// partitions of the source, in parallel and as often as the statement names the table, asking for the columns that
// it needs. Errors of the source end the statement and are returned as they are. ctx must outlive the statements.
//
// DuckDB's types are those of BatchColumnType.
func (i *Instance) BindBatches(ctx context.Context, name string, t Table) error {
	s := &scan{ctx: ctx, table: t, threads: i.cfg.Threads, read: &i.scanned}
	for _, c := range t.Columns {
		if !connector.BatchTypeSupported(c.Type) {
			return trinoerr.New(trinoerr.NotSupported, "Unsupported column type: %s", c.Type)
		}
	}
	s.register()
	i.scans = append(i.scans, s)
	var list []string
	for n, c := range t.Columns {
		list = append(list, scanColumn(n)+" AS "+QuoteName(c.Name))
	}
	if len(list) == 0 {
		list = []string{"NULL AS nothing"}
	}
	return i.Exec(ctx, fmt.Sprintf("CREATE TEMP VIEW %s AS SELECT %s FROM %s(%d)",
		QuoteName(name), strings.Join(list, ", "), scanFunction, s.id))
}

// scanColumn is the name of a column in the table function; the view gives it its own name.
func scanColumn(n int) string { return fmt.Sprint("c", n) }

// BatchColumnType returns the DuckDB type that a column of record batches has in a statement. A timestamp with time
// zone arrives as a BIGINT of UTC milliseconds, or microseconds.
func BatchColumnType(t types.Type) string {
	lt := logicalType(t)
	defer duckdb.DestroyLogicalType(&lt)
	d := newType(lt)
	return d.String()
}

var batchTypes = map[types.Kind]duckdb.Type{
	types.Boolean: duckdb.TypeBoolean, types.TinyInt: duckdb.TypeTinyInt, types.SmallInt: duckdb.TypeSmallInt,
	types.Integer: duckdb.TypeInteger, types.BigInt: duckdb.TypeBigInt, types.Real: duckdb.TypeFloat,
	types.Double: duckdb.TypeDouble, types.Date: duckdb.TypeDate, types.Time: duckdb.TypeTime,
	types.Timestamp: duckdb.TypeTimestamp, types.TimestampTZ: duckdb.TypeBigInt, types.UUID: duckdb.TypeUUID,
	types.Varchar: duckdb.TypeVarchar, types.Char: duckdb.TypeVarchar, types.JSON: duckdb.TypeVarchar,
	types.Varbinary: duckdb.TypeBlob,
}

func logicalType(t types.Type) duckdb.LogicalType {
	if t.Kind == types.Decimal {
		return duckdb.CreateDecimalType(uint8(t.P), uint8(t.S))
	}
	if t.Kind == types.Array {
		item := logicalType(t.Elem(0))
		defer duckdb.DestroyLogicalType(&item)
		return duckdb.CreateListType(item)
	}
	if t.Kind == types.Map || t.Kind == types.Row {
		return compositeType(t)
	}
	return duckdb.CreateLogicalType(batchTypes[t.Kind])
}

// compositeType is the type of maps and rows. Fields of rows are f1, f2, …, as in all statements.
func compositeType(t types.Type) duckdb.LogicalType {
	parts, names := make([]duckdb.LogicalType, len(t.Args)), make([]string, len(t.Args))
	for i := range t.Args {
		parts[i], names[i] = logicalType(t.Elem(i)), fmt.Sprint("f", i+1)
		defer duckdb.DestroyLogicalType(&parts[i])
	}
	if t.Kind == types.Map {
		return duckdb.CreateMapType(parts[0], parts[1])
	}
	return duckdb.CreateStructType(parts, names)
}

// scan is a bound table. DuckDB's callbacks find it by number, so that no Go pointer passes through C.
type scan struct {
	id      uint64
	ctx     context.Context
	table   Table
	threads int
	read    *atomic.Int64 // rows that came from sources

	mu  sync.Mutex
	err error // the first failure during the running statement
}

// scanRun is one execution of one table reference.
type scanRun struct {
	scan       *scan
	projection []int // the columns of the table that the output vectors take; -1 for the column without content

	mu   sync.Mutex
	next int // the next partition to open
}

// scanWorker is the state of one thread of a run. Only that thread uses it.
type scanWorker struct {
	run    *scanRun
	reader connector.BatchReader
	batch  connector.Batch
	wanted []int // run.projection without those: what readers are asked for
}

func (s *scan) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

func (s *scan) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *scan) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = nil
}

// take returns the next partition, or false when all are taken.
func (r *scanRun) take() (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next >= r.scan.table.Source.Partitions() {
		return 0, false
	}
	r.next++
	return r.next - 1, true
}

func newScanWorker(r *scanRun) *scanWorker {
	w := &scanWorker{run: r}
	for _, c := range r.projection {
		if c >= 0 {
			w.wanted = append(w.wanted, c)
		}
	}
	return w
}

// read fills the worker's batch with the next rows, going on to further partitions; zero is the end.
func (w *scanWorker) read(max int) (int, error) {
	for {
		if w.reader == nil {
			p, ok := w.run.take()
			if !ok {
				return 0, nil
			}
			r, err := w.run.scan.table.Source.Open(w.run.scan.ctx, p, w.wanted)
			if err != nil {
				return 0, err
			}
			w.reader = r
		}
		n, err := w.reader.Next(&w.batch, max)
		w.run.scan.read.Add(int64(n))
		if err != nil || n > 0 {
			return n, err
		}
		if err := w.close(); err != nil {
			return 0, err
		}
	}
}

func (w *scanWorker) close() error {
	if w.reader == nil {
		return nil
	}
	r := w.reader
	w.reader = nil
	return r.Close()
}
