package scheduler

import (
	"fmt"
	"testing"
)

// TestSelectedShare checks that tasks with the same share of a stage's outputs are given one list, that the shares together are the
// whole, and that a list is made anew when an output has changed.
func TestSelectedShare(t *testing.T) {
	const outputs, tasks = 20, 3
	st := &stage{q: &query{}}
	for n := range outputs {
		p := &partition{stage: st, n: n, detail: &detail{}}
		st.parts = append(st.parts, p)
		p.setOutput(Bundle{Partition: n, Output: "first"})
	}
	seen := map[int]int{}
	for part := range tasks {
		one, ok := st.selectedShare(share{input: 0, part: part, of: tasks})
		other, ok2 := st.selectedShare(share{input: 1, part: part, of: tasks})
		if !ok || !ok2 || &one[0] != &other[0] {
			t.Fatalf("part %d: the tasks do not share a list", part)
		}
		for _, b := range one {
			seen[b.Partition]++
		}
	}
	if len(seen) != outputs {
		t.Errorf("%d of %d outputs are read", len(seen), outputs)
	}
	st.parts[4].dropOutput()
	if _, ok := st.selectedShare(share{part: 0, of: tasks}); ok {
		t.Error("a share is complete while an output is missing")
	}
	st.parts[4].setOutput(Bundle{Partition: 4, Output: "second"})
	again, ok := st.selectedShare(share{part: 4 % tasks, of: tasks})
	if text := fmt.Sprint(again); !ok || again[1].Output != "second" {
		t.Errorf("the output that was made again is not read: %s", text)
	}
}
