package coordinator

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const (
	// returnTimeout is how long a coordinator that takes over waits at least for the nodes that it ought to know. They announce
	// themselves every second, but give one that the coordinator before it never answered five seconds.
	returnTimeout = 10 * time.Second
	// againMark separates the id of a query from the number of its new beginnings.
	againMark = "-"
)

// revive makes a query of what the journal says. last is the time up to which the journal is known to be whole.
func (c *Coordinator) revive(s *querySnapshot, last scheduler.Instant) error {
	rec := &s.Query
	q := newQuery(c, rec.ID, protocol.SubmitRequest{SQL: rec.SQL, Session: rec.Session})
	q.slug, q.created, q.sid = rec.Slug, rec.Created, rec.Run
	q.tellSession()
	q.polled.now() // or it would not have been planned
	q.kind, q.updateType, q.policy, q.columns = rec.Kind, rec.UpdateType, rec.Policy, rec.Columns
	q.kept.shelf.query = q.sid
	c.queries[q.id] = q
	c.order = append(c.order, q.id)
	c.recovered = append(c.recovered, q)
	key, err := c.cfg.journalSecret().UnwrapKey(rec.Key, string(q.sid))
	if err != nil {
		return err
	}
	q.key = key
	if q.exec, err = q.newExecution(*rec.Blueprint); err != nil {
		return err
	}
	if rec.Policy != scheduler.RetryNone { // others end at once
		q.regroup()
	}
	info, _ := c.loop.state.Query(q.sid)
	q.submitted, q.launched, q.state = true, time.Unix(0, int64(info.Submitted)), stateRunning
	switch {
	case rec.Policy == scheduler.RetryNone:
		q.lost = trinoerr.New(trinoerr.ServerShuttingDown, "The coordinator was restarted, and the query has retry policy NONE")
	case !q.careful() && (rec.Policy == scheduler.RetryQuery || last < info.Submitted.Add(haste)):
		q.before, q.sid = q.sid, anew(q.id, q.sid)
		q.kept.shelf.query = q.sid
		q.key = exchange.NewQueryKey()
		q.submitted, q.state, q.columns = false, stateQueued, nil
		return nil
	case rec.Policy == scheduler.RetryQuery && s.Commit != nil:
		q.committing, q.recommits = s.Commit, true
		return nil
	case rec.Policy == scheduler.RetryQuery:
		q.lost = trinoerr.New(trinoerr.ServerShuttingDown, "The coordinator was restarted, and a query that writes under retry policy QUERY cannot begin anew")
	}
	for stage, scans := range q.exec.scans {
		for source, scan := range scans {
			if splits := s.Splits[scanKey(scheduler.StageID(stage), source)]; len(splits) > 0 {
				scan.resume(splits)
			}
		}
	}
	if rec.Blueprint.Planned != nil && q.lost == nil {
		q.replanner = q.emptyReplanner()
		q.replanner.taken = true
	}
	q.totals = s.Totals
	for task, in := range s.Inputs {
		id, err := scheduler.ParseTaskID(task)
		if err != nil {
			return err
		}
		q.inputs[keyOf(id)] = in
	}
	for task, h := range s.Outputs {
		id, err := scheduler.ParseTaskID(task)
		if err != nil {
			return err
		}
		if err := q.kept.keepPacked(id, h); err != nil {
			return err
		}
	}
	for task, f := range s.Fragments {
		id, err := scheduler.ParseTaskID(task)
		if err != nil {
			return err
		}
		q.kept.keepFragment(id, f)
	}
	return nil
}

// Recovered lists the queries of the coordinator before this one, so that the protocol can watch over them.
func (c *Coordinator) Recovered() []protocol.Query {
	out := make([]protocol.Query, len(c.recovered))
	for i, q := range c.recovered {
		out[i] = q
	}
	return out
}

// due are the actions that the journal says were decided and may not have been done, by their texts. It is asked before anything
// new happens. Attempts are not among them: they are started again when their node has come back.
func due(s *scheduler.State) map[string]bool {
	out := map[string]bool{}
	for _, a := range s.Outstanding() {
		if _, start := a.(scheduler.StartTask); !start {
			out[a.String()] = true
		}
	}
	return out
}

