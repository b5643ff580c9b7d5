package coordinator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// A coordinator that takes over has the stages of a query, but not its plan. Planning is a function of the statement, the
// session, the tables and what the journal keeps besides (planBasis), so it makes the plan again, when it is first asked
// whether the plan should change, and changes it as it was changed before. Only if what comes out is, stage by stage, what
// the journal says does the plan go on to change: otherwise it stays as it is.

// errOtherPlan says that planning again has led to something else.
var errOtherPlan = errors.New("the plan made again is not the one that runs")

// remake makes the plan again.
func (r *replanner) remake(info scheduler.QueryInfo) error {
	q := r.q
	q.mu.Lock()
	exec := q.exec
	q.mu.Unlock()
	if exec == nil {
		return errStopped
	}
	basis := exec.Planned
	made, p, err := q.planAgain(basis)
	if err != nil {
		return err
	}
	if made == nil {
		return errOtherPlan
	}
	made.replan = r.replan
	if len(p.fragments) > len(exec.Stages) {
		return errOtherPlan
	}
	est := p.estimates()
	for i, f := range p.fragments {
		st, err := made.stage(f, exec.Stages[:i], est)
		if err == nil {
			err = sameStage(&st, &exec.Stages[i])
		}
		if err != nil {
			return fmt.Errorf("stage %d: %w", i, err)
		}
	}
	next := len(p.fragments)
	for _, change := range exec.Changes {
		if change.First != next {
			return errOtherPlan
		}
		if next, err = made.changeAgain(change, exec.Stages); err != nil {
			return fmt.Errorf("change at stage %d: %w", change.First, err)
		}
	}
	if next != len(exec.Stages) {
		return errOtherPlan
	}
	r.settings, r.options, r.writes, r.explain = made.settings, made.options, made.writes, made.explain
	r.fragments, r.origins, r.journaled = made.fragments, made.origins, made.journaled
	sizes := measuredSizes(info)
	r.mu.Lock()
	maps.Copy(sizes, r.sizes)
	maps.Copy(made.columns, r.columns)
	r.sizes, r.columns = sizes, made.columns
	r.mu.Unlock()
	q.c.log.Info("plan made again", "query", q.id, "stages", len(exec.Stages), "changes", len(exec.Changes))
	return nil
}

// planAgain plans the query as it was planned at first, without any effect.
func (q *query) planAgain(basis *planBasis) (*replanner, planned, error) {
	settings, err := q.c.settings(&q.req.Session)
	if err != nil {
		return nil, planned{}, err
	}
	stmt, err := parser.ParseStatement(q.req.SQL)
	if err != nil {
		return nil, planned{}, err
	}
	bound, err := binder.Bind(q.ctx, stmt, q.c.bindingEnv(q.req, q.created))
	if err != nil {
		return nil, planned{}, err
	}
	var explain explainer
	if e, ok := bound.(*binder.Explain); ok {
		bound, explain = e.Statement, q.explainStages(e.Verbose)
	}
	b, ok := bound.(*binder.Query)
	if !ok {
		return nil, planned{}, errOtherPlan
	}
	known, err := decodeStatistics(basis.Statistics)
	if err != nil {
		return nil, planned{}, err
	}
	p, err := q.planOn(b.Plan, settings, known, basis.Partitions)
	if err != nil {
		return nil, planned{}, err
	}
	return q.newReplanner(p, settings, b.Write != nil, explain), p, nil
}

// changeAgain changes the plan as it was changed before, and returns the number after its last stage.
func (r *replanner) changeAgain(change replanBasis, journaled []stagePlan) (next int, err error) {
	all, err := change.stages(r)
	if err != nil {
		return 0, err
	}
	p, err := r.replan(all, change.First, r.options)
	if err != nil {
		return 0, err
	}
	if p == nil {
		return 0, errOtherPlan
	}
	record, err := r.lower(p, all, journaled[:change.First])
	if err != nil {
		return 0, err
	}
	next = change.First + len(record.Stages)
	if next > len(journaled) {
		return 0, errOtherPlan
	}
	for i := range record.Stages {
		if err := sameStage(&record.Stages[i], &journaled[change.First+i]); err != nil {
			return 0, fmt.Errorf("stage %d: %w", change.First+i, err)
		}
	}
	r.adopt(p)
	return next, nil
}

// sameStage returns an error when a stage is not what the journal says.
func sameStage(made, journaled *stagePlan) error {
	raw, err := json.Marshal(made)
	if err != nil {
		return err
	}
	var read stagePlan // as the journaled one was read
	if err := json.Unmarshal(raw, &read); err != nil {
		return err
	}
	one, err := json.Marshal(read)
	if err != nil {
		return err
	}
	other, err := json.Marshal(journaled)
	if err == nil && !bytes.Equal(one, other) {
		err = errOtherPlan
	}
	return err
}
