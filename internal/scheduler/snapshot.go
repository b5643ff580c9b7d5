package scheduler

import (
	"encoding/json"
	"fmt"
	"time"
)

// A snapshot is the whole state as data, so that the journal before it can be dropped. The types below mirror those of
// the machine with exported fields; the simulation restores machines all the time and would notice a field that is
// missing here, because Dump shows every one.

type stateSnap struct {
	Version int
	Config  Config
	Now     Instant
	Turn    QueryID
	Timer   Instant
	Nodes   []nodeSnap
	Queries []querySnap
	Victims []victimSnap
}

type victimSnap struct {
	Task TaskID
	Node NodeID
}

type nodeSnap struct {
	ID                             NodeID
	Instance, Host                 string
	Mem                            int64
	Slots                          int
	Coordinator, Draining, Drained bool
	Leases                         []TaskID
	Reported, Pool                 int64
}

type querySnap struct {
	ID               QueryID
	Policy           RetryPolicy
	Settings         Settings
	Direct, Adaptive bool
	State            QueryState
	Stages           []stageSnap
	Submitted, Ended Instant
	Failure          *Failure
	Recent           []Failure
	Attempt          int
	RestartAt        Instant
	Asked, Answered  int
	Stranded         Instant
	HostDue          Instant
	FailedAttempts   int
	Names            []string // what numbers stand for in Parts
	Past             []TaskInfo
}

type stageSnap struct {
	Spec      Stage
	State     StageState
	Parts     []byte // packed
	Sealed    bool
	Scans     []scanSnap
	Assign    *assignSnap
	Single    *workSnap
	Ready     []int
	Delayed   []int
	Skipped   int
	Failed    int
	CPU       time.Duration
	Rows      []int64
	Bytes     []int64
	Announced bool
	Peaks     []int64
	Runtimes  []int64
	Slow      []int
	RaceAt    Instant
	Early     bool
	Tainted   bool
}

type scanSnap struct {
	Seen        int
	Asked, Done bool
	Failures    int
	NotBefore   Instant
}

type workSnap struct {
	Splits          []Split
	Bundles         [][]int
	Exchange        []int
	Input, Part, Of int
	Host            string
	Hosts           []string
}

type assignSnap struct {
	Target       TargetSize
	Spread       bool
	Pending      []unitSnap
	PendingBytes int64
	Decided      bool
	Open         []openSnap
	Made, Filled int
	Grown        float64
	Rounded      int64
}

type unitSnap struct {
	Split         *Split
	Input, Bundle int
	Bytes         int64
	Hosts         []string
	Pinned        bool
}

type openSnap struct {
	Key   string
	Work  workSnap
	Bytes int64
	Count int
}

// snapshotVersion changes when a restored machine would behave differently from the one that was saved.
const snapshotVersion = 2

// SnapshotKind is the kind of a journal record that holds a snapshot.
const SnapshotKind = "snapshot"

// Snapshot returns the whole state as a journal record: everything before it can be dropped.
func (s *State) Snapshot() ([]byte, error) {
	snap := stateSnap{Version: snapshotVersion, Config: s.cfg, Now: s.now, Turn: s.turn, Timer: s.timer}
	for _, n := range s.nodes {
		ns := nodeSnap{n.id, n.instance, n.host, n.mem, n.slots, n.coordinator, n.draining, n.drained, nil, n.reported, n.pool}
		for _, p := range n.leases {
			ns.Leases = append(ns.Leases, p.id(p.on(n.id)))
		}
		snap.Nodes = append(snap.Nodes, ns)
	}
	for _, v := range s.victims {
		snap.Victims = append(snap.Victims, victimSnap{v.task, v.node})
	}
	for _, q := range s.queries {
		snap.Queries = append(snap.Queries, q.snap())
	}
	body, err := json.Marshal(snap)
	if err != nil {
		return nil, fmt.Errorf("save scheduler: %w", err)
	}
	return json.Marshal(envelope{Kind: SnapshotKind, Event: body})
}

