package coordinator

import (
	"context"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// meter tells the metrics what the scheduler hears and decides. The loop alone uses it. What is replayed from a journal does not
// pass it: another process has counted that.
type meter struct {
	to *metrics.Registry
	// why are the reasons for the next attempts of tasks, by query. They last until the query is forgotten.
	why map[scheduler.QueryID]map[attemptKey]string
	// again are the queries that have run again as a whole.
	again map[scheduler.QueryID]bool
}

func newMeter(to *metrics.Registry) *meter {
	return &meter{to: to, why: map[scheduler.QueryID]map[attemptKey]string{}, again: map[scheduler.QueryID]bool{}}
}

// taskOf is the key of a task, whatever the attempt.
func taskOf(id scheduler.TaskID) attemptKey {
	id.Attempt = 0
	return keyOf(id)
}

// because notes why the next attempt of a task will come, if its query runs.
func (m *meter) because(id scheduler.TaskID, reason string) {
	if q := m.why[id.Query]; q != nil {
		q[taskOf(id)] = reason
	}
}

// runs notes that the scheduler knows a query.
func (m *meter) runs(id scheduler.QueryID) {
	if m.why[id] == nil {
		m.why[id] = map[attemptKey]string{}
	}
}

// event sees an event before the scheduler does. Events that no longer apply are not counted.
func (m *meter) event(s *scheduler.State, e scheduler.Event) {
	switch e := e.(type) {
	case scheduler.TaskFinished:
		if s.Awaits(e.Task) {
			m.to.Add(metrics.AttemptsFinished, 1)
		}
	case scheduler.TaskFailed:
		if s.Awaits(e.Task) {
			m.failed(e.Task, reasonOf(e.Failure, len(e.Lost) > 0))
		}
		for _, lost := range e.Lost {
			m.outputLost(e.Task.Query, lost)
		}
	case scheduler.OutputLost:
		m.outputLost(e.Query, e.Output)
	case scheduler.NodeJoined:
		if n, known := nodeOf(s, e.Node); known && n.Instance != e.Instance {
			m.nodeGone(s, e.Node)
		}
		m.to.Add(metrics.NodesJoined, 1)
	case scheduler.NodeLost:
		if n, known := nodeOf(s, e.Node); known && (e.Instance == "" || n.Instance == e.Instance) {
			m.nodeGone(s, e.Node)
			m.to.Add(metrics.NodesLost, 1)
		}
	case scheduler.NodeLeft:
		if n, known := nodeOf(s, e.Node); known && n.Instance == e.Instance {
			m.nodeGone(s, e.Node)
		}
	case scheduler.Replanned:
		if e.Stages != nil {
			m.to.Add(metrics.Replans, 1)
		}
	}
}

// stepped sees an event when what the scheduler has decided about it has been seen.
func (m *meter) stepped(e scheduler.Event) {
	if e, ok := e.(scheduler.ForgetQuery); ok {
		delete(m.why, e.Query)
		delete(m.again, e.Query)
	}
}

func nodeOf(s *scheduler.State, id scheduler.NodeID) (scheduler.NodeInfo, bool) {
	for _, n := range s.Nodes() {
		if n.ID == id {
			return n, true
		}
	}
	return scheduler.NodeInfo{}, false
}

// nodeGone counts the attempts that a node takes with it.
func (m *meter) nodeGone(s *scheduler.State, id scheduler.NodeID) {
	for _, task := range s.Running(id) {
		m.failed(task, metrics.ReasonNode)
	}
}

func (m *meter) failed(task scheduler.TaskID, reason string) {
	m.to.Add(metrics.AttemptsFailed, 1, reason)
	m.runs(task.Query)
	m.because(task, reason)
}

func (m *meter) outputLost(query scheduler.QueryID, o scheduler.OutputRef) {
	m.to.Add(metrics.OutputsLost, 1)
	m.because(scheduler.TaskID{Query: query, Stage: o.Stage, Partition: o.Partition}, metrics.ReasonSpool)
}

// action sees what the scheduler has decided.
func (m *meter) action(a scheduler.Action) {
	switch a := a.(type) {
	case scheduler.StartTask:
		m.to.Add(metrics.AttemptsStarted, 1, a.Class.String())
		m.runs(a.Task.Query)
		if a.Task.Attempt == 0 {
			m.to.Add(metrics.TasksStarted, 1)
		} else {
			m.to.Add(metrics.AttemptsRetried, 1, m.reason(a))
		}
	case scheduler.CancelTask:
		m.to.Add(metrics.AttemptsCanceled, 1)
		m.because(a.Task, metrics.ReasonCanceled)
	case scheduler.QueryRestarted:
		m.to.Add(metrics.QueryRestarts, 1)
		m.again[a.Query] = true
		clear(m.why[a.Query])
	}
}

// reason is why there is another attempt of a task. One whose output was lost with its node has none of its own.
func (m *meter) reason(a scheduler.StartTask) string {
	why, known := m.why[a.Task.Query][taskOf(a.Task)]
	switch {
	case known:
		delete(m.why[a.Task.Query], taskOf(a.Task))
		return why
	case a.Class == scheduler.Speculative:
		return metrics.ReasonSlow
	case m.again[a.Task.Query]:
		return metrics.ReasonRestart
	}
	return metrics.ReasonSpool
}

// reasonOf sorts failures of attempts.
func reasonOf(f scheduler.Failure, lost bool) string {
	err := errorOf(f)
	switch {
	case lost:
		return metrics.ReasonSpool
	case trinoerr.OutOfMemory(err):
		return metrics.ReasonMemory
	case err.Code == trinoerr.RemoteHostGone, err.Code == trinoerr.ServerShuttingDown:
		return metrics.ReasonNode
	}
	return strings.ToLower(f.Type.String())
}

// gauges tells what the coordinator is like at the moment.
func (c *Coordinator) gauges(set metrics.Set) {
	set(metrics.Epoch, float64(c.epoch()))
	away := 0.0
	if c.recorder != nil && c.recorder.log.Away() != nil {
		away = 1
	}
	set(metrics.JournalAway, away)
	c.queryGauges(set)
	c.nodeGauges(set)
}

func (c *Coordinator) queryGauges(set metrics.Set) {
	counts := map[[2]string]int{}
	c.mu.Lock()
	for _, q := range c.queries {
		q.mu.Lock()
		if !q.endedLocked() {
			counts[[2]string{q.state, q.policyLabel()}]++
		}
		q.mu.Unlock()
	}
	c.mu.Unlock()
	for _, labels := range metrics.Queries.Combinations() {
		set(metrics.Queries, float64(counts[[2]string(labels)]), labels...)
	}
}

// gaugePatience is how long a scrape waits for the scheduler's loop.
const gaugePatience = time.Second

func (c *Coordinator) nodeGauges(set metrics.Set) {
	states := map[string]int{"active": 0, "draining": 0}
	for _, n := range c.nodes.list() {
		if n.info.Draining {
			states["draining"]++
		} else {
			states["active"]++
		}
	}
	for state, n := range states {
		set(metrics.Nodes, float64(n), state)
	}
	ctx, cancel := context.WithTimeout(c.ctx, gaugePatience)
	defer cancel()
	var nodes []scheduler.NodeInfo
	c.loop.read(ctx, func(s *scheduler.State) { nodes = s.Nodes() })
	for _, n := range nodes {
		id := string(n.ID)
		set(metrics.NodeMemory, float64(n.MemBytes), id)
		set(metrics.NodeReserved, float64(n.UsedBytes), id)
		set(metrics.NodeSlots, float64(n.Slots), id)
		set(metrics.NodeAttempts, float64(n.Attempts), id)
	}
}

// policyLabel is the query's retry policy. The caller holds the lock.
func (q *query) policyLabel() string {
	if q.kind == "" {
		return "UNKNOWN"
	}
	return q.policy.String()
}

// countEnd counts a query that has ended. Nobody changes it any more.
func (q *query) countEnd() {
	to := q.c.cfg.Metrics
	q.mu.Lock()
	policy, state, err, took := q.policyLabel(), q.state, q.err, q.ended_.Sub(q.created)
	q.mu.Unlock()
	to.Observe(metrics.QueryDuration, took.Seconds(), state)
	if err == nil {
		to.Add(metrics.QueriesFinished, 1, policy)
		return
	}
	to.Add(metrics.QueriesFailed, 1, policy, err.Code.Type.String())
	to.Add(metrics.QueryErrors, 1, err.Code.Name)
}

// countAttempt counts what an ended attempt has read and used.
func (c *Coordinator) countAttempt(s *rpcv1.Stats) {
	to := c.cfg.Metrics
	to.Add(metrics.TaskCPU, float64(s.GetCpuMillis())/1000)
	to.Add(metrics.TableIn, float64(s.GetScannedBytes()))
	to.Add(metrics.ExchangeIn, float64(s.GetInputBytes()-s.GetScannedBytes()))
	to.Add(metrics.Spilled, float64(s.GetSpilledBytes()))
}

// countOutput counts what a finished attempt has put out; h is nil for what it has written to a table.
func (c *Coordinator) countOutput(s *rpcv1.Stats, h *exchange.Handle) {
	to := c.cfg.Metrics
	if h == nil {
		to.Add(metrics.TableOut, float64(s.GetOutputBytes()))
		return
	}
	to.Add(metrics.ExchangeOut, float64(s.GetOutputBytes()))
	for _, o := range h.Objects {
		to.Add(metrics.SpoolWritten, float64(o.Size))
		to.Add(metrics.SpoolWrittenObjects, 1)
	}
}

// countPage counts rows that are handed out.
func (c *Coordinator) countPage(data [][]byte, rows int) {
	to, bytes := c.cfg.Metrics, 0
	for _, d := range data {
		bytes += len(d)
	}
	to.Add(metrics.ResultPages, 1)
	to.Add(metrics.ResultRows, float64(rows))
	to.Add(metrics.ResultBytes, float64(bytes))
}
