package scheduler

import "fmt"

// ResultTaken says that the shell has copied the result of a finished run to where no worker's death reaches it.
// ResultAccepted answers, unless the run has been given up meanwhile because a part of its result was lost.
type ResultTaken struct {
	At      Instant
	Query   QueryID
	Attempt int // QueryFinished.Attempt
}

// ResultAccepted says that the rows which were taken are the result: nothing of the query runs again, its outputs are
// deleted, and the client may see the rows.
type ResultAccepted struct {
	Query   QueryID
	Attempt int
}

func (e ResultTaken) when() Instant  { return e.At }
func (e ResultTaken) query() QueryID { return "" } // its outputs go, from all nodes

func (ResultAccepted) action() {}

// String returns the event as one line.
func (e ResultTaken) String() string {
	return fmt.Sprintf("result-taken %s attempt=%d", e.Query, e.Attempt)
}

// String returns the action as one line.
func (a ResultAccepted) String() string {
	return fmt.Sprintf("result-accepted %s attempt=%d", a.Query, a.Attempt)
}

// resultTaken lets go of the outputs of a finished query. What is lost from then on is nobody's loss.
func (s *State) resultTaken(ev ResultTaken) {
	q := s.query(ev.Query)
	if q == nil || q.state != QueryFinishedState || q.attempt != ev.Attempt {
		return
	}
	s.do(ResultAccepted{Query: q.id, Attempt: q.attempt})
	s.deleteOutputs(q.root())
}
