package sim

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// mixed is a cluster without faults on which tasks take the time that their query says.
type mixed struct {
	t       *testing.T
	state   *scheduler.State
	now     scheduler.Instant
	agenda  []appointment // by time
	tasks   map[scheduler.QueryID]mixedQuery
	came    map[scheduler.QueryID]scheduler.Instant
	ended   map[scheduler.QueryID]scheduler.Instant
	places  map[string]int // tasks on nodes, by kind of query
	longest map[string]time.Duration
	// overtaken counts the tasks of long queries that began while a short one waited and the long one had a place.
	overtaken int
}

type appointment struct {
	at scheduler.Instant
	do func()
}

// mixedQuery is a query of two stages: a scan of so many tasks, and one that reads it.
type mixedQuery struct {
	scans int
	each  time.Duration
}

func newMixed(t *testing.T, nodes, slots int) *mixed {
	m := &mixed{t: t, state: scheduler.New(scheduler.DefaultConfig()), now: 1, tasks: map[scheduler.QueryID]mixedQuery{}, came: map[scheduler.QueryID]scheduler.Instant{},
		ended: map[scheduler.QueryID]scheduler.Instant{}, places: map[string]int{}, longest: map[string]time.Duration{}}
	for i := range nodes {
		m.step(scheduler.NodeJoined{At: m.now, Node: scheduler.NodeID(fmt.Sprint("w", i)), Instance: "1", MemBytes: 64 * 1024 * mb, Slots: slots})
	}
	return m
}

func (m *mixed) at(at scheduler.Instant, do func()) {
	i, _ := slices.BinarySearchFunc(m.agenda, at, func(a appointment, at scheduler.Instant) int {
		if a.at <= at {
			return -1
		}
		return 1
	})
	m.agenda = slices.Insert(m.agenda, i, appointment{at, do})
}

// run keeps the appointments until there are none, or a condition holds.
func (m *mixed) run(until func() bool) {
	for len(m.agenda) > 0 && !until() {
		next := m.agenda[0]
		m.agenda = m.agenda[1:]
		m.now = next.at
		next.do()
	}
}

// kind is the query's name without its number.
func kind(id scheduler.QueryID) string { return strings.TrimRight(string(id), "0123456789") }

func (m *mixed) submit(id scheduler.QueryID, q mixedQuery) {
	m.tasks[id], m.came[id] = q, m.now
	set := scheduler.DefaultSettings()
	set.TaskMemory, set.MaxTaskSplitCount, set.SpreadMinSize, set.BackupAttempts = 1024*mb, 1, 0, false
	m.step(scheduler.QuerySubmitted{At: m.now, Query: scheduler.Query{ID: id, Policy: scheduler.RetryTask, Settings: set, Stages: []scheduler.Stage{
		{ID: 0, Distribution: scheduler.Arbitrary, Sources: 1, OutputPartitions: 1},
		{ID: 1, Inputs: []scheduler.Input{{Stage: 0}}, OutputPartitions: 1, Root: true},
	}}})
}

func (m *mixed) step(ev scheduler.Event) {
	for _, a := range m.state.Step(ev) {
		switch a := a.(type) {
		case scheduler.StartTask:
			m.start(a.Task)
		case scheduler.FindSplits:
			found := scheduler.SplitsFound{At: m.now, Query: a.Query, Stage: a.Stage, Seen: a.Seen, NoMore: true}
			for i := range m.tasks[a.Query].scans {
				found.Splits = append(found.Splits, scheduler.Split{ID: fmt.Sprint(i), Bytes: mb})
			}
			m.step(found)
		case scheduler.QueryFinished:
			m.ended[a.Query] = m.now
			m.longest[kind(a.Query)] = max(m.longest[kind(a.Query)], m.now.Sub(m.came[a.Query]))
			m.at(m.now, func() { m.step(scheduler.ForgetQuery{At: m.now, Query: a.Query}) })
		case scheduler.QueryFailed:
			m.t.Fatalf("%s: %s", a.Query, a.Failure.Message)
		}
	}
}

