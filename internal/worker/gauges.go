package worker

import (
	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// gauges tells what the worker is like at the moment.
func (w *Worker) gauges(set metrics.Set) {
	running := w.slots.memory()
	set(metrics.WorkerSlots, float64(w.cfg.Slots))
	set(metrics.WorkerAttempts, float64(len(running)), "running")
	set(metrics.WorkerAttempts, float64(max(0, w.slots.running()-len(running))), "waiting")
	set(metrics.WorkerMemory, float64(w.cfg.MemoryBytes))
	set(metrics.WorkerUsed, float64(usedBy(running)))
}

// Memory is what running attempts use of the worker's memory for tasks, and all of that.
func (w *Worker) Memory() (used, all int64) { return usedBy(w.slots.memory()), w.cfg.MemoryBytes }

func usedBy(running []*rpcv1.TaskMemory) (bytes int64) {
	for _, t := range running {
		bytes += t.Bytes
	}
	return bytes
}
