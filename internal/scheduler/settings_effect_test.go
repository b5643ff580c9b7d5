package scheduler

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// scene is a small cluster with one query, played until nothing happens any more.
type scene struct {
	policy  RetryPolicy
	nodes   []NodeJoined
	stages  []Stage
	splits  []Split // of each scan
	batch   int     // splits found at a time; 0: all
	bytes   int64   // output of each attempt, per partition
	outcome func(a StartTask) (Failure, bool)
	peak    func(a StartTask) int64
	takes   func(a StartTask) time.Duration
	events  []Event // whatever else happens
	until   Instant // 0: to the end
}

// sceneBegins is when: the state machine takes the time 0 for never. The times of a scene, and of what is logged, are since then.
const sceneBegins = Instant(time.Hour)

// play returns what the state machine does, one action a line, each with its time.
func (sc scene) play(set Settings, cfg Config) string {
	type due struct {
		at Instant
		ev func(at Instant) Event
	}
	var queue []due
	push := func(at Instant, ev func(at Instant) Event) {
		i, _ := slices.BinarySearchFunc(queue, at+1, func(d due, at Instant) int { return int(min(max(d.at-at, -1), 1)) })
		queue = slices.Insert(queue, i, due{at, ev})
	}
	for _, n := range sc.nodes {
		push(sceneBegins, func(at Instant) Event { n.At = at; return n })
	}
	push(sceneBegins, func(at Instant) Event {
		return QuerySubmitted{At: at, Query: Query{ID: "q", Policy: sc.policy, Settings: set, Stages: sc.stages}}
	})
	for _, e := range sc.events {
		push(e.when(), func(Instant) Event { return e })
	}
	state := New(cfg)
	var log strings.Builder
	for steps := 0; len(queue) > 0 && steps < 3000; steps++ {
		next := queue[0]
		queue = queue[1:]
		if sc.until != 0 && next.at > sceneBegins+sc.until {
			break
		}
		for _, action := range state.Step(next.ev(next.at)) {
			fmt.Fprintf(&log, "%s %s\n", next.at.Sub(sceneBegins), action)
			switch a := action.(type) {
			case SetTimer:
				push(a.At, func(at Instant) Event { return Tick{At: at} })
			case FindSplits:
				n := sc.batch
				if n == 0 {
					n = len(sc.splits)
				}
				end := min(a.Seen+n, len(sc.splits))
				found := slices.Clone(sc.splits[a.Seen:end])
				for i := range found {
					found[i].Source = a.Source
				}
				push(next.at, func(at Instant) Event {
					return SplitsFound{At: at, Query: a.Query, Stage: a.Stage, Source: a.Source, Seen: a.Seen, Splits: found, NoMore: end == len(sc.splits)}
				})
			case StartTask:
				took := time.Second
				if sc.takes != nil {
					took = sc.takes(a)
				}
				peak := int64(100 * mib)
				if sc.peak != nil {
					peak = sc.peak(a)
				}
				push(next.at.Add(took), func(at Instant) Event {
					if sc.outcome != nil {
						if f, failed := sc.outcome(a); failed {
							return TaskFailed{At: at, Task: a.Task, Failure: f, PeakMemory: peak}
						}
					}
					ev := TaskFinished{At: at, Task: a.Task, PeakMemory: peak, CPU: time.Second, Wall: took, Output: "o"}
					for range a.OutputPartitions {
						ev.Rows, ev.Bytes = append(ev.Rows, 1), append(ev.Bytes, sc.bytes)
					}
					return ev
				})
			}
		}
	}
	return log.String()
}

func someSplits(n int, bytes int64) []Split {
	out := make([]Split, n)
	for i := range out {
		out[i] = Split{ID: fmt.Sprintf("s%d", i), Bytes: bytes}
	}
	return out
}

func worker(name string, mem int64, slots int) NodeJoined {
	return NodeJoined{Node: NodeID(name), Instance: "i", MemBytes: mem, Slots: slots, Host: name}
}

func always(code *trinoerr.Code) func(StartTask) (Failure, bool) {
	return func(StartTask) (Failure, bool) { return FailureOf(trinoerr.New(code, "m")), true }
}