// Replay applies one journal record, an encoded event or a snapshot, and returns the state after it. The actions that
// the event calls for are dropped: after the last record Outstanding tells what is to be done.
func Replay(s *State, record []byte) (*State, error) {
	var e envelope
	if err := json.Unmarshal(record, &e); err != nil {
		return nil, fmt.Errorf("decode journal record: %w", err)
	}
	if e.Kind == SnapshotKind {
		return Restore(e.Event)
	}
	ev, err := DecodeEvent(record)
	if err != nil {
		return nil, err
	}
	s.Step(ev)
	return s, nil
}

// Restore returns the state that Snapshot encoded, from the body of its record.
func Restore(data []byte) (*State, error) {
	var snap stateSnap
	if err := json.Unmarshal(data, &snap); err != nil {
		return nil, fmt.Errorf("restore scheduler: %w", err)
	}
	if snap.Version != snapshotVersion {
		return nil, fmt.Errorf("restore scheduler: snapshot has version %d, not %d", snap.Version, snapshotVersion)
	}
	s := &State{cfg: snap.Config, now: snap.Now, turn: snap.Turn, timer: snap.Timer}
	for i := range snap.Queries {
		q, err := snap.Queries[i].restore(&s.cfg)
		if err != nil {
			return nil, err
		}
		s.addQuery(q)
	}
	for _, ns := range snap.Nodes {
		n := &node{id: ns.ID, instance: ns.Instance, host: ns.Host, mem: ns.Mem, slots: ns.Slots, coordinator: ns.Coordinator, draining: ns.Draining, drained: ns.Drained, reported: ns.Reported, pool: ns.Pool}
		for _, id := range ns.Leases {
			p, a := s.running(id)
			if p == nil {
				return nil, fmt.Errorf("restore scheduler: node %s has attempt %s, which is not running", n.id, id)
			}
			n.add(p, a)
		}
		n.over = min(s.cfg.EagerOvercommit, n.mem/3)
		s.nodes = append(s.nodes, n)
	}
	for _, v := range snap.Victims {
		s.victims = append(s.victims, victim{v.Task, v.Node})
	}
	for _, q := range s.queries {
		q.touched = false // by being put there
	}
	s.changed = false
	return s, nil
}

func (q *query) snap() querySnap {
	qs := querySnap{
		ID: q.id, Policy: q.policy, Settings: q.settings, Direct: q.direct, Adaptive: q.adaptive, State: q.state,
		Submitted: q.submitted, Ended: q.ended, Failure: q.failure, Recent: q.recent, Attempt: q.attempt, RestartAt: q.restartAt,
		Asked: q.asked, Answered: q.answered, Stranded: q.stranded, HostDue: q.hostDue, FailedAttempts: q.failedAttempts, Past: q.past,
	}
	for _, st := range q.stages {
		qs.Stages = append(qs.Stages, st.snap())
	}
	qs.Names = q.names.list
	return qs
}

func (qs *querySnap) restore(cfg *Config) (*query, error) {
	q := &query{
		id: qs.ID, policy: qs.Policy, settings: qs.Settings, direct: qs.Direct, adaptive: qs.Adaptive, state: qs.State,
		submitted: qs.Submitted, ended: qs.Ended, failure: qs.Failure, recent: qs.Recent, attempt: qs.Attempt, restartAt: qs.RestartAt,
		asked: qs.Asked, answered: qs.Answered, stranded: qs.Stranded, hostDue: qs.HostDue, failedAttempts: qs.FailedAttempts, past: qs.Past,
	}
	for _, name := range qs.Names {
		q.names.number(name)
	}
	for i := range qs.Stages {
		st, err := qs.Stages[i].restore(q)
		if err != nil {
			return nil, fmt.Errorf("restore query %s: %w", q.id, err)
		}
		q.stages = append(q.stages, st)
	}
	if q.live() {
		q.due = q.nextDue(cfg)
	}
	q.packWarm()
	return q, nil
}

