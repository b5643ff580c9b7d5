package slot

import (
	"sync"
	"time"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// progressInterval is how often a running attempt says how far it is.
const progressInterval = 500 * time.Millisecond

// live is what may be known of an attempt while it runs.
type live struct {
	cpu time.Duration // of the process, when the attempt began; does not change

	mu          sync.Mutex
	instance    *engine.Instance // nil until the statement begins
	rows, bytes int64            // of all inputs
	scanned     int64            // what of bytes comes from tables
}

// begin notes that the statement is about to run over inputs that are bound.
func (l *live) begin(i *engine.Instance, s *rpcv1.Stats) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.instance, l.rows, l.bytes, l.scanned = i, s.InputRows, s.InputBytes, s.ScannedBytes
}

// progress is how far the attempt is: the inputs are read as far as DuckDB takes the statement for done. It cannot tell that
// of record batches, whose rows are counted.
func (l *live) progress(task string) *rpcv1.Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &rpcv1.Progress{Task: task, CpuMillis: (cpuTime() - l.cpu).Milliseconds()}
	if l.instance != nil {
		s := l.instance.Stats()
		p.MemoryBytes = s.Memory
		done := s.Fraction
		if l.rows > 0 {
			done = min(max(done, float64(s.Scanned)/float64(l.rows)), 1)
		}
		p.InputRows, p.InputBytes = int64(done*float64(l.rows)), int64(done*float64(l.bytes))
		p.ScannedBytes = int64(done * float64(l.scanned))
	}
	return p
}

// reportProgress sends progress until the returned function is called.
func (a *attempt) reportProgress() (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(progressInterval)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			p := a.live.progress(a.task.Id)
			if a.slot.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Progress{Progress: p}}) != nil {
				return
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}
