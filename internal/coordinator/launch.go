package coordinator

import (
	"encoding/json"
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// launch builds the message that starts an attempt; nil when the query has ended meanwhile.
func (q *query) launch(a scheduler.StartTask) (*rpcv1.Task, error) {
	q.mu.Lock()
	exec, over := q.exec, q.endedLocked()
	if !over {
		q.nodesUsed[a.Node] = true
		if q.state == stateStarting {
			q.state = stateRunning
		}
	}
	q.mu.Unlock()
	if over {
		return nil, nil
	}
	f := exec.fragments[a.Task.Stage]
	t := &rpcv1.Task{Id: a.Task.String(), Sql: f.statement.SQL, WideSql: f.wide, MemoryBytes: a.MemBytes, KeepJoinOrder: exec.distributed}
	if q.c.cfg.Encrypt && !exec.direct {
		var err error
		if t.Key, err = q.c.cfg.Secret.WrapKey(q.key, string(q.id)); err != nil {
			return nil, err
		}
	}
	for _, in := range f.statement.Inputs {
		msg, err := q.input(exec, f, in, a)
		if err != nil {
			return nil, err
		}
		t.Inputs = append(t.Inputs, msg)
	}
	if f.numbered {
		t.Setup = append(t.Setup, fmt.Sprintf("SET VARIABLE %s = %d", duck.TaskVariable, a.Task.Partition))
	}
	return t, q.output(t, exec, f, a)
}

func (q *query) input(exec *execution, f *fragment, in duck.Input, a scheduler.StartTask) (*rpcv1.Input, error) {
	msg := &rpcv1.Input{Name: in.Name}
	if in.Scan != nil {
		table, err := f.tableInput(in.Scan, a.Splits)
		msg.Source = &rpcv1.Input_Table{Table: table}
		return msg, err
	}
	for i, r := range f.Inputs {
		if r != in.Remote {
			continue
		}
		x, err := q.exchangeInput(exec, r, a.Inputs[i])
		msg.Source = &rpcv1.Input_Exchange{Exchange: x}
		return msg, err
	}
	return nil, trinoerr.New(trinoerr.GenericInternalError, "stage %d reads an input that it does not have", f.ID)
}

// tableInput gives the statement the attempt's splits of a scan.
func (f *fragment) tableInput(scan *plan.Scan, splits []scheduler.Split) (*rpcv1.TableSplits, error) {
	for i, s := range f.scans {
		if s.scan != scan {
			continue
		}
		raw, err := json.Marshal(scan.Table)
		if err != nil {
			return nil, fmt.Errorf("encode scan: %w", err)
		}
		t := &rpcv1.TableSplits{Catalog: scan.Catalog, Scan: raw}
		for _, c := range scan.Table.Columns {
			t.Types = append(t.Types, duck.TableType(c.Type))
		}
		for _, split := range splits {
			if split.Source != i {
				continue
			}
			raw, err := s.get(split.ID)
			if err != nil {
				return nil, err
			}
			t.Splits = append(t.Splits, raw)
		}
		return t, nil
	}
	return nil, trinoerr.New(trinoerr.GenericInternalError, "stage %d reads a table that it does not have", f.ID)
}

// exchangeInput gives the statement partitions of an earlier stage's bundles.
func (q *query) exchangeInput(exec *execution, r *plan.RemoteSource, sel scheduler.InputSelection) (*rpcv1.ExchangePartitions, error) {
	producer := exec.fragments[r.Stage]
	x := &rpcv1.ExchangePartitions{}
	for i, c := range producer.statement.Columns {
		x.Columns = append(x.Columns, &rpcv1.Column{Name: r.Symbols[i].Name, Type: c.Physical, FileName: c.Name})
	}
	for _, b := range sel.Bundles {
		q.mu.Lock()
		handle := q.outputs[b.Task(q.id, sel.Stage)]
		q.mu.Unlock()
		if handle == nil {
			return nil, trinoerr.New(trinoerr.GenericInternalError, "output of task %s is not known", b.Task(q.id, sel.Stage))
		}
		raw, err := json.Marshal(handle)
		if err != nil {
			return nil, fmt.Errorf("encode bundle: %w", err)
		}
		x.Bundles = append(x.Bundles, raw)
	}
	partitions := sel.Partitions
	if partitions == nil {
		for p := range producer.Output.Partitions {
			partitions = append(partitions, p)
		}
	}
	for _, p := range partitions {
		x.Partitions = append(x.Partitions, int32(p))
	}
	return x, nil
}

// output says what becomes of the attempt's rows.
func (q *query) output(t *rpcv1.Task, exec *execution, f *fragment, a scheduler.StartTask) error {
	id := a.Task
	base := q.storeOf(exec, a)
	prefix := exchange.AttemptPrefix(string(id.Query), int(id.Stage), id.Partition, id.Attempt)
	switch {
	case f.Output.Root && exec.write != nil:
		t.Output = &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: exec.write.catalog, Handle: exec.write.handle, SinkId: t.Id}}
	case f.Output.Root:
		rows := &rpcv1.RowsOutput{Store: base, Prefix: prefix, MaxFileBytes: q.c.cfg.MaxFileBytes}
		columns := make([]types.Type, len(f.statement.Columns))
		for i, c := range f.statement.Columns {
			columns[i] = protocol.ClientType(c.Type, &q.req.Session)
		}
		var err error
		if rows.Types, err = json.Marshal(columns); err != nil {
			return fmt.Errorf("encode result types: %w", err)
		}
		t.Output = &rpcv1.Task_Rows{Rows: rows}
	default:
		x := &rpcv1.ExchangeOutput{Partitions: int32(f.Output.Partitions), Store: base, Prefix: prefix, MaxFileBytes: q.c.cfg.MaxFileBytes}
		if f.Output.Partitions > 1 {
			x.PartitionColumn = duck.PartitionColumn
		}
		t.Output = &rpcv1.Task_Exchange{Exchange: x}
	}
	return nil
}

// DirectPath is where a worker serves the bundles on its own disk.
const DirectPath = "/v1/bundle"

// storeOf is the store that an attempt's bundle goes to: a base of the spool, or the disk of the worker that makes it.
func (q *query) storeOf(exec *execution, a scheduler.StartTask) string {
	if exec.direct {
		return q.c.nodes.url(a.Node) + DirectPath
	}
	bases := q.c.spool
	return bases[(int(a.Task.Stage)*31+a.Task.Partition)%len(bases)].URI()
}

// direct reports whether the outputs of a query stay on its workers.
func (c *Coordinator) direct(policy scheduler.RetryPolicy) bool {
	return len(c.spool) == 0 || policy != scheduler.RetryTask
}
