//go:build !invariants

// Verifying the whole state after every step is not what is to be measured here.

package sim

import (
	"runtime"
	"testing"
)

// TestScale bounds the memory of a finished task, and what an event allocates: it must not grow with the number of tasks
// nor of nodes. Times are what the benchmark and waterbear bench scheduler are for.
func TestScale(t *testing.T) {
	var first float64
	for _, size := range []struct{ nodes, tasks int }{{10, 3000}, {10, 30_000}, {1000, 30_000}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := MeasureScale(size.nodes, size.tasks)
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		t.Log(s)
		if s.AtRest > 300 && size.tasks > 10*size.nodes {
			t.Errorf("%d bytes per task at rest on %d nodes", s.AtRest, s.Nodes)
		}
		allocated := float64(after.TotalAlloc-before.TotalAlloc) / float64(s.Events+s.Nodes)
		if first == 0 {
			first = allocated
		}
		if allocated > 2*first+1000 {
			t.Errorf("an event of %d tasks on %d nodes allocates %.0f bytes, one of the smallest query %.0f", s.Tasks, s.Nodes, allocated, first)
		}
	}
}

// BenchmarkScale reports the time of an event at different sizes.
func BenchmarkScale(b *testing.B) {
	for _, size := range []struct{ nodes, tasks int }{{10, 10_000}, {10, 100_000}, {1000, 100_000}} {
		b.Run((&Scale{Nodes: size.nodes, Tasks: size.tasks}).name(), func(b *testing.B) {
			var events int
			for b.Loop() {
				s, err := MeasureScale(size.nodes, size.tasks)
				if err != nil {
					b.Fatal(err)
				}
				events += s.Events
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
		})
	}
}
