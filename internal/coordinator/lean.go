package coordinator

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// A successor goes on with queries under TASK only: of others it has to know that they were submitted, and that they have ended.
// What happens in between is not journaled as long as no query under TASK runs. While one does it is, without what only the
// coordinator itself needs, because it matters where the tasks of the others run. So that the journal then begins with the
// state as it is, a snapshot goes before the first query under TASK that finds others running.

// lean is what the recorder knows of the queries in the journal.
type lean struct {
	tasks, others map[scheduler.QueryID]bool // that run under TASK, and under other policies
	// skips counts what was not written, covered how much of that a snapshot made up for. Unless they are equal the events in the
	// journal do not make the state.
	skips, covered int
	whole          bool // of this round everything is written
}

func newLean() lean {
	return lean{tasks: map[scheduler.QueryID]bool{}, others: map[scheduler.QueryID]bool{}}
}

// note notes a query's beginning or end.
func (l *lean) note(ev scheduler.Event) {
	switch ev := ev.(type) {
	case scheduler.QuerySubmitted:
		l.add(ev.Query.ID, ev.Query.Policy)
	case scheduler.ForgetQuery:
		delete(l.tasks, ev.Query)
		delete(l.others, ev.Query)
	}
}

func (l *lean) add(id scheduler.QueryID, policy scheduler.RetryPolicy) {
	if policy == scheduler.RetryTask {
		l.tasks[id] = true
	} else {
		l.others[id] = true
	}
}

// needsSnapshot reports whether a snapshot has to go before these notes.
func (l *lean) needsSnapshot(notes []note) bool {
	l.whole = l.skips != l.covered && slices.ContainsFunc(notes, func(n note) bool {
		ev, ok := n.event.(scheduler.QuerySubmitted)
		return ok && ev.Query.Policy == scheduler.RetryTask
	})
	return l.whole
}

// trim reports whether a note need not be written, and drops what need not be of one that is.
func (l *lean) trim(n *note) (skip bool) {
	id, mine := queryOfEvent(n.event)
	switch {
	case mine && l.tasks[id] || !mine && !mayWait(n):
		return false
	case mine && !l.others[id]: // it has ended: the event changes nothing
		return true
	case len(l.others) == 0:
		return false
	}
	if len(l.tasks) == 0 && !l.whole {
		l.skips++
		return true
	}
	if mine {
		n.side = side{}
	}
	return false
}

// mayWait reports whether an event that is not about one query is no news, but for queries that run.
func mayWait(n *note) bool {
	switch n.event.(type) {
	case scheduler.Tick, scheduler.NodeMemory:
		return !n.probe
	}
	return false
}

// queryOfEvent is the query about whose course an event is; false for events about nodes, and for beginnings and ends.
func queryOfEvent(ev scheduler.Event) (scheduler.QueryID, bool) {
	switch ev := ev.(type) {
	case scheduler.SplitsFound:
		return ev.Query, true
	case scheduler.SplitsFailed:
		return ev.Query, true
	case scheduler.TaskStarted:
		return ev.Task.Query, true
	case scheduler.TaskFinished:
		return ev.Task.Query, true
	case scheduler.TaskFailed:
		return ev.Task.Query, true
	case scheduler.OutputLost:
		return ev.Query, true
	case scheduler.ResultTaken:
		return ev.Query, true
	case scheduler.Replanned:
		return ev.Query, true
	}
	return "", false
}
