package coordinator

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// execution is a query that has been cut into stages. It does not change once it is made, except for what scans have
// enumerated.
type execution struct {
	fragments []*fragment // by stage id
	write     *writing    // nil for a query that only reads
	direct    bool        // outputs stay on the workers
	// distributed says that more than one task may run: then the order of joins is ours.
	distributed bool
	// analyze, when set, makes the answer once the query has run: EXPLAIN ANALYZE.
	analyze func() string
}

// fragment is a stage as the coordinator launches it.
type fragment struct {
	stages.Fragment
	statement duck.Statement
	scans     []*tableScan // parallel to Fragment.Scans
	numbered  bool         // the statement numbers rows, apart for each task
	wide      string       // the statement with arithmetic that cannot be too narrow; empty: it is the same
}

// planned is a plan on its way to execution.
type planned struct {
	root        plan.Node // optimised, before it was distributed
	estimator   *stats.Estimator
	fragments   []stages.Fragment
	distributed bool
}

// estimates is a line on what a node is expected to put out.
func (p planned) estimates(n plan.Node) []string {
	rows, bytes := p.estimator.Estimate(n)
	if rows < 0 {
		return []string{"Estimates: {rows: ?}"}
	}
	return []string{fmt.Sprintf("Estimates: {rows: %.0f (%.0fB)}", rows, bytes)}
}

// plan optimises and cuts a bound query.
func (q *query) plan(root *plan.Output, s Settings) planned {
	est := stats.New(q.statistics)
	ctx := &rules.Context{Symbols: plan.NewSymbols(root), Estimator: est, JoinOrder: joinOrder(s.JoinReordering)}
	// What a small query needs is pruned columns; the rest DuckDB does better inside the one task.
	local := rules.Optimize(root, ctx, false)
	if inputBytes(local, est) <= float64(s.SingleTaskInputSize) {
		return planned{root: local, estimator: est, fragments: stages.Cut(local, true, nil)}
	}
	optimized := rules.Optimize(root, ctx, true)
	n, single := stages.Distribute(optimized, stages.Options{BroadcastBytes: float64(s.JoinMaxBroadcastSize), Join: s.Join, Estimator: est, Symbols: ctx.Symbols})
	hash := q.c.hashPartitions(s)
	return planned{root: optimized, estimator: est, distributed: true,
		fragments: stages.Cut(n, single, func(*plan.Exchange) int { return hash })}
}

// inputBytes estimates what a plan reads of tables: infinitely much where nothing is known.
func inputBytes(n plan.Node, est *stats.Estimator) float64 {
	total := 0.0
	var visit func(plan.Node)
	visit = func(n plan.Node) {
		plan.Walk(n, func(n plan.Node) bool {
			if s, ok := n.(*plan.Scan); ok {
				total += est.ScanBytes(s)
			}
			for _, e := range plan.NodeExprs(n) {
				plan.WalkExpr(e, func(e plan.Expr) bool {
					if sub := plan.Subplan(e); sub != nil {
						visit(sub)
					}
					return true
				})
			}
			return true
		})
	}
	visit(n)
	return total
}

// statistics asks the connector of a scan.
func (q *query) statistics(s *plan.Scan) (connector.Statistics, bool) {
	c := q.c.cfg.Catalogs[s.Catalog]
	if c == nil {
		return connector.Statistics{}, false
	}
	st, err := c.Statistics(q.ctx, s.Table)
	if err != nil {
		q.c.log.Debug("no statistics", "query", q.id, "table", s.Table.Table.String(), "err", err)
		return connector.Statistics{}, false
	}
	return st, true
}

// execute runs a query's plan.
func (q *query) execute(b *binder.Query, s Settings) error {
	exec, err := q.prepare(b, s)
	if err != nil {
		return err
	}
	columns := make([]protocol.Column, len(b.Plan.Names))
	for i, n := range b.Plan.Names {
		columns[i] = protocol.Column{Name: n, Type: b.Plan.Symbols[i].Type}
	}
	q.update(func() { q.columns = columns })
	q.launchQuery(exec, s)
	return nil
}

// prepare plans a query, lowers its stages and begins its write.
func (q *query) prepare(b *binder.Query, s Settings) (*execution, error) {
	p := q.plan(b.Plan, s)
	exec := &execution{direct: q.c.direct(s.RetryPolicy), distributed: p.distributed}
	for _, f := range p.fragments {
		fr, err := q.lower(f)
		if err != nil {
			return nil, err
		}
		for _, scan := range f.Scans {
			fr.scans = append(fr.scans, &tableScan{scan: scan, connector: q.c.cfg.Catalogs[scan.Catalog]})
		}
		exec.fragments = append(exec.fragments, fr)
	}
	if b.Write != nil { // last: what comes after it would have to abort it
		w, err := q.beginWrite(b.Write, s)
		if err != nil {
			return nil, err
		}
		exec.write = w
	}
	return exec, nil
}

// lower writes the statement of a fragment.
func (q *query) lower(f stages.Fragment) (*fragment, error) {
	o := q.lowerOptions(f)
	wide, err := duck.Lower(lowered(f), o)
	if err != nil {
		return nil, err
	}
	o.Narrow = true
	narrow, err := duck.Lower(lowered(f), o)
	if err != nil {
		return nil, err
	}
	fr := &fragment{Fragment: f, statement: narrow, numbered: numbersRows(f.Root)}
	if wide.SQL != narrow.SQL {
		fr.wide = wide.SQL
	}
	return fr, nil
}

