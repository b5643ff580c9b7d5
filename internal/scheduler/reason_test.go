package scheduler

import "testing"

// A task that cannot go on says what it waits for, and goes on when that is there: nothing stays pending without a reason
// (trinodb/trino issue 18603).
func TestWaitingTaskNamesReason18603(t *testing.T) {
	s := New(DefaultConfig())
	step := func(ev Event) []Action {
		t.Helper()
		actions := s.Step(ev)
		if err := s.Verify(); err != nil {
			t.Fatalf("%s: %v", ev, err)
		}
		return actions
	}
	expect := func(stage int, want string) {
		t.Helper()
		info, _ := s.Query("q")
		if got := info.Stages[stage].Waiting; got != want {
			t.Errorf("stage %d is %q, not %q", stage, got, want)
		}
		if want != "" && stage == 0 && info.Waiting != want {
			t.Errorf("the query is %q, not %q", info.Waiting, want)
		}
	}
	set := DefaultSettings()
	step(QuerySubmitted{At: 1, Query: Query{ID: "q", Policy: RetryTask, Settings: set, Stages: []Stage{
		{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1},
		{ID: 1, Inputs: []Input{{Stage: 0}}, OutputPartitions: 1, Root: true, CoordinatorOnly: true},
	}}})
	expect(0, "waiting for splits")
	expect(1, "waiting for stage 0")
	step(SplitsFound{At: 2, Query: "q", NoMore: true, Splits: []Split{
		{ID: "a", Bytes: gib}, {ID: "b", Bytes: gib}, {ID: "c", Bytes: gib, Hosts: []string{"h"}, Pinned: true},
	}})
	expect(0, "waiting for a node: there is none")
	step(NodeJoined{At: 3, Node: "w", Instance: "i", MemBytes: 8 * gib, Slots: 8})
	expect(0, "waiting for a node: no node has 5GB free")
	step(TaskFinished{At: 4, Task: TaskID{"q", 0, 0, 0}, Rows: []int64{1}, Bytes: []int64{1}})
	expect(0, "waiting for a node: there is none at [h], where the data is")
	step(NodeJoined{At: 5, Node: "v", Instance: "i", MemBytes: 8 * gib, Slots: 1, Host: "h"})
	expect(0, "")
	step(NodeLost{At: 6, Node: "w"}) // the worker that ran the second is gone: it runs again as soon as there is room
	expect(0, "waiting for a node: all slots are taken")
	step(TaskFinished{At: 7, Task: TaskID{"q", 0, 2, 0}, Rows: []int64{1}, Bytes: []int64{1}})
	expect(0, "")
	step(TaskFailed{At: 8, Task: TaskID{"q", 0, 1, 1}, Failure: scriptFailure(t, "GENERIC_INTERNAL_ERROR")})
	expect(0, "waiting to try a task again")
	actions := step(Tick{At: Instant(DefaultSettings().RetryInitialDelay) + 8})
	if len(actions) == 0 {
		t.Fatal("nothing starts after the delay")
	}
	step(TaskFinished{At: 1 << 40, Task: TaskID{"q", 0, 1, 2}, Rows: []int64{1}, Bytes: []int64{1}})
	expect(1, "waiting for a node: there is no coordinator")
}
