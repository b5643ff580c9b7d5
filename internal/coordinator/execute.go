package coordinator

import (
	"context"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// execution is a query that has been cut into stages, with what is under way for it here.
type execution struct {
	blueprint
	scans [][]*tableScan // by stage and source
	write *writing       // nil for a query that only reads
	// replanner is nil when the plan stays as it is, and in executions after the first.
	replanner *replanner
	// holdBack says that the client sees no row before the result is safe from a worker's death.
	holdBack bool
}

// newExecution gives a blueprint the connectors that it needs.
func (q *query) newExecution(b blueprint) (*execution, error) {
	e := &execution{blueprint: b, scans: make([][]*tableScan, len(b.Stages))}
	for i, st := range b.Stages {
		for _, s := range st.Scans {
			scan, err := s.constrained()
			if err != nil {
				return nil, err
			}
			e.scans[i] = append(e.scans[i], &tableScan{scan: scan, connector: q.c.cfg.Catalogs[s.Catalog], ranges: s.Ranges, shelf: q.kept.shelf,
				batch: q.c.cfg.Query.ScheduleSplitBatchSize, least: b.MinSplitBytes})
		}
	}
	if b.Write != nil {
		c, err := q.committer(b.Write)
		if err != nil {
			return nil, err
		}
		e.write = &writing{connector: c, handle: b.Write.Handle}
	}
	return e, nil
}

// fragment is a stage on its way into a blueprint.
type fragment struct {
	stages.Fragment
	statement duck.Statement
	numbered  bool   // the statement numbers rows, apart for each task
	wide      string // the statement with arithmetic that cannot be too narrow; empty: it is the same
}

// planned is a plan on its way to execution.
type planned struct {
	root        plan.Node // optimised, before it was distributed
	estimator   *stats.Estimator
	fragments   []stages.Fragment
	distributed bool
	partitions  int // of exchanges by hash
	statistics  *statisticsRecord
}

// plan optimises and cuts a bound query.
func (q *query) plan(root *plan.Output, s Settings) (planned, error) {
	return q.planOn(root, s, newStatisticsRecord(q.statistics, q.clustering), 0)
}

// planOn is plan, on what is known of tables and, unless it is 0, with that many partitions.
func (q *query) planOn(root *plan.Output, s Settings, known *statisticsRecord, hash int) (planned, error) {
	est := stats.New(known.of)
	ctx := q.optimizing(root, s, est)
	ctx.Join, ctx.Stop = s.Join, func() bool { return q.ctx.Err() != nil }
	// What a small query needs is pruned columns; the rest DuckDB does better inside the one task.
	local := rules.Optimize(root, ctx, false)
	if err := q.offered(ctx); err != nil {
		return planned{}, err
	}
	if inputBytes(local, est) <= float64(s.SingleTaskInputSize) {
		return planned{root: local, estimator: est, fragments: stages.Cut(local, true, nil, nil)}, q.ctx.Err()
	}
	optimized := rules.Optimize(root, ctx, true)
	if err := q.offered(ctx); err != nil {
		return planned{}, err
	}
	o := stages.Options{BroadcastBytes: float64(s.JoinMaxBroadcastSize), Join: s.Join, Distinct: distinctStrategy(s.DistinctAggregations), Estimator: est, Symbols: ctx.Symbols}
	if s.RangeAlignment {
		o.Clustering, o.RangeBytes = known.clusteringOf, float64(min(s.Scheduler.SpreadMinSize, s.Compute.Min))
	}
	if hash == 0 {
		hash = hashPartitions(optimized, est, &s, q.c.capacity())
	}
	o.Ranges, o.RangeSortBytes = hash, float64(s.RangeSortMinInputSize)
	n, single := stages.Distribute(optimized, o)
	p := planned{root: optimized, estimator: est, distributed: true, partitions: hash, statistics: known,
		fragments: stages.Cut(n, single, func(*plan.Exchange) int { return hash }, est)}
	if s.AdaptivePlanning {
		adaptive.Prepare(p.fragments, q.adaptiveOptions(p, s))
	}
	return p, nil
}

// optimizing is what the optimizer is told of a query, but for how joins are distributed.
func (q *query) optimizing(root *plan.Output, s Settings, est *stats.Estimator) *rules.Context {
	ctx := &rules.Context{Symbols: plan.NewSymbols(root), Estimator: est, JoinOrder: joinOrder(s.JoinReordering), MaxReorderedJoins: s.MaxReorderedJoins,
		ReadsFields: q.readsFields, KeepAggregations: !s.PushAggregations, KeepAboveOuter: !s.PushThroughOuter,
		EagerRows: eagerRows(s.EagerAggregationMinRows)}
	if s.PushIntoConnectors {
		ctx.Pushdown = &rules.Pushdown{Context: q.ctx, Connector: func(catalog string) any { return q.c.cfg.Catalogs[catalog] }}
	}
	return ctx
}

// offered is why a plan that has been optimized is of no use: the query has ended, or a connector has failed when it was asked what it would do.
func (q *query) offered(ctx *rules.Context) error {
	if err := q.ctx.Err(); err != nil {
		return err
	}
	if ctx.Pushdown != nil {
		return ctx.Pushdown.Err
	}
	return nil
}

// readsFields reports whether scans of a catalog can read fields of rows alone.
func (q *query) readsFields(catalog string) bool {
	_, ok := q.c.cfg.Catalogs[catalog].(connector.FieldReader)
	return ok
}

// estimated answers SHOW STATS FOR a query.
func (q *query) estimated(b *binder.ShowStats, s Settings) (*binder.Query, error) {
	p, err := q.plan(b.Plan, s)
	if err != nil {
		return nil, err
	}
	rows, _ := p.estimator.Estimate(p.root)
	var columns []connector.ColumnStatistics
	for _, sym := range p.root.Outputs() {
		columns = append(columns, p.estimator.Column(p.root, sym))
	}
	return b.Listing(rows, columns), nil
}

// inputBytes estimates what a plan reads of tables: infinitely much where nothing is known.
func inputBytes(n plan.Node, est *stats.Estimator) float64 {
	total := 0.0
	plan.WalkAll(n, func(n plan.Node) bool {
		if s, ok := n.(*plan.Scan); ok {
			total += est.ScanBytes(s)
		}
		return true
	})
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

// clustering asks the connector of a scan how its rows lie.
func (q *query) clustering(s *plan.Scan, column string) (connector.Clustering, bool) {
	c, ok := q.c.cfg.Catalogs[s.Catalog].(connector.Clustered)
	if !ok {
		return connector.Clustering{}, false
	}
	out, ok, err := c.Clustering(q.ctx, s.Table, column)
	if err != nil {
		q.c.log.Debug("order of rows unknown", "query", q.id, "table", s.Table.Table.String(), "column", column, "err", err)
	}
	return out, ok && err == nil
}

// execute runs a query's plan.
func (q *query) execute(b *binder.Query, s Settings) error {
	exec, err := q.prepare(b, s, nil)
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

// prepare plans a query, lowers its stages and begins its write. explain, when given, describes the stages.
func (q *query) prepare(b *binder.Query, s Settings, explain explainer) (*execution, error) {
	p, err := q.plan(b.Plan, s)
	if err != nil {
		return nil, err
	}
	if n := len(p.fragments); n > s.MaxStageCount {
		return nil, trinoerr.New(trinoerr.QueryHasTooManyStages, "Number of stages in the query (%d) exceeds the allowed maximum (%d). "+
			"If the query contains WITH clauses that are referenced more than once, please create temporary table(s) for the queries in those clauses.",
			n, s.MaxStageCount)
	}
	direct := q.c.direct(s.RetryPolicy)
	if !direct {
		if err := q.checkPartitions(p.fragments); err != nil {
			return nil, err
		}
	}
	bp := blueprint{Direct: direct, Distributed: p.distributed, MinSplitBytes: s.MinSplitSize, Compression: s.Compression,
		Threads: s.TaskConcurrency, Memory: s.memoryLimits(), Limits: q.c.limits(&s), Requests: s.requestLimits()}
	est := p.estimates()
	for _, f := range p.fragments {
		if err := q.ctx.Err(); err != nil {
			return nil, err
		}
		fr, err := q.lower(f)
		if err != nil {
			return nil, err
		}
		st := planStage(fr, fr.stage(b.Write != nil), &q.req.Session)
		fr.lighten(&st.Graph, s, isLight(bp.Stages))
		fr.divide(&st.Graph, &s)
		if explain != nil {
			st.Explained = explain(f, est)
		}
		bp.Stages = append(bp.Stages, st)
	}
	if b.Write != nil { // last: what comes after it would have to abort it
		w, err := q.beginWrite(b.Write, s)
		if err != nil {
			return nil, err
		}
		bp.Write = w
	}
	exec, err := q.newExecution(bp)
	if err == nil && bp.Write != nil {
		if err := q.c.pass(q.ctx, faultpoint.AfterBegin, q.id); err != nil {
			exec.abort(q)
			return nil, err
		}
	}
	if err == nil {
		if exec.replanner = q.newReplanner(p, s, b.Write != nil, explain); exec.replanner != nil {
			exec.Planned = q.basis(p)
		}
	}
	return exec, err
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
	o := duck.Options{Zone: q.req.Session.TimeZone, Now: q.created}
	if f.Output.Kind == plan.Repartition && f.Output.Partitions > 1 {
		o.Partition = &duck.Partition{Keys: f.Output.Keys, Count: f.Output.Partitions, Numbered: f.Output.Ranges}
	}
	return o
}

// launchQuery hands the stages to the scheduler.
func (q *query) launchQuery(exec *execution, s Settings) {
	graph := scheduler.Query{ID: q.sid, Policy: s.RetryPolicy, Settings: s.Scheduler, Direct: exec.Direct, Adaptive: exec.replanner != nil}
	for _, st := range exec.Stages {
		graph.Stages = append(graph.Stages, st.Graph)
	}
	exec.holdBack = s.holdsBack()
	started := false
	q.update(func() {
		if !q.endedLocked() {
			q.exec, q.state, q.submitted, q.launched, started = exec, stateStarting, true, time.Now(), true
			q.replanner, exec.replanner = exec.replanner, nil
		}
	})
	if !started {
		exec.abort(q)
		return
	}
	q.limitExecution(exec.Limits)
	q.c.log.Debug("query scheduled", "query", q.id, "stages", len(exec.Stages), "policy", s.RetryPolicy)
	n := note{event: scheduler.QuerySubmitted{At: q.c.now(), Query: graph}}
	if q.c.journaled() {
		record, err := q.record()
		if err != nil {
			q.fail(err)
			return
		}
		n.side.Query = record
		settle := time.AfterFunc(haste, func() { q.c.post(scheduler.Tick{At: q.c.now()}) })
		context.AfterFunc(q.ctx, func() { settle.Stop() })
	}
	q.c.loop.add(n)
}

// stage describes a fragment to the scheduler.
func (f *fragment) stage(writes bool) scheduler.Stage {
	st := scheduler.Stage{ID: scheduler.StageID(f.ID), Sources: len(f.Scans), OutputPartitions: f.Output.Partitions,
		Root: f.Output.Root, Writer: f.Output.Root && writes, Indeterminate: f.Indeterminate()}
	if l, ok := f.Root.(*plan.Limit); ok && l.Partial && l.WithTies == nil && !f.Output.Root && f.Output.Kind == plan.Gather {
		st.RowLimit = l.Count // any so many rows will do
	}
	switch f.Distribution {
	case stages.Arbitrary:
		st.Distribution = scheduler.Arbitrary
	case stages.Hash:
		st.Distribution = scheduler.Hash
	}
	for _, in := range f.Inputs {
		st.Ordered = st.Ordered || in.Ranges && f.Distribution == stages.Hash
		st.Inputs = append(st.Inputs, scheduler.Input{Stage: scheduler.StageID(in.Stage), Replicated: in.Kind == plan.Replicate})
	}
	st.AfterAtMost = f.AfterAtMost
	for _, id := range f.After {
		st.After = append(st.After, scheduler.StageID(id))
	}
	return st
}

// outputPartitions is how many exchange partitions the tasks of a stage write.
func (q *query) outputPartitions(id scheduler.StageID) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.exec == nil || int(id) >= len(q.exec.Stages) {
		return 1
	}
	return q.exec.Stages[id].Graph.OutputPartitions
}
