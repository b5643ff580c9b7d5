package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// TestCoverage plays some seeds and counts what the machine did: a feature that never happens is not tested by the
// others.
func TestCoverage(t *testing.T) {
	const (
		backup    = "a second attempt of a slow partition"
		won       = "a second attempt that finishes first"
		early     = "a task of a stage that starts early"
		evicted   = "a speculative attempt that makes room"
		eager     = "a task of an eager stage"
		divided   = "a partition in place of one that ran out of memory"
		joined    = "a join of which tasks share a partition"
		killed    = "a task killed for its memory"
		overtaken = "a query killed for its memory"
		restarted = "a query that runs again"
		drained   = "a node that is idle and may go"
		replanned = "stages that a new plan replaces"
		taken     = "a result that was copied away"
		shown     = "a part of a result that is shown before the rest is made"
		again     = "such a part that is made again"
		crowd     = "more than five queries at a time"
	)
	seen := map[string]int{}
	failures, faults := map[string]int{}, map[string]int{}
	for seed := range int64(400) {
		res, err := Run(seed)
		if err != nil {
			t.Fatal(err)
		}
		for fault, n := range res.Faults {
			faults[fault] += n
		}
		state := scheduler.New(scheduler.DefaultConfig())
		beside := map[scheduler.TaskID]bool{}
		shownOf := map[scheduler.QueryID]int{}
		readers := map[string]int{} // the partition of a stage that reads an exchange partition
		for _, ev := range res.Events {
			f, failed := ev.(scheduler.TaskFailed)
			tasks := partitions(state, f.Task)
			actions := state.Step(ev)
			if r, ok := ev.(scheduler.Replanned); ok && len(r.Stages) > 0 {
				seen[replanned]++
			}
			if len(state.QueryIDs()) > 5 {
				seen[crowd]++
			}
			if failed && tasks > 0 && partitions(state, f.Task) > tasks {
				seen[divided]++
			}
			for _, a := range actions {
				if a, ok := a.(scheduler.StartTask); ok && len(a.Inputs) > 1 && len(a.Inputs[0].Partitions) == 1 && len(a.Inputs[1].Partitions) == 1 {
					what := fmt.Sprint(a.Task.Query, a.Task.Stage, a.Inputs[0].Partitions)
					other, ok := readers[what]
					if info, _ := state.Query(a.Task.Query); ok && other != a.Task.Partition && info.Policy == scheduler.RetryTask {
						seen[joined]++
					}
					readers[what] = a.Task.Partition
				}
				switch a := a.(type) {
				case scheduler.StartTask:
					others := 0
					for _, n := range state.Nodes() {
						for _, id := range state.Running(n.ID) {
							if id != a.Task && id.Query == a.Task.Query && id.Stage == a.Task.Stage && id.Partition == a.Task.Partition {
								others++
							}
						}
					}
					switch {
					case a.Class == scheduler.EagerSpeculative:
						seen[eager]++
					case a.Class == scheduler.Speculative && others > 0:
						seen[backup]++
						beside[a.Task] = true
					case a.Class == scheduler.Speculative:
						seen[early]++
					}
				case scheduler.CancelTask:
					switch {
					case strings.HasPrefix(a.Reason, "makes room"):
						seen[evicted]++
					case strings.HasPrefix(a.Reason, "Task killed"):
						seen[killed]++
					case strings.HasPrefix(a.Reason, "another attempt finished"):
						if f, ok := ev.(scheduler.TaskFinished); ok && beside[f.Task] {
							seen[won]++
						}
					}
				case scheduler.QueryRestarted:
					seen[restarted]++
				case scheduler.NodeDrained:
					seen[drained]++
				case scheduler.ResultGrown:
					seen[shown]++
					if slices.ContainsFunc(a.Outputs, func(b scheduler.Bundle) bool { return b.Attempt > 0 }) && a.From < shownOf[a.Query] {
						seen[again]++
					}
					shownOf[a.Query] = max(shownOf[a.Query], a.From+len(a.Outputs))
				case scheduler.ResultAccepted:
					seen[taken]++
				case scheduler.QueryFailed:
					failures[a.Failure.Code]++
					if strings.HasPrefix(a.Failure.Message, "Query killed") {
						seen[overtaken]++
					}
				}
			}
		}
	}
	for _, what := range []string{backup, won, early, evicted, eager, divided, joined, killed, overtaken, restarted, drained, replanned, taken, shown, again, crowd} {
		t.Logf("%s: %d", what, seen[what])
		if seen[what] == 0 {
			t.Errorf("%s was never seen", what)
		}
	}
	t.Logf("queries failed with %v", failures)
	for _, fault := range []string{
		"coordinator killed", "crash", "drain", "exodus", "failed listing", "half of the nodes are cut off", "long task", "lost output",
		"most nodes crash", "node given up too early", "other load", "partition", "pause", "query ended from outside",
		"restart with another size", "slow disk", "slow listing", "storage outage",
	} {
		t.Logf("%s: %d", fault, faults[fault])
		if faults[fault] == 0 {
			t.Errorf("%s has never happened", fault)
		}
	}
}

// partitions counts the partitions of the task's stage.
func partitions(state *scheduler.State, task scheduler.TaskID) int {
	info, _ := state.Query(task.Query)
	for _, st := range info.Stages {
		if st.ID == task.Stage {
			return st.Tasks
		}
	}
	return 0
}
