package slot

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// A running attempt tells how much of its input it has read and how much memory it holds.
func TestProgressOfRunningAttempt(t *testing.T) {
	f := begin(t, nil)
	made, failed := f.run(f.writing("q.0.0.0", many, 3))
	if failed != nil {
		t.Fatal(failed)
	}
	for _, tt := range []struct {
		name, sql string
		rows      int64
		input     *rpcv1.Input
	}{
		{"files", "SELECT sum(list_sum(list_transform(range(1000), x -> x + key))) AS k FROM in0", 300000, reading(t, []int32{0, 1, 2}, made)},
		{"batches", "SELECT sum(hash(a.orderkey, b.range)) AS k FROM in0 a, range(40000) b", 15000, orders(t)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: f.writing("q.1.0.0", tt.sql, 1, tt.input)}})
			var midway, memory bool
			for {
				m, err := rpc.ReadFrame(f.in)
				if err != nil {
					t.Fatal(err)
				}
				p := m.GetProgress()
				if p == nil {
					if m.GetFinished() == nil {
						t.Fatalf("got %v", m)
					}
					break
				}
				if p.Task != "q.1.0.0" || p.InputRows > tt.rows {
					t.Errorf("progress %v", p)
				}
				memory = memory || p.MemoryBytes > 0
				midway = midway || p.InputRows > 0 && p.InputBytes > 0
			}
			if !midway || !memory {
				t.Errorf("seen while it ran: rows %t, memory %t", midway, memory)
			}
		})
	}
}