// numbersRows reports whether a plan gives rows numbers that must differ between tasks.
func numbersRows(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		if _, ok := n.(*plan.RowNumber); ok {
			found = true
		}
		return !found
	})
	return found
}

// lowered is the part of a fragment that becomes SQL: the naming of the result's columns and the finish of a write are
// the coordinator's.
func lowered(f stages.Fragment) plan.Node {
	n := f.Root
	if o, ok := n.(*plan.Output); ok {
		if w := writeOf(o); w != nil {
			return w
		}
	}
	return n
}

// writeOf finds the write below the output of a statement that writes.
func writeOf(n plan.Node) *plan.Write {
	for {
		if w, ok := n.(*plan.Write); ok {
			return w
		}
		sources := n.Sources()
		if len(sources) != 1 {
			return nil
		}
		n = sources[0]
	}
}

func (q *query) lowerOptions(f stages.Fragment) duck.Options {
	o := duck.Options{Zone: q.req.Session.TimeZone}
	if f.Output.Kind == plan.Repartition && f.Output.Partitions > 1 {
		o.Partition = &duck.Partition{Keys: f.Output.Keys, Count: f.Output.Partitions}
	}
	return o
}

// launchQuery hands the stages to the scheduler.
func (q *query) launchQuery(exec *execution, s Settings) {
	graph := scheduler.Query{ID: q.id, Policy: s.RetryPolicy, Settings: s.Scheduler, Direct: exec.direct}
	for _, f := range exec.fragments {
		graph.Stages = append(graph.Stages, f.stage(exec.write != nil))
	}
	started := false
	q.update(func() {
		if !q.endedLocked() {
			q.exec, q.state, q.submitted, started = exec, stateStarting, true, true
		}
	})
	if started {
		q.c.log.Debug("query scheduled", "query", q.id, "stages", len(exec.fragments), "policy", s.RetryPolicy)
		q.c.post(scheduler.QuerySubmitted{At: q.c.now(), Query: graph})
		return
	}
	exec.abort(q)
}

// stage describes a fragment to the scheduler.
func (f *fragment) stage(writes bool) scheduler.Stage {
	st := scheduler.Stage{ID: scheduler.StageID(f.ID), Sources: len(f.scans), OutputPartitions: f.Output.Partitions,
		Root: f.Output.Root, Writer: f.Output.Root && writes, Indeterminate: f.Indeterminate()}
	switch f.Distribution {
	case stages.Arbitrary:
		st.Distribution = scheduler.Arbitrary
	case stages.Hash:
		st.Distribution = scheduler.Hash
	}
	for _, in := range f.Inputs {
		st.Inputs = append(st.Inputs, scheduler.Input{Stage: scheduler.StageID(in.Stage), Replicated: in.Kind == plan.Replicate})
	}
	return st
}

// outputPartitions is how many exchange partitions the tasks of a stage write.
func (q *query) outputPartitions(id scheduler.StageID) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.exec == nil || int(id) >= len(q.exec.fragments) {
		return 1
	}
	return q.exec.fragments[id].Output.Partitions
}

// tableScan enumerates the splits of a scan and remembers them, so that attempts can be given them again.
type tableScan struct {
	scan      *plan.Scan
	connector connector.Connector

	mu     sync.Mutex // held while enumerating
	source connector.SplitSource
	splits [][]byte // connector.Split as JSON
	bytes  []int64
	done   bool
}

// splitBatch is how many splits are asked of a connector at a time; Trino's query.schedule-split-batch-size.
const splitBatch = 1000

// find returns the splits from the seen-th on, enumerating a batch if there are none yet.
func (t *tableScan) find(ctx context.Context, source, seen int) (found []scheduler.Split, noMore bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil && !t.done {
		if t.source, err = t.connector.Splits(ctx, t.scan.Table); err != nil {
			return nil, false, err
		}
	}
	for len(t.splits) <= seen && !t.done {
		batch, err := t.source.Next(ctx, splitBatch)
		if err != nil {
			return nil, false, err
		}
		if len(batch) == 0 {
			t.done = true
			t.source.Close()
			t.source = nil
			break
		}
		for _, s := range batch {
			raw, err := json.Marshal(s)
			if err != nil {
				return nil, false, fmt.Errorf("encode split: %w", err)
			}
			t.splits, t.bytes = append(t.splits, raw), append(t.bytes, s.Bytes)
		}
	}
	for i := seen; i < len(t.splits); i++ {
		found = append(found, scheduler.Split{Source: source, ID: strconv.Itoa(i), Bytes: t.bytes[i]})
	}
	return found, t.done, nil
}

// close ends the enumeration.
func (t *tableScan) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source != nil {
		t.source.Close()
		t.source, t.done = nil, true
	}
}

// get returns an enumerated split.
func (t *tableScan) get(id string) ([]byte, error) {
	i, err := strconv.Atoi(id)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil || i < 0 || i >= len(t.splits) {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "unknown split %q of table %s", id, t.scan.Table.Table)
	}
	return t.splits[i], nil
}

// findSplits answers the scheduler's question for splits.
func (q *query) findSplits(a scheduler.FindSplits) scheduler.Event {
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	found, noMore, err := exec.fragments[a.Stage].scans[a.Source].find(q.ctx, a.Source, a.Seen)
	if err != nil {
		return scheduler.SplitsFailed{At: q.c.now(), Query: q.id, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Failure: scheduler.FailureOf(err)}
	}
	return scheduler.SplitsFound{At: q.c.now(), Query: q.id, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Splits: found, NoMore: noMore}
}
