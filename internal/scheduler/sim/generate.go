package sim

import (
	"fmt"
	"math/rand"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

const mb = int64(1) << 20

// simQuery is a query and the table splits that its scans will find.
type simQuery struct {
	large  int // how many times more splits its tables have
	spec   scheduler.Query
	splits map[[2]int][]scheduler.Split // by stage and source
	need   int64                        // memory of its largest task
	hungry bool                         // need is that of one split or bundle, so that only division helps large tasks
}

// newQuery invents a query: a tree (with some shared stages) of scans, hash, single and arbitrary stages, sometimes
// ending in a commit on the coordinator.
func newQuery(rng *rand.Rand, id int, hosts []string, large int) *simQuery {
	q := &simQuery{large: large, splits: map[[2]int][]scheduler.Split{}}
	policy := scheduler.RetryTask
	switch n := rng.Intn(10); {
	case n == 0:
		policy = scheduler.RetryNone
	case n < 3:
		policy = scheduler.RetryQuery
	}
	q.spec = scheduler.Query{
		ID: scheduler.QueryID(fmt.Sprintf("q%d", id)), Policy: policy, Settings: newSettings(rng),
		Direct: rng.Intn(5) < 2, Adaptive: rng.Intn(10) < 3,
	}
	q.need = 50*mb + rng.Int63n(250*mb)
	q.hungry = id == 2
	width := 1 + rng.Intn(5)
	var loose []scheduler.StageID // read by nobody yet
	n := rng.Intn(6)
	for i := range n {
		st := scheduler.Stage{ID: scheduler.StageID(i), OutputPartitions: width, Indeterminate: rng.Intn(7) == 0, NoMemory: rng.Intn(10) == 0}
		if rng.Intn(12) == 0 {
			st.RowLimit = 1 + rng.Int63n(6)
		}
		if len(loose) == 0 || rng.Intn(2) == 0 {
			st.Distribution, st.Sources = scheduler.Arbitrary, 1+rng.Intn(2)
			if rng.Intn(6) == 0 {
				st.Distribution = scheduler.Single
			}
			if len(loose) > 0 && rng.Intn(3) == 0 { // a broadcast join
				st.Inputs = []scheduler.Input{{Stage: loose[0], Replicated: true}}
				loose = loose[1:]
			}
			q.addSplits(rng, &st, hosts)
		} else {
			k := 1 + rng.Intn(min(2, len(loose)))
			for _, in := range loose[:k] {
				st.Inputs = append(st.Inputs, scheduler.Input{Stage: in})
			}
			loose = loose[k:]
			if i > 2 && rng.Intn(8) == 0 { // a shared stage
				if shared := scheduler.StageID(rng.Intn(i)); shared != st.Inputs[0].Stage && (k == 1 || shared != st.Inputs[1].Stage) {
					st.Inputs = append(st.Inputs, scheduler.Input{Stage: shared, Replicated: rng.Intn(2) == 0})
				}
			}
			st.Distribution = []scheduler.Distribution{scheduler.Hash, scheduler.Hash, scheduler.Arbitrary, scheduler.Single}[rng.Intn(4)]
			st.Writer = rng.Intn(5) == 0
			// Of a join one side is divided; what the other has has to be known.
			fixed := !slices.ContainsFunc(st.Inputs, func(in scheduler.Input) bool { return q.spec.Stages[in.Stage].Indeterminate })
			st.ScaleWriters = (st.Writer && len(st.Inputs) == 1 || len(st.Inputs) > 1 && fixed) && rng.Intn(2) == 0
			if st.ScaleWriters && len(st.Inputs) > 1 && !st.Inputs[1].Replicated {
				st.Inputs[1].Whole = rng.Intn(2) == 0
			}
		}
		q.spec.Stages = append(q.spec.Stages, st)
		loose = append(loose, st.ID)
	}
	root := scheduler.Stage{ID: scheduler.StageID(n), OutputPartitions: 1, Root: true}
	for _, in := range loose {
		root.Inputs = append(root.Inputs, scheduler.Input{Stage: in})
	}
	switch {
	case len(root.Inputs) == 0:
		root.Sources = 1
		root.Distribution = scheduler.Arbitrary
		q.addSplits(rng, &root, hosts)
	case rng.Intn(4) == 0:
		root.CoordinatorOnly = true
	case rng.Intn(3) == 0:
		root.Distribution = scheduler.Hash
	}
	q.spec.Stages = append(q.spec.Stages, root)
	if n > 1 && rng.Intn(3) == 0 {
		q.awaitStages(rng)
	}
	return q
}

// awaitStages lets a stage start after another one that it does not read, unless they would then wait for each other.
func (q *simQuery) awaitStages(rng *rand.Rand) {
	n := len(q.spec.Stages) - 1
	a, b := rng.Intn(n), rng.Intn(n)
	stages := slices.Clone(q.spec.Stages)
	stages[a].After = []scheduler.StageID{stages[b].ID}
	if rng.Intn(2) == 0 { // it soon loses its patience
		stages[a].AfterAtMost = time.Duration(1+rng.Intn(60)) * time.Second
	}
	if scheduler.CheckGraph(stages) == nil {
		q.spec.Stages = stages
	}
}

func newSettings(rng *rand.Rand) scheduler.Settings {
	set := scheduler.DefaultSettings()
	set.TaskMemory = (100 + rng.Int63n(400)) * mb
	if rng.Intn(4) == 0 {
		set.TaskMemory = 0
	}
	set.TaskRetryAttempts, set.QueryRetryAttempts = 2+rng.Intn(8), 2+rng.Intn(8)
	set.RetryInitialDelay = time.Duration(rng.Intn(20)) * time.Second
	set.RetryDelayScaleFactor = 1 + rng.Float64()
	set.Compute = scheduler.TargetSize{Min: 100, Max: 1000, GrowthPeriod: 1 + rng.Intn(5), GrowthFactor: 1.26}
	set.Write = scheduler.TargetSize{Min: 200, Max: 1000, GrowthPeriod: 2, GrowthFactor: 1.26}
	set.StandardSplitSize = 30
	set.MaxTaskSplitCount = 1 + rng.Intn(6)
	set.SpreadMinSize = int64(rng.Intn(3)) * 30
	set.HashComputeTargetSize, set.HashWriteTargetSize, set.HashMinTaskSize = 100, 200, int64(rng.Intn(2))*50
	set.HashWriteMaxTasks = 3
	set.BackupAttempts, set.BackupQuantile, set.BackupMultiplier = rng.Intn(3) > 0, rng.Float64()*0.8, 1+rng.Float64()
	set.BackupMinRuntime = time.Duration(rng.Intn(5)) * time.Second
	set.SmallStageEstimation, set.SmallStageThreshold = rng.Intn(2) == 0, rng.Int63n(3000)
	set.SmallStageRequireNoMorePartitions = rng.Intn(2) == 0
	set.MinSourceStageProgress = rng.Float64()
	set.StageEstimationForEagerParent = rng.Intn(4) > 0
	set.MaxRunningTasks = max(0, rng.Intn(12)-6)
	set.CoordinatorTaskMemory = rng.Int63n(400) * mb
	set.MaxTasksWaitingForNode = 1 + rng.Intn(5)
	set.MaxTasksWaitingForExecution = 1 + rng.Intn(5)
	return set
}

// addSplits invents the splits of the stage's scans.
func (q *simQuery) addSplits(rng *rand.Rand, st *scheduler.Stage, hosts []string) {
	located := rng.Intn(4) == 0
	groups := 0 // how many, where splits belong to some
	if st.Distribution == scheduler.Arbitrary && rng.Intn(4) == 0 {
		groups = 1 + rng.Intn(10)
	}
	for source := range st.Sources {
		for i := range rng.Intn(14) * (1 + q.large) {
			s := scheduler.Split{Source: source, ID: fmt.Sprintf("%d/%d/%d", st.ID, source, i), Bytes: rng.Int63n(120)}
			if located {
				s.Hosts = []string{hosts[rng.Intn(len(hosts))], hosts[rng.Intn(len(hosts))]}
				s.Pinned = rng.Intn(20) == 0 && st.Distribution == scheduler.Arbitrary
			}
			if groups > 0 && !s.Pinned {
				s.Group = rng.Intn(groups + 1)
			}
			key := [2]int{int(st.ID), source}
			q.splits[key] = append(q.splits[key], s)
		}
	}
}
