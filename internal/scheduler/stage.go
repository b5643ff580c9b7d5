package scheduler

import (
	"slices"
	"time"
)

// stage is a stage of one run of a query.
type stage struct {
	Stage
	q     *query
	state StageState
	parts []*partition
	// sealed says that no more partitions will come.
	sealed bool
	scans  []scan
	assign *arbitraryAssigner // of a running Arbitrary stage until it is sealed
	single *work              // of a running Single stage until it is sealed

	ready   numberSet // partitions that wait for a node; placed in ascending order
	waits   waitHeap  // ends of delays
	delayed int       // partitions that wait for their delay

	running  int           // partitions with an attempt on a node
	finished int           // partitions that are finished
	skipped  int           // partitions that will never be finished
	failed   int           // attempts that failed
	cpu      time.Duration // of finished attempts

	rows, bytes []int64 // per output partition, of finished partitions
	announced   bool    // StageFinished has been said
	published   int     // of the root: so many partitions have been looked at in ResultGrown,
	shown       int     // and so many outputs announced
	peaks       peaks
	runtimes    peaks // of finished attempts, in nanoseconds
	held        int64 // memory set aside for running attempts

	slow   []int   // partitions whose attempt takes long, ascending: they wait for a second one
	raceAt Instant // when to look for more
	early  bool    // started before its inputs were complete

	awaitUntil Instant // when it no longer waits for stages that it does not read; see beginAwait
	impatient  bool    // it no longer does

	tainted bool // has read outputs that are not what its input is now: it will not come out the same
	// all is what selected returned last, shares what selectedShare did; nil when an output has changed since.
	all    []Bundle
	shares []dealt
	homes  homes // of outputs that live on nodes
}

// scan is the enumeration of one table's splits.
type scan struct {
	seen      int
	asked     bool // FindSplits is under way
	done      bool
	failures  int
	notBefore Instant // when to ask again after a failure
}

func newStage(q *query, spec Stage) *stage {
	return &stage{
		Stage: spec, q: q,
		scans: make([]scan, spec.Sources),
		rows:  make([]int64, spec.OutputPartitions),
		bytes: make([]int64, spec.OutputPartitions),
	}
}

// started reports whether the stage has begun in this run of the query.
func (st *stage) started() bool { return st.state != StagePlanned }

// producer returns the stage that input i reads.
func (st *stage) producer(i int) *stage { return st.q.stage(st.Inputs[i].Stage) }

// consumers returns the stages that read st, in order.
func (st *stage) consumers() []*stage {
	var out []*stage
	for _, c := range st.q.stages {
		if slices.ContainsFunc(c.Inputs, func(in Input) bool { return in.Stage == st.ID }) {
			out = append(out, c)
		}
	}
	return out
}

// inputsReady reports whether all inputs are complete: the barrier.
func (st *stage) inputsReady() bool {
	for i := range st.Inputs {
		if st.producer(i).state != StageFinishedState {
			return false
		}
	}
	return true
}

// startStages starts the stages whose inputs are complete, unless the query waits for a restart or a new plan. It reports
// whether there were any.
func (s *State) startStages(q *query) bool {
	started := false
	if q.restartAt != 0 || q.asked != q.answered {
		return started
	}
	for _, st := range q.stages {
		if !st.mayStart() {
			s.beginAwait(st)
			continue
		}
		ready := st.inputsReady()
		if ready || s.startsEarly(st) {
			st.early = !ready
			s.startStage(st)
			started = true
		}
	}
	return started
}

// startStage forms the partitions that can be known now; those of scans follow as splits are found.
func (s *State) startStage(st *stage) {
	st.state = StageRunning
	switch st.Distribution {
	case Single:
		st.single = &work{}
	case Arbitrary:
		st.assign = newArbitraryAssigner(st)
		st.assign.addBundles(st)
	case Hash:
		for _, t := range assignHash(s.hashInput(st)) {
			w := work{exchange: t.partitions, share: t.share}
			st.addPartition(w)
		}
		st.sealed = true
	}
	s.advanceScans(st)
}

// advanceScans turns the splits found so far into partitions.
func (s *State) advanceScans(st *stage) {
	ended := !slices.ContainsFunc(st.scans, func(sc scan) bool { return !sc.done }) && (!st.early || st.inputsEnded())
	switch {
	case st.sealed:
	case st.single != nil && ended:
		st.addPartition(*st.single)
		st.single, st.sealed = nil, true
	case st.assign != nil:
		for _, w := range st.assign.take(ended, s.slots()) {
			st.addPartition(w)
		}
		if ended {
			st.assign, st.sealed = nil, true
			if st.early {
				s.promoteStage(st)
			}
		}
	}
}

// addPartition adds a partition that is ready to run.
func (st *stage) addPartition(w work) *partition {
	p := &partition{stage: st, n: len(st.parts), detail: &detail{work: w}}
	st.parts = append(st.parts, p)
	st.enqueue(p)
	return p
}

// complete finishes the stage if nothing of it remains to be done.
func (s *State) complete(st *stage) {
	if st.state != StageRunning || !st.sealed || st.finished+st.skipped < len(st.parts) {
		return
	}
	st.state = StageFinishedState
	q := st.q
	if !st.announced {
		st.announced = true
		done := StageFinished{Query: q.id, Stage: st.ID, Tasks: st.finished, Rows: slices.Clone(st.rows), Bytes: slices.Clone(st.bytes)}
		if q.adaptive && !st.Root {
			q.asked++
			done.Version = q.asked
		}
		s.do(done)
	}
	if st.Root {
		s.finishQuery(q)
		return
	}
	s.feedEnd(st)
	s.releaseInputs(st)
}

// stopEarly ends the stage if its finished tasks have produced as many rows as anybody will read.
func (s *State) stopEarly(st *stage) {
	if !st.eager() {
		return
	}
	var rows int64
	for _, n := range st.rows {
		rows += n
	}
	if rows < st.RowLimit {
		return
	}
	for _, p := range st.parts {
		if p.state == partFinished || p.dropped() {
			continue
		}
		s.stopAttempts(p, "row limit reached")
		st.dequeue(p)
		p.state, p.work = partSkipped, work{}
		p.rest()
		st.skipped++
	}
	st.seal()
}

// seal takes no more input.
func (st *stage) seal() {
	for i := range st.scans {
		st.scans[i] = scan{seen: st.scans[i].seen, done: true}
	}
	st.assign, st.single, st.sealed = nil, nil, true
}

// window is how many of the stage's tasks may run at a time: those with a row limit start small, because the first
// task may be enough.
func (st *stage) window() int {
	if !st.eager() {
		return len(st.parts)
	}
	return max(1, 2*st.finished)
}

// abortStage stops all work on the stage.
func (s *State) abortStage(st *stage, reason string) {
	for _, p := range st.parts {
		s.stopAttempts(p, reason)
	}
	st.q.queued -= st.ready.len()
	st.ready.clear()
	st.waits, st.delayed, st.assign, st.single, st.slow = nil, 0, nil, nil, nil
	for i := range st.scans {
		st.scans[i].notBefore = 0
		st.scans[i].asked = false
	}
	if st.state != StageFinishedState {
		st.state = StageAborted
	}
}

// remember keeps the attempts of a stage that is about to be dropped.
func (st *stage) remember() { st.q.past = st.appendTasks(st.q.past) }
