package scheduler

// askForSplits asks for more splits where that is due: not while enough tasks wait to be run, not while an answer or a
// delay is pending.
func (s *State) askForSplits(q *query) {
	if q.restartAt != 0 {
		return
	}
	queued := -1
	for _, st := range q.stages {
		if st.state != StageRunning || st.sealed {
			continue
		}
		for i := range st.scans {
			sc := &st.scans[i]
			if sc.done || sc.asked || sc.notBefore != 0 {
				continue
			}
			if queued < 0 {
				queued = q.standard()
			}
			if sc.seen > 0 && st.class() != EagerSpeculative && queued >= q.settings.MaxTasksWaitingForExecution {
				continue
			}
			sc.asked = true
			s.do(FindSplits{Query: q.id, Stage: st.ID, Source: i, Seen: sc.seen})
		}
	}
}

// openScan returns the scan whose question an answer belongs to, or nil.
func (s *State) openScan(id QueryID, stageID StageID, source, seen int) (*stage, *scan) {
	q := s.query(id)
	if q == nil || !q.live() {
		return nil, nil
	}
	st := q.stage(stageID)
	if st == nil || st.state != StageRunning || source < 0 || source >= len(st.scans) {
		return nil, nil
	}
	sc := &st.scans[source]
	if !sc.asked || sc.done || sc.seen != seen {
		return nil, nil
	}
	return st, sc
}

func (s *State) splitsFound(ev SplitsFound) {
	st, sc := s.openScan(ev.Query, ev.Stage, ev.Source, ev.Seen)
	if st == nil {
		return
	}
	sc.asked, sc.done, sc.failures = false, ev.NoMore, 0
	sc.seen += len(ev.Splits)
	for _, split := range ev.Splits {
		split.Source = ev.Source
		if st.single != nil {
			st.single.addSplit(split)
		} else {
			st.assign.addSplit(split, s.hostPreferred)
		}
	}
	s.advanceScans(st)
	s.complete(st)
}

// addSplit adds a split to the only task; it must run where its pinned splits are.
func (w *work) addSplit(split Split) {
	w.splits = append(w.splits, split)
	if split.Pinned && w.hosts == nil {
		w.hosts = split.Hosts
	}
}

func (s *State) splitsFailed(ev SplitsFailed) {
	st, sc := s.openScan(ev.Query, ev.Stage, ev.Source, ev.Seen)
	if st == nil {
		return
	}
	q := st.q
	q.noteFailure(ev.Failure)
	sc.asked = false
	switch q.policy {
	case RetryNone:
		s.failQuery(q, ev.Failure)
	case RetryQuery:
		s.restartQuery(q, ev.Failure, true)
	case RetryTask:
		if !ev.Failure.retryable() || sc.failures >= q.settings.TaskRetryAttempts {
			s.failQuery(q, ev.Failure)
			return
		}
		if d := taskDelay(&q.settings, sc.failures); d > 0 {
			sc.notBefore = s.now.Add(d)
		}
		sc.failures++
	}
}
