package scheduler

import (
	"encoding/json"
	"fmt"
)

// A snapshot is the whole state as data, so that the journal before it can be dropped. The types below mirror those of
// the machine with exported fields; the simulation restores machines all the time and would notice a field that is
// missing here, because Dump shows every one.

type stateSnap struct {
	Version int
	Config  Config
	Now     Instant
	Timer   Instant
	// Lines is that of State.
	Lines   int64
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
	Waits            int64
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

// snapshotVersion changes when a restored machine would behave differently from the one that was saved.
const snapshotVersion = 4

// SnapshotKind is the kind of a journal record that holds a snapshot.
const SnapshotKind = "snapshot"

// Snapshot returns the whole state as a journal record: everything before it can be dropped.
func (s *State) Snapshot() ([]byte, error) {
	snap := stateSnap{Version: snapshotVersion, Config: s.cfg, Now: s.now, Timer: s.timer, Lines: s.lines}
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
	data, err := json.Marshal(struct {
		Kind  string     `json:"kind"`
		Event *stateSnap `json:"event"`
	}{SnapshotKind, &snap})
	if err != nil {
		return nil, fmt.Errorf("save scheduler: %w", err)
	}
	return data, nil
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
	s := &State{cfg: snap.Config, now: snap.Now, timer: snap.Timer, lines: snap.Lines}
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
		Submitted: q.submitted, Ended: q.ended, Waits: q.waits, Failure: q.failure, Recent: q.recent, Attempt: q.attempt, RestartAt: q.restartAt,
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
		submitted: qs.Submitted, ended: qs.Ended, waits: qs.Waits, failure: qs.Failure, recent: qs.Recent, attempt: qs.Attempt, restartAt: qs.RestartAt,
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