func first(code *trinoerr.Code) func(StartTask) (Failure, bool) {
	return func(a StartTask) (Failure, bool) { return FailureOf(trinoerr.New(code, "m")), a.Task.Attempt == 0 }
}

// Each property of a session changes what happens, in the way that the two texts tell: one is in the log when the property has
// another value and not when it has its default, the other the other way round.
func TestSettingsHaveEffects(t *testing.T) {
	scan := []Stage{{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1, Root: true}}
	then := []Stage{{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1}, {ID: 1, Inputs: []Input{{Stage: 0}}, OutputPartitions: 1, Root: true}}
	hash := []Stage{{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 8}, {ID: 1, Distribution: Hash, Inputs: []Input{{Stage: 0}}, OutputPartitions: 1, Root: true}}
	write := func(in []Stage) []Stage {
		out := slices.Clone(in)
		out[len(out)-1].Writer = true
		return out
	}
	early := []Stage{{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1},
		{ID: 1, Distribution: Arbitrary, Inputs: []Input{{Stage: 0}}, OutputPartitions: 1},
		{ID: 2, Inputs: []Input{{Stage: 1}}, OutputPartitions: 1, Root: true}}
	limited := slices.Clone(then)
	limited[0].RowLimit = 2
	one, large := []NodeJoined{worker("w", 10*gib, 1)}, []NodeJoined{worker("w", 100*gib, 20)}
	two := []NodeJoined{worker("v", 100*gib, 10), worker("w", 100*gib, 10)}
	single := scene{policy: RetryTask, nodes: large, stages: scan, splits: someSplits(1, mib)}
	failing := single
	failing.outcome = always(trinoerr.GenericInternalError)
	spoilt := single
	spoilt.outcome = first(trinoerr.ExceededLocalMemoryLimit)
	crashed := single
	crashed.outcome = first(trinoerr.RemoteTaskError)
	rerun := failing
	rerun.policy = RetryQuery
	sized := func(stages []Stage, n int, bytes int64) scene {
		return scene{policy: RetryTask, nodes: large, stages: stages, splits: someSplits(n, bytes), bytes: 100 * mib}
	}
	wide := sized(hash, 1, mib)
	huge := sized(write(hash), 1, mib)
	huge.bytes = 3 * gib
	slow := sized(then, 8, gib)
	slow.nodes = two
	slow.takes = func(a StartTask) time.Duration {
		if a.Task.Stage == 0 && a.Task.Partition == 0 && a.Task.Attempt == 0 {
			return time.Hour
		}
		return 20 * time.Second
	}
	slow.until = Instant(time.Minute)
	measured := sized(scan, 12, gib)
	measured.nodes = one
	measured.peak = func(a StartTask) int64 { return int64(a.Task.Partition+1) * 100 * mib }
	staged := sized(early, 8, gib)
	staged.takes = func(a StartTask) time.Duration { return time.Duration(a.Task.Partition+1) * time.Second }
	queued := sized(scan, 30, gib)
	queued.nodes, queued.batch = one, 5
	queued.takes = func(StartTask) time.Duration { return time.Minute }
	queued.until = Instant(time.Second)
	onCoordinator := sized([]Stage{{ID: 0, CoordinatorOnly: true, OutputPartitions: 1, Root: true}}, 0, 0)
	onCoordinator.nodes = []NodeJoined{{Node: "c", Instance: "i", MemBytes: 100 * gib, Slots: 1, Coordinator: true}}
	chained := sized([]Stage{{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1},
		{ID: 1, Distribution: Arbitrary, Inputs: []Input{{Stage: 0}}, OutputPartitions: 1},
		{ID: 2, Distribution: Arbitrary, Inputs: []Input{{Stage: 1}}, OutputPartitions: 1},
		{ID: 3, Inputs: []Input{{Stage: 2}}, OutputPartitions: 1, Root: true}}, 8, gib)
	chained.bytes, chained.takes = gib, func(a StartTask) time.Duration {
		return time.Duration(a.Task.Partition*10+1) * time.Second
	}
	crowded := sized([]Stage{{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1, MemoryRequest: 3 * gib},
		{ID: 1, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1, MemoryRequest: gib / 2},
		{ID: 2, Inputs: []Input{{Stage: 0}, {Stage: 1}}, OutputPartitions: 1, Root: true}}, 8, gib)
	crowded.nodes = nil
	for i := range 7 {
		crowded.nodes = append(crowded.nodes, worker(fmt.Sprintf("w%d", i), 4*gib, 20))
	}
	ended := sized(limited, 8, gib)

	plain := DefaultSettings()
	plain.SpreadMinSize, plain.HashMinTaskSize = 0, 0 // what we add to Trino's sizes
	plain.TaskMemory = gib
	shown := map[string]bool{"SpreadMinSize": true, "HashMinTaskSize": true} // by TestArbitrarySpread and TestAssignHash
	for _, test := range []struct {
		field          string
		scene          scene
		change         func(*Settings)
		changed, usual string
	}{
		{"QueryRetryAttempts", rerun, func(s *Settings) { s.QueryRetryAttempts = 1 }, "", "start q.0.0.4 "},
		{"TaskRetryAttempts", failing, func(s *Settings) { s.TaskRetryAttempts = 1 }, "", "start q.0.0.4 "},
		{"RetryInitialDelay", failing, func(s *Settings) { s.RetryInitialDelay = 3 * time.Second }, "4s start q.0.0.1 ", "11s start q.0.0.1 "},
		{"RetryMaxDelay", failing, func(s *Settings) { s.RetryMaxDelay = 12 * time.Second }, "24s start q.0.0.2 ", "32s start q.0.0.2 "},
		{"RetryDelayScaleFactor", failing, func(s *Settings) { s.RetryDelayScaleFactor = 3 }, "42s start q.0.0.2 ", "32s start q.0.0.2 "},
		{"TaskMemory", single, func(s *Settings) { s.TaskMemory = 2 * gib }, "start q.0.0.0 w mem=2GB", "start q.0.0.0 w mem=1GB"},
		{"CoordinatorTaskMemory", onCoordinator, func(s *Settings) { s.CoordinatorTaskMemory = 3 * gib }, "mem=3GB", "mem=2GB"},
		{"MemoryGrowthFactor", spoilt, func(s *Settings) { s.MemoryGrowthFactor = 4 }, "start q.0.0.1 w mem=4GB", "start q.0.0.1 w mem=3GB"},
		{"MemoryQuantile", measured, func(s *Settings) { s.MemoryQuantile, s.TaskMemory = 0, 0 }, "", ""},
		{"MemoryGrowsOnWorkerCrash", crashed, func(s *Settings) { s.MemoryGrowsOnWorkerCrash = false }, "start q.0.0.1 w mem=1GB", "start q.0.0.1 w mem=3GB"},
		{"MaxTasksWaitingForNode", crowded, func(s *Settings) { s.MaxTasksWaitingForNode = 1 }, "", "0s start q.1.0.0 "},
		{"MaxTasksWaitingForExecution", queued, func(s *Settings) { s.MaxTasksWaitingForExecution = 3 }, "", "seen=10"},
		{"MaxRunningTasks", sized(scan, 4, gib), func(s *Settings) { s.MaxRunningTasks = 2 }, "1s start q.0.2.0 ", "0s start q.0.2.0 "},
		{"Compute.Min", sized(scan, 4, 400*mib), func(s *Settings) { s.Compute.Min = gib }, "splits=(s0 s1)", "splits=(s0)"},
		{"Compute.Max", sized(scan, 400, 400*mib), func(s *Settings) { s.Compute.Max = s.Compute.Min }, "start q.0.399.0 ", ""},
		{"Compute.GrowthPeriod", sized(scan, 400, 400*mib), func(s *Settings) { s.Compute.GrowthPeriod = 300 }, "start q.0.310.0 ", ""},
		{"Compute.GrowthFactor", sized(scan, 400, 400*mib), func(s *Settings) { s.Compute.GrowthFactor = 1 }, "start q.0.399.0 ", ""},
		{"Write.Min", sized(write(scan), 4, gib), func(s *Settings) { s.Write.Min = gib }, "start q.0.3.0 ", "splits=(s0 s1 s2 s3)"},
		{"Write.Max", sized(write(scan), 400, 3*gib), func(s *Settings) { s.Write.Max = s.Write.Min }, "start q.0.399.0 ", ""},
		{"Write.GrowthPeriod", sized(write(scan), 400, 3*gib), func(s *Settings) { s.Write.GrowthPeriod = 300 }, "start q.0.310.0 ", ""},
		{"Write.GrowthFactor", sized(write(scan), 400, 3*gib), func(s *Settings) { s.Write.GrowthFactor = 1 }, "start q.0.399.0 ", ""},
		{"StandardSplitSize", sized(scan, 4, 0), func(s *Settings) { s.StandardSplitSize = gib }, "splits=(s0)", "splits=(s0 s1 s2 s3)"},
		{"MaxTaskSplitCount", sized(scan, 4, mib), func(s *Settings) { s.MaxTaskSplitCount = 2 }, "splits=(s0 s1)", "splits=(s0 s1 s2 s3)"},
		{"HashComputeTargetSize", wide, func(s *Settings) { s.HashComputeTargetSize = 50 * mib }, "start q.1.7.0 ", ""},
		{"HashComputeNodeRatio", wide, func(s *Settings) { s.HashComputeNodeRatio = 8 }, "start q.1.7.0 ", ""},
		{"HashWriteTargetSize", sized(write(hash), 1, mib), func(s *Settings) { s.HashWriteTargetSize = 50 * mib }, "start q.1.7.0 ", ""},
		{"HashWriteNodeRatio", sized(write(hash), 1, mib), func(s *Settings) { s.HashWriteNodeRatio = 8 }, "start q.1.7.0 ", ""},
		{"HashWriteMaxTasks", huge, func(s *Settings) { s.HashWriteMaxTasks = 1 }, "", "start q.1.7.0 "},
		{"BackupAttempts", slow, func(s *Settings) { s.BackupAttempts = false }, "", "start q.0.0.1 "},
		{"BackupQuantile", slow, func(s *Settings) { s.BackupQuantile = 1 }, "", "start q.0.0.1 "},
		{"BackupMultiplier", slow, func(s *Settings) { s.BackupMultiplier = 100 }, "", "start q.0.0.1 "},
		{"BackupMinRuntime", slow, func(s *Settings) { s.BackupMinRuntime = time.Hour }, "", "start q.0.0.1 "},
		{"MinSourceStageProgress", staged, func(s *Settings) { s.MinSourceStageProgress, s.SmallStageEstimation = 0.8, false }, "", ""},
		{"SmallStageEstimation", staged, func(s *Settings) { s.SmallStageEstimation, s.MinSourceStageProgress = false, 2 }, "", "class=SPECULATIVE"},
		{"SmallStageThreshold", staged, func(s *Settings) { s.SmallStageThreshold, s.MinSourceStageProgress = mib, 2 }, "", "class=SPECULATIVE"},
		{"SmallStageMultiplier", staged, func(s *Settings) { s.SmallStageMultiplier, s.MinSourceStageProgress = 100, 2 }, "", "class=SPECULATIVE"},
		{"SmallStageRequireNoMorePartitions", chained, func(s *Settings) { s.SmallStageRequireNoMorePartitions = true }, "", ""},
		{"StageEstimationForEagerParent", ended, func(s *Settings) { s.StageEstimationForEagerParent = false }, "", "class=EAGER_SPECULATIVE"},
	} {
		name, _, _ := strings.Cut(test.field, ".")
		shown[name] = true
		set := plain
		test.change(&set)
		if reflect.DeepEqual(set, plain) {
			t.Errorf("%s: nothing is changed", test.field)
		}
		changed, usual := test.scene.play(set, DefaultConfig()), test.scene.play(plain, DefaultConfig())
		switch {
		case changed == usual:
			t.Errorf("%s has no effect:\n%s", test.field, changed)
		case !strings.Contains(changed, test.changed), test.changed != "" && strings.Contains(usual, test.changed):
			t.Errorf("%s: %q is not what the change makes:\n%s", test.field, test.changed, changed)
		case !strings.Contains(usual, test.usual), test.usual != "" && strings.Contains(changed, test.usual):
			t.Errorf("%s: %q is not what is usual:\n%s", test.field, test.usual, usual)
		}
	}
	fields := reflect.TypeFor[Settings]()
	for i := range fields.NumField() {
		if name := fields.Field(i).Name; !shown[name] {
			t.Errorf("nothing shows what %s does", name)
		}
	}
}
