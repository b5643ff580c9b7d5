package bench

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestMeterSeesWork checks that processor time and memory of this process are measured, and processor time of children that have ended.
func TestMeterSeesWork(t *testing.T) {
	end := ownMeter().begin()
	held := make([]byte, 64<<20)
	for begun := processorTime(); processorTime()-begun < 50*time.Millisecond; {
		for i := range held {
			held[i]++
		}
	}
	s := end()
	if s.cpu < 50*time.Millisecond {
		t.Errorf("%v of processor time, want at least 50ms", s.cpu)
	}
	if s.workerPeak < int64(len(held)) || s.coordinatorPeak != 0 {
		t.Errorf("%d bytes, and %d of a coordinator, want at least %d and none", s.workerPeak, s.coordinatorPeak, len(held))
	}
	before := endedChildren(os.Getpid())
	if err := exec.Command("sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done").Run(); err != nil {
		t.Fatal(err)
	}
	if after := endedChildren(os.Getpid()); after <= before {
		t.Errorf("the child has used nothing: %v, %v before", after, before)
	}
	var none *meter
	if s := none.begin()(); s != (spent{}) {
		t.Errorf("no meter has measured %v", s)
	}
}
