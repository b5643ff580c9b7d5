package scheduler

import (
	"fmt"
	"slices"
)

// State is the state of the cluster and all its queries. It is not safe for concurrent use: one goroutine owns it.
type State struct {
	cfg     Config
	now     Instant
	nodes   []*node  // by id
	queries []*query // in order of submission, until forgotten
	turn    QueryID  // whom the next round of allocation serves first; empty: the first
	timer   Instant  // of the last SetTimer, 0 if it has fired
	victims []victim // ended for their memory, and not known to be gone
	out     []Action // collected by the Step under way
}

// New returns the state of a cluster without nodes and queries.
func New(cfg Config) *State { return &State{cfg: cfg} }

// Step applies one event and returns the actions it calls for, in the order they must start. It does no I/O and
// reads no clock; the event's time is the time. Equal state and event give equal actions.
func (s *State) Step(ev Event) []Action {
	s.out = nil
	s.now = max(s.now, ev.when())
	s.apply(ev)
	s.settle()
	return s.out
}

// apply dispatches the event.
func (s *State) apply(ev Event) {
	switch ev := ev.(type) {
	case NodeJoined:
		s.nodeJoined(ev)
	case NodeDraining:
		s.nodeDraining(ev.Node)
	case NodeLost:
		s.nodeLost(ev)
	case NodeLeft:
		s.nodeLeft(ev)
	case NodeMemory:
		s.nodeMemory(ev)
	case QuerySubmitted:
		s.querySubmitted(ev.Query)
	case SplitsFound:
		s.splitsFound(ev)
	case SplitsFailed:
		s.splitsFailed(ev)
	case TaskStarted:
		s.taskStarted(ev)
	case TaskFinished:
		s.taskFinished(ev)
	case TaskFailed:
		s.taskFailed(ev)
	case OutputLost:
		s.outputLost(ev)
	case ResultTaken:
		s.resultTaken(ev)
	case Replanned:
		s.replanned(ev)
	case CancelQuery:
		s.cancelQuery(ev.Query)
	case FailQuery:
		if q := s.query(ev.Query); q != nil && q.live() {
			s.failQuery(q, ev.Failure)
		}
	case ForgetQuery:
		s.forgetQuery(ev.Query)
	case Tick:
		// Only the time matters; settle looks at what is due.
	default:
		panic(fmt.Sprintf("scheduler: unknown event %T", ev))
	}
}

// settle does whatever the new state and time call for: delays that are over, stages that can start, splits to ask
// for, tasks to place, and when to look again.
func (s *State) settle() {
	if s.timer != 0 && s.now >= s.timer {
		s.timer = 0
	}
	for _, q := range s.queries {
		if !q.live() {
			continue
		}
		s.wake(q)
		s.startStages(q)
	}
	s.allocate()
	if s.failStranded() {
		s.allocate()
	}
	for _, q := range s.queries {
		if q.live() {
			s.askForSplits(q)
		}
	}
	s.announceDrained()
	s.setTimer()
}

// setTimer asks for a Tick when the next thing is due, if that has changed.
func (s *State) setTimer() {
	var next Instant
	due := func(at Instant) {
		if at != 0 && (next == 0 || at < next) {
			next = at
		}
	}
	for _, q := range s.queries {
		if !q.live() {
			continue
		}
		due(q.restartAt)
		if q.stranded != 0 {
			due(q.stranded.Add(s.cfg.NoMatchingNodePeriod))
		}
		for _, st := range q.stages {
			for _, n := range st.delayed {
				due(st.parts[n].notBefore)
			}
			for i := range st.scans {
				due(st.scans[i].notBefore)
			}
		}
	}
	if next != 0 && next != s.timer {
		s.timer = next
		s.do(SetTimer{At: next})
	}
}

func (s *State) do(a Action) { s.out = append(s.out, a) }

// query returns the query, or nil if there is none of that name.
func (s *State) query(id QueryID) *query {
	i := slices.IndexFunc(s.queries, func(q *query) bool { return q.id == id })
	if i < 0 {
		return nil
	}
	return s.queries[i]
}
