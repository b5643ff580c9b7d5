package coordinator

import (
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// stats are the figures for the client's progress bar. A split, there, is a task: the unit of our progress.
func (q *query) stats() protocol.Stats {
	q.mu.Lock()
	submitted := q.submitted
	q.mu.Unlock()
	var info scheduler.QueryInfo
	if submitted {
		q.c.loop.read(q.c.ctx, func(s *scheduler.State) { info, _ = s.Query(q.sid) })
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	exec := q.exec // with the stages of all plans that the scheduler has
	end := time.Now()
	if q.endedLocked() {
		end = q.ended_
	}
	st := protocol.Stats{State: q.state, Queued: q.state == stateQueued, Scheduled: q.state != stateQueued && q.state != stateWaiting && q.state != statePlanning,
		Nodes: len(q.nodesUsed), AnalysisTimeMillis: q.analysis.Milliseconds(), PlanningTimeMillis: q.planning.Milliseconds(),
		QueuedTimeMillis: q.queued.Milliseconds(), ElapsedTimeMillis: end.Sub(q.created).Milliseconds(), CPUTimeMillis: q.totals.CPU.Milliseconds(), WallTimeMillis: q.totals.Wall.Milliseconds(),
		ProcessedRows: q.totals.InputRows, ProcessedBytes: q.totals.InputBytes, PhysicalInputBytes: q.totals.InputBytes,
		InternalNetworkInputBytes: q.totals.ExchangeBytes, PeakMemoryBytes: q.totals.PeakTask, SpilledBytes: q.totals.Spilled,
		PhysicalWrittenBytes: q.totals.WrittenBytes}
	for _, p := range q.running {
		st.ProcessedRows += p.InputRows
		st.ProcessedBytes += p.InputBytes
	}
	if exec == nil {
		return st
	}
	if len(info.Stages) == 0 { // forgotten by the scheduler: all that is left is what was kept
		info.Stages, info.FailedAttempts = q.lastStages, q.lastFailed
	} else {
		q.lastStages, q.lastFailed = info.Stages, info.FailedAttempts
	}
	byID := map[int]protocol.StageStats{}
	root, before := 0, info.FailedAttempts // attempts that failed in earlier runs of the query
	for _, s := range info.Stages {
		total := s.Tasks
		switch {
		case s.State == scheduler.StageAborted: // dropped by a new plan
			total = s.Running + s.Finished
		case !s.Sealed && total == 0:
			total = 1
		}
		st.TotalSplits += total
		st.QueuedSplits += total - s.Running - s.Finished
		st.RunningSplits += s.Running
		st.CompletedSplits += s.Finished
		stage := protocol.StageStats{StageID: strconv.Itoa(int(s.ID)), State: s.State.String(), Done: s.State == scheduler.StageFinishedState,
			Nodes: min(len(q.nodesUsed), max(1, s.Tasks)), TotalSplits: total, QueuedSplits: total - s.Running - s.Finished, RunningSplits: s.Running,
			CompletedSplits: s.Finished, CPUTimeMillis: s.CPU.Milliseconds(), ProcessedRows: s.Rows, ProcessedBytes: s.Bytes, FailedTasks: s.Failed,
			Waiting: s.Waiting, SubStages: []protocol.StageStats{}}
		for _, in := range exec.Stages[s.ID].Graph.Inputs {
			if sub, ok := byID[int(in.Stage)]; ok {
				stage.SubStages = append(stage.SubStages, sub)
				delete(byID, int(in.Stage)) // a shared stage is shown once
			}
		}
		before -= s.Failed
		byID[int(s.ID)] = stage
		root = int(s.ID)
	}
	if stage, ok := byID[root]; ok {
		stage.FailedTasks += max(0, before)
		st.RootStage = &stage
	}
	if st.TotalSplits > 0 && st.Scheduled {
		done := 100 * float64(st.CompletedSplits) / float64(st.TotalSplits)
		running := 100 * float64(st.RunningSplits) / float64(st.TotalSplits)
		if q.state == stateFinished {
			done = 100
		}
		st.ProgressPercentage, st.RunningPercentage = &done, &running
	}
	return st
}

// Info implements protocol.Query.
func (q *query) Info() protocol.QueryInfo {
	st := q.stats()
	q.mu.Lock()
	defer q.mu.Unlock()
	return protocol.QueryInfo{ID: string(q.id), Session: q.req.Session, SQL: q.req.SQL, State: q.state, QueryType: q.kind, UpdateType: q.updateType,
		RetryPolicy: q.policy.String(), ResourceGroup: q.groupID(), Created: q.created, Ended: q.ended_, Stats: st, Replans: q.replans(), Err: q.err}
}
