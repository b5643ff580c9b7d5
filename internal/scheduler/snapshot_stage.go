package scheduler

import "time"

type stageSnap struct {
	Spec       Stage
	State      StageState
	Parts      []byte // packed
	Sealed     bool
	Scans      []scanSnap
	Assign     *assignSnap
	Single     *workSnap
	Ready      []int
	Delayed    []int
	Skipped    int
	Failed     int
	CPU        time.Duration
	Rows       []int64
	Bytes      []int64
	Announced  bool
	Published  int
	Shown      int
	Peaks      []int64
	Runtimes   []int64
	Slow       []int
	RaceAt     Instant
	Early      bool
	Tainted    bool
	AwaitUntil Instant `json:",omitempty"`
	Impatient  bool    `json:",omitempty"`
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
	Grouped      []Split
}

type unitSnap struct {
	Splits        []Split
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

func (st *stage) snap() stageSnap {
	ss := stageSnap{
		Spec: st.Stage, State: st.state, Sealed: st.sealed, Ready: st.ready.list(), Delayed: st.delays(), Skipped: st.skipped, Failed: st.failed,
		CPU: st.cpu, Rows: st.rows, Bytes: st.bytes, Announced: st.announced, Published: st.published, Shown: st.shown, Peaks: st.peaks.sorted,
		Runtimes: st.runtimes.sorted, Slow: st.slow, RaceAt: st.raceAt, Early: st.early, Tainted: st.tainted, AwaitUntil: st.awaitUntil, Impatient: st.impatient,
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
			Grown: a.grown, Rounded: a.rounded, Grouped: a.grouped,
		}
		for _, u := range a.pending {
			as.Pending = append(as.Pending, unitSnap{u.splits, u.input, u.bundle, u.bytes, u.hosts, u.pinned})
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
	st.published, st.shown = ss.Published, ss.Shown
	st.cpu, st.rows, st.bytes, st.announced, st.peaks.sorted = ss.CPU, ss.Rows, ss.Bytes, ss.Announced, ss.Peaks
	st.runtimes.sorted, st.slow, st.raceAt, st.early, st.tainted = ss.Runtimes, ss.Slow, ss.RaceAt, ss.Early, ss.Tainted
	st.awaitUntil, st.impatient = ss.AwaitUntil, ss.Impatient
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
		a.grown, a.rounded, a.grouped = as.Grown, as.Rounded, as.Grouped
		for _, u := range as.Pending {
			a.pending = append(a.pending, unit{u.Splits, u.Input, u.Bundle, u.Bytes, u.Hosts, u.Pinned})
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
