package coordinator

import (
	"context"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// What attempts use together, running and ended ones, finished and failed ones, is bounded by query.max-cpu-time and
// query.max-scan-physical-bytes; sessions can only make it less.
func TestLimitsOfUse(t *testing.T) {
	progress := func(w *fakeWorker, task *rpcv1.Task, millis, bytes int64) {
		w.report(&rpcv1.Event{Kind: &rpcv1.Event_Progress{Progress: &rpcv1.Progress{Task: task.Id, CpuMillis: millis, ScannedBytes: bytes}}})
	}
	failed := func(w *fakeWorker, task *rpcv1.Task, stats *rpcv1.Stats) {
		w.report(&rpcv1.Event{Kind: &rpcv1.Event_Failed{Failed: &rpcv1.Failed{Task: task.Id, Failure: &rpcv1.Failure{Code: "REMOTE_TASK_ERROR"}, Stats: stats}}})
	}
	kilobyte := int64(1 << 10)
	for _, test := range []struct {
		name       string
		properties []string
		configure  func(*Config)
		use        func(w *fakeWorker, first *rpcv1.Task)
		code       *trinoerr.Code
		want       string
	}{
		{"CPU time of a running attempt", []string{"query_max_cpu_time=2s"}, nil,
			func(w *fakeWorker, first *rpcv1.Task) { progress(w, first, 2001, 0) }, trinoerr.ExceededCpuLimit, "Exceeded CPU limit of 2.00s"},
		{"just within the limits", []string{"query_max_cpu_time=2s", "query_max_scan_physical_bytes=1kB"}, nil,
			func(w *fakeWorker, first *rpcv1.Task) { progress(w, first, 2000, kilobyte) }, nil, ""},
		{"bytes of a running attempt", []string{"query_max_scan_physical_bytes=1kB"}, nil,
			func(w *fakeWorker, first *rpcv1.Task) { progress(w, first, 0, kilobyte+1) }, trinoerr.ExceededScanLimit, "Exceeded scan limit of 1kB"},
		{"nothing may be read", []string{"query_max_scan_physical_bytes=0B"}, nil,
			func(w *fakeWorker, first *rpcv1.Task) { progress(w, first, 0, 1) }, trinoerr.ExceededScanLimit, "Exceeded scan limit of 0B"},
		{"a failed attempt and the next one", []string{"query_max_cpu_time=2s"}, nil, func(w *fakeWorker, first *rpcv1.Task) {
			failed(w, first, &rpcv1.Stats{CpuMillis: 1500})
			progress(w, w.next(), 600, 0)
		}, trinoerr.ExceededCpuLimit, "Exceeded CPU limit of 2.00s"},
		{"an attempt whose process died", []string{"query_max_scan_physical_bytes=1kB"}, nil, func(w *fakeWorker, first *rpcv1.Task) {
			progress(w, first, 0, 600)
			failed(w, first, nil)
			progress(w, w.next(), 0, 600)
		}, trinoerr.ExceededScanLimit, "Exceeded scan limit of 1kB"},
		{"a failed attempt alone", []string{"query_max_cpu_time=2s"}, nil,
			func(w *fakeWorker, first *rpcv1.Task) { failed(w, first, &rpcv1.Stats{CpuMillis: 2500}) }, trinoerr.ExceededCpuLimit, "Exceeded CPU limit of 2.00s"},
		{"the cluster's limits", []string{"query_max_cpu_time=1d", "query_max_scan_physical_bytes=1GB"},
			func(cfg *Config) { cfg.Session.MaxCPUTime = time.Second },
			func(w *fakeWorker, first *rpcv1.Task) { progress(w, first, 1001, 0) }, trinoerr.ExceededCpuLimit, "Exceeded CPU limit of 1.00s"},
		{"the cluster's limit of bytes", []string{"query_max_scan_physical_bytes=1GB"},
			func(cfg *Config) { cfg.Session.MaxScanBytes = &kilobyte },
			func(w *fakeWorker, first *rpcv1.Task) { progress(w, first, 0, kilobyte+1) }, trinoerr.ExceededScanLimit, "Exceeded scan limit of 1kB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, spool := testCoordinator(t, func(cfg *Config) {
				cfg.Session.RetryInitialDelay = 0
				if test.configure != nil {
					test.configure(cfg)
				}
			})
			w := join(t, c, "w")
			q := submit(t, c, anyQuery, test.properties...)
			first := w.next()
			test.use(w, first)
			if test.code == nil {
				w.finish(first, spool, "[25]")
			}
			rows, err := result(t, q)
			switch {
			case test.code == nil && (err != nil || rows != "[25]"):
				t.Errorf("%s, %v", rows, err)
			case test.code != nil && (err == nil || err.Code != test.code || err.Error() != test.want):
				t.Errorf("%s, %v", rows, err)
			}
		})
	}
}

