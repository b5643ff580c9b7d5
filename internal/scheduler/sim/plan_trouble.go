package sim

import (
	"fmt"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// trouble plans what goes wrong: kills and restarts, evenly over the time that the reading of tables takes at best.
func (r *planRun) trouble() {
	read := int64(0)
	for _, st := range r.plan.Stages {
		for _, s := range st.Scans {
			read += s.Bytes
		}
	}
	length := time.Duration(float64(read) / float64(r.on.Rate) / float64(r.on.Nodes*r.on.Slots) * float64(time.Second))
	for i := range r.on.Kills {
		r.in(length*time.Duration(i+1)/time.Duration(r.on.Kills+1), r.kill)
	}
	for i := range r.on.Restarts {
		r.in(length*time.Duration(i+1)/time.Duration(r.on.Restarts+1), r.restart)
	}
}

// kill ends a node; it comes back after a minute.
func (r *planRun) kill() {
	id := nodeName(r.rng.Intn(r.on.Nodes))
	instance := fmt.Sprint(r.lives[id])
	r.lives[id]++ // whoever runs there is gone
	r.step(scheduler.NodeLost{At: r.now, Node: id, Instance: instance, Message: "killed"})
	r.in(time.Minute, func() { r.join(id) })
}

// restart lets another coordinator go on from a snapshot.
func (r *planRun) restart() {
	data, err := r.state.Snapshot()
	if err == nil {
		begun := time.Now()
		r.state, err = scheduler.Replay(nil, data)
		r.Restore = max(r.Restore, time.Since(begun))
	}
	if err != nil {
		r.failure = err.Error()
		return
	}
	r.Snapshot = max(r.Snapshot, int64(len(data)))
	clear(r.totals) // its lists are others
	for _, a := range r.state.Outstanding() {
		r.act(a)
	}
}
