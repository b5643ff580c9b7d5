package scheduler

import (
	"fmt"
	"time"
)

// RetryPolicy says what is run again after a failure; Trino's retry-policy.
type RetryPolicy uint8

// The policies.
const (
	// RetryNone ends the query at the first failure.
	RetryNone RetryPolicy = iota
	// RetryQuery runs the whole distributed part again.
	RetryQuery
	// RetryTask runs only the failed partition again.
	RetryTask
)

// String returns Trino's name of the policy.
func (p RetryPolicy) String() string { return [...]string{"NONE", "QUERY", "TASK"}[p] }

// Distribution says how the work of a stage is divided into tasks.
type Distribution uint8

// The distributions.
const (
	// Single is one task that reads everything.
	Single Distribution = iota
	// Arbitrary divides table splits, and whole bundles of partitioned inputs, among tasks by size: any task may read
	// any of them. Replicated inputs go to every task. Scans and round-robin redistribution are of this kind.
	Arbitrary
	// Hash gives each task a set of exchange partitions, the same of every partitioned input. Small partitions are
	// merged into one task. Replicated inputs go to every task. A Hash stage scans no tables.
	Hash
)

// String returns the name used in scripts.
func (d Distribution) String() string { return [...]string{"single", "arbitrary", "hash"}[d] }

// Query is the graph of a query as the scheduler sees it, with everything that governs its retries.
type Query struct {
	ID       QueryID
	Policy   RetryPolicy
	Settings Settings
	// Stages, producers before consumers. The order is also the priority: tasks of earlier stages are placed first.
	Stages []Stage
	// Direct says that outputs live on the node that made them and are lost with it. Otherwise they are spooled
	// and survive their node.
	Direct bool
	// Adaptive makes each first StageFinished of a stage a question: no further stage is started until a Replanned
	// event answers it.
	Adaptive bool
}

// Stage is a plan fragment: one statement, run by one or more tasks.
type Stage struct {
	ID     StageID
	Inputs []Input
	// After are stages that have to finish before this one starts although it does not read them; await.go.
	After []StageID `json:",omitempty"`
	// AfterAtMost bounds that wait, from when nothing else keeps the stage from starting; 0: there is no bound.
	AfterAtMost time.Duration `json:",omitempty"`
	// Sources is the number of table scans. Their splits are asked for by FindSplits and arrive as SplitsFound.
	Sources      int
	Distribution Distribution
	// OutputPartitions is the number of exchange partitions that each task writes; 1 or more.
	OutputPartitions int
	// Root marks the stage whose outputs are the result of the query. There is exactly one.
	Root bool
	// Writer marks a stage that writes a table: sizes for writers apply.
	Writer bool
	// ScaleWriters allows a Hash partition far above the target size to be read by several tasks, each a part of one of the inputs
	// and the whole of the others.
	ScaleWriters bool
	// Ordered says that the exchange partitions a Hash stage reads are ranges of an order, in which its tasks follow each other: each gets
	// neighbouring ones, and the outputs of the stage are listed in their order.
	Ordered bool `json:",omitempty"`
	// CoordinatorOnly stages (commit, DDL-like work) run on a node that joined as coordinator. They need no slot, and
	// Settings.CoordinatorTaskMemory. Under QUERY they run once and are never retried; under TASK they are retried only if
	// they have inputs.
	CoordinatorOnly bool
	// MemoryRequest is the first request of each task in bytes; 0 means the query's setting.
	MemoryRequest int64
	// NoMemory marks stages that read no data to speak of (system tables): they request no memory, and their tasks have slots
	// of their own, LightSlots on each node, so that long tasks do not keep them waiting.
	NoMemory bool
	// RowLimit, if positive, ends the stage as soon as its finished tasks have produced that many rows.
	RowLimit int64
	// Indeterminate says that another attempt of a task may produce other rows, or the same rows in other exchange
	// partitions. If an output of such a stage is lost after some task has read it, all tasks downstream run again.
	Indeterminate bool
}

// Input is an edge of the graph.
type Input struct {
	Stage StageID
	// Replicated inputs are read as a whole by every task; the others are divided among tasks.
	Replicated bool
	// Whole says of an input of a stage with ScaleWriters that tasks which share a partition read each all of it: another input is
	// what is divided.
	Whole bool `json:",omitempty"`
}

