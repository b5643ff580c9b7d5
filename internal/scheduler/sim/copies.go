package sim

import (
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// What a copy of the machine shows about the machine.

// again looks whether the machine has left something undone: a copy of it that is made to look at everything once more
// must find nothing to do. (Of several queries, one that room was kept from for another's sake may have it next time.)
func (w *world) again() {
	state, err := restored(w.state)
	if err != nil {
		w.err = err
		return
	}
	for _, a := range state.Step(scheduler.NodeLost{At: w.now, Node: "nobody"}) {
		w.err = &Violation{Seed: w.seed, Rule: "has left undone: " + a.String(), Events: w.events, Final: true}
	}
}

// resume goes on with a machine restored from a snapshot. The replay of the whole run, which takes none, shows whether
// that makes a difference.
func (w *world) resume() {
	state, err := restored(w.state)
	if err != nil {
		w.err = err
		return
	}
	if state.Dump() != w.state.Dump() {
		w.err = &Violation{Seed: w.seed, Rule: "the snapshot is another state", Events: w.events, Final: true}
		return
	}
	w.state = state
}

// restored is the machine as its snapshot gives it back.
func restored(s *scheduler.State) (*scheduler.State, error) {
	data, err := s.Snapshot()
	if err != nil {
		return nil, err
	}
	return scheduler.Replay(nil, data)
}
