package scheduler

import (
	"slices"
	"time"
)

// QueryState is where a query is in its life.
type QueryState uint8

// The states of a query.
const (
	// QueryStarting: no attempt has been placed yet.
	QueryStarting QueryState = iota
	// QueryRunning: attempts have been placed.
	QueryRunning
	// QueryFinishedState: the result is complete and may be read.
	QueryFinishedState
	// QueryFailedState: over without a result.
	QueryFailedState
)

// String returns Trino's word for the state.
func (s QueryState) String() string {
	return [...]string{"STARTING", "RUNNING", "FINISHED", "FAILED"}[s]
}

// StageState is where a stage is in its life.
type StageState uint8

// The states of a stage.
const (
	// StagePlanned: its inputs are not complete.
	StagePlanned StageState = iota
	// StageRunning: its tasks are being placed or run.
	StageRunning
	// StageFinishedState: all tasks have a selected output.
	StageFinishedState
	// StageAborted: dropped by a new plan or by the end of the query.
	StageAborted
)

// String returns Trino's word for the state.
func (s StageState) String() string {
	return [...]string{"PLANNED", "RUNNING", "FINISHED", "ABORTED"}[s]
}

// AttemptState is where an attempt is in its life.
type AttemptState uint8

// The states of an attempt.
const (
	// AttemptScheduled: sent to a node, which has not said that it began.
	AttemptScheduled AttemptState = iota
	// AttemptRunning: begun.
	AttemptRunning
	// AttemptFinished: has produced its output.
	AttemptFinished
	// AttemptFailed: ended with a failure, its node's included.
	AttemptFailed
	// AttemptCanceled: stopped because it was not needed any more.
	AttemptCanceled
)

// String returns Trino's word for the state.
func (s AttemptState) String() string {
	return [...]string{"PLANNED", "RUNNING", "FINISHED", "FAILED", "CANCELED"}[s]
}

// QueryInfo is a query's progress. It costs time proportional to the number of stages.
type QueryInfo struct {
	ID               QueryID
	Policy           RetryPolicy
	State            QueryState
	Attempt          int // of the distributed part; always 0 unless QUERY
	Submitted, Ended Instant
	WaitingForNode   bool   // no node can take the tasks that are ready
	Waiting          string // what the first of its stages that cannot go on waits for, in words
	Stages           []StageInfo
	Failure          *Failure // if it has failed
	FailedAttempts   int      // attempts that failed so far, those of lost nodes included
	CPU              time.Duration
	PeakTaskMemory   int64
}

// StageInfo is a stage's progress.
type StageInfo struct {
	ID       StageID
	State    StageState
	Tasks    int  // partitions known so far
	Sealed   bool // no more will come
	Queued   int  // partitions that wait for a node, a delay or an input
	Running  int  // partitions with an attempt on a node
	Finished int  // partitions with a selected output
	Failed   int  // attempts that failed
	Rows     int64
	Bytes    int64
	Largest  int64         // bytes of the largest of several exchange partitions
	Splits   int           // table splits found so far
	CPU      time.Duration // of finished attempts
	MemBytes int64         // set aside for running attempts
	Waiting  string        // what it waits for, in words; empty if it does not
}

// TaskInfo is one attempt.
type TaskInfo struct {
	Task       TaskID
	Node       NodeID
	State      AttemptState
	Class      Class
	Started    Instant // when it was placed
	Ended      Instant
	MemBytes   int64
	PeakMemory int64
	CPU, Wall  time.Duration
	Rows       int64
	Bytes      int64
	Splits     int
	Failure    string // code name
}

// NodeInfo is a node's load.
type NodeInfo struct {
	ID          NodeID
	Instance    string
	Host        string
	Coordinator bool
	Draining    bool
	MemBytes    int64
	Slots       int
	UsedBytes   int64
	Attempts    int
}

// QueryIDs lists the queries that have not been forgotten, in order of submission.
func (s *State) QueryIDs() []QueryID {
	out := make([]QueryID, len(s.queries))
	for i, q := range s.queries {
		out[i] = q.id
	}
	return out
}

// Query returns the progress of a query; false if there is none of that name.
func (s *State) Query(id QueryID) (QueryInfo, bool) {
	q := s.query(id)
	if q == nil {
		return QueryInfo{}, false
	}
	info := QueryInfo{
		ID: q.id, Policy: q.policy, State: q.state, Attempt: q.attempt, Submitted: q.submitted, Ended: q.ended,
		WaitingForNode: q.stranded != 0, FailedAttempts: q.failedAttempts,
	}
	if q.failure != nil {
		f := *q.failure
		info.Failure = &f
	}
	for _, st := range q.stages {
		si := st.info()
		si.Waiting = s.reason(st)
		if info.Waiting == "" && st.state == StageRunning {
			info.Waiting = si.Waiting
		}
		info.CPU += si.CPU
		info.PeakTaskMemory = max(info.PeakTaskMemory, st.peaks.quantile(1))
		info.Stages = append(info.Stages, si)
	}
	return info, true
}

func (st *stage) info() StageInfo {
	si := StageInfo{
		ID: st.ID, State: st.state, Tasks: len(st.parts) - st.skipped, Sealed: st.sealed, Queued: st.ready.len() + st.delayed,
		Running: st.running, Finished: st.finished, Failed: st.failed, Rows: sum(st.rows), Bytes: sum(st.bytes),
		CPU: st.cpu, MemBytes: st.held,
	}
	if len(st.bytes) > 1 {
		si.Largest = slices.Max(st.bytes)
	}
	for i := range st.scans {
		si.Splits += st.scans[i].seen
	}
	return si
}

// Tasks lists all attempts of a query, those of earlier runs first, then by stage and partition.
func (s *State) Tasks(id QueryID) []TaskInfo {
	q := s.query(id)
	if q == nil {
		return nil
	}
	out := slices.Clone(q.past)
	for _, st := range q.stages {
		out = st.appendTasks(out)
	}
	return out
}

// appendTasks appends the attempts of the stage.
func (st *stage) appendTasks(out []TaskInfo) []TaskInfo {
	for _, p := range st.parts {
		d := p.peek()
		for i := range d.attempts {
			a := &d.attempts[i]
			out = append(out, TaskInfo{
				Task: p.id(a), Node: a.node, State: a.state, Class: a.class, Started: a.start, Ended: a.end, MemBytes: a.mem, PeakMemory: a.peak,
				CPU: a.cpu, Wall: a.wall, Rows: a.rows, Bytes: a.bytes, Splits: len(d.work.splits), Failure: a.code,
			})
		}
	}
	return out
}

// Nodes lists the nodes by id.
func (s *State) Nodes() []NodeInfo {
	out := make([]NodeInfo, len(s.nodes))
	for i, n := range s.nodes {
		out[i] = NodeInfo{
			ID: n.id, Instance: n.instance, Host: n.host, Coordinator: n.coordinator, Draining: n.draining,
			MemBytes: n.mem, Slots: n.slots, UsedBytes: n.used, Attempts: len(n.leases),
		}
	}
	return out
}

// Awaits reports whether the attempt is running.
func (s *State) Awaits(task TaskID) bool {
	_, a := s.running(task)
	return a != nil
}

// Running lists the attempts that are on a node, in the order in which they were placed there.
func (s *State) Running(id NodeID) []TaskID {
	n := s.node(id)
	if n == nil {
		return nil
	}
	var out []TaskID
	for _, p := range n.leases {
		out = append(out, p.id(p.on(id)))
	}
	return out
}
