package sim

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// checker watches events and actions and holds what must always be true.
type checker struct {
	queries  map[scheduler.QueryID]*watched
	nodes    map[scheduler.NodeID]*watchedNode
	started  map[scheduler.TaskID]*started
	attempts map[place][]*started                   // all that were started of a partition
	running  map[scheduler.NodeID]map[*started]bool // those that have not ended
	stored   map[scheduler.TaskID]bool              // outputs that were reported and not deleted
	gone     map[scheduler.TaskID]bool              // outputs that the machine knows to be lost
	finished int
	failed   int

	steps       int
	verifyEvery int // how often the machine's own books are looked at; that costs time
}

// watched is what the checker knows of a query.
type watched struct {
	spec      scheduler.Query
	over      bool
	forgotten bool
	complete  int  // the number, from 1 on, of the run that has finished; 0: it goes on
	taken     bool // the result was copied away, and the machine has let go of it
	limited   bool // some stage has a row limit: the rows of the result are not determined
	unstable  bool // some stage is indeterminate
	splits    map[[2]int]map[string]bool
	groups    map[[2]int]int // by stage and group: how many splits
	grown     []int          // partitions whose rows the client may have seen while the query ran
	paid      map[[2]int]int // by stage and partition, attempts that failed by themselves
}

type watchedNode struct {
	instance string
	draining bool
}

// place is a partition of a stage.
type place struct {
	query     scheduler.QueryID
	stage     scheduler.StageID
	partition int
}

func placeOf(id scheduler.TaskID) place { return place{id.Query, id.Stage, id.Partition} }

// started is an attempt, and the rows in its output.
type started struct {
	action  scheduler.StartTask
	stage   *scheduler.Stage
	running bool
	inline  bool
	rows    [][]row // per output partition
}

func newChecker() *checker {
	return &checker{
		verifyEvery: 16,
		queries:     map[scheduler.QueryID]*watched{}, nodes: map[scheduler.NodeID]*watchedNode{},
		started: map[scheduler.TaskID]*started{}, attempts: map[place][]*started{}, running: map[scheduler.NodeID]map[*started]bool{},
		stored: map[scheduler.TaskID]bool{}, gone: map[scheduler.TaskID]bool{},
	}
}

// step feeds the machine and returns its actions and the rule that was broken, or "".
func (c *checker) step(state *scheduler.State, ev scheduler.Event) (actions []scheduler.Action, rule string) {
	defer func() {
		if p := recover(); p != nil {
			rule = fmt.Sprintf("panic: %v", p)
		}
	}()
	c.before(ev)
	actions = state.Step(ev)
	for _, a := range actions {
		if rule := c.action(a); rule != "" {
			return actions, rule + " (" + a.String() + ")"
		}
	}
	if rule := c.after(state); rule != "" {
		return actions, rule
	}
	if c.steps++; c.steps%c.verifyEvery == 0 {
		if err := state.Verify(); err != nil {
			return actions, err.Error()
		}
		return actions, c.compareRunning(state)
	}
	return actions, ""
}

// action checks one action.
func (c *checker) action(a scheduler.Action) string {
	switch a := a.(type) {
	case scheduler.StartTask:
		return c.start(a)
	case scheduler.CancelTask:
		if t := c.started[a.Task]; t == nil {
			return "cancels an attempt that was never started"
		} else if !t.running {
			return "cancels an attempt that is over"
		} else {
			c.end(t)
		}
	case scheduler.ResultGrown:
		return c.resultGrown(a)
	case scheduler.QueryFinished:
		q := c.queries[a.Query]
		if q.taken {
			return "finishes a query again whose result was taken"
		}
		q.complete = a.Attempt + 1
		return c.queryFinished(a)
	case scheduler.ResultAccepted:
		q := c.queries[a.Query]
		if q.complete != a.Attempt+1 {
			return "accepts the result of a run that is not the last, or not over"
		}
		q.taken = true
	case scheduler.QueryFailed:
		q := c.queries[a.Query]
		if q.taken {
			return "fails a query whose result was taken"
		}
		if q.over && q.spec.Policy == scheduler.RetryTask && !c.lostRoot(q) {
			return "ends a query twice"
		}
		if !q.over {
			c.failed++
		}
		q.over = true
		return c.givesUp(q, a.Failure)
	case scheduler.QueryRestarted:
		q := c.queries[a.Query]
		if a.Attempt > q.spec.Settings.QueryRetryAttempts {
			return "restarts too often"
		}
		if q.taken {
			return "restarts a query whose result was taken"
		}
		q.complete = 0
	case scheduler.DeleteOutputs:
		return c.deleteOutputs(a)
	case scheduler.DeleteQuery:
		for id := range c.stored {
			if id.Query == a.Query {
				delete(c.stored, id)
			}
		}
	}
	return ""
}

// givesUp checks that a query is not failed for a task that could have been run again.
func (c *checker) givesUp(q *watched, f scheduler.Failure) string {
	if q.spec.Policy != scheduler.RetryTask || f.Task == nil || f.Fatal || f.Deterministic ||
		f.Type != trinoerr.InternalError && f.Type != trinoerr.External {
		return ""
	}
	if st := stageOf(q, f.Task.Stage); st.CoordinatorOnly && len(st.Inputs) == 0 {
		return ""
	}
	attempts := len(c.attempts[placeOf(*f.Task)])
	if want := q.spec.Settings.TaskRetryAttempts + 1; attempts < want {
		return fmt.Sprintf("gives up after %d of %d attempts", attempts, want)
	}
	return ""
}

