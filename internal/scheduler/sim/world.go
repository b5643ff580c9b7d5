package sim

import (
	"container/heap"
	"math/rand"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
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
	actions []uint64 // fingerprints of those that each event gave
	timer   int      // generation of the last SetTimer
	err     error

	nodes   []*simNode
	queries map[scheduler.QueryID]*simQuery
	tasks   map[scheduler.TaskID]*simTask
	lost    map[scheduler.TaskID]bool // outputs that cannot be read
	faults  int                       // how many more faults may happen
	seen    map[string]int            // how often each kind of fault has happened
	journal journalState
	outage  scheduler.Instant // until when the storage is not there
	large   int               // how many times more splits tables have
	spared  map[int]bool      // troubles that do not happen; see Shrink
	trouble int               // how many there are
}

func newWorld(seed int64) *world {
	return &world{
		seed: seed, rng: rand.New(rand.NewSource(seed)),
		state: scheduler.New(scheduler.DefaultConfig()), check: newChecker(),
		queries: map[scheduler.QueryID]*simQuery{}, tasks: map[scheduler.TaskID]*simTask{}, lost: map[scheduler.TaskID]bool{}, seen: map[string]int{},
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
	queries := 1 + w.rng.Intn(3)
	if w.chance(3) { // a crowd
		queries += 5
	}
	for i := range queries {
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
	w.actions = append(w.actions, fingerprint(actions))
	if w.chance(1) && w.seed%4 == 0 {
		w.resume()
	}
	if w.chance(1) && len(w.state.QueryIDs()) == 1 {
		w.again()
	}
	w.carryOut(actions)
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
