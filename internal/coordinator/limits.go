package coordinator

import (
	"context"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// limits bound what a query may take, whatever its retry policy: none of their errors is retried. The journal keeps them, so
// that they hold for a coordinator that takes over too.
type limits struct {
	Run       time.Duration `json:"run,omitempty"`       // since it was submitted
	Execution time.Duration `json:"execution,omitempty"` // since its plan was ready
	CPU       time.Duration `json:"cpu,omitempty"`       // of all attempts
	Scan      *int64        `json:"scan,omitempty"`      // bytes that all attempts read of tables; nil: no limit
}

// limits are those of a query. What tasks use is bounded by the cluster's configuration as well.
func (c *Coordinator) limits(s *Settings) limits {
	cluster := &c.cfg.Session
	l := limits{Run: s.MaxRunTime, Execution: s.MaxExecutionTime, CPU: min(s.MaxCPUTime, cluster.MaxCPUTime), Scan: s.MaxScanBytes}
	if most := cluster.MaxScanBytes; most != nil && (l.Scan == nil || *most < *l.Scan) {
		l.Scan = most
	}
	return l
}

// exceeded returns the error of a query whose attempts have used so much.
func (l *limits) exceeded(cpu time.Duration, scanned int64) *trinoerr.Error {
	switch {
	case cpu > l.CPU:
		return trinoerr.New(trinoerr.ExceededCpuLimit, "Exceeded CPU limit of %s", durationText(l.CPU))
	case l.Scan != nil && scanned > *l.Scan:
		return trinoerr.New(trinoerr.ExceededScanLimit, "Exceeded scan limit of %s", config.FormatSize(*l.Scan))
	}
	return nil
}

// The texts of limits of time.
const (
	runTimeExceeded       = "Query exceeded maximum time limit of %s"
	executionTimeExceeded = "Query exceeded the maximum execution time limit of %s"
	planningTimeExceeded  = "Query exceeded the maximum planning time limit of %s"
)

// limitTime ends the query when a time is over, unless the returned function is called before.
func (q *query) limitTime(limit time.Duration, since time.Time, text string) (stop func()) {
	timer := time.AfterFunc(limit-time.Since(since), func() {
		q.Cancel(trinoerr.New(trinoerr.ExceededTimeLimit, text, durationText(limit)))
	})
	context.AfterFunc(q.ctx, func() { timer.Stop() })
	return func() { timer.Stop() }
}

// limitExecution bounds the time of a query that has been launched, and that of one which was launched by the coordinator
// before this one.
func (q *query) limitExecution(l limits) { q.limitTime(l.Execution, q.launched, executionTimeExceeded) }

// checkLimits ends a query whose attempts use too much: the running ones as they have last said, and one that has just ended
// and used so much memory.
func (q *query) checkLimits(ended int64) {
	q.mu.Lock()
	var err *trinoerr.Error
	if q.exec != nil {
		memory, cpu, scanned := ended, q.totals.CPU, q.totals.ScannedBytes
		for _, p := range q.running {
			memory += p.MemoryBytes
			cpu += time.Duration(p.CpuMillis) * time.Millisecond
			scanned += p.ScannedBytes
		}
		if err = q.exec.Memory.exceeded(memory); err == nil {
			err = q.exec.Limits.exceeded(cpu, scanned)
		}
	}
	q.mu.Unlock()
	if err != nil {
		q.Cancel(err)
	}
}

// lastHeard is what is known of an attempt that ended without any figures, because its process died.
func lastHeard(p *rpcv1.Progress) *rpcv1.Stats {
	return &rpcv1.Stats{InputRows: p.GetInputRows(), InputBytes: p.GetInputBytes(), ScannedBytes: p.GetScannedBytes(), CpuMillis: p.GetCpuMillis()}
}