// Split is a piece of a table.
type Split struct {
	// Source says which of the stage's scans it belongs to, from 0.
	Source int
	// ID is opaque: the connector's handle, or a key under which the shell keeps it.
	ID string
	// Bytes is the estimated size; 0 counts as Settings.StandardSplitSize.
	Bytes int64
	// Hosts are addresses near the data; empty means anywhere.
	Hosts []string `json:",omitempty"`
	// Pinned splits can be read on one of Hosts only.
	Pinned bool `json:",omitempty"`
	// Group, when not zero, is read by one task as a whole: all splits of that number, of all scans of the stage. Neighbouring groups
	// go to the same task where they fit.
	Group int `json:",omitempty"`
}

// TargetSize is how the input of an Arbitrary task grows with the number of tasks; Trino's
// fault-tolerant-execution-arbitrary-distribution-* properties.
type TargetSize struct {
	Min, Max     int64
	GrowthPeriod int
	GrowthFactor float64
}

// Settings are the properties, fixed at submission, that govern one query. Zero fields mean zero, not the default:
// start from DefaultSettings.
type Settings struct {
	QueryRetryAttempts    int           // query-retry-attempts: restarts after the first run
	TaskRetryAttempts     int           // task-retry-attempts-per-task: retries after the first attempt, 0..126
	RetryInitialDelay     time.Duration // retry-initial-delay
	RetryMaxDelay         time.Duration // retry-max-delay
	RetryDelayScaleFactor float64       // retry-delay-scale-factor

	TaskMemory                  int64   // first request in bytes; 0: a slot's share of the largest node
	CoordinatorTaskMemory       int64   // fault-tolerant-execution-coordinator-task-memory: request of tasks on the coordinator
	MemoryGrowthFactor          float64 // multiplier after out of memory
	MemoryQuantile              float64 // quantile of observed peaks that later tasks request
	MemoryGrowsOnWorkerCrash    bool    // a crashed worker counts as out of memory for sizing
	MaxTasksWaitingForNode      int     // max-tasks-waiting-for-node-per-query
	MaxTasksWaitingForExecution int     // max-tasks-waiting-for-execution-per-query: queued tasks that stop split enumeration

	Compute           TargetSize // Arbitrary stages that do not write
	Write             TargetSize // Arbitrary writer stages
	StandardSplitSize int64
	MaxTaskSplitCount int
	// SpreadMinSize is the smallest input worth a task of its own when all splits are known and nodes would
	// otherwise be idle; 0 never makes tasks smaller than Compute.Min.
	SpreadMinSize int64

	HashComputeTargetSize int64
	HashComputeNodeRatio  float64 // lower bound of tasks per node
	HashWriteTargetSize   int64
	HashWriteNodeRatio    float64
	HashWriteMaxTasks     int
	// HashMinTaskSize bounds what the node ratios may do: they never make tasks smaller than this. 0 is Trino.
	HashMinTaskSize int64

	// MaxRunningTasks is how many tasks of the query run at a time; 0 means as many as there is room for.
	MaxRunningTasks int

	// A partition that runs far longer than its stage's others gets a second attempt beside the first, on another node;
	// straggler.go.
	BackupAttempts   bool
	BackupQuantile   float64       // the part of a stage's partitions that must have finished before
	BackupMultiplier float64       // how many times the median of their run times is far longer
	BackupMinRuntime time.Duration // no attempt is raced before it has run that long

	// An Arbitrary stage starts before its partitioned inputs are complete once their size can be told; estimate.go.
	MinSourceStageProgress            float64 // fault-tolerant-execution-min-source-stage-progress
	SmallStageEstimation              bool    // fault-tolerant-execution-small-stage-estimation-enabled
	SmallStageThreshold               int64   // fault-tolerant-execution-small-stage-estimation-threshold
	SmallStageMultiplier              float64 // fault-tolerant-execution-small-stage-source-size-multiplier
	SmallStageRequireNoMorePartitions bool    // fault-tolerant-execution-small-stage-require-no-more-partitions
	// StageEstimationForEagerParent lets stages with a small row limit run eagerly and end as soon as that many rows are
	// there; fault-tolerant-execution-stage-estimation-for-eager-parent-enabled.
	StageEstimationForEagerParent bool
}

