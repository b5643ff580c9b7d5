package scheduler

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// CheckGraph reports the first thing that makes stages unusable as a graph: a shell that makes new plans looks before it answers with
// one, because a query cannot go on with a graph that is none.
func CheckGraph(stages []Stage) error { return checkGraph(stages) }

// replanned replaces the stages that have not started. Until all questions are answered no stage starts, so the new
// plan fits what is there.
func (s *State) replanned(ev Replanned) {
	q := s.query(ev.Query)
	if q == nil || !q.live() || ev.Version <= q.answered || ev.Version > q.asked {
		return
	}
	q.answered = ev.Version
	if ev.Stages == nil {
		return
	}
	var specs []Stage
	var stages []*stage
	for _, st := range q.stages {
		if st.started() {
			specs = append(specs, st.Stage)
			stages = append(stages, st)
		}
	}
	for i := range ev.Stages {
		specs = append(specs, ev.Stages[i])
		stages = append(stages, newStage(q, ev.Stages[i]))
	}
	if err := checkGraph(specs); err != nil {
		s.failQuery(q, failure(trinoerr.GenericInternalError, "invalid stage graph: "+err.Error()))
		return
	}
	q.stages = stages
	s.dropUnread(q)
}

// dropUnread stops and deletes what the new plan does not read any more, consumers first.
func (s *State) dropUnread(q *query) {
	for _, st := range slices.Backward(q.stages) {

		if !st.started() || st.needed() {
			continue
		}
		if st.announced {
			s.retire(st) // it may have to be made again
		} else {
			s.abortStage(st, "not needed by the new plan")
		}
		s.deleteOutputs(st)
	}
}
