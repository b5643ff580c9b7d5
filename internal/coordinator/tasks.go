package coordinator

import (
	"encoding/json"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// queryOf finds the query of an attempt that a worker reports on. An id that is none is the worker's bug: it is logged.
func (c *Coordinator) queryOf(task string) (*query, scheduler.TaskID) {
	id, err := scheduler.ParseTaskID(task)
	if err != nil {
		c.log.Error("worker reports an unknown task", "task", task, "err", err)
		return nil, id
	}
	return c.query(id.Query), id
}

// progress notes how far a running attempt is.
func (c *Coordinator) progress(p *rpcv1.Progress) {
	q, _ := c.queryOf(p.Task)
	if q == nil {
		return
	}
	q.mu.Lock()
	if !q.endedLocked() {
		q.running[p.Task] = p
	}
	q.mu.Unlock()
	q.checkLimits(0)
}

// taskFinished keeps the attempt's output for its readers and tells the scheduler its sizes.
func (c *Coordinator) taskFinished(f *rpcv1.Finished) {
	q, id := c.queryOf(f.Task)
	if q == nil || c.foreign(id, f.Decided) {
		return
	}
	ev := scheduler.TaskFinished{Task: id, At: c.now(), PeakMemory: f.Stats.GetPeakMemoryBytes(),
		CPU: time.Duration(f.Stats.GetCpuMillis()) * time.Millisecond, Wall: time.Duration(f.Stats.GetWallMillis()) * time.Millisecond}
	var handle *exchange.Handle
	if len(f.Bundle) > 0 {
		handle = new(exchange.Handle)
		if err := json.Unmarshal(f.Bundle, handle); err != nil {
			c.post(scheduler.TaskFailed{Task: id, At: c.now(), Failure: scheduler.FailureOf(
				trinoerr.Wrap(err, trinoerr.SerializationError, "decode the output of task %s", f.Task))})
			return
		}
		ev.Inline = len(handle.Objects) == 0
		ev.Rows, ev.Bytes = partitionSizes(handle, q.outputPartitions(id.Stage))
	} else {
		ev.Inline = true // a fragment is here with the report
		ev.Rows, ev.Bytes = []int64{f.Stats.GetOutputRows()}, []int64{f.Stats.GetOutputBytes()}
	}
	q.mu.Lock()
	over := q.endedLocked()
	if !over {
		if handle != nil {
			q.kept.keep(id, handle)
		} else {
			q.kept.keepFragment(id, f.Fragment)
		}
		if q.account(id, f.Stats) {
			if handle == nil {
				q.totals.WrittenBytes += f.Stats.GetOutputBytes()
			}
			c.countOutput(f.Stats, handle)
		}
	}
	q.mu.Unlock()
	if over {
		q.sweep()
	} else {
		q.checkLimits(f.Stats.GetPeakMemoryBytes())
	}
	q.learn(id, f.Facts)
	c.loop.add(note{event: ev, side: side{Output: packHandle(id, handle), Fragment: f.Fragment, Figures: figuresOf(f.Stats)}})
}

// abandoned words the end of an attempt that was cancelled. Of one that the scheduler has cancelled it does not care any more; one that it still
// waits for was not what anybody meant, least of all the user: a coordinator before this one, or this one before it knew of it.
func abandoned(err *trinoerr.Error) *trinoerr.Error {
	if err.Code != trinoerr.UserCanceled {
		return err
	}
	return trinoerr.New(trinoerr.AbandonedTask, "The task was cancelled on its node: %s", err.Msg)
}

// taskFailed tells the scheduler, with the outputs that could not be read.
func (c *Coordinator) taskFailed(node scheduler.NodeID, f *rpcv1.Failed) {
	q, id := c.queryOf(f.Task)
	if q == nil || c.foreign(id, f.Decided) {
		return
	}
	err := abandoned(rpc.ErrorOf(f.Failure))
	q.mu.Lock()
	if q.exec != nil {
		err = q.exec.Memory.explain(err)
	}
	q.mu.Unlock()
	ev := scheduler.TaskFailed{Task: id, At: c.now(), Failure: scheduler.FailureOf(err), PeakMemory: f.Stats.GetPeakMemoryBytes()}
	ev.Failure.Task, ev.Failure.Node = &id, node
	if lost, err := scheduler.ParseTaskID(f.Failure.GetLostOutput()); err == nil {
		ev.Lost = []scheduler.OutputRef{{Stage: lost.Stage, Partition: lost.Partition, Attempt: lost.Attempt}}
	}
	c.log.Info("task failed", "task", f.Task, "worker", node, "code", f.Failure.GetCode(), "err", f.Failure.GetMessage())
	q.mu.Lock()
	over := q.endedLocked()
	stats := f.Stats
	if !over {
		if stats == nil {
			stats = lastHeard(q.running[f.Task])
		}
		if q.account(id, stats) {
			q.totals.FailedRuns++
		}
	}
	q.mu.Unlock()
	if over {
		q.sweep()
	} else {
		q.checkLimits(0)
	}
	c.loop.add(note{event: ev, side: side{Figures: figuresOf(stats)}})
}

// account adds an ended attempt's figures to the query's, once: workers repeat to a coordinator that takes over what they have
// told the one before. The caller holds the lock.
func (q *query) account(task scheduler.TaskID, s *rpcv1.Stats) (first bool) {
	delete(q.running, task.String())
	if _, known := q.inputs[keyOf(task)]; known {
		return false
	}
	q.inputs[keyOf(task)] = input{s.GetInputRows(), s.GetInputBytes()}
	q.totals.add(figuresOf(s))
	q.c.countAttempt(s)
	return true
}

// partitionSizes adds up a bundle's rows and bytes by output partition.
func partitionSizes(h *exchange.Handle, partitions int) (rows, bytes []int64) {
	rows, bytes = make([]int64, partitions), make([]int64, partitions)
	for _, s := range h.Segments {
		if s.Partition < partitions {
			rows[s.Partition] += s.Rows
			bytes[s.Partition] += s.Bytes
		}
	}
	return rows, bytes
}
