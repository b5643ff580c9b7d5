package scheduler

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// maxSuppressed is how many of the last task failures accompany the failure of a query; as in Trino.
const maxSuppressed = 5

// query is a query from its submission until it is forgotten.
type query struct {
	id       QueryID
	policy   RetryPolicy
	settings Settings
	direct   bool
	adaptive bool

	state     QueryState
	stages    []*stage // producers before consumers
	submitted Instant
	ended     Instant
	waits     int64 // since when tasks of it wait and it has got no place, in the order of such events; 0: none wait
	failure   *Failure
	recent    []Failure // the last task failures, at most maxSuppressed

	attempt   int     // number of restarts so far (QUERY)
	restartAt Instant // when the next run begins; 0 if it is under way

	asked, answered int // versions of replan questions

	stranded Instant // since when no node at all could take a waiting task; 0 if some could

	queued  int          // tasks that could run if there were room
	touched bool         // something has changed in this step
	due     Instant      // when the next delay ends; 0 if there is none
	hostDue Instant      // when the first task stops waiting for a node at the host of its data; 0 if none waits
	warm    []*partition // unpacked in this step
	names   names
	scratch []byte

	failedAttempts int
	past           []TaskInfo // attempts of runs and stages that were dropped
}

// live reports whether the query still has something to schedule.
func (q *query) live() bool { return q.state == QueryStarting || q.state == QueryRunning }

// stage returns the stage, or nil if there is none of that number.
func (q *query) stage(id StageID) *stage {
	if i := int(id); i >= 0 && i < len(q.stages) && q.stages[i].ID == id {
		return q.stages[i] // the usual numbering
	}
	i := slices.IndexFunc(q.stages, func(st *stage) bool { return st.ID == id })
	if i < 0 {
		return nil
	}
	return q.stages[i]
}

// root returns the stage whose outputs are the result.
func (q *query) root() *stage {
	return q.stages[slices.IndexFunc(q.stages, func(st *stage) bool { return st.Root })]
}

func (s *State) querySubmitted(spec Query) {
	if s.query(spec.ID) != nil {
		return
	}
	q := &query{
		id: spec.ID, policy: spec.Policy, settings: spec.Settings, direct: spec.Direct, adaptive: spec.Adaptive,
		submitted: s.now,
	}
	s.addQuery(q)
	if err := checkGraph(spec.Stages); err != nil {
		s.failQuery(q, failure(trinoerr.GenericInternalError, "invalid stage graph: "+err.Error()))
		return
	}
	for i := range spec.Stages {
		q.stages = append(q.stages, newStage(q, spec.Stages[i]))
	}
}

// failQuery ends the query without a result.
func (s *State) failQuery(q *query, f Failure) {
	for _, st := range q.stages {
		s.abortStage(st, "query failed")
		for _, p := range st.parts {
			if p.detail != nil {
				p.work = work{}
				p.rest()
			}
		}
	}
	q.state, q.ended, q.failure = QueryFailedState, s.now, &f
	s.touch(q)
	suppressed := q.recent
	if n := len(suppressed); n > 0 && sameFailure(suppressed[n-1], f) {
		suppressed = suppressed[:n-1]
	}
	s.do(QueryFailed{Query: q.id, Failure: f, Suppressed: slices.Clone(suppressed)})
	s.do(DeleteQuery{Query: q.id})
}

// sameFailure reports whether a and b are the same attempt's failure.
func sameFailure(a, b Failure) bool { return a.Task != nil && b.Task != nil && *a.Task == *b.Task }

// finishQuery reports the result: the outputs of the root stage.
func (s *State) finishQuery(q *query) {
	q.state, q.ended = QueryFinishedState, s.now
	root := q.root()
	for _, st := range slices.Backward(q.stages) { // readers before what they read
		if st == root {
			continue
		}
		if st.announced {
			s.retire(st)
		} else {
			s.abortStage(st, "query finished")
		}
		s.deleteOutputs(st)
	}
	done := QueryFinished{Query: q.id, Attempt: q.attempt, Stage: root.ID, Outputs: root.outputs()}
	for _, b := range done.Outputs {
		done.Rows += b.Rows
	}
	s.do(done)
}

