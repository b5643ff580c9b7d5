package sim

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// checker watches events and actions and holds what must always be true.
type checker struct {
	queries  map[scheduler.QueryID]*watched
	nodes    map[scheduler.NodeID]*watchedNode
	started  map[scheduler.TaskID]*started
	stored   map[scheduler.TaskID]bool // outputs that were reported and not deleted
	gone     map[scheduler.TaskID]bool // outputs that the machine knows to be lost
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
	paid      map[[2]int]int // by stage and partition, attempts that failed by themselves
}

type watchedNode struct {
	instance string
	draining bool
}

// started is an attempt, and the rows in its output.
type started struct {
	action  scheduler.StartTask
	running bool
	inline  bool
	rows    [][]row // per output partition
}

// row is the name of the split it came from.
type row string

func newChecker() *checker {
	return &checker{
		verifyEvery: 16,
		queries:     map[scheduler.QueryID]*watched{}, nodes: map[scheduler.NodeID]*watchedNode{},
		started: map[scheduler.TaskID]*started{}, stored: map[scheduler.TaskID]bool{}, gone: map[scheduler.TaskID]bool{},
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
	}
	return actions, ""
}

// before takes note of the event.
func (c *checker) before(ev scheduler.Event) {
	switch ev := ev.(type) {
	case scheduler.NodeJoined:
		if n := c.nodes[ev.Node]; n != nil && n.instance != ev.Instance {
			c.nodeGone(ev.Node)
		}
		if c.nodes[ev.Node] == nil {
			c.nodes[ev.Node] = &watchedNode{instance: ev.Instance}
		}
	case scheduler.NodeDraining:
		if n := c.nodes[ev.Node]; n != nil {
			n.draining = true
		}
	case scheduler.NodeLost:
		if n := c.nodes[ev.Node]; n != nil && (ev.Instance == "" || ev.Instance == n.instance) {
			c.nodeGone(ev.Node)
		}
	case scheduler.NodeLeft:
		if n := c.nodes[ev.Node]; n != nil && (ev.Instance == "" || ev.Instance == n.instance) {
			c.nodeGone(ev.Node)
		}
	case scheduler.QuerySubmitted:
		c.submitted(ev.Query)
	case scheduler.SplitsFound:
		c.found(ev)
	case scheduler.TaskFinished:
		if t := c.started[ev.Task]; t != nil {
			t.running, t.inline = false, ev.Inline
			c.stored[ev.Task] = true
		}
	case scheduler.TaskFailed:
		if t := c.started[ev.Task]; t != nil {
			if n := c.nodes[t.action.Node]; t.running && len(ev.Lost) == 0 && len(c.beside(ev.Task)) == 0 && !n.draining && ev.Failure.Code != trinoerr.ServerShuttingDown.Name {
				c.queries[ev.Task.Query].paid[[2]int{int(ev.Task.Stage), ev.Task.Partition}]++
			}
			t.running = false
		}
		for _, o := range ev.Lost {
			c.lost(ev.Task.Query, o)
		}
	case scheduler.OutputLost:
		c.lost(ev.Query, ev.Output)
	case scheduler.ForgetQuery:
		if q := c.queries[ev.Query]; q != nil {
			q.forgotten = true
		}
	}
}

// lost takes note of an output that the machine hears to be lost; of one that it has not heard of, that means nothing.
func (c *checker) lost(query scheduler.QueryID, o scheduler.OutputRef) {
	if id := (scheduler.TaskID{Query: query, Stage: o.Stage, Partition: o.Partition, Attempt: o.Attempt}); c.stored[id] {
		c.gone[id] = true
	}
}

func (c *checker) submitted(spec scheduler.Query) {
	if c.queries[spec.ID] != nil {
		return
	}
	q := &watched{spec: spec, splits: map[[2]int]map[string]bool{}, paid: map[[2]int]int{}}
	for _, st := range spec.Stages {
		q.limited = q.limited || st.RowLimit > 0
		q.unstable = q.unstable || st.Indeterminate
	}
	c.queries[spec.ID] = q
}

func (c *checker) found(ev scheduler.SplitsFound) {
	q := c.queries[ev.Query]
	if q == nil {
		return
	}
	key := [2]int{int(ev.Stage), ev.Source}
	if q.splits[key] == nil {
		q.splits[key] = map[string]bool{}
	}
	for _, s := range ev.Splits {
		q.splits[key][s.ID] = true
	}
}

func (c *checker) nodeGone(id scheduler.NodeID) {
	delete(c.nodes, id)
	for task, t := range c.started {
		if t.action.Node != id {
			continue
		}
		t.running = false
		if q := c.queries[task.Query]; q != nil && q.spec.Direct && c.stored[task] && !t.inline {
			c.gone[task] = true
		}
	}
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
			t.running = false
		}
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
	attempts := 0
	for id := range c.started {
		if id.Query == f.Task.Query && id.Stage == f.Task.Stage && id.Partition == f.Task.Partition {
			attempts++
		}
	}
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
		first := c.started[others[0]].action
		if len(others) > 1 || a.Class != scheduler.Speculative || first.Node == a.Node || q.spec.Policy != scheduler.RetryTask {
			return fmt.Sprintf("starts another attempt beside %s", others[0])
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
	t := &started{action: a, running: true}
	c.started[a.Task] = t
	return c.fill(q, t)
}

