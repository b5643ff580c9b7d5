package scheduler

import (
	"fmt"
	"slices"
)

// A stage may be told to start after others that it does not read: what they put out will tell which of its rows are needed, and the
// plan is changed accordingly before it starts (Trino calls it the wait for dynamic filters). Nothing else depends on it, so
// stages that are no more, because the plan has changed, are not waited for. The wait may be bounded: what is told later comes too late then.

// awaits returns the first stage that is waited for; false when there is none.
func (st *stage) awaits() (StageID, bool) {
	if st.impatient {
		return 0, false
	}
	for _, id := range st.After {
		if o := st.q.stage(id); o != nil && (o.state == StagePlanned || o.state == StageRunning) {
			return id, true
		}
	}
	return 0, false
}

// mayStart reports whether nothing keeps the stage from starting but its inputs.
func (st *stage) mayStart() bool {
	_, waits := st.awaits()
	return st.state == StagePlanned && !waits
}

// beginAwait notes when the stage will have waited long enough.
func (s *State) beginAwait(st *stage) {
	if st.state == StagePlanned && st.AfterAtMost > 0 && st.awaitUntil == 0 && st.inputsReady() {
		st.awaitUntil = s.now.Add(st.AfterAtMost)
	}
}

// endAwait ends the wait of a stage that has waited long enough.
func (s *State) endAwait(st *stage) {
	st.impatient = st.impatient || st.awaitUntil != 0 && s.now >= st.awaitUntil
}

// awaitDue is when the wait of the stage ends; 0 when it does not wait, or for as long as it takes.
func (st *stage) awaitDue() Instant {
	if st.state != StagePlanned || st.impatient {
		return 0
	}
	return st.awaitUntil
}

// checkAfter reports stages that would wait for each other for ever.
func checkAfter(stages []Stage) error {
	if !slices.ContainsFunc(stages, func(st Stage) bool { return len(st.After) > 0 }) {
		return nil // each reads only what is declared before it
	}
	const visiting, done = 1, 2
	seen := make([]int, len(stages))
	var visit func(id StageID) error
	visit = func(id StageID) error {
		i := slices.IndexFunc(stages, func(st Stage) bool { return st.ID == id })
		switch {
		case i < 0 || seen[i] == done:
			return nil
		case seen[i] == visiting:
			return fmt.Errorf("stage %d waits for itself", id)
		}
		seen[i] = visiting
		for _, in := range stages[i].Inputs {
			if err := visit(in.Stage); err != nil {
				return err
			}
		}
		for _, other := range stages[i].After {
			if err := visit(other); err != nil {
				return err
			}
		}
		seen[i] = done
		return nil
	}
	for i := range stages {
		if err := visit(stages[i].ID); err != nil {
			return err
		}
	}
	return nil
}
