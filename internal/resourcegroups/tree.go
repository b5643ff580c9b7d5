package resourcegroups

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Usage is what queries have used: CPU time and scanned bytes ever, memory now.
type Usage struct {
	CPU     time.Duration
	Memory  int64
	Scanned int64
}

func (u *Usage) add(o Usage, sign int64) {
	u.CPU += time.Duration(sign) * o.CPU
	u.Memory += sign * o.Memory
	u.Scanned += sign * o.Scanned
}

// Tree is the groups with their queries. It is not safe for concurrent use.
type Tree struct {
	spec    *Spec
	top     group // above the roots, without limits
	queries map[string]*query
	memory  int64 // of the cluster
	now     time.Duration
	chance  chance
	turns   int64 // that groups have had
}

// query is one that waits or runs.
type query struct {
	id       string
	group    *group
	priority int
	order    int64 // among those that wait: when it came
	running  bool
	used     Usage
}

// group is a group in use.
type group struct {
	id     []string
	spec   *GroupSpec
	parent *group
	subs   []*group // in the order in which they came to be
	queue  []*query // that wait here, oldest first
	// running and queued count the queries here and below.
	running, queued int
	used            Usage
	dynamic         bool  // it is made of a template, or below such a one
	turn            int64 // when it had its turn, or began to wait for one
	pass            int64 // of Weighted: see stride
	passed          int64 // the greatest pass of the sub-groups that have had a turn
}

// New makes an empty tree.
func New(s *Spec) *Tree {
	return &Tree{spec: s, queries: map[string]*query{}, top: group{spec: &GroupSpec{Hard: noLimit, MaxQueued: noLimit}}}
}

const noLimit = int(^uint(0) >> 1)

// Verdict is what becomes of a query that has come.
type Verdict uint8

// The verdicts.
const (
	Run   Verdict = iota // it may run at once
	Wait                 // a later event returns it
	Full                 // no more queries may wait in the group
	Inner                // its group has sub-groups, and takes no queries itself
)

// String returns the name of the verdict.
func (v Verdict) String() string { return [...]string{"run", "wait", "full", "inner"}[v] }

// Submit adds a query. order says which of several that wait here was first; priority is that of the session.
func (t *Tree) Submit(id string, s Selection, priority int, order int64) Verdict {
	if t.queries[id] != nil {
		panic(fmt.Sprintf("resourcegroups: query %s comes twice", id))
	}
	if len(s.specs[len(s.specs)-1].SubGroups) > 0 {
		return Inner
	}
	run, wait := true, true
	t.visit(s, func(g *group) {
		run, wait = run && t.canRun(g), wait && g.queued < g.spec.MaxQueued
	})
	if !run && !wait {
		return Full
	}
	q := &query{id: id, group: t.find(s), priority: priority, order: order}
	t.queries[id] = q
	if run {
		t.start(q)
		return Run
	}
	g := q.group
	at, _ := slices.BinarySearchFunc(g.queue, q, func(a, b *query) int { return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.id, b.id)) })
	g.queue = slices.Insert(g.queue, at, q)
	for ; g != nil; g = g.parent {
		if g.queued++; g.queued == 1 {
			t.line(g)
		}
	}
	return Wait
}

// Resume adds a query that runs already, whatever the limits are: another coordinator has started it.
func (t *Tree) Resume(id string, s Selection) {
	if t.queries[id] == nil {
		q := &query{id: id, group: t.find(s)}
		t.queries[id] = q
		t.start(q)
	}
}

// Room reports whether a query would run at once, if it came now.
func (t *Tree) Room(s Selection) bool {
	room := true
	t.visit(s, func(g *group) { room = room && t.canRun(g) })
	return room
}

// End takes a query out that has ended; used is what it has used altogether. It returns those that start.
func (t *Tree) End(id string, used Usage) []string {
	q := t.queries[id]
	if q == nil {
		return nil
	}
	delete(t.queries, id)
	if q.running {
		used.Memory = 0
		t.use(q, used)
		for g := q.group; g != nil; g = g.parent {
			g.running--
		}
	} else {
		t.dequeue(q)
	}
	t.prune(q.group)
	return t.startNext()
}

// Use says what running queries have used so far, and returns those that start.
func (t *Tree) Use(used map[string]Usage) []string {
	for id, u := range used {
		if q := t.queries[id]; q != nil && q.running {
			t.use(q, u)
		}
	}
	return t.startNext()
}

func (t *Tree) use(q *query, used Usage) {
	delta := used
	delta.CPU, delta.Scanned = max(delta.CPU, q.used.CPU), max(delta.Scanned, q.used.Scanned) // what was used stays used
	q.used, used = delta, q.used
	delta.add(used, -1)
	for g := q.group; g != nil; g = g.parent {
		g.used.add(delta, 1)
	}
}

