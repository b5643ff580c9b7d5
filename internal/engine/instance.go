package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Config says what an instance may use.
type Config struct {
	// MemoryLimit is DuckDB's hard limit in bytes; operators that can spill do so before they reach it. Memory outside
	// DuckDB's reach (bound bytes, record batches, a query's constants) comes on top.
	MemoryLimit int64
	// ResidentLimit is what the process is meant to hold of the system's memory: near it, what DuckDB has freed is given back at once while a
	// statement runs. Zero leaves that to DuckDB's allocator, which keeps it for a while.
	ResidentLimit int64
	// Threads is how many threads run a statement, the caller's included.
	Threads int
	// ScratchDir is an absolute path of an existing directory that belongs to this instance: DuckDB spills below it, and
	// WriteParquet must write below it.
	ScratchDir string
	// ReadDirs are the directories, one a line, below which the files that BindFile opens may lie. DuckDB follows a
	// descriptor's path to the file and checks where that is; files in anonymous memory lie nowhere and need no directory.
	ReadDirs string
	// MaxTempBytes limits what is spilled; zero is DuckDB's default, 90 % of the free disk space.
	MaxTempBytes int64
	// KeepJoinOrder makes statements join in the order in which they are written: whoever wrote them knows more about the
	// inputs than DuckDB, which sees files without distinct counts.
	KeepJoinOrder bool
	// KeepJoinSides makes joins keep their right side in memory. Otherwise DuckDB keeps the one that it takes for the smaller, by the
	// rows of the files below it.
	KeepJoinSides bool
}

func (c Config) validate() error {
	switch {
	case c.MemoryLimit < 1<<20:
		return fmt.Errorf("engine: memory limit of %d bytes is below 1 MiB", c.MemoryLimit)
	case c.Threads < 1:
		return fmt.Errorf("engine: %d threads", c.Threads)
	case !filepath.IsAbs(c.ScratchDir):
		return fmt.Errorf("engine: scratch directory %q is not an absolute path", c.ScratchDir)
	}
	return nil
}

func (c Config) spillDir() string { return filepath.Join(c.ScratchDir, "spill") }

// Instance is an open DuckDB. Its methods are called by one goroutine at a time, with the exception of Close's effect on
// a running statement: cancel the statement's context first.
type Instance struct {
	cfg      Config
	db       duckdb.Database
	conn     duckdb.Connection
	monitor  monitor
	pace     pace
	observer observer
	bound    []*os.File
	scans    []*scan
	scanned  atomic.Int64 // rows of record batches since Open or Reset
	unusable atomic.Bool
}

// Open opens an in-memory DuckDB, which takes about 15 ms, and locks its configuration.
func Open(ctx context.Context, cfg Config) (*Instance, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg.ScratchDir = filepath.Clean(cfg.ScratchDir)
	i := &Instance{cfg: cfg}
	var msg string
	var options duckdb.Config
	if duckdb.CreateConfig(&options) != duckdb.StateSuccess {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "engine: no memory for a configuration")
	}
	defer duckdb.DestroyConfig(&options)
	if duckdb.OpenExt("", &i.db, options, &msg) != duckdb.StateSuccess {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "engine: open: %s", msg)
	}
	if duckdb.Connect(i.db, &i.conn) != duckdb.StateSuccess {
		duckdb.Close(&i.db)
		return nil, trinoerr.New(trinoerr.GenericInternalError, "engine: connect failed")
	}
	i.monitor.db, i.monitor.watched, i.monitor.reclaimer.limit = i.db, i.conn, cfg.ResidentLimit
	if err := i.prepare(ctx); err != nil {
		i.Close()
		return nil, err
	}
	return i, nil
}

func (i *Instance) prepare(ctx context.Context) error {
	if err := registerScan(i.conn); err != nil {
		return err
	}
	if err := registerFunctions(i.conn); err != nil {
		return err
	}
	if err := i.pace.register(i.conn); err != nil {
		return err
	}
	if err := i.observer.register(i.conn); err != nil {
		return err
	}
	for _, m := range macros {
		if err := i.Exec(ctx, m); err != nil {
			return fmt.Errorf("engine: %s: %w", m, err)
		}
	}
	for _, s := range setup(i.cfg) {
		if err := i.Exec(ctx, s); err != nil {
			return fmt.Errorf("engine: %s: %w", s, err)
		}
	}
	return nil
}

// Reusable reports whether the instance can serve an attempt with the given limits: its configuration is locked, so they
// must be equal, and no statement has damaged it.
func (i *Instance) Reusable(cfg Config) bool {
	cfg.ScratchDir = filepath.Clean(cfg.ScratchDir)
	return !i.unusable.Load() && i.cfg == cfg
}

// Reset forgets what was bound and created since Open: names, descriptors, temporary and other tables. Files that
// WriteParquet left below the scratch directory stay. After an error the instance must be closed.
func (i *Instance) Reset(ctx context.Context) error {
	if i.unusable.Load() {
		return trinoerr.New(trinoerr.GenericInternalError, "engine: the instance is unusable after an internal error")
	}
	if err := i.dropObjects(ctx); err != nil {
		i.unusable.Store(true)
		return err
	}
	i.unbind()
	running.release(uintptr(i.conn.Ptr))
	i.monitor.reset()
	i.scanned.Store(0)
	return nil
}

// userObjects lists what attempts may have created; macros of the instance itself are kept.
const userObjects = `
	SELECT 'VIEW', schema_name, view_name, database_name FROM duckdb_views() WHERE NOT internal
	UNION ALL SELECT 'TABLE', schema_name, table_name, database_name FROM duckdb_tables() WHERE NOT internal`

func (i *Instance) dropObjects(ctx context.Context) error {
	var drops []string
	err := i.QueryChunks(ctx, userObjects, func(c *Chunk) error {
		for r := range c.Rows {
			col := func(n int) string { return string(c.Columns[n].Bytes(r)) }
			drops = append(drops, fmt.Sprintf("DROP %s %s.%s.%s", col(0), QuoteName(col(3)), QuoteName(col(1)), QuoteName(col(2))))
		}
		return nil
	})
	for _, d := range drops {
		if err == nil {
			err = i.Exec(ctx, d)
		}
	}
	return err
}

func (i *Instance) unbind() {
	for _, f := range i.bound {
		f.Close()
	}
	i.bound = nil
	for _, s := range i.scans {
		s.unregister()
	}
	i.scans = nil
}

// Close releases everything. It may be called twice. No statement may be running.
func (i *Instance) Close() error {
	i.monitor.close()
	owner := uintptr(i.conn.Ptr)
	if i.conn.Ptr != nil {
		duckdb.Disconnect(&i.conn)
	}
	if i.db.Ptr != nil {
		duckdb.Close(&i.db)
	}
	running.release(owner)
	i.pace.unregister()
	i.observer.unregister()
	i.unbind()
	i.unusable.Store(true)
	return nil
}

// Stats returns the figures since Open or Reset. It may be called while a statement runs.
func (i *Instance) Stats() Stats {
	s := i.monitor.stats()
	s.Scanned = i.scanned.Load()
	return s
}