// lostRoot reports whether an output of the root has been lost, so that the query may go on after its end.
func (c *checker) lostRoot(q *watched) bool {
	root := q.spec.Stages[len(q.spec.Stages)-1].ID
	for id := range c.gone {
		if id.Query == q.spec.ID && id.Stage == root {
			return true
		}
	}
	return false
}

// start checks that the attempt is new and alone, its node is there, and its inputs are.
func (c *checker) start(a scheduler.StartTask) string {
	q := c.queries[a.Task.Query]
	n := c.nodes[a.Node]
	switch {
	case q.forgotten:
		return "starts a task of a forgotten query"
	case q.over && !c.lostRoot(q):
		return "starts a task of a query that is over"
	case n == nil:
		return "starts a task on a node that is not there"
	case n.draining:
		return "starts a task on a draining node"
	case c.started[a.Task] != nil:
		return "uses a task id twice"
	case q.spec.Policy == scheduler.RetryTask && q.paid[[2]int{int(a.Task.Stage), a.Task.Partition}] > q.spec.Settings.TaskRetryAttempts:
		return "retries too often"
	case a.Task.Attempt > 126:
		return "too many attempts"
	}
	if others := c.beside(a.Task); len(others) > 0 {
		// A slow attempt may be raced by one, elsewhere.
		first := others[0].action
		if len(others) > 1 || a.Class != scheduler.Speculative || first.Node == a.Node || q.spec.Policy != scheduler.RetryTask {
			return fmt.Sprintf("starts another attempt beside %s", first.Task)
		}
	}
	for _, in := range a.Inputs {
		for i, b := range in.Bundles {
			id := b.Task(a.Task.Query, in.Stage)
			if !c.stored[id] {
				return fmt.Sprintf("reads %s, which is not stored", id)
			}
			if c.gone[id] {
				return fmt.Sprintf("reads %s, which is lost", id)
			}
			if i > 0 && in.Bundles[i-1].Partition >= b.Partition {
				return fmt.Sprintf("reads two outputs of partition %d", b.Partition)
			}
		}
	}
	return c.fill(q, c.begin(q, a))
}

// begin takes note of an attempt that starts.
func (c *checker) begin(q *watched, a scheduler.StartTask) *started {
	t := &started{action: a, stage: stageOf(q, a.Task.Stage), running: true}
	c.started[a.Task] = t
	c.attempts[placeOf(a.Task)] = append(c.attempts[placeOf(a.Task)], t)
	if c.running[a.Node] == nil {
		c.running[a.Node] = map[*started]bool{}
	}
	c.running[a.Node][t] = true
	return t
}

// end takes note of the end of an attempt.
func (c *checker) end(t *started) {
	t.running = false
	delete(c.running[t.action.Node], t)
}

// beside lists the other attempts of the task's partition that run.
func (c *checker) beside(task scheduler.TaskID) []*started {
	var out []*started
	for _, t := range c.attempts[placeOf(task)] {
		if t.running && t.action.Task != task {
			out = append(out, t)
		}
	}
	return out
}

// deleteOutputs checks that nobody reads what is deleted.
func (c *checker) deleteOutputs(a scheduler.DeleteOutputs) string {
	for _, b := range a.Outputs {
		id := b.Task(a.Query, a.Stage)
		delete(c.stored, id)
		if q := c.queries[a.Query]; c.gone[id] || q == nil || q.unstable {
			continue
		}
		if t := c.readerOf(id); t != nil {
			return fmt.Sprintf("deletes %s, which %s reads", id, t.action.Task)
		}
	}
	return ""
}

// readerOf returns an attempt that reads the output of id; nil if there is none.
func (c *checker) readerOf(id scheduler.TaskID) *started {
	for _, running := range c.running {
		for t := range running {
			if t.action.Task.Query != id.Query {
				continue
			}
			for _, in := range t.action.Inputs {
				if in.Stage == id.Stage && slices.ContainsFunc(in.Bundles, func(o scheduler.Bundle) bool { return o.Partition == id.Partition && o.Attempt == id.Attempt }) {
					return t
				}
			}
		}
	}
	return nil
}

// atEnd checks what must be true when nothing happens any more.
func (c *checker) atEnd(state *scheduler.State) string {
	if ids := state.QueryIDs(); len(ids) > 0 {
		info, _ := state.Query(ids[0])
		return fmt.Sprintf("query %s has not ended: %+v", ids[0], info)
	}
	for _, n := range state.Nodes() {
		if n.Attempts > 0 || n.UsedBytes > 0 {
			return fmt.Sprintf("node %s still has %d attempts", n.ID, n.Attempts)
		}
	}
	if left := c.storedOutputs(); len(left) > 0 {
		return fmt.Sprintf("outputs are left in storage: %v", left)
	}
	return ""
}

// storedOutputs lists what is in storage, sorted.
func (c *checker) storedOutputs() []scheduler.TaskID { return sortedTasks(c.stored) }

func sortedTasks[V any](m map[scheduler.TaskID]V) []scheduler.TaskID {
	ids := make([]scheduler.TaskID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b scheduler.TaskID) int {
		return cmp.Or(cmp.Compare(a.Query, b.Query), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Attempt, b.Attempt))
	})
	return ids
}
