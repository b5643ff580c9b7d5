package scheduler

import (
	"strings"
	"testing"
)

func TestWorthy(t *testing.T) {
	prev := NodeMemory{Node: "w", Instance: "i", UsedBytes: 50, PoolBytes: 100}
	tests := []struct {
		change string
		next   NodeMemory
		want   bool
	}{
		{"nothing", NodeMemory{Node: "w", Instance: "i", UsedBytes: 50, PoolBytes: 100}, false},
		{"a little more", NodeMemory{Node: "w", Instance: "i", UsedBytes: 55, PoolBytes: 100}, false},
		{"a little less", NodeMemory{Node: "w", Instance: "i", UsedBytes: 45, PoolBytes: 100}, false},
		{"more", NodeMemory{Node: "w", Instance: "i", UsedBytes: 56, PoolBytes: 100}, true},
		{"less", NodeMemory{Node: "w", Instance: "i", UsedBytes: 44, PoolBytes: 100}, true},
		{"another pool", NodeMemory{Node: "w", Instance: "i", UsedBytes: 50, PoolBytes: 101}, true},
		{"another instance", NodeMemory{Node: "w", Instance: "j", UsedBytes: 50, PoolBytes: 100}, true},
	}
	for _, tt := range tests {
		if got := Worthy(prev, tt.next); got != tt.want {
			t.Errorf("%s: %t", tt.change, got)
		}
	}
	full := NodeMemory{UsedBytes: 101, PoolBytes: 100}
	if !Worthy(full, full) {
		t.Error("a node that stays out of memory is not worth a word")
	}
	if !Worthy(full, NodeMemory{UsedBytes: 100, PoolBytes: 100}) {
		t.Error("a node that is not out of memory any more is not worth a word")
	}
	if !Worthy(NodeMemory{}, prev) {
		t.Error("the first report is not worth a word")
	}
}

// There is a report for each node whose load changes, so it is kept short.
func TestNodeMemoryIsCompact(t *testing.T) {
	ev := NodeMemory{At: 1700000000000000000, Node: "worker-1", Instance: "i", UsedBytes: 1 << 34, PoolBytes: 1 << 36}
	for i := range 8 {
		ev.Tasks = append(ev.Tasks, TaskMemory{Task: TaskID{"20260131_121314_00001_abcde", 3, 1000 + i, 0}, Bytes: 1 << 31, Millis: 12345})
	}
	data, err := EncodeEvent(ev)
	if err != nil {
		t.Fatal(err)
	}
	if perTask := len(data) / len(ev.Tasks); perTask > 100 {
		t.Errorf("%d bytes per attempt: %s", perTask, data)
	}
	if strings.Contains(string(data), "Stage") {
		t.Errorf("task ids are written out: %s", data)
	}
}

// First attempts of later partitions ask for what the earlier ones needed.
func TestRequestFollowsObservations(t *testing.T) {
	set := DefaultSettings()
	set.TaskMemory = 50 * mib
	st := &stage{q: &query{settings: set}}
	p := &partition{stage: st, detail: &detail{}}
	if got := st.request(p, nil); got != 50*mib {
		t.Errorf("asks for %d before anything is known", got)
	}
	for range 9 {
		st.observe(nil, 50*mib, 300*mib)
	}
	st.observe(nil, 50*mib, 900*mib)
	if got := st.request(p, nil); got != 300*mib {
		t.Errorf("asks for %d when nine of ten needed 300MB", got)
	}
	p.mem = 400 * mib // it has failed with that
	if got := st.request(p, nil); got != 400*mib {
		t.Errorf("asks for %d after a failure", got)
	}
	st.NoMemory = true
	if got := st.request(p, nil); got != 0 {
		t.Errorf("asks for %d to read nothing", got)
	}
	st.NoMemory, st.CoordinatorOnly = false, true
	if got := st.request(p, nil); got != set.CoordinatorTaskMemory {
		t.Errorf("asks for %d on the coordinator", got)
	}
}
