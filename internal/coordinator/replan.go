package coordinator

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// replanner keeps the plan of a query while it runs and answers the scheduler's question, after each stage that has
// finished, whether the rest of the plan is still the best. No stage starts until the question is answered.
//
// A query that another coordinator has taken over has only its stages: see replan_again.go.
type replanner struct {
	q        *query
	settings Settings
	options  adaptive.Options
	writes   bool
	explain  explainer // nil unless the plan is the answer
	// replan is adaptive.Replan, but for tests.
	replan func([]adaptive.Stage, int, adaptive.Options) (*adaptive.Plan, error)

	// Used by the one goroutine that answers. taken says that the plan is another coordinator's and still to be made again,
	// fixed that it cannot be.
	taken, fixed bool
	fragments    map[int]stages.Fragment
	origins      map[int]int  // the numbers that changed fragments had before
	journaled    map[int]bool // the stages whose columns the journal knows

	mu        sync.Mutex
	sizes     map[int]adaptive.Size  // of the outputs of this run of the query
	facts     map[int]*stageFacts    // of the stages that have not finished
	columns   map[int][]facts.Column // of those that have
	questions []scheduler.StageFinished
	answering bool
}

// newReplanner returns nil for queries whose plan stays as it is: those of one stage, and where it is switched off.
func (q *query) newReplanner(p planned, s Settings, writes bool, explain explainer) *replanner {
	if !s.AdaptivePlanning || !p.distributed || len(p.fragments) < 2 {
		return nil
	}
	r := q.emptyReplanner()
	r.settings, r.writes, r.explain = s, writes, explain
	for _, f := range p.fragments {
		r.fragments[f.ID] = f
	}
	r.options = q.adaptiveOptions(p, s)
	if s.DebugAdaptivePlanner {
		r.options.Trace = func(format string, args ...any) {
			q.c.log.Info("adaptive planner: "+fmt.Sprintf(format, args...), "query", q.id)
		}
	}
	return r
}

// emptyReplanner knows no plan yet.
func (q *query) emptyReplanner() *replanner {
	return &replanner{q: q, replan: adaptive.Replan, fragments: map[int]stages.Fragment{}, origins: map[int]int{}, journaled: map[int]bool{},
		sizes: map[int]adaptive.Size{}, facts: map[int]*stageFacts{}, columns: map[int][]facts.Column{}}
}

// adaptiveOptions are what a session says about plans that change.
func (q *query) adaptiveOptions(p planned, s Settings) adaptive.Options {
	o := adaptive.Options{JoinReordering: s.AdaptiveJoinReordering, JoinRatio: s.AdaptiveJoinSizeRatio, JoinMinBytes: s.AdaptiveJoinMinSize,
		JoinOrder: joinOrder(s.JoinReordering), MaxReorderedJoins: s.MaxReorderedJoins, BroadcastBytes: s.JoinMaxBroadcastSize, Join: s.Join,
		TaskBytes: s.Compute.Min, HashPartitions: p.partitions, Estimator: p.estimator, Restarts: s.RetryPolicy == scheduler.RetryQuery,
		SingleTaskBytes: min(s.SingleTaskInputSize, s.Scheduler.SpreadMinSize), SkewBytes: s.Scheduler.HashComputeTargetSize,
		Partitioning: s.RuntimeAdaptivePartitioning, PartitionCount: s.RuntimeAdaptivePartitionCount, MaxTaskBytes: s.RuntimeAdaptiveMaxTaskSize,
		KeyFilters: s.KeyFilters, KeyFilterMinScan: s.KeyFilterMinScan, DynamicFilters: q.dynamicFilters}
	if most := q.c.cfg.MaxPartitions; most > 0 && !q.c.direct(s.RetryPolicy) {
		o.PartitionCount = min(o.PartitionCount, most)
	}
	return o
}

// dynamicFilters is what the connector of a catalog wants to be told of keys.
func (q *query) dynamicFilters(catalog string) (connector.DynamicFilters, bool) {
	c, ok := q.c.cfg.Catalogs[catalog].(connector.DynamicFiltering)
	if !ok {
		return connector.DynamicFilters{}, false
	}
	return c.DynamicFilters(q.ctx), true
}

// replan answers a question of the scheduler, in the background.
func (q *query) replan(a scheduler.StageFinished) {
	q.mu.Lock()
	r := q.replanner
	q.mu.Unlock()
	if r == nil {
		q.c.post(scheduler.Replanned{At: q.c.now(), Query: q.sid, Version: a.Version})
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sizes[int(a.Stage)] = sizeOf(a)
	r.conclude(int(a.Stage))
	r.questions = append(r.questions, a)
	if !r.answering {
		r.answering = true
		q.c.goWork(r.answer)
	}
}

// forgetMeasures forgets what the stages of a run have put out that is given up: the next one may put out something else.
func (q *query) forgetMeasures() {
	q.mu.Lock()
	r := q.replanner
	q.mu.Unlock()
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.sizes)
	clear(r.facts)
	clear(r.columns)
}

// measures are the sizes of the outputs that are complete.
func (r *replanner) measures() map[int]adaptive.Size {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.sizes)
}

