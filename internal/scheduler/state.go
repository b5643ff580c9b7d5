package scheduler

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// State is the state of the cluster and all its queries. It is not safe for concurrent use: one goroutine owns it.
type State struct {
	cfg     Config
	now     Instant
	nodes   []*node  // by id
	queries []*query // in order of submission, until forgotten
	byID    []*query // the same, by id
	timer   Instant  // of the last SetTimer, 0 if it has fired
	victims []victim // ended for their memory, and not known to be gone
	out     []Action // collected by the Step under way
	lines   int64    // counts what waits of queries is about
	changed bool     // something has been touched in this Step
	index   nodeIndex
}

// New returns the state of a cluster without nodes and queries.
func New(cfg Config) *State { return &State{cfg: cfg} }

// Step applies one event and returns the actions it calls for, in the order they must start. It does no I/O and
// reads no clock; the event's time is the time. Equal state and event give equal actions.
func (s *State) Step(ev Event) []Action {
	s.out = nil
	s.now = max(s.now, ev.when())
	s.apply(ev)
	s.touched(ev)
	s.settle()
	for _, q := range s.queries {
		if q.touched {
			q.touched = false
			q.packWarm()
		}
	}
	if invariants {
		if err := s.Verify(); err != nil {
			panic("scheduler: " + err.Error())
		}
	}
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
// for, tasks to place, and when to look again. Only queries that the event or the time has touched are looked at.
func (s *State) settle() {
	if s.timer != 0 && s.now >= s.timer {
		s.timer = 0
	}
	for _, q := range s.queries {
		if q.due != 0 && s.now >= q.due {
			s.touch(q)
		}
		if q.touched && q.live() {
			s.wake(q)
			s.startStages(q)
		}
	}
	if s.changed {
		s.allocate()
		stranded, early := s.failStranded(), s.startEarly()
		if stranded || early {
			s.allocate()
		}
		for _, q := range s.queries {
			if !q.touched {
				continue
			}
			q.due = 0
			if q.live() {
				s.askForSplits(q)
				q.due = q.nextDue(&s.cfg)
			}
		}
		s.announceDrained()
		s.changed = false
	}
	s.setTimer()
}

// touched notes what the event has changed: its query, or else whatever depends on the cluster.
func (s *State) touched(ev Event) {
	switch ev := ev.(type) {
	case Tick:
		return // settle looks at what is due
	case NodeMemory:
		s.changed = true // whoever has lost a task is touched by that
		return
	case TaskFailed:
		if ev.Failure.Code == trinoerr.ServerShuttingDown.Name { // its node is draining now
			s.touchAll()
		}
	}
	if id := ev.query(); id == "" {
		s.touchAll()
	} else if q := s.query(id); q != nil {
		s.touch(q)
	}
}

// touch notes that something about the query has changed.
func (s *State) touch(q *query) { q.touched, s.changed = true, true }

// touchAll notes that the cluster has changed, which may concern every query.
func (s *State) touchAll() {
	s.changed = true
	for _, q := range s.queries {
		q.touched = true
	}
}

// setTimer asks for a Tick when the next thing is due, if that has changed.
func (s *State) setTimer() {
	var next Instant
	for _, q := range s.queries {
		if q.due != 0 && (next == 0 || q.due < next) {
			next = q.due
		}
	}
	if next != 0 && next != s.timer {
		s.timer = next
		s.do(SetTimer{At: next})
	}
}

func (s *State) do(a Action) { s.out = append(s.out, a) }

// query returns the query, or nil if there is none of that name. What is asked for may be changed.
func (s *State) query(id QueryID) *query {
	i, ok := s.findQuery(id)
	if !ok {
		return nil
	}
	return s.byID[i]
}

func (s *State) findQuery(id QueryID) (int, bool) {
	return slices.BinarySearchFunc(s.byID, id, func(q *query, id QueryID) int { return cmp.Compare(q.id, id) })
}

func (s *State) addQuery(q *query) {
	i, _ := s.findQuery(q.id)
	s.byID = slices.Insert(s.byID, i, q)
	s.queries = append(s.queries, q)
	s.touch(q)
}

func (s *State) removeQuery(q *query) {
	i, _ := s.findQuery(q.id)
	s.byID = slices.Delete(s.byID, i, i+1)
	s.queries = slices.DeleteFunc(s.queries, func(o *query) bool { return o == q })
	s.changed = true
}