func (m *mixed) start(task scheduler.TaskID) {
	k := kind(task.Query)
	if k == "long" && m.places[k] > 0 && m.waits("short") {
		m.overtaken++
	}
	m.places[k]++
	m.at(m.now.Add(m.tasks[task.Query].each), func() {
		m.places[k]--
		m.step(scheduler.TaskFinished{At: m.now, Task: task, Rows: []int64{1}, Bytes: []int64{1}, PeakMemory: mb})
	})
}

// waits reports whether a query of a kind has come and has no task on a node although it could.
func (m *mixed) waits(of string) bool {
	for id := range m.came {
		if _, over := m.ended[id]; over || kind(id) != of {
			continue
		}
		if info, ok := m.state.Query(id); ok && slices.ContainsFunc(info.Stages, func(st scheduler.StageInfo) bool { return st.Queued > 0 }) &&
			!slices.ContainsFunc(info.Stages, func(st scheduler.StageInfo) bool { return st.Running > 0 }) {
			return true
		}
	}
	return false
}

// TestShortQueriesAreNotStarved fills a cluster with a query of many long tasks; short ones that come meanwhile get whatever becomes free.
// That bounds how long they take by the time until something does, however much of the long one waits.
func TestShortQueriesAreNotStarved(t *testing.T) {
	const nodes, slots, shorts = 4, 2, 20
	for seed := range int64(10) {
		rng := rand.New(rand.NewSource(seed))
		m := newMixed(t, nodes, slots)
		for i := range nodes * slots { // so that they do not end all at once
			m.at(m.now.Add(time.Duration(rng.Intn(30))*time.Second), func() {
				m.submit(scheduler.QueryID(fmt.Sprint("filler", i)), mixedQuery{1, time.Second})
			})
		}
		m.at(m.now.Add(5*time.Second), func() { m.submit("long", mixedQuery{1000, 30 * time.Second}) })
		for i := range shorts {
			m.at(m.now.Add(2*time.Minute+time.Duration(rng.Intn(60))*time.Second), func() {
				m.submit(scheduler.QueryID(fmt.Sprint("short", i)), mixedQuery{2, 100 * time.Millisecond})
			})
		}
		m.run(func() bool { return false })
		if len(m.ended) != shorts+nodes*slots+1 {
			t.Fatalf("seed %d: %d queries have ended", seed, len(m.ended))
		}
		if m.overtaken > 0 {
			t.Errorf("seed %d: %d tasks of the long query began while a short one waited", seed, m.overtaken)
		}
		// A task's time until a place is free for sure, and what the others take in it.
		if most := 30*time.Second + shorts*3*100*time.Millisecond; m.longest["short"] > most {
			t.Errorf("seed %d: a short query took %v", seed, m.longest["short"])
		}
		if alone := 1000 / (nodes * slots) * 30 * time.Second; m.longest["long"] > alone+alone/5 {
			t.Errorf("seed %d: the long query took %v, alone it would take %v", seed, m.longest["long"], alone)
		}
	}
}

// TestLongQueriesAreNotStarved lets short queries come that would take nine tenths of the cluster by themselves: the long one gets the rest.
func TestLongQueriesAreNotStarved(t *testing.T) {
	const tasks = 40
	m := newMixed(t, 2, 2)
	m.submit("long", mixedQuery{tasks, time.Second})
	n := 0
	var another func()
	another = func() {
		n++
		m.submit(scheduler.QueryID(fmt.Sprint("short", n)), mixedQuery{1, time.Second})
		if m.ended["long"] == 0 && n < 1000 {
			m.at(m.now.Add(2*time.Second*10/(4*9)), another) // two tasks each, in four places
		}
	}
	m.at(m.now, another)
	m.run(func() bool { return false })
	if took, most := m.longest["long"], tasks*time.Second*10/4*5/4; took == 0 || took > most {
		t.Errorf("the long query took %v for %d tasks of a second, want %v at most; %d short ones came", took, tasks, most, n)
	}
	if most := 10 * time.Second; m.longest["short"] > most { // the long one keeps a place for its 40 seconds: so many wait by then
		t.Errorf("a short query took %v", m.longest["short"])
	}
}
