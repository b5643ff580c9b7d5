package sim

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// TestFairShares lets queries with equal tasks come to a full cluster one after the other, and tasks end in any order: as long as all
// of them have tasks that wait, whatever becomes free goes to the one that has least, until all have the same.
func TestFairShares(t *testing.T) {
	const queries, tasks, nodes, slots = 4, 60, 3, 4
	for seed := range int64(30) {
		rng := rand.New(rand.NewSource(seed))
		state := scheduler.New(scheduler.DefaultConfig())
		var tasksRunning []scheduler.TaskID
		var step func(ev scheduler.Event)
		step = func(ev scheduler.Event) {
			for _, a := range state.Step(ev) {
				switch a := a.(type) {
				case scheduler.StartTask:
					tasksRunning = append(tasksRunning, a.Task)
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
			i := rng.Intn(len(tasksRunning))
			id := tasksRunning[i]
			tasksRunning = slices.Delete(tasksRunning, i, i+1)
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
		for rounds := 0; ; rounds++ {
			before := running(state, queries)
			finishOne()
			now, waiting := running(state, queries), true
			for i := range queries {
				info, _ := state.Query(scheduler.QueryID(fmt.Sprint("q", i)))
				waiting = waiting && info.Stages[0].Queued > 0
			}
			if !waiting {
				if rounds < tasks {
					t.Fatalf("seed %d: a query had no more tasks after %d", seed, rounds)
				}
				break
			}
			for i := range queries { // who has got the place had no more than anybody else
				for other := range queries {
					if now[i] > before[i] && now[i] > now[other]+1 {
						t.Fatalf("seed %d: of %v places the next went to query %d: %v", seed, before, i, now)
					}
				}
			}
			if least, most := slices.Min(now), slices.Max(now); rounds > slots*nodes*3 && most-least > 1 {
				t.Fatalf("seed %d: the queries have %v places", seed, now)
			}
		}
	}
}

// running are the places that the queries have.
func running(state *scheduler.State, queries int) []int {
	out := make([]int, queries)
	for i := range out {
		info, _ := state.Query(scheduler.QueryID(fmt.Sprint("q", i)))
		out[i] = info.Stages[0].Running
	}
	return out
}