// slowStatistics are tables whose statistics do not come before nobody wants them any more.
type slowStatistics struct {
	connector.Connector
	asked chan struct{}
}

func (s slowStatistics) Statistics(ctx context.Context, _ connector.Scan) (connector.Statistics, error) {
	s.asked <- struct{}{}
	<-ctx.Done()
	return connector.Statistics{}, ctx.Err()
}

// A query's run, planning and execution end in time, each with Trino's text, and planning itself ends, too.
func TestLimitsOfTime(t *testing.T) {
	for _, test := range []struct {
		property string
		planning bool // does not end by itself
		runs     bool // its task never ends, if it comes to that
		want     string
	}{
		{"query_max_run_time=50ms", false, true, "Query exceeded maximum time limit of 50.00ms"},
		{"query_max_run_time=0s", true, false, "Query exceeded maximum time limit of 0.00ns"},
		{"query_max_run_time=50ms", true, false, "Query exceeded maximum time limit of 50.00ms"},
		{"query_max_execution_time=50ms", false, true, "Query exceeded the maximum execution time limit of 50.00ms"},
		{"query_max_planning_time=50ms", true, false, "Query exceeded the maximum planning time limit of 50.00ms"},
		{"query_max_planning_time=5m", false, false, ""},
		{"query_max_execution_time=5m", false, false, ""},
	} {
		asked := make(chan struct{}, 100)
		c, spool := testCoordinator(t, func(cfg *Config) {
			if test.planning {
				cfg.Catalogs["tpch"] = slowStatistics{cfg.Catalogs["tpch"], asked}
			}
		})
		w := join(t, c, "w")
		q := submit(t, c, anyQuery, test.property)
		if !test.planning && !test.runs {
			w.finish(w.next(), spool, "[25]")
		}
		rows, err := result(t, q)
		if test.want == "" {
			if err != nil || rows != "[25]" {
				t.Errorf("%s: %s, %v", test.property, rows, err)
			}
			continue
		}
		if err == nil || err.Code != trinoerr.ExceededTimeLimit || err.Error() != test.want {
			t.Errorf("%s: %s, %v, want %s", test.property, rows, err, test.want)
		}
	}
}

// A session of a statement's own (WITH SESSION) has its limits, too.
func TestLimitsOfStatement(t *testing.T) {
	c, _ := testCoordinator(t, nil)
	join(t, c, "w") // which never ends what it runs
	q := submit(t, c, "WITH SESSION query_max_run_time = '50ms' "+anyQuery)
	if _, err := result(t, q); err == nil || err.Error() != "Query exceeded maximum time limit of 50.00ms" {
		t.Errorf("got %v", err)
	}
}

// A query that is taken over keeps its limits: what its attempts used before counts, and so does the time.
func TestLimitsAfterTakeover(t *testing.T) {
	c, _, next := journaled(t)
	w := join(t, c, "w")
	used := submit(t, c, anyQuery, "query_max_cpu_time=2s", "retry_initial_delay=0s")
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Failed{Failed: &rpcv1.Failed{Task: w.next().Id, Failure: &rpcv1.Failure{Code: "GENERIC_INTERNAL_ERROR"},
		Stats: &rpcv1.Stats{CpuMillis: 1500}}}})
	second := w.next()
	long := submit(t, c, anyQuery, "query_max_run_time=8s")
	w.next()
	aged(t, c, used)
	aged(t, c, long)
	c.broken(errCrash)
	c = next()
	used, long = again(t, c, used), again(t, c, long)
	w.register(c, nil)
	until(t, "the node is back", func() bool { return c.heard("w") })
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Progress{Progress: &rpcv1.Progress{Task: second.Id, CpuMillis: 600}}})
	if _, err := result(t, used); err == nil || err.Error() != "Exceeded CPU limit of 2.00s" {
		t.Errorf("CPU time: %v", err)
	}
	if _, err := result(t, long); err == nil || err.Error() != "Query exceeded maximum time limit of 8.00s" {
		t.Errorf("time: %v", err)
	}
}