// resume goes on with what the journal says: it does what is due, unless it has become void, and gives up the nodes that do not
// come back. What is decided meanwhile, for the first new query it may be, is done already.
func (c *Coordinator) resume(due map[string]bool) {
	c.nodes.mu.Lock()
	expected := len(c.nodes.expected)
	c.nodes.mu.Unlock()
	if expected > 0 {
		c.goWork(c.nodes.awaitExpected)
	}
	for _, q := range c.recovered {
		switch {
		case q.lost != nil:
			q.fail(q.lost)
		case q.before != "":
			q.beginAnew()
		case q.recommits:
			c.goWork(q.commitAgain)
		case q.exec != nil:
			q.limitTime(q.exec.Limits.Run, q.created, runTimeExceeded)
			q.limitExecution(q.exec.Limits)
		}
	}
	c.loop.read(c.ctx, func(s *scheduler.State) {
		for _, a := range s.Outstanding() {
			switch a := a.(type) {
			case scheduler.StartTask:
			case scheduler.SetTimer:
				c.goWork(func() { c.tickAt(a.At) })
			default:
				if due[a.String()] {
					c.do(a)
				}
			}
		}
	})
}

// tickAt posts a Tick at the time for which the coordinator before this one had set a timer.
func (c *Coordinator) tickAt(at scheduler.Instant) {
	select {
	case <-c.ctx.Done():
	case <-time.After(at.Sub(c.now())):
		c.post(scheduler.Tick{At: c.now()})
	}
}

// anew is the next name for a query in the scheduler.
func anew(id, sid scheduler.QueryID) scheduler.QueryID {
	n := 1
	if _, count, ok := strings.Cut(string(sid), againMark); ok {
		n, _ = strconv.Atoi(count) // what anew has written
	}
	return id + againMark + scheduler.QueryID(strconv.Itoa(n+1))
}

// beginAnew runs a query that only reads from the start, under another name, so that nothing of its first run is mixed up
// with it.
func (q *query) beginAnew() {
	q.announce()
	q.c.post(scheduler.ForgetQuery{At: q.c.now(), Query: q.before})
	// Of a statement that was being planned it is not known what its outputs would have been.
	prefix, direct := exchange.QueryPrefix(string(q.before)), q.exec == nil || q.exec.Direct
	q.update(func() { q.exec = nil })
	q.c.goWork(func() {
		if direct {
			q.c.nodes.deleteOutputs("", []string{prefix})
		}
		q.deletePrefix(prefix) // rows that were held back, of a direct one
		q.run()
	})
}

// restart sends a node that has come back the attempts that it is to run: it may have them, or may never have got them. One
// that cannot be described any more, because what it reads was lost since, and that the node does not have among its tasks,
// will never report: it has failed. As at any other time, an attempt is not started before what led to it is durable: after a crash
// another coordinator could give its name to another attempt.
func (c *Coordinator) restart(ctx context.Context, id scheduler.NodeID, tasks []string) {
	var gone []scheduler.TaskID
	c.loop.read(ctx, func(s *scheduler.State) {
		starts, lost := s.OutstandingOn(id)
		for _, a := range starts {
			a.Splits, a.Inputs = slices.Clone(a.Splits), slices.Clone(a.Inputs)
			c.carrier().do(a)
		}
		gone = lost
	})
	for _, task := range gone {
		if !slices.Contains(tasks, task.String()) {
			c.post(scheduler.TaskFailed{At: c.now(), Task: task, Failure: scheduler.FailureOf(
				trinoerr.New(trinoerr.RemoteTaskMismatch, "Task %s never reached node %s", task, id))})
		}
	}
}

// runMark ends the name of the run in a position of the result: the rows of another run may come in another order.
const runMark = "~"

// runName numbers the runs of a query, from 1.
func (q *query) runName() string {
	if _, n, ok := strings.Cut(string(q.sid), againMark); ok {
		return n
	}
	return "1"
}

// regroup puts a query that ran back into its resource group. One that no selector is for any more runs without.
func (q *query) regroup() {
	stmt, err := parser.ParseStatement(q.req.SQL)
	if err != nil {
		q.c.log.Error("statement of a query that ran cannot be read", "query", q.id, "err", err)
		return
	}
	group, err := q.c.groups.find(q, stmt)
	if err != nil {
		q.c.log.Warn("query has no resource group any more", "query", q.id, "err", err)
		return
	}
	q.c.groups.resume(q, group)
}