// SetMemory says how much memory the cluster has, and returns the queries that start.
func (t *Tree) SetMemory(bytes int64) []string {
	if t.memory == bytes {
		return nil
	}
	t.memory = bytes
	return t.startNext()
}

// Advance says how late it is since any fixed time. Groups get back what they may use for each whole second; it returns the queries
// that start.
func (t *Tree) Advance(now time.Duration) []string {
	seconds := int64((now - t.now) / time.Second)
	if seconds <= 0 {
		return nil
	}
	t.now += time.Duration(seconds) * time.Second
	t.regain(&t.top, seconds)
	return t.startNext()
}

// regain gives a group back its share of CPU time and of data to scan.
func (t *Tree) regain(g *group, seconds int64) {
	if limit := cmp.Or(g.spec.HardCPU, g.spec.SoftCPU); limit > 0 {
		rate := max(time.Millisecond, time.Duration(float64(limit)/t.spec.CPUPeriod.Seconds()))
		g.used.CPU -= min(g.used.CPU, saturated(seconds, int64(rate)))
	}
	if limit := g.spec.HardScan; limit > 0 {
		rate := max(1, int64(float64(limit)/t.spec.ScanPeriod.Seconds()))
		g.used.Scanned -= min(g.used.Scanned, int64(saturated(seconds, rate)))
	}
	for _, sub := range slices.Clone(g.subs) {
		t.regain(sub, seconds)
	}
	t.prune(g)
}

func saturated(seconds, rate int64) time.Duration {
	if rate > 0 && seconds > int64(noLimit)/rate {
		return time.Duration(noLimit)
	}
	return time.Duration(seconds * rate)
}

// canRun reports whether the group itself has room for another query.
func (t *Tree) canRun(g *group) bool {
	s := g.spec
	memory := s.SoftMemory
	if memory == 0 && s.MemoryShare > 0 && t.memory > 0 {
		memory = max(1, int64(float64(t.memory)*s.MemoryShare))
	}
	if s.HardCPU > 0 && g.used.CPU >= s.HardCPU || memory > 0 && g.used.Memory > memory || s.HardScan > 0 && g.used.Scanned >= s.HardScan {
		return false
	}
	most := s.Hard
	if s.SoftCPU > 0 && g.used.CPU >= s.SoftCPU { // between the two limits ever fewer queries run, but one at least
		left := float64(s.HardCPU-g.used.CPU) / float64(s.HardCPU-s.SoftCPU)
		most = max(1, min(most-1, int(float64(most)*left)))
	}
	return g.running < most
}

// start makes a query run.
func (t *Tree) start(q *query) {
	q.running = true
	for g := q.group; g != nil; g = g.parent {
		g.running++
	}
}

func (t *Tree) dequeue(q *query) {
	g := q.group
	g.queue = slices.DeleteFunc(g.queue, func(o *query) bool { return o == q })
	for ; g != nil; g = g.parent {
		g.queued--
	}
}

// visit calls f with the groups of a selection from the root on; those that are not there as they would be.
func (t *Tree) visit(s Selection, f func(*group)) {
	at := &t.top
	for i, spec := range s.specs {
		if at != nil {
			at = at.sub(s.ID[i])
		}
		if at != nil {
			f(at)
		} else {
			f(&group{spec: spec})
		}
	}
}

// find returns the group of a selection, and makes it when it is not there.
func (t *Tree) find(s Selection) *group {
	at := &t.top
	for i, spec := range s.specs {
		g := at.sub(s.ID[i])
		if g == nil {
			g = &group{id: s.ID[:i+1], spec: spec, parent: at, pass: at.passed, dynamic: at.dynamic || len(spec.Name.variables()) > 0}
			at.subs = append(at.subs, g)
		}
		at = g
	}
	return at
}

func (g *group) sub(name string) *group {
	for _, s := range g.subs {
		if s.id[len(s.id)-1] == name {
			return s
		}
	}
	return nil
}

// prune forgets a group that templates can make again, and those above it, when nothing is to be remembered of them.
func (t *Tree) prune(g *group) {
	for ; g.dynamic; g = g.parent {
		quota := (g.spec.HardCPU > 0 || g.spec.SoftCPU > 0) && g.used.CPU > 0 || g.spec.HardScan > 0 && g.used.Scanned > 0
		if g.running+g.queued+len(g.subs) > 0 || quota {
			return
		}
		g.parent.subs = slices.DeleteFunc(g.parent.subs, func(s *group) bool { return s == g })
	}
}
