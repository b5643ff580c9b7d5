package scheduler

import (
	"fmt"
	"testing"
)

// BenchmarkQuery runs one query with a large scan and a hash stage on a hundred nodes, and a few others that wait; the
// figure is the time per event.
func BenchmarkQuery(b *testing.B) {
	events := 0
	for b.Loop() {
		s := New(DefaultConfig())
		for i := range 100 {
			s.Step(NodeJoined{Node: NodeID(fmt.Sprintf("w%02d", i)), Instance: "i", MemBytes: 64 * gib, Slots: 8})
		}
		set := DefaultSettings()
		var queue []TaskID
		handle := func(actions []Action) {
			for len(actions) > 0 {
				a := actions[0]
				actions = actions[1:]
				switch a := a.(type) {
				case StartTask:
					queue = append(queue, a.Task)
				case FindSplits:
					var splits []Split
					for i := a.Seen; i < min(a.Seen+1000, 20000); i++ {
						splits = append(splits, Split{ID: fmt.Sprint(i), Bytes: 512 * mib})
					}
					found := SplitsFound{Query: a.Query, Stage: a.Stage, Seen: a.Seen, Splits: splits, NoMore: a.Seen+1000 >= 20000}
					actions = append(actions, s.Step(found)...)
				}
			}
		}
		for i := range 5 {
			handle(s.Step(QuerySubmitted{Query: Query{ID: QueryID(fmt.Sprintf("q%d", i)), Policy: RetryTask, Settings: set, Stages: []Stage{
				{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 50},
				{ID: 1, Distribution: Hash, Inputs: []Input{{Stage: 0}}, OutputPartitions: 1},
				{ID: 2, Inputs: []Input{{Stage: 1}}, OutputPartitions: 1, Root: true},
			}}}))
		}
		for len(queue) > 0 {
			id := queue[0]
			queue = queue[1:]
			n := s.query(id.Query).stage(id.Stage).OutputPartitions
			sizes := make([]int64, n)
			for i := range sizes {
				sizes[i] = mib
			}
			handle(s.Step(TaskStarted{Task: id}))
			handle(s.Step(TaskFinished{Task: id, Rows: sizes, Bytes: sizes, PeakMemory: gib}))
			events += 2
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}