func (s *State) cancelQuery(id QueryID) {
	if q := s.query(id); q != nil && q.live() {
		s.failQuery(q, failure(trinoerr.UserCanceled, "Query was canceled"))
	}
}

// forgetQuery drops the query and, unless its failure has done so, what it left in storage.
func (s *State) forgetQuery(id QueryID) {
	q := s.query(id)
	if q == nil {
		return
	}
	for _, st := range q.stages {
		s.abortStage(st, "query abandoned")
	}
	if q.state != QueryFailedState {
		s.do(DeleteQuery{Query: id})
	}
	s.removeQuery(q)
}

// restartQuery runs the distributed part again (QUERY), or fails the query if it may not. Coordinator stages
// are never run again, so once one of them has begun a failure is final.
func (s *State) restartQuery(q *query, f Failure, delayed bool) {
	begun := slices.ContainsFunc(q.stages, func(st *stage) bool { return st.CoordinatorOnly && len(st.Inputs) > 0 && st.started() })
	if begun || !f.restartable() || q.attempt >= q.settings.QueryRetryAttempts {
		s.failQuery(q, f)
		return
	}
	for _, st := range slices.Backward(q.stages) { // readers before what they read
		if !st.CoordinatorOnly {
			s.abortStage(st, "query restarted")
		}
	}
	needed := q.leadingToResult()
	for i, st := range q.stages {
		if st.CoordinatorOnly {
			continue
		}
		s.deleteOutputs(st)
		st.remember()
		q.stages[i] = newStage(q, st.Stage)
	}
	q.stages = slices.DeleteFunc(q.stages, func(st *stage) bool { return !slices.Contains(needed, st.ID) })
	q.restartAt = 0
	if delay := restartDelay(&q.settings, q.attempt); delayed && delay > 0 {
		q.restartAt = s.now.Add(delay)
	}
	q.attempt++
	q.answered = q.asked // questions about the old run are void
	s.do(QueryRestarted{Query: q.id, Attempt: q.attempt, Failure: f, At: max(q.restartAt, s.now)})
}

// leadingToResult are the stages on which the result depends, readers before what they read. New plans leave others behind.
func (q *query) leadingToResult() []StageID {
	var needed []StageID
	for _, st := range slices.Backward(q.stages) {
		read := func(reader *stage) bool { return slices.Contains(needed, reader.ID) }
		if st.Root || !q.adaptive || slices.ContainsFunc(st.consumers(), read) {
			needed = append(needed, st.ID)
		}
	}
	return needed
}

// wake ends delays that are over.
func (s *State) wake(q *query) {
	if q.restartAt != 0 && s.now >= q.restartAt {
		q.restartAt = 0
	}
	for _, st := range q.stages {
		for at := st.nextDelay(); at != 0 && at <= s.now; at = st.nextDelay() {
			p := st.parts[st.waits.pop().n]
			st.dequeue(p)
			st.enqueue(p)
		}
		for i := range st.scans {
			if sc := &st.scans[i]; sc.notBefore != 0 && s.now >= sc.notBefore {
				sc.notBefore = 0
			}
		}
		s.findStragglers(st)
		s.endAwait(st)
	}
}

// nextDue returns when the next delay of the query ends; 0 if nothing waits.
func (q *query) nextDue(cfg *Config) Instant {
	next := q.restartAt
	sooner := func(at Instant) {
		if at != 0 && (next == 0 || at < next) {
			next = at
		}
	}
	if q.stranded != 0 {
		sooner(q.stranded.Add(cfg.NoMatchingNodePeriod))
	}
	sooner(q.hostDue)
	for _, st := range q.stages {
		sooner(st.nextDelay())
		sooner(st.awaitDue())
		if st.racing() {
			sooner(st.raceAt)
		}
		for i := range st.scans {
			sooner(st.scans[i].notBefore)
		}
	}
	return next
}

// noteFailure keeps the last failures, and counts.
func (q *query) noteFailure(f Failure) {
	q.failedAttempts++
	if len(q.recent) == maxSuppressed {
		q.recent = slices.Delete(q.recent, 0, 1)
	}
	q.recent = append(q.recent, f)
}
