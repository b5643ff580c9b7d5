package scheduler

// Class says how much an attempt matters: which requests for a node are served first, whose memory is counted, and who
// goes when memory is short. The names are Trino's.
type Class uint8

// The classes.
const (
	// Standard attempts are those that the query cannot do without.
	Standard Class = iota
	// EagerSpeculative attempts belong to a stage of which only a few rows are wanted: they are placed first, and ended as
	// soon as there are enough rows.
	EagerSpeculative
	// Speculative attempts may turn out to be useless: backups of attempts that take long, and tasks of stages that
	// started before their inputs were complete. They run where nothing else wants to, and make room for it.
	Speculative
)

// String returns Trino's name of the class.
func (c Class) String() string {
	return [...]string{"STANDARD", "EAGER_SPECULATIVE", "SPECULATIVE"}[c]
}

// eagerRowLimit bounds the row limits that are worth hurrying for; as in Trino.
const eagerRowLimit = 1_000_000

// eager reports whether only a few of the stage's rows are wanted, so that it ends before all of its tasks have run.
func (st *stage) eager() bool {
	return st.RowLimit > 0 && st.RowLimit < eagerRowLimit && st.q.settings.StageEstimationForEagerParent
}

// eagerTasks is how many tasks of an eager stage may finish without enough rows until it counts as any other: it may
// well have to run to its end then, and must not keep everybody else waiting.
const eagerTasks = 16

// class returns the class of the stage's attempts at present, other than backups.
func (st *stage) class() Class {
	switch {
	case st.eager() && st.finished < eagerTasks:
		return EagerSpeculative
	case st.early && !st.sealed:
		return Speculative
	}
	return Standard
}

// class returns the class of the next attempt of p. While p has one already, that is a backup.
func (p *partition) class() Class {
	if p.state == partRunning {
		return Speculative
	}
	return p.stage.class()
}

// promote makes a running attempt of p STANDARD, when it is needed after all.
func (s *State) promote(p *partition, a *attempt) {
	if a.class != Speculative || p.stage.class() == Speculative {
		return
	}
	n := s.node(a.node)
	if n != nil {
		n.count(p, a, -1)
	}
	a.class = Standard
	if n != nil {
		n.count(p, a, 1)
	}
}

// promoteStage makes the running attempts of a stage STANDARD that has started early and whose input is complete.
func (s *State) promoteStage(st *stage) {
	for _, p := range st.parts {
		if p.state != partRunning {
			continue
		}
		for i := range p.attempts {
			if a := &p.attempts[i]; a.running() && !a.backup {
				s.promote(p, a)
			}
		}
	}
}
