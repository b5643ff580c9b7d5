package coordinator

import (
	"fmt"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// maxKeptAttempts bounds the attempts of ended queries that are remembered, all queries together.
const maxKeptAttempts = 100_000

// input is what an attempt has read.
type input struct{ rows, bytes int64 }

// keepTasks takes the attempts over from the scheduler, which is about to forget the query. What still runs is not
// needed any more.
func (q *query) keepTasks() {
	var tasks []scheduler.TaskInfo
	q.c.loop.read(q.c.ctx, func(s *scheduler.State) { tasks = s.Tasks(q.sid) })
	now := q.c.now()
	for i := range tasks {
		if t := &tasks[i]; t.State == scheduler.AttemptScheduled || t.State == scheduler.AttemptRunning {
			t.State, t.Ended = scheduler.AttemptCanceled, now
		}
	}
	q.mu.Lock()
	q.lastTasks = tasks
	q.mu.Unlock()
	q.c.boundAttempts()
}

// boundAttempts goes through the queries from the last to the first and forgets the attempts of those that are too many
// beside the ones before.
func (c *Coordinator) boundAttempts() {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := 0
	for _, v := range slices.Backward(c.order) {
		q := c.queries[v]
		q.mu.Lock()
		if kept += len(q.lastTasks); kept > maxKeptAttempts {
			kept -= len(q.lastTasks)
			q.lastTasks, q.inputs = nil, nil
		}
		q.mu.Unlock()
	}
}

// tasks are the attempts of all queries.
func (s *System) tasks() (rows [][]any) {
	for _, q := range s.remembered() {
		var tasks []scheduler.TaskInfo
		s.c.loop.read(s.c.ctx, func(st *scheduler.State) { tasks = st.Tasks(q.id) })
		rows = append(rows, q.taskRows(tasks)...)
	}
	return rows
}

// taskRows shows the attempts that the scheduler knows, or those that were kept when it forgot the query.
func (q *query) taskRows(tasks []scheduler.TaskInfo) (rows [][]any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if tasks == nil {
		tasks = q.lastTasks
	}
	for _, t := range tasks {
		read, ended := q.inputs[keyOf(t.Task)]
		if p := q.running[t.Task.String()]; p != nil && !ended {
			read = input{p.InputRows, p.InputBytes}
		}
		rows = append(rows, taskRow(t, read))
	}
	return rows
}

// taskRow is an attempt as system.runtime.tasks shows it. An attempt begins as soon as it is placed, and nothing blocks it.
func taskRow(t scheduler.TaskInfo, read input) []any {
	splits := int64(t.Splits)
	var queued, running, completed int64
	switch t.State {
	case scheduler.AttemptScheduled:
		queued = splits
	case scheduler.AttemptRunning:
		running = splits
	case scheduler.AttemptFinished:
		completed = splits
	}
	placed, heartbeat, end := instant(t.Started.Time()), instant(time.Now()), any(nil)
	if t.Ended != 0 {
		end = instant(t.Ended.Time())
		heartbeat = end
	}
	failure := any(nil)
	if t.Failure != "" {
		failure = t.Failure
	}
	return []any{
		string(t.Node), t.Task.String(), fmt.Sprintf("%s.%d", t.Task.Query, t.Task.Stage), string(t.Task.Query), t.State.String(),
		splits, queued, running, completed,
		t.Wall.Milliseconds(), t.CPU.Milliseconds(), int64(0),
		read.bytes, read.rows, read.bytes, read.rows, // raw and processed
		t.Bytes, t.Rows,
		read.bytes, int64(0), // physical: read and written
		placed, placed, heartbeat, end,
		int64(t.Task.Attempt), t.Class.String(), t.MemBytes, t.PeakMemory, failure,
	}
}
