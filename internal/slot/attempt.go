package slot

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// attempt is a task being run.
type attempt struct {
	slot        *slot
	task        *rpcv1.Task
	key         *exchange.QueryKey // nil when outputs are not encrypted
	config      engine.Config
	instance    *engine.Instance
	spool       *exchange.Spool            // of the inputs; nil before the first
	wanted      map[string]exchange.Wanted // of exchanges, by the name of the input
	inputMemory int64                      // bytes of the attempt's memory that inputs may take
	scratch     *scratch                   // nil: there is no quota
	files       map[string]string          // of tables, by the path that they are bound under

	live     live
	stats    rpcv1.Stats
	bundle   []byte // exchange.Handle as JSON
	fragment []byte // of a connector's sink
	facts    []byte // of the output's columns
}

// run binds the inputs, runs the statement and writes the result.
func (a *attempt) run(ctx context.Context) error {
	var err error
	query, _, _ := strings.Cut(a.task.Id, ".")
	if a.key, err = a.slot.cfg.Secret.UnwrapKey(bytes.Clone(a.task.Key), query); err != nil {
		return err
	}
	clear(a.task.Key)
	if err := a.weighInputs(); err != nil {
		return err
	}
	a.config = a.slot.engineConfig(a.memoryBytes(), a.engineMemory(), a.task.Threads, a.task.KeepJoinOrder)
	a.config.KeepJoinSides = a.task.KeepJoinSides
	if a.scratch != nil {
		disk, err := a.inputsOnDisk()
		if err != nil {
			return err
		}
		a.config.MaxTempBytes = max(1, a.config.MaxTempBytes-disk)
	}
	if a.instance, err = a.slot.acquire(ctx, a.config); err != nil {
		return err
	}
	if err := a.pass(ctx, faultpoint.BeforeRead); err != nil {
		return err
	}
	start := time.Now()
	for _, in := range a.task.Inputs {
		switch src := in.Source.(type) {
		case *rpcv1.Input_Table:
			err = a.bindTable(ctx, in.Name, src.Table)
		case *rpcv1.Input_Exchange:
			err = a.bindExchange(ctx, in.Name, src.Exchange)
		default:
			err = trinoerr.New(trinoerr.GenericInternalError, "input %s of task %s has no source", in.Name, a.task.Id)
		}
		if err != nil {
			return err
		}
	}
	a.stats.ReadMillis = time.Since(start).Milliseconds()
	a.live.begin(a.instance, &a.stats)
	for _, s := range a.task.Setup {
		if err := a.instance.Exec(ctx, s); err != nil {
			return err
		}
	}
	if err := a.pass(ctx, faultpoint.BeforeRun); err != nil {
		return err
	}
	err = a.write(ctx)
	if err != nil && a.task.WideSql != "" && trinoerr.CodeOf(err) == trinoerr.NumericValueOutOfRange {
		if err = os.RemoveAll(a.outputDir()); err == nil {
			a.task.Sql = a.task.WideSql
			err = a.write(ctx)
		}
	}
	st := a.instance.Stats()
	a.stats.PeakMemoryBytes, a.stats.SpilledBytes = a.peakMemory(st.PeakMemory), st.PeakScratch
	if err != nil {
		return err
	}
	return a.pass(ctx, faultpoint.AfterWrite)
}

// pass is where tests let the attempt fail.
func (a *attempt) pass(ctx context.Context, point string) error {
	if a.slot.cfg.Fault == nil {
		return nil
	}
	return a.slot.cfg.Fault(ctx, point, a.task.Id)
}

// write runs the statement and writes its result.
func (a *attempt) write(ctx context.Context) error {
	switch out := a.task.Output.(type) {
	case *rpcv1.Task_Exchange:
		return a.writeExchange(ctx, out.Exchange)
	case *rpcv1.Task_Rows:
		return a.writeRows(ctx, out.Rows)
	case *rpcv1.Task_Write:
		return a.writeTable(ctx, out.Write)
	}
	return trinoerr.New(trinoerr.GenericInternalError, "task %s has no output", a.task.Id)
}

// cleanUp removes what the attempt left: bound inputs, scratch files and the query's key.
func (a *attempt) cleanUp() error {
	if a.key != nil {
		a.key.Zero()
	}
	a.slot.release(a.config, a.stats.PeakMemoryBytes)
	return os.RemoveAll(a.outputDir())
}

// outputDir is where DuckDB writes result files before they are bundled or handed to a connector.
func (a *attempt) outputDir() string { return filepath.Join(a.slot.cfg.ScratchDir, "output") }