// beside lists the other attempts of the task's partition that run.
func (c *checker) beside(task scheduler.TaskID) []scheduler.TaskID {
	var out []scheduler.TaskID
	for id, t := range c.started {
		if t.running && id != task && id.Query == task.Query && id.Stage == task.Stage && id.Partition == task.Partition {
			out = append(out, id)
		}
	}
	return out
}

// fill computes the rows of the attempt's output.
func (c *checker) fill(q *watched, t *started) string {
	a := t.action
	spec := stageOf(q, a.Task.Stage)
	var rows []row
	for _, s := range a.Splits {
		rows = append(rows, row(s.ID))
	}
	for i, in := range a.Inputs {
		read := c.read(a.Task.Query, in)
		if spec.Inputs[i].Replicated {
			if !q.limited && len(read) != len(q.expected(in.Stage)) {
				return fmt.Sprintf("reads %d of %d rows of replicated stage %d", len(read), len(q.expected(in.Stage)), in.Stage)
			}
			continue
		}
		rows = append(rows, read...)
	}
	t.rows = make([][]row, spec.OutputPartitions)
	for _, r := range rows {
		h := fnv.New32a()
		h.Write([]byte(r))
		if spec.Indeterminate {
			fmt.Fprintf(h, "/%d", a.Task.Attempt)
		}
		p := int(h.Sum32() % uint32(spec.OutputPartitions))
		t.rows[p] = append(t.rows[p], r)
	}
	return ""
}

// read returns the rows of a selection.
func (c *checker) read(query scheduler.QueryID, in scheduler.InputSelection) []row {
	var rows []row
	for _, b := range in.Bundles {
		for p, part := range c.started[b.Task(query, in.Stage)].rows {
			if in.Partitions == nil || slices.Contains(in.Partitions, p) {
				rows = append(rows, part...)
			}
		}
	}
	return rows
}

func stageOf(q *watched, id scheduler.StageID) *scheduler.Stage {
	return &q.spec.Stages[slices.IndexFunc(q.spec.Stages, func(st scheduler.Stage) bool { return st.ID == id })]
}

// expected returns the rows of all splits that flow into a stage.
func (q *watched) expected(id scheduler.StageID) []row {
	st := stageOf(q, id)
	var rows []row
	for source := range st.Sources {
		for s := range q.splits[[2]int{int(id), source}] {
			rows = append(rows, row(s))
		}
	}
	for _, in := range st.Inputs {
		if !in.Replicated {
			rows = append(rows, q.expected(in.Stage)...)
		}
	}
	slices.Sort(rows)
	return rows
}

// queryFinished checks that the result is there, and has every row once.
func (c *checker) queryFinished(a scheduler.QueryFinished) string {
	q := c.queries[a.Query]
	if q.over && !c.lostRoot(q) {
		return "ends a query twice"
	}
	if !q.over {
		c.finished++
	}
	q.over = true
	for _, b := range a.Outputs {
		if id := b.Task(a.Query, a.Stage); !c.stored[id] || c.gone[id] {
			return fmt.Sprintf("gives %s as result, which is not there", id)
		}
	}
	rows := c.read(a.Query, scheduler.InputSelection{Stage: a.Stage, Bundles: a.Outputs})
	slices.Sort(rows)
	if want := q.expected(a.Stage); !q.limited && !slices.Equal(rows, want) {
		return fmt.Sprintf("gives rows %v instead of %v", rows, want)
	}
	return ""
}

// deleteOutputs checks that nobody reads what is deleted.
func (c *checker) deleteOutputs(a scheduler.DeleteOutputs) string {
	for _, b := range a.Outputs {
		id := b.Task(a.Query, a.Stage)
		delete(c.stored, id)
		if q := c.queries[a.Query]; c.gone[id] || q == nil || q.unstable {
			continue
		}
		for task, t := range c.started {
			if !t.running || task.Query != a.Query {
				continue
			}
			for _, in := range t.action.Inputs {
				if in.Stage == a.Stage && slices.ContainsFunc(in.Bundles, func(o scheduler.Bundle) bool { return o.Partition == b.Partition && o.Attempt == b.Attempt }) {
					return fmt.Sprintf("deletes %s, which %s reads", id, task)
				}
			}
		}
	}
	return ""
}

// after checks the load of the nodes, and the numbers of failed attempts.
func (c *checker) after(state *scheduler.State) string {
	running := map[scheduler.NodeID]int{}
	for _, t := range c.started {
		if t.running {
			running[t.action.Node]++
		}
	}
	for _, n := range state.Nodes() {
		most := n.MemBytes
		for _, id := range state.Running(n.ID) {
			if c.started[id].action.Class == scheduler.EagerSpeculative {
				most = n.MemBytes + n.MemBytes/3 // these may overcommit
			}
		}
		if n.UsedBytes > most {
			return fmt.Sprintf("node %s has %d of %d bytes in use", n.ID, n.UsedBytes, n.MemBytes)
		}
		if n.Attempts != running[n.ID] {
			return fmt.Sprintf("node %s is said to have %d attempts, not %d", n.ID, n.Attempts, running[n.ID])
		}
		busy, light := 0, 0
		for _, id := range state.Running(n.ID) {
			switch st := stageOf(c.queries[id.Query], id.Stage); {
			case st.CoordinatorOnly:
			case st.NoMemory:
				light++
			default:
				busy++
			}
		}
		if busy > n.Slots || light > scheduler.LightSlots {
			return fmt.Sprintf("node %s runs %d attempts in %d slots, and %d without memory", n.ID, busy, n.Slots, light)
		}
	}
	return ""
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
