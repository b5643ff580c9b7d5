package sim

import (
	"container/heap"
	"fmt"
	"math/rand"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// world is everything around the machine.
type world struct {
	seed    int64
	rng     *rand.Rand
	now     scheduler.Instant
	queue   queue
	seq     int
	state   *scheduler.State
	check   *checker
	events  []scheduler.Event
	actions [][]byte
	timer   int // generation of the last SetTimer
	err     error

	nodes   []*simNode
	queries map[scheduler.QueryID]*simQuery
	tasks   map[scheduler.TaskID]*simTask
	lost    map[scheduler.TaskID]bool // outputs that cannot be read
	faults  int                       // how many more faults may happen
	journal journalState
	outage  scheduler.Instant // until when the storage is not there
	large   int               // how many times more splits tables have
	spared  map[int]bool      // troubles that do not happen; see Shrink
	trouble int               // how many there are
}

// simNode is a node; it may be dead without the machine knowing.
type simNode struct {
	join   scheduler.NodeJoined
	alive  bool
	cut    bool // from the coordinator
	asleep bool
	slow   int // how many times longer its work takes

	reports []func(at scheduler.Instant) scheduler.Event // what it could not say yet
	frozen  []func()                                     // what it will do when it wakes up
}

// simTask is an attempt on a node.
type simTask struct {
	start    scheduler.StartTask
	instance string
	canceled bool
	over     bool
}

// item is something that will happen.
type item struct {
	at  scheduler.Instant
	seq int
	do  func()
}

type queue []item

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(item)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

func newWorld(seed int64) *world {
	return &world{
		seed: seed, rng: rand.New(rand.NewSource(seed)),
		state: scheduler.New(scheduler.DefaultConfig()), check: newChecker(),
		queries: map[scheduler.QueryID]*simQuery{}, tasks: map[scheduler.TaskID]*simTask{}, lost: map[scheduler.TaskID]bool{},
	}
}

// horizon is when faults end; afterwards every query must come to its end.
const horizon = scheduler.Instant(3 * time.Minute)

func (w *world) run() error {
	w.faults = w.rng.Intn(25)
	w.journal.kept = w.chance(50)
	nodes := 1 + w.rng.Intn(4)
	if w.chance(1) {
		nodes, w.large = 20+w.rng.Intn(30), 8
	}
	for range nodes {
		w.addNode()
	}
	for i := range 1 + w.rng.Intn(3) {
		w.perhaps(w.upTo(time.Minute), func() { w.submit(i) })
	}
	for range w.faults {
		w.perhaps(w.upTo(time.Duration(horizon)), w.fault)
	}
	// The end of all trouble: enough nodes for everything that is not pinned elsewhere.
	w.in(time.Duration(horizon), func() {
		w.faults = 0
		n := w.addNode()
		n.join.Coordinator, n.slow = true, 1
		n.join.MemBytes = 1000 * mb
	})
	for steps := 0; len(w.queue) > 0 && w.err == nil; steps++ {
		if steps > 50000 {
			return &Violation{Seed: w.seed, Rule: "no end in sight", Events: w.events, Final: true}
		}
		it := heap.Pop(&w.queue).(item)
		w.now = it.at
		it.do()
	}
	if w.err != nil {
		return w.err
	}
	if rule := w.check.atEnd(w.state); rule != "" {
		return &Violation{Seed: w.seed, Rule: rule, Events: w.events, Final: true}
	}
	return nil
}

// perhaps makes something happen that a shorter run may do without.
func (w *world) perhaps(d time.Duration, do func()) {
	if !w.spared[w.trouble] {
		w.in(d, do)
	}
	w.trouble++
}

func (w *world) upTo(d time.Duration) time.Duration { return time.Duration(w.rng.Int63n(int64(d))) }

func (w *world) chance(percent int) bool { return w.rng.Intn(100) < percent }

// in makes something happen later.
func (w *world) in(d time.Duration, do func()) {
	w.seq++
	heap.Push(&w.queue, item{at: w.now.Add(d), seq: w.seq, do: do})
}

// send lets the machine hear of something after a while, sometimes twice.
func (w *world) send(d time.Duration, event func(at scheduler.Instant) scheduler.Event) {
	w.in(d, func() { w.say(event) })
	if w.chance(4) {
		w.in(d+w.upTo(10*time.Second), func() { w.say(event) })
	}
}

// step gives the machine one event, and does what it asks for.
func (w *world) step(ev scheduler.Event) {
	if w.err != nil {
		return
	}
	w.events = append(w.events, ev)
	actions, rule := w.check.step(w.state, ev)
	if rule != "" {
		w.err = &Violation{Seed: w.seed, Rule: rule, Events: w.events}
		return
	}
	w.actions = append(w.actions, encodeActions(actions))
	if w.chance(2) && w.seed%4 == 0 {
		w.resume()
	}
	if w.chance(1) && len(w.state.QueryIDs()) == 1 {
		w.again()
	}
	w.carryOut(actions)
}

// again looks whether the machine has left something undone: a copy of it that is made to look at everything once more
// must find nothing to do. (Of several queries, one that room was kept from for another's sake may have it next time.)
func (w *world) again() {
	data, err := w.state.Snapshot()
	if err != nil {
		w.err = err
		return
	}
	state, err := scheduler.Replay(nil, data)
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
	data, err := w.state.Snapshot()
	if err != nil {
		w.err = err
		return
	}
	state, err := scheduler.Replay(nil, data)
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

func (w *world) submit(i int) {
	hosts := []string{"h0", "h1", "h2"}
	q := newQuery(w.rng, i, hosts, w.large)
	w.queries[q.spec.ID] = q
	w.say(func(at scheduler.Instant) scheduler.Event { return scheduler.QuerySubmitted{At: at, Query: q.spec} })
	if w.chance(5) {
		w.in(w.upTo(40*time.Second), func() { w.endQuery(q.spec.ID) })
	}
}

// act does what the machine asks for.
func (w *world) act(a scheduler.Action) {
	switch a := a.(type) {
	case scheduler.StartTask:
		w.start(a)
	case scheduler.CancelTask:
		if t := w.tasks[a.Task]; t != nil && w.chance(70) { // else it comes too late
			t.canceled = true
		}
	case scheduler.FindSplits:
		w.findSplits(a)
	case scheduler.StageFinished:
		if a.Version > 0 {
			stages := w.replan(a.Query)
			w.send(w.upTo(3*time.Second), func(at scheduler.Instant) scheduler.Event {
				return scheduler.Replanned{At: at, Query: a.Query, Version: a.Version, Stages: stages}
			})
		}
	case scheduler.QueryFinished, scheduler.QueryFailed:
		id, d := endOf(a), w.upTo(20*time.Second)
		if f, ok := a.(scheduler.QueryFinished); ok && w.queries[id].spec.Policy == scheduler.RetryQuery && w.chance(50) {
			w.send(w.upTo(5*time.Second), func(at scheduler.Instant) scheduler.Event {
				return scheduler.ResultTaken{At: at, Query: id, Attempt: f.Attempt}
			})
		}
		w.send(d, func(at scheduler.Instant) scheduler.Event { return scheduler.ForgetQuery{At: at, Query: id} })
	case scheduler.NodeDrained:
		n := w.node(a.Node)
		instance := n.join.Instance
		w.send(w.upTo(time.Second), func(at scheduler.Instant) scheduler.Event {
			if n.join.Instance == instance {
				n.kill()
			}
			return scheduler.NodeLeft{At: at, Node: a.Node, Instance: instance}
		})
	case scheduler.SetTimer:
		w.timer++
		generation := w.timer
		w.in(a.At.Sub(w.now), func() {
			if w.timer == generation && !w.journal.down {
				w.step(scheduler.Tick{At: w.now})
			}
		})
	}
}

func endOf(a scheduler.Action) scheduler.QueryID {
	if f, ok := a.(scheduler.QueryFinished); ok {
		return f.Query
	}
	return a.(scheduler.QueryFailed).Query
}

// replan answers with the plan as it is: with nothing, or with the stages that have not started spelt out.
func (w *world) replan(id scheduler.QueryID) []scheduler.Stage {
	if w.chance(50) {
		return nil
	}
	info, ok := w.state.Query(id)
	if !ok {
		return nil
	}
	var out []scheduler.Stage
	for i, st := range info.Stages {
		if st.State == scheduler.StagePlanned {
			out = append(out, w.queries[id].spec.Stages[i])
		}
	}
	return out
}

// findSplits answers with the next few splits, or with a failure.
func (w *world) findSplits(a scheduler.FindSplits) {
	d := w.upTo(time.Second)
	if w.faults > 0 && w.chance(5) {
		w.faults--
		w.send(d, func(at scheduler.Instant) scheduler.Event {
			f := scheduler.FailureOf(trinoerr.New(trinoerr.GenericInternalError, "listing failed"))
			return scheduler.SplitsFailed{At: at, Query: a.Query, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Failure: f}
		})
		return
	}
	all := w.queries[a.Query].splits[[2]int{int(a.Stage), a.Source}]
	end := min(len(all), a.Seen+1+w.rng.Intn(6))
	noMore := end == len(all) && w.chance(80)
	w.send(d, func(at scheduler.Instant) scheduler.Event {
		return scheduler.SplitsFound{At: at, Query: a.Query, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Splits: all[a.Seen:end], NoMore: noMore}
	})
}

// start lets the node work on the attempt, if it is there.
func (w *world) start(a scheduler.StartTask) {
	n := w.node(a.Node)
	if n == nil || !n.alive || n.silent() {
		return // nobody hears; the loss or the return of the node will be noticed
	}
	if t := w.tasks[a.Task]; t != nil && t.instance == n.join.Instance {
		return // it has it
	}
	t := &simTask{start: a, instance: n.join.Instance}
	w.tasks[a.Task] = t
	w.report(n, w.upTo(time.Second), func(at scheduler.Instant) scheduler.Event { return scheduler.TaskStarted{At: at, Task: a.Task} })
	w.work(n, time.Second+w.upTo(time.Duration(n.slow)*15*time.Second), func() { w.end(t, n) })
	if w.chance(20) {
		w.in(w.upTo(10*time.Second), func() { w.reportMemory(n, n.join.Instance) })
	}
}

// end is the end of an attempt's work.
func (w *world) end(t *simTask, n *simNode) {
	t.over = true
	if t.canceled || !n.alive || n.join.Instance != t.instance {
		return
	}
	a, q := t.start, w.queries[t.start.Task.Query]
	need := q.need * int64(50+(a.Task.Partition*37+int(a.Task.Stage)*11)%50) / 100
	if units := units(a); q.hungry {
		need *= int64(units)
	}
	d := w.upTo(500 * time.Millisecond)
	if w.chance(5) {
		d = w.upTo(30 * time.Second)
	}
	var lost []scheduler.OutputRef
	for _, in := range a.Inputs {
		for _, b := range in.Bundles {
			maker := w.node(b.Node)
			gone := q.spec.Direct && b.Node != "" && (maker == nil || !maker.alive)
			if w.lost[b.Task(a.Task.Query, in.Stage)] || gone {
				lost = append(lost, scheduler.OutputRef{Stage: in.Stage, Partition: b.Partition, Attempt: b.Attempt})
			}
		}
	}
	var f *scheduler.Failure
	switch {
	case len(lost) > 0:
		f = newFailure(trinoerr.PageTransportError)
	case a.MemBytes > 0 && need > a.MemBytes:
		f = newFailure(trinoerr.ExceededLocalMemoryLimit)
	case w.now < w.outage:
		f = newFailure(trinoerr.GenericInternalError)
	case w.faults > 0 && w.chance(8):
		w.faults--
		f = newFailure(failures[w.rng.Intn(len(failures))])
	}
	if f != nil {
		w.report(n, d, func(at scheduler.Instant) scheduler.Event {
			return scheduler.TaskFailed{At: at, Task: a.Task, Failure: *f, PeakMemory: min(need, a.MemBytes), Lost: lost}
		})
		return
	}
	rows, bytes := make([]int64, a.OutputPartitions), make([]int64, a.OutputPartitions)
	for i := range rows {
		rows[i], bytes[i] = int64((a.Task.Partition+i)%4), int64((a.Task.Partition*13+i*29)%160)
	}
	inline := w.chance(20)
	w.report(n, d, func(at scheduler.Instant) scheduler.Event {
		return scheduler.TaskFinished{
			At: at, Task: a.Task, Rows: rows, Bytes: bytes, PeakMemory: need, CPU: time.Second, Output: a.Task.String(), Inline: inline,
		}
	})
}

// units counts what the attempt reads that could be divided among others.
func units(a scheduler.StartTask) int {
	n := len(a.Splits)
	for _, in := range a.Inputs {
		n += max(len(in.Bundles), len(in.Partitions))
	}
	return n
}

// failures are the ways in which a task fails by itself; most can be repeated.
var failures = []*trinoerr.Code{
	trinoerr.GenericInternalError, trinoerr.GenericInternalError, trinoerr.RemoteTaskError, trinoerr.UnsupportedTableType,
	trinoerr.ClusterOutOfMemory, trinoerr.ServerShuttingDown, trinoerr.ExceededSpillLimit, trinoerr.CorruptPage,
	trinoerr.GenericInternalError, trinoerr.RemoteTaskError, trinoerr.PageTransportError, trinoerr.DivisionByZero,
}

func newFailure(code *trinoerr.Code) *scheduler.Failure {
	f := scheduler.FailureOf(trinoerr.New(code, "injected"))
	return &f
}

func (w *world) node(id scheduler.NodeID) *simNode {
	i := slices.IndexFunc(w.nodes, func(n *simNode) bool { return n.join.Node == id })
	if i < 0 {
		return nil
	}
	return w.nodes[i]
}

func (w *world) addNode() *simNode {
	i := len(w.nodes)
	n := &simNode{alive: true, slow: 1, join: scheduler.NodeJoined{
		Node: scheduler.NodeID(fmt.Sprintf("w%d", i)), Instance: fmt.Sprintf("w%d-0", i), MemBytes: (200 + w.rng.Int63n(1000)) * mb,
		Slots: 1 + w.rng.Intn(3), Host: fmt.Sprintf("h%d", i%3), Coordinator: i == 0,
	}}
	if w.chance(15) {
		n.slow = 2 + w.rng.Intn(6)
	}
	w.nodes = append(w.nodes, n)
	w.announce(n, w.upTo(5*time.Second))
	return n
}

// announce lets the machine hear of the node as it will be then. A node that is dead by that time is missed soon.
func (w *world) announce(n *simNode, d time.Duration) {
	if n.silent() {
		w.in(time.Second, func() { w.announce(n, d) })
		return
	}
	w.send(d, func(at scheduler.Instant) scheduler.Event {
		ev := n.join
		ev.At = at
		w.in(10*time.Second, func() {
			if !n.alive || n.join.Instance != ev.Instance {
				w.say(func(at scheduler.Instant) scheduler.Event {
					return scheduler.NodeLost{At: at, Node: ev.Node, Instance: ev.Instance}
				})
			}
		})
		return ev
	})
}