// answer answers all questions there are, those that come together by one plan.
func (r *replanner) answer() {
	for {
		r.mu.Lock()
		questions := r.questions
		r.questions = nil
		r.answering = len(questions) > 0
		r.mu.Unlock()
		if len(questions) == 0 {
			return
		}
		version := 0
		for _, a := range questions {
			version = max(version, a.Version)
		}
		ev, with := r.decide(version)
		r.q.c.loop.add(note{event: ev, side: with})
	}
}

func sizeOf(a scheduler.StageFinished) (s adaptive.Size) {
	for i := range a.Rows {
		s.Rows += a.Rows[i]
		s.Bytes += a.Bytes[i]
		if len(a.Bytes) > 1 {
			s.Largest = max(s.Largest, a.Bytes[i])
		}
	}
	return s
}

// decide plans the rest of the query again. If that fails, in whatever way, the plan stays: it was good enough to begin with.
func (r *replanner) decide(version int) (ev scheduler.Replanned, with side) {
	q := r.q
	ev = scheduler.Replanned{Query: q.sid, Version: version}
	defer func() {
		if p := recover(); p != nil {
			q.c.log.Error("panic in adaptive planning", "query", q.id, "panic", p, "stack", string(debug.Stack()))
			ev.Stages, with = nil, side{}
		}
		ev.At = q.c.now()
	}()
	var info scheduler.QueryInfo
	known := false
	q.c.loop.read(q.ctx, func(s *scheduler.State) { info, known = s.Query(q.sid) })
	if !known {
		return ev, side{}
	}
	if r.taken {
		r.taken, r.fixed = false, true
		if err := r.remake(info); err != nil {
			q.c.log.Warn("the plan could not be made again; it stays as it is", "query", q.id, "err", err)
			return ev, side{}
		}
		r.fixed = false
	}
	if r.fixed {
		return ev, side{}
	}
	r.trace("version %d: %d stages, %d finished", version, len(info.Stages), len(r.measures()))
	earlier := q.stagePlans()
	all := r.current(info)
	p, err := r.replan(all, len(earlier), r.options)
	if err == nil && p != nil {
		var record *replanRecord
		if record, err = r.lower(p, all, earlier); err == nil {
			record.Basis = r.basisOf(all, len(earlier))
			graph := q.graphOf(p, record)
			if err = scheduler.CheckGraph(slices.Concat(q.started(info), graph)); err == nil && q.adopt(record) {
				r.adopt(p)
				r.noteJournaled(record.Basis)
				ev.Stages, with.Replan = graph, record
				r.report(record)
				return ev, with
			}
		}
	}
	if err != nil {
		q.c.log.Warn("adaptive planning failed; the plan stays as it is", "query", q.id, "err", err)
	}
	r.trace("version %d: nothing changes", version)
	return ev, side{}
}

// adopt goes on with a changed plan.
func (r *replanner) adopt(p *adaptive.Plan) {
	for _, f := range p.Fragments {
		r.fragments[f.ID] = f
	}
	for _, change := range p.Changes {
		if change.Was >= 0 {
			r.origins[change.Fragment] = change.Was
		}
	}
}

// started are the stages that a new plan has to go on with.
func (q *query) started(info scheduler.QueryInfo) (out []scheduler.Stage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, st := range info.Stages {
		if st.State != scheduler.StagePlanned {
			out = append(out, q.exec.Stages[st.ID].Graph)
		}
	}
	return out
}

// current are the query's fragments as far as they have been run.
func (r *replanner) current(info scheduler.QueryInfo) []adaptive.Stage {
	var out []adaptive.Stage
	sizes, columns := r.measures(), r.known()
	for _, st := range info.Stages {
		f, ok := r.fragments[int(st.ID)]
		if !ok || st.State == scheduler.StageAborted {
			continue
		}
		s := adaptive.Stage{Fragment: f, Started: st.State != scheduler.StagePlanned}
		if size, ok := sizes[f.ID]; ok && s.Started {
			s.Measured, s.Columns = &size, columns[f.ID]
		}
		out = append(out, s)
	}
	return out
}

func (r *replanner) trace(format string, args ...any) {
	if r.options.Trace != nil {
		r.options.Trace(format, args...)
	}
}

// report logs a change of plan.
func (r *replanner) report(record *replanRecord) {
	for _, n := range record.Notes {
		if n.Reason != "" {
			r.q.c.log.Log(context.Background(), r.level(), "plan changed", "query", r.q.id, "stage", n.Stage, "was", n.Was, "reason", n.Reason)
		}
	}
}

// stagePlans are the stages so far; none after the query's end.
func (q *query) stagePlans() []stagePlan {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.exec == nil {
		return nil
	}
	return slices.Clone(q.exec.Stages)
}

// replans lists what has changed in the query's plan, in order. The caller holds the lock.
func (q *query) replans() (out []protocol.Replan) {
	if q.exec == nil {
		return nil
	}
	for _, n := range q.exec.Replans {
		if n.Reason == "" {
			continue
		}
		r := protocol.Replan{Stage: n.Stage, Reason: n.Reason}
		if n.Was >= 0 {
			r.Was = &n.Was
		}
		out = append(out, r)
	}
	return out
}
