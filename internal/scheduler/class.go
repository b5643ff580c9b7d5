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

// class returns the class of the next attempt of p. While p has one already, that is a backup.
func (p *partition) class() Class {
	switch {
	case p.state == partRunning:
		return Speculative
	case p.stage.eager():
		return EagerSpeculative
	}
	return Standard
}
