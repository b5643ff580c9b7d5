package scheduler

import (
	"slices"
	"testing"
)

// What ran out of memory on a whole node is divided until it fits: the query ends with a result, and every split is read
// by exactly one of the attempts that finished (trinodb/trino issue 18025).
func TestOutOfMemoryOnWholeNodeDividesTask18025(t *testing.T) {
	s := New(DefaultConfig())
	s.Step(NodeJoined{Node: "w", Instance: "i", MemBytes: 4 * gib, Slots: 4})
	set := DefaultSettings()
	set.Compute.Min, set.Compute.Max = 1<<40, 1<<40
	actions := s.Step(QuerySubmitted{Query: Query{ID: "q", Policy: RetryTask, Settings: set, Stages: []Stage{
		{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1, Root: true},
	}}})
	var read, want []string
	for len(actions) > 0 {
		a := actions[0]
		actions = actions[1:]
		switch a := a.(type) {
		case FindSplits:
			ev := SplitsFound{Query: "q", NoMore: true}
			for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
				ev.Splits = append(ev.Splits, Split{ID: id, Bytes: 100 * mib})
				want = append(want, id)
			}
			actions = append(actions, s.Step(ev)...)
		case StartTask:
			if len(a.Splits) > 2 {
				f := Failure{Code: "EXCEEDED_LOCAL_MEMORY_LIMIT", Type: codes[2].Type}
				actions = append(actions, s.Step(TaskFailed{Task: a.Task, Failure: f, PeakMemory: a.MemBytes})...)
				continue
			}
			for _, split := range a.Splits {
				read = append(read, split.ID)
			}
			actions = append(actions, s.Step(TaskFinished{Task: a.Task, Rows: []int64{1}, Bytes: []int64{1}})...)
		case QueryFailed:
			t.Fatal(a)
		}
	}
	if info, _ := s.Query("q"); info.State != QueryFinishedState {
		t.Errorf("the query is %s", info.State)
	}
	slices.Sort(read)
	if !slices.Equal(read, want) {
		t.Errorf("read splits %v, not %v", read, want)
	}
}
