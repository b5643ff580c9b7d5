package coordinator

import "github.com/waterbear-sql/waterbear/internal/scheduler"

// A coordinator whose journal cannot be written goes on, and its successor may know nothing of the attempts that it has started since: the
// successor gives their names to attempts of its own, with other inputs. So starts and ends say in whose epoch the attempt was decided on.

// inherit notes which attempts the journal says are running.
func (c *Coordinator) inherit(s *scheduler.State) {
	c.inherited = map[scheduler.TaskID]bool{}
	for _, n := range s.Nodes() {
		for _, task := range s.Running(n.ID) {
			c.inherited[task] = true
		}
	}
}

// decided is the epoch in which an attempt was decided on; zero if that was before this coordinator's.
func (c *Coordinator) decided(task scheduler.TaskID) uint64 {
	if c.inherited[task] {
		return 0
	}
	return uint64(c.epoch())
}

// foreign reports whether an attempt that has ended is a coordinator's before this one, and another one than that which this coordinator
// awaits under its name.
func (c *Coordinator) foreign(task scheduler.TaskID, decided uint64) bool {
	if decided == uint64(c.epoch()) || c.inherited[task] {
		return false
	}
	awaited := false
	c.loop.read(c.ctx, func(s *scheduler.State) { awaited = s.Awaits(task) })
	if awaited {
		c.log.Info("end of a task ignored that an earlier coordinator had started", "task", task)
	}
	return awaited
}
