package sim

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// TestFairShares lets queries with equal tasks come to a full cluster one after the other, and tasks end in any order: as long as all
// of them have tasks that wait, whatever becomes free goes to each in turn.
func TestFairShares(t *testing.T) {
	const queries, tasks, nodes, slots = 4, 60, 3, 4
	for seed := range int64(30) {
		rng := rand.New(rand.NewSource(seed))
		state := scheduler.New(scheduler.DefaultConfig())
		var running []scheduler.TaskID
		starts := map[scheduler.QueryID]int{}
		var step func(ev scheduler.Event)
		step = func(ev scheduler.Event) {
			for _, a := range state.Step(ev) {
				switch a := a.(type) {
				case scheduler.StartTask:
					running = append(running, a.Task)
					starts[a.Task.Query]++
				case scheduler.FindSplits:
					found := scheduler.SplitsFound{Query: a.Query, Stage: a.Stage, Seen: a.Seen, NoMore: true}
					for i := range tasks {
						found.Splits = append(found.Splits, scheduler.Split{ID: fmt.Sprint(i), Bytes: mb})
					}
					step(found)
				}
			}
		}
		finishOne := func() {
			i := rng.Intn(len(running))
			id := running[i]
			running = append(running[:i], running[i+1:]...)
			step(scheduler.TaskFinished{Task: id, Rows: []int64{1}, Bytes: []int64{1}, PeakMemory: mb})
		}
		for i := range nodes {
			step(scheduler.NodeJoined{Node: scheduler.NodeID(fmt.Sprint("w", i)), Instance: "1", MemBytes: 64 * 1024 * mb, Slots: slots})
		}
		set := scheduler.DefaultSettings()
		set.TaskMemory, set.MaxTaskSplitCount, set.SpreadMinSize, set.BackupAttempts = 1024*mb, 1, 0, false
		for i := range queries {
			step(scheduler.QuerySubmitted{Query: scheduler.Query{ID: scheduler.QueryID(fmt.Sprint("q", i)), Policy: scheduler.RetryTask, Settings: set, Stages: []scheduler.Stage{
				{ID: 0, Distribution: scheduler.Arbitrary, Sources: 1, OutputPartitions: 1},
				{ID: 1, Inputs: []scheduler.Input{{Stage: 0}}, OutputPartitions: 1, Root: true},
			}}})
			for range rng.Intn(6) {
				finishOne()
			}
		}
		clear(starts)
		for waiting, rounds := true, 0; waiting; rounds++ {
			finishOne()
			least, most := tasks, 0
			for i := range queries {
				info, _ := state.Query(scheduler.QueryID(fmt.Sprint("q", i)))
				waiting = waiting && info.Stages[0].Queued > 0
				least, most = min(least, starts[info.ID]), max(most, starts[info.ID])
			}
			if most-least > 1 {
				t.Fatalf("seed %d: of %d places that became free the queries got %v", seed, rounds+1, starts)
			}
			if !waiting && rounds < tasks {
				t.Fatalf("seed %d: a query had no more tasks after %d", seed, rounds)
			}
		}
	}
}