const (
	kib = int64(1) << 10
	mib = kib << 10
	gib = mib << 10
)

// DefaultSettings returns Trino's defaults; where Trino has no such property, ours.
func DefaultSettings() Settings {
	return Settings{
		QueryRetryAttempts:          4,
		TaskRetryAttempts:           4,
		RetryInitialDelay:           10 * time.Second,
		RetryMaxDelay:               time.Minute,
		RetryDelayScaleFactor:       2,
		TaskMemory:                  5 * gib,
		MemoryGrowthFactor:          3,
		MemoryQuantile:              0.9,
		MemoryGrowsOnWorkerCrash:    true,
		MaxTasksWaitingForNode:      50,
		MaxTasksWaitingForExecution: 10,
		Compute:                     TargetSize{Min: 512 * mib, Max: 50 * gib, GrowthPeriod: 64, GrowthFactor: 1.26},
		Write:                       TargetSize{Min: 4 * gib, Max: 50 * gib, GrowthPeriod: 64, GrowthFactor: 1.26},
		StandardSplitSize:           64 * mib,
		MaxTaskSplitCount:           2048,
		SpreadMinSize:               64 * mib,
		HashComputeTargetSize:       512 * mib,
		HashComputeNodeRatio:        2,
		HashWriteTargetSize:         4 * gib,
		HashWriteNodeRatio:          2,
		HashWriteMaxTasks:           2000,
		HashMinTaskSize:             32 * mib,

		CoordinatorTaskMemory: 2 * gib,

		BackupAttempts:   true,
		BackupQuantile:   0.75,
		BackupMultiplier: 2,
		BackupMinRuntime: 10 * time.Second,

		MinSourceStageProgress:        0.2,
		SmallStageEstimation:          true,
		SmallStageThreshold:           20 * gib,
		SmallStageMultiplier:          1.2,
		StageEstimationForEagerParent: true,
	}
}

// checkGraph reports the first thing that makes stages unusable as a graph.
func checkGraph(stages []Stage) error {
	seen := make(map[StageID]bool, len(stages))
	roots := 0
	for i := range stages {
		st := &stages[i]
		switch {
		case st.ID < 0:
			return fmt.Errorf("stage %d has a negative id", st.ID)
		case seen[st.ID]:
			return fmt.Errorf("stage %d is declared twice", st.ID)
		case st.OutputPartitions < 1:
			return fmt.Errorf("stage %d has no output partition", st.ID)
		case st.Distribution > Hash:
			return fmt.Errorf("stage %d has an unknown distribution", st.ID)
		case st.Distribution == Hash && st.Sources > 0:
			return fmt.Errorf("stage %d is hash distributed and scans tables", st.ID)
		case st.Ordered && st.Distribution != Hash:
			return fmt.Errorf("stage %d is ordered and not hash distributed", st.ID)
		case st.CoordinatorOnly && st.Distribution != Single:
			return fmt.Errorf("stage %d runs on the coordinator and is not single", st.ID)
		case st.Sources < 0:
			return fmt.Errorf("stage %d has a negative number of sources", st.ID)
		}
		for _, in := range st.Inputs {
			if !seen[in.Stage] {
				return fmt.Errorf("stage %d reads stage %d, which is not declared before it", st.ID, in.Stage)
			}
		}
		if st.Distribution == Hash {
			if err := checkHashInputs(stages, st); err != nil {
				return err
			}
		}
		seen[st.ID] = true
		if st.Root {
			roots++
		}
	}
	if roots != 1 {
		return fmt.Errorf("%d root stages instead of 1", roots)
	}
	return checkAfter(stages)
}

// checkHashInputs reports a Hash stage without partitioned inputs, or with inputs partitioned into different counts.
func checkHashInputs(stages []Stage, st *Stage) error {
	count := 0
	for _, in := range st.Inputs {
		if in.Replicated {
			continue
		}
		for i := range stages {
			if stages[i].ID != in.Stage {
				continue
			}
			if n := stages[i].OutputPartitions; count == 0 {
				count = n
			} else if count != n {
				return fmt.Errorf("stage %d reads inputs of %d and %d partitions", st.ID, count, n)
			}
		}
	}
	if count == 0 {
		return fmt.Errorf("stage %d is hash distributed and has no partitioned input", st.ID)
	}
	return nil
}
