package coordinator

import (
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// query-manager.required-workers: a query begins when there are enough workers, without those that are about to leave.
func TestRequiredWorkers(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	leaving := join(t, c, "a")
	leaving.register(c, func(r *rpcv1.RegisterRequest) { r.Draining = true })
	w := join(t, c, "b")
	q := submit(t, c, anyQuery, "required_workers_count=2", "required_workers_max_wait_time=1h", "query_max_planning_time=1h")
	until(t, "it waits", func() bool { return q.Info().State == stateWaiting })
	if st := q.Info().Stats; st.Scheduled {
		t.Errorf("scheduled while it waits: %+v", st)
	}
	other := join(t, c, "c")
	select {
	case task := <-w.starts:
		w.finish(task, spool, "[25]")
	case task := <-other.starts:
		other.finish(task, spool, "[25]")
	case <-time.After(patience):
		t.Fatal("it goes on waiting")
	}
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
}

// A query fails when workers are too few for too long. Time spent waiting is no time of planning.
func TestRequiredWorkersMaxWait(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	w := join(t, c, "w")
	few := []string{"required_workers_count=5", "required_workers_max_wait_time=200ms", "query_max_planning_time=1m"}
	for _, sql := range []string{anyQuery, "EXPLAIN ANALYZE " + anyQuery, "SELECT (SELECT count(*) FROM nation)"} {
		_, err := result(t, submit(t, c, sql, few...))
		if err == nil || err.Code != trinoerr.GenericInsufficientResources || err.Error() !=
			"Insufficient active worker nodes. Waited 200.00ms for at least 5 workers, but only 1 workers are active" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{"EXPLAIN " + anyQuery, "SET SESSION query_max_run_time = '1d'"} {
		if _, err := result(t, submit(t, c, sql, few...)); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{"SELECT 1", "SHOW STATS FOR nation", "SHOW TABLES"} {
		q := submit(t, c, sql, few...)
		if task := w.next(); !strings.HasPrefix(task.Id, q.ID()) {
			t.Errorf("%s: task %s", sql, task.Id)
		}
		q.Cancel(trinoerr.New(trinoerr.UserCanceled, "enough"))
	}
}
