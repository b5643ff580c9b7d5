package scheduler

import (
	"slices"
	"testing"
)

// TestOutstandingOn loses an input of two running attempts: the one on the node that is back cannot be described any more,
// and is not started again until the shell has said that it failed.
func TestOutstandingOn(t *testing.T) {
	s := New(DefaultConfig())
	s.Step(NodeJoined{Node: "w1", Instance: "i", MemBytes: 100 * gib, Slots: 4})
	s.Step(QuerySubmitted{Query: Query{ID: "q", Policy: RetryTask, Settings: DefaultSettings(), Stages: []Stage{
		{ID: 0, OutputPartitions: 1}, {ID: 1, Inputs: []Input{{Stage: 0}}, OutputPartitions: 1, Root: true},
	}}})
	s.Step(TaskFinished{Task: TaskID{"q", 0, 0, 0}, Rows: []int64{1}, Bytes: []int64{1}})
	reader := TaskID{"q", 1, 0, 0}
	starts, gone := s.OutstandingOn("w1")
	if len(starts) != 1 || starts[0].Task != reader || len(gone) != 0 {
		t.Fatalf("to start %v, gone %v", starts, gone)
	}
	s.Step(OutputLost{Query: "q", Output: OutputRef{}})
	starts, gone = s.OutstandingOn("w1")
	if len(starts) != 1 || starts[0].Task != (TaskID{"q", 0, 0, 1}) || !slices.Equal(gone, []TaskID{reader}) {
		t.Fatalf("to start %v, gone %v after the loss", starts, gone)
	}
	if starts, gone := s.OutstandingOn("w2"); starts != nil || gone != nil {
		t.Errorf("%v and %v on a node that is not there", starts, gone)
	}
}
