package worker

import "github.com/waterbear-sql/waterbear/internal/metrics"

// gauges tells what the worker is like at the moment.
func (w *Worker) gauges(set metrics.Set) {
	running := w.slots.memory()
	used := int64(0)
	for _, t := range running {
		used += t.Bytes
	}
	set(metrics.WorkerSlots, float64(w.cfg.Slots))
	set(metrics.WorkerAttempts, float64(len(running)), "running")
	set(metrics.WorkerAttempts, float64(max(0, w.slots.running()-len(running))), "waiting")
	set(metrics.WorkerMemory, float64(w.cfg.MemoryBytes))
	set(metrics.WorkerUsed, float64(used))
}
