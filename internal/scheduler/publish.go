package scheduler

import (
	"fmt"
	"slices"
)

// ResultGrown says that the result has more outputs that may be read while the rest is still being made: those from number From on, in the
// order of QueryFinished.Outputs, replace what was said of them before. An output that is lost is made again, and announced
// again; its rows are the same, though not in the same order.
type ResultGrown struct {
	Query   QueryID
	Stage   StageID
	From    int
	Outputs []Bundle
}

func (ResultGrown) action() {}

// String returns the action as one line.
func (a ResultGrown) String() string {
	return fmt.Sprintf("result-grown %s from=%d outputs=%d(%s)", a.Query, a.From, a.Stage, bundlesText(a.Outputs))
}

// publish announces outputs of the root stage as they are selected, in order, so that none will come before one that was announced.
func (s *State) publish(st *stage) {
	if !st.publishes() {
		return
	}
	grown := ResultGrown{Query: st.q.id, Stage: st.ID, From: st.shown}
	for st.published < len(st.parts) {
		p := st.parts[st.published]
		b, ok := p.output()
		switch {
		case ok:
			grown.Outputs = append(grown.Outputs, b)
		case st.Ordered || !p.dropped(): // what replaces a dropped one belongs in its place
			st.announce(s, grown)
			return
		}
		st.published++
	}
	st.announce(s, grown)
}

func (st *stage) announce(s *State, grown ResultGrown) {
	if len(grown.Outputs) > 0 {
		st.shown += len(grown.Outputs)
		s.do(grown)
	}
}

// publishes reports whether the stage's outputs are the result as soon as they are selected: whatever happens, another attempt would have the
// same rows, or there is none.
func (st *stage) publishes() bool {
	q := st.q
	if !st.Root || st.Writer || st.CoordinatorOnly || st.early || st.state != StageRunning || !q.live() {
		return false
	}
	switch q.policy {
	case RetryNone:
		return true
	case RetryTask:
		return !slices.ContainsFunc(q.stages, func(o *stage) bool { return o.Indeterminate || o.tainted || o.RowLimit > 0 })
	}
	return false
}

// unpublish takes back that outputs from partition n on may be read.
func (st *stage) unpublish(n int) {
	if n >= st.published {
		return
	}
	for _, p := range st.parts[n:st.published] {
		if !p.dropped() {
			st.shown--
		}
	}
	st.published = n
}

// publication is what has been announced of the result of a live query.
func (st *stage) publication() (out []Bundle) {
	for _, p := range st.parts[:st.published] {
		if b, ok := p.output(); ok {
			out = append(out, b)
		}
	}
	return out
}
