package coordinator

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// replanRecord is what a change of plan adds to a query's blueprint. It goes into the journal with the event.
type replanRecord struct {
	First  int          `json:"first"` // the number of the first of Stages
	Stages []stagePlan  `json:"stages"`
	Notes  []replanNote `json:"notes"`
	// Basis is what the change rests on.
	Basis *replanBasis `json:"basis,omitempty"`
}

// replanNote says what has become of a stage.
type replanNote struct {
	Stage int `json:"stage"`
	Was   int `json:"was"` // -1: it is new
	// Reason is empty where only what it reads has got another number.
	Reason string `json:"reason,omitempty"`
}

// lower makes stages of the fragments that have changed, after the stages that there have been. all is what the change rests on.
func (r *replanner) lower(p *adaptive.Plan, all []adaptive.Stage, earlier []stagePlan) (*replanRecord, error) {
	next := len(earlier)
	if n := len(p.Fragments); n > r.settings.MaxStageCount {
		return nil, trinoerr.New(trinoerr.QueryHasTooManyStages, "the new plan has %d stages, more than the allowed maximum (%d)", n, r.settings.MaxStageCount)
	}
	out := &replanRecord{First: next}
	for _, c := range p.Changes {
		out.Notes = append(out.Notes, replanNote{c.Fragment, c.Was, strings.Join(c.Reasons, "; ")})
	}
	est := changedEstimates(r.options.Estimator, all, p)
	for _, f := range p.Fragments {
		if f.ID < next {
			continue
		}
		if f.ID != next+len(out.Stages) {
			return nil, fmt.Errorf("fragment %d in the place of %d", f.ID, next+len(out.Stages))
		}
		if len(out.Stages) == len(out.Notes) {
			return nil, fmt.Errorf("fragment %d has no reason", f.ID)
		}
		st, err := r.stage(f, slices.Concat(earlier, out.Stages), est)
		if err != nil {
			return nil, err
		}
		if st.Explained != nil {
			r.compare(st.Explained, out.Notes[len(out.Stages)], p.Dropped)
		}
		out.Stages = append(out.Stages, st)
	}
	if len(out.Notes) != len(out.Stages) {
		return nil, fmt.Errorf("%d fragments have changed, and %d are new", len(out.Notes), len(out.Stages))
	}
	return out, nil
}

// stage makes a stage of a fragment, after the stages before it.
func (r *replanner) stage(f stages.Fragment, before []stagePlan, est *stats.Estimator) (stagePlan, error) {
	fr, err := r.q.lower(f)
	if err != nil {
		return stagePlan{}, err
	}
	st := planStage(fr, fr.stage(r.writes), &r.q.req.Session)
	fr.lighten(&st.Graph, r.settings, isLight(before))
	fr.divide(&st.Graph, &r.settings)
	if r.explain != nil {
		st.Explained = r.explain(f, est)
	}
	return st, nil
}

// compare shows, for EXPLAIN ANALYZE, what a stage was at first and what it is.
func (r *replanner) compare(e *explained, n replanNote, dropped []int) {
	if n.Reason == "" {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "    AdaptivePlan: %s\n    Current Plan:\n%s", n.Reason, shifted(e.Body))
	if was, ok := r.fragments[r.first(n.Was)]; ok {
		b.WriteString("    Initial Plan:\n" + r.initial(was, dropped))
	}
	e.Body = b.String()
}

// initial describes a fragment that is no more, and those that are dropped with it.
func (r *replanner) initial(f stages.Fragment, dropped []int) string {
	e := r.explain(f, stageEstimates(r.options.Estimator, func(id int) (plan.Node, *adaptive.Size) { return r.fragments[id].Root, nil }))
	text := shifted("    " + e.Head + e.Body)
	for _, in := range f.Inputs {
		if g, ok := r.fragments[in.Stage]; ok && slices.Contains(dropped, in.Stage) {
			text += r.initial(g, dropped)
		}
	}
	return text
}

// first is the number that a stage had in the first plan.
func (r *replanner) first(id int) int {
	for {
		was, ok := r.origins[id]
		if !ok {
			return id
		}
		id = was
	}
}

// shifted moves lines to the right.
func shifted(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

// graphOf is the new rest of the query as the scheduler sees it.
func (q *query) graphOf(p *adaptive.Plan, rec *replanRecord) []scheduler.Stage {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]scheduler.Stage, len(p.Fragments))
	for i, f := range p.Fragments {
		if f.ID >= rec.First {
			out[i] = rec.Stages[f.ID-rec.First].Graph
		} else {
			out[i] = q.exec.Stages[f.ID].Graph
		}
	}
	return out
}

// adopt adds the stages of a change to the query's execution; false when the query has ended meanwhile. The execution that
// others are working with stays as it is.
func (q *query) adopt(rec *replanRecord) bool {
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	if exec == nil {
		return false
	}
	bp := exec.blueprint
	bp.apply(rec)
	of := bp
	of.Stages, of.Write = rec.Stages, nil
	added, err := q.newExecution(of)
	if err != nil {
		return false
	}
	next := *exec
	next.blueprint, next.scans = bp, slices.Concat(exec.scans, added.scans)
	adopted := false
	q.update(func() {
		if !q.endedLocked() && q.exec == exec {
			q.exec, adopted = &next, true
		}
	})
	return adopted
}

// apply adds a change to a blueprint. Applied twice it is as if it were applied once.
func (b *blueprint) apply(rec *replanRecord) {
	if len(b.Stages) != rec.First {
		return
	}
	b.Stages = append(b.Stages[:rec.First:rec.First], rec.Stages...)
	b.Replans = append(b.Replans[:len(b.Replans):len(b.Replans)], rec.Notes...)
	if rec.Basis != nil {
		b.Changes = append(b.Changes[:len(b.Changes):len(b.Changes)], *rec.Basis)
	}
}

// level is that of the log's lines about changes.
func (r *replanner) level() slog.Level {
	if r.settings.DebugAdaptivePlanner {
		return slog.LevelInfo
	}
	return slog.LevelDebug
}
