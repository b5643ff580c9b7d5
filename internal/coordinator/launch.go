package coordinator

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// requests are the messages that start an attempt; none when the query has ended meanwhile.
func (q *query) requests(a scheduler.StartTask) ([]*rpcv1.StartRequest, error) {
	t, err := q.launch(a)
	if t == nil || err != nil {
		return nil, err
	}
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	if exec == nil {
		return nil, nil
	}
	parts := exec.Requests.divide(t)
	for _, part := range parts {
		part.Decided = q.c.decided(a.Task)
	}
	return parts, nil
}

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
	st := &exec.Stages[a.Task.Stage]
	t := &rpcv1.Task{Id: a.Task.String(), Sql: st.SQL, WideSql: st.Wide, MemoryBytes: a.MemBytes, Light: st.Graph.NoMemory, Threads: int32(exec.Threads), KeepJoinOrder: exec.Distributed, KeepJoinSides: st.KeepSides}
	if t.Light { // nothing is set aside for it, but it has a limit
		t.MemoryBytes = st.Graph.MemoryRequest
	}
	if q.c.cfg.Encrypt && !exec.Direct {
		var err error
		if t.Key, err = q.c.cfg.Secret.WrapKey(q.key, string(q.sid)); err != nil {
			return nil, err
		}
	}
	for _, in := range st.Tables {
		table, err := q.tableInput(exec, a.Task.Stage, in, a.Splits)
		if err != nil {
			return nil, err
		}
		t.Inputs = append(t.Inputs, &rpcv1.Input{Name: in.Name, Source: &rpcv1.Input_Table{Table: table}})
	}
	for _, in := range st.Remotes {
		x, err := q.exchangeInput(exec, in, a.Inputs[in.Input])
		if err != nil {
			return nil, err
		}
		t.Inputs = append(t.Inputs, &rpcv1.Input{Name: in.Name, Source: &rpcv1.Input_Exchange{Exchange: x}})
	}
	if st.Numbered {
		t.Setup = append(t.Setup, fmt.Sprintf("SET VARIABLE %s = %d", duck.TaskVariable, a.Task.Partition))
	}
	if st.Graph.Indeterminate {
		t.Setup = append(t.Setup, chance(q.key, a.Task)...)
		if !st.Graph.Root { // the order of its rows is of no importance to anybody else
			t.Threads = 1
		}
	}
	return t, q.output(t, exec, st, a)
}

// tableInput gives the statement the attempt's splits of a scan.
func (q *query) tableInput(e *execution, stage scheduler.StageID, in tablePlan, splits []scheduler.Split) (*rpcv1.TableSplits, error) {
	s := e.Stages[stage].Scans[in.Scan]
	raw, err := json.Marshal(s.Scan)
	if err != nil {
		return nil, fmt.Errorf("encode scan: %w", err)
	}
	t := &rpcv1.TableSplits{Catalog: s.Catalog, Scan: raw, Types: s.Types}
	for _, split := range splits {
		if split.Source != in.Scan {
			continue
		}
		raw, err := e.scans[stage][in.Scan].get(q.ctx, split.ID)
		if err != nil {
			return nil, err
		}
		t.Splits = append(t.Splits, raw)
	}
	return t, nil
}

// exchangeInput gives the statement partitions of an earlier stage's bundles.
func (q *query) exchangeInput(exec *execution, in remotePlan, sel scheduler.InputSelection) (*rpcv1.ExchangePartitions, error) {
	producer := &exec.Stages[sel.Stage]
	x := &rpcv1.ExchangePartitions{Columns: producer.rpcColumns(in.Columns)}
	for _, b := range sel.Bundles {
		handle, err := q.handle(q.ctx, b.Task(q.sid, sel.Stage))
		if err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.GenericInternalError, "output of task %s", b.Task(q.sid, sel.Stage))
		}
		if sel.Partitions != nil { // the message says what the task reads, and no more
			handle.Segments = slices.DeleteFunc(handle.Segments, func(s exchange.Segment) bool {
				_, wanted := slices.BinarySearch(sel.Partitions, s.Partition)
				return !wanted
			})
		}
		raw, err := json.Marshal(handle)
		if err != nil {
			return nil, fmt.Errorf("encode bundle: %w", err)
		}
		x.Bundles = append(x.Bundles, raw)
	}
	partitions := sel.Partitions
	if partitions == nil {
		for p := range producer.Graph.OutputPartitions {
			partitions = append(partitions, p)
		}
	}
	for _, p := range partitions {
		x.Partitions = append(x.Partitions, int32(p))
	}
	return x, nil
}

// output says what becomes of the attempt's rows.
func (q *query) output(t *rpcv1.Task, exec *execution, st *stagePlan, a scheduler.StartTask) error {
	id := a.Task
	base, others := q.storesOf(exec, a)
	prefix := exchange.AttemptPrefix(string(id.Query), int(id.Stage), id.Partition, id.Attempt)
	switch {
	case st.Graph.Root && exec.Write != nil:
		t.Output = &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: exec.Write.Catalog, Handle: exec.Write.Handle, SinkId: t.Id,
			RowIdColumns: int32(exec.Write.RowID), UniqueRows: exec.Write.Unique, Statistics: exec.Write.Statistics}}
	case st.Graph.Root:
		rows := &rpcv1.RowsOutput{Store: base, Prefix: prefix, MaxFileBytes: q.c.cfg.MaxFileBytes}
		if q.streams(exec, st) {
			rows.UnreadBytes = q.c.cfg.Query.ResultUnreadSize
		}
		var err error
		if rows.Types, err = json.Marshal(st.Rows); err != nil {
			return fmt.Errorf("encode result types: %w", err)
		}
		t.Output = &rpcv1.Task_Rows{Rows: rows}
	default:
		x := &rpcv1.ExchangeOutput{Partitions: int32(st.Graph.OutputPartitions), Store: base, Prefix: prefix, MaxFileBytes: q.c.cfg.MaxFileBytes,
			Compression: string(exec.Compression), Alternatives: others, Facts: st.factRequests()}
		switch {
		case st.Graph.OutputPartitions > 1:
			x.PartitionColumn = duck.PartitionColumn
		case len(st.Columns) > 0:
			x.PacedColumn = st.Columns[0].Name
		}
		t.Output = &rpcv1.Task_Exchange{Exchange: x}
	}
	return nil
}

// DirectPath is where a worker serves the bundles on its own disk.
const DirectPath = "/v1/bundle"

// storesOf is the store that an attempt's bundle goes to: a base of the spool, or the disk of the worker that makes it; and the
// bases that it may go to instead. Another attempt begins with another base.
func (q *query) storesOf(exec *execution, a scheduler.StartTask) (base string, others []string) {
	if exec.Direct {
		return q.c.nodes.url(a.Node) + DirectPath, nil
	}
	bases := q.c.spool
	first := int(a.Task.Stage)*31 + a.Task.Partition + a.Task.Attempt
	for i := range bases {
		others = append(others, bases[(first+i)%len(bases)].URI())
	}
	return others[0], others[1:]
}

// direct reports whether the outputs of a query stay on its workers.
func (c *Coordinator) direct(policy scheduler.RetryPolicy) bool {
	return len(c.spool) == 0 || policy != scheduler.RetryTask
}
