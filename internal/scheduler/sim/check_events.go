package sim

import (
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// before takes note of the event.
func (c *checker) before(ev scheduler.Event) {
	switch ev := ev.(type) {
	case scheduler.NodeJoined:
		if n := c.nodes[ev.Node]; n != nil && n.instance != ev.Instance {
			c.nodeGone(ev.Node)
		}
		if c.nodes[ev.Node] == nil {
			c.nodes[ev.Node] = &watchedNode{instance: ev.Instance}
		}
	case scheduler.NodeDraining:
		if n := c.nodes[ev.Node]; n != nil {
			n.draining = true
		}
	case scheduler.NodeLost:
		if n := c.nodes[ev.Node]; n != nil && (ev.Instance == "" || ev.Instance == n.instance) {
			c.nodeGone(ev.Node)
		}
	case scheduler.NodeLeft:
		if n := c.nodes[ev.Node]; n != nil && (ev.Instance == "" || ev.Instance == n.instance) {
			c.nodeGone(ev.Node)
		}
	case scheduler.QuerySubmitted:
		c.submitted(ev.Query)
	case scheduler.SplitsFound:
		c.found(ev)
	case scheduler.TaskFinished:
		if t := c.started[ev.Task]; t != nil {
			c.end(t)
			t.inline = ev.Inline
			c.stored[ev.Task] = true
		}
	case scheduler.TaskFailed:
		if t := c.started[ev.Task]; t != nil {
			if n := c.nodes[t.action.Node]; t.running && len(ev.Lost) == 0 && len(c.beside(ev.Task)) == 0 && !n.draining && ev.Failure.Code != trinoerr.ServerShuttingDown.Name {
				c.queries[ev.Task.Query].paid[[2]int{int(ev.Task.Stage), ev.Task.Partition}]++
			}
			c.end(t)
		}
		for _, o := range ev.Lost {
			c.lost(ev.Task.Query, o)
		}
	case scheduler.OutputLost:
		c.lost(ev.Query, ev.Output)
	case scheduler.ForgetQuery:
		if q := c.queries[ev.Query]; q != nil {
			q.forgotten = true
		}
	}
}

// lost takes note of an output that the machine hears to be lost; of one that it has not heard of, that means nothing.
func (c *checker) lost(query scheduler.QueryID, o scheduler.OutputRef) {
	if id := (scheduler.TaskID{Query: query, Stage: o.Stage, Partition: o.Partition, Attempt: o.Attempt}); c.stored[id] {
		c.gone[id] = true
	}
}

func (c *checker) submitted(spec scheduler.Query) {
	if c.queries[spec.ID] != nil {
		return
	}
	q := &watched{spec: spec, splits: map[[2]int]map[string]bool{}, groups: map[[2]int]int{}, paid: map[[2]int]int{}}
	for _, st := range spec.Stages {
		q.limited = q.limited || st.RowLimit > 0
		q.unstable = q.unstable || st.Indeterminate
	}
	c.queries[spec.ID] = q
}

func (c *checker) found(ev scheduler.SplitsFound) {
	q := c.queries[ev.Query]
	if q == nil {
		return
	}
	key := [2]int{int(ev.Stage), ev.Source}
	if q.splits[key] == nil {
		q.splits[key] = map[string]bool{}
	}
	for _, s := range ev.Splits {
		if s.Group != 0 && !q.splits[key][s.ID] {
			q.groups[[2]int{int(ev.Stage), s.Group}]++
		}
		q.splits[key][s.ID] = true
	}
}

func (c *checker) nodeGone(id scheduler.NodeID) {
	delete(c.nodes, id)
	delete(c.running, id)
	for task, t := range c.started {
		if t.action.Node != id {
			continue
		}
		t.running = false
		if q := c.queries[task.Query]; q != nil && q.spec.Direct && c.stored[task] && !t.inline {
			c.gone[task] = true
		}
	}
}