func (st *stage) snap() stageSnap {
	ss := stageSnap{
		Spec: st.Stage, State: st.state, Sealed: st.sealed, Ready: st.ready.list(), Delayed: st.delays(), Skipped: st.skipped, Failed: st.failed,
		CPU: st.cpu, Rows: st.rows, Bytes: st.bytes, Announced: st.announced, Peaks: st.peaks.sorted,
		Runtimes: st.runtimes.sorted, Slow: st.slow, RaceAt: st.raceAt, Early: st.early, Tainted: st.tainted,
	}
	for _, sc := range st.scans {
		ss.Scans = append(ss.Scans, scanSnap{sc.seen, sc.asked, sc.done, sc.failures, sc.notBefore})
	}
	ss.Parts = st.packParts()
	if st.single != nil {
		w := st.single.snap()
		ss.Single = &w
	}
	if a := st.assign; a != nil {
		as := assignSnap{
			Target: a.target, Spread: a.spread, PendingBytes: a.pendingBytes, Decided: a.decided, Made: a.made, Filled: a.filled,
			Grown: a.grown, Rounded: a.rounded,
		}
		for _, u := range a.pending {
			as.Pending = append(as.Pending, unitSnap{u.split, u.input, u.bundle, u.bytes, u.hosts, u.pinned})
		}
		for _, t := range a.open {
			as.Open = append(as.Open, openSnap{t.key, t.work.snap(), t.bytes, t.count})
		}
		ss.Assign = &as
	}
	return ss
}

// restore rebuilds a stage; what is counted over its partitions is counted again.
func (ss *stageSnap) restore(q *query) (*stage, error) {
	st := newStage(q, ss.Spec)
	st.state, st.sealed, st.skipped, st.failed = ss.State, ss.Sealed, ss.Skipped, ss.Failed
	st.cpu, st.rows, st.bytes, st.announced, st.peaks.sorted = ss.CPU, ss.Rows, ss.Bytes, ss.Announced, ss.Peaks
	st.runtimes.sorted, st.slow, st.raceAt, st.early, st.tainted = ss.Runtimes, ss.Slow, ss.RaceAt, ss.Early, ss.Tainted
	for i, sc := range ss.Scans {
		st.scans[i] = scan{sc.Seen, sc.Asked, sc.Done, sc.Failures, sc.NotBefore}
	}
	if err := st.unpackParts(ss.Parts); err != nil {
		return nil, err
	}
	for _, n := range ss.Ready {
		st.ready.add(n)
		q.queued++
	}
	for _, n := range ss.Delayed {
		st.delay(st.parts[n])
	}
	if ss.Single != nil {
		w := ss.Single.restore()
		st.single = &w
	}
	if as := ss.Assign; as != nil {
		a := newArbitraryAssigner(st)
		a.target, a.spread, a.pendingBytes, a.decided, a.made, a.filled = as.Target, as.Spread, as.PendingBytes, as.Decided, as.Made, as.Filled
		a.grown, a.rounded = as.Grown, as.Rounded
		for _, u := range as.Pending {
			a.pending = append(a.pending, unit{u.Split, u.Input, u.Bundle, u.Bytes, u.Hosts, u.Pinned})
		}
		for _, t := range as.Open {
			a.open = append(a.open, &openTask{t.Key, t.Work.restore(), t.Bytes, t.Count})
		}
		st.assign = a
	}
	return st, nil
}

func (w *work) snap() workSnap {
	return workSnap{w.splits, w.bundles, w.exchange, w.share.input, w.share.part, w.share.of, w.host, w.hosts}
}

func (w *workSnap) restore() work {
	return work{w.Splits, w.Bundles, w.Exchange, share{w.Input, w.Part, w.Of}, w.Host, w.Hosts}
}
