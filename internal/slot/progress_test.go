package slot

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// A running attempt tells how much of its input it has read, of tables apart, how much memory it holds and what CPU time it took.
func TestProgressOfRunningAttempt(t *testing.T) {
	f := begin(t, nil)
	made, failed := f.run(f.writing("q.0.0.0", many, 3))
	if failed != nil {
		t.Fatal(failed)
	}
	for _, tt := range []struct {
		name, sql string
		rows      int64
		scans     bool // a table
		input     *rpcv1.Input
	}{
		{"files", "SELECT sum(list_sum(list_transform(range(1000), x -> x + key))) AS k FROM in0", 300000, false, reading(t, []int32{0, 1, 2}, made)},
		{"batches", "SELECT sum(hash(a.orderkey, b.range)) AS k FROM in0 a, range(16000) b", 15000, true, orders(t)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: f.writing("q.1.0.0", tt.sql, 1, tt.input)}})
			var midway, memory, scanned bool
			var cpu int64
			for {
				m, err := rpc.ReadFrame(f.in)
				if err != nil {
					t.Fatal(err)
				}
				p := m.GetProgress()
				if p == nil {
					stats := m.GetFinished().GetStats()
					if stats == nil {
						t.Fatalf("got %v", m)
					}
					if (stats.ScannedBytes == stats.InputBytes) != tt.scans || cpu > stats.CpuMillis {
						t.Errorf("at the end: %v, after %d ms of CPU time", stats, cpu)
					}
					break
				}
				if p.Task != "q.1.0.0" || p.InputRows > tt.rows {
					t.Errorf("progress %v", p)
				}
				memory = memory || p.MemoryBytes > 0
				scanned = scanned || p.ScannedBytes > 0
				if p.CpuMillis < cpu {
					t.Errorf("CPU time went from %d to %d ms", cpu, p.CpuMillis)
				}
				cpu = p.CpuMillis
				midway = midway || p.InputRows > 0 && p.InputBytes > 0
			}
			if !midway || !memory || scanned != tt.scans || cpu == 0 {
				t.Errorf("seen while it ran: rows %t, memory %t, of tables %t, %d ms of CPU time", midway, memory, scanned, cpu)
			}
		})
	}
}
