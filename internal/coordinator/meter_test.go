package coordinator

import (
	"errors"
	"maps"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// scrape returns what is not zero of the metrics, by series, without times.
func scrape(t *testing.T, r *metrics.Registry) map[string]float64 {
	t.Helper()
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	out := map[string]float64{}
	for line := range strings.Lines(w.Body.String()) {
		if !strings.HasPrefix(line, "waterbear_") || strings.Contains(line, "_seconds_bucket") || strings.Contains(line, "_seconds_sum") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		n, err := strconv.ParseFloat(strings.TrimSpace(line[at:]), 64)
		if err != nil {
			t.Fatal(line)
		}
		if n != 0 {
			out[line[:at]] = n
		}
	}
	return out
}

// A query that loses an attempt to a want of memory and one to a node, and one that fails: each is counted once, with its reason.
func TestMeter(t *testing.T) {
	to := metrics.New(metrics.Coordinator)
	c, spool := testCoordinator(t, func(cfg *Config) {
		cfg.Communication.NodeLossTimeout = time.Hour // not by its silence
		cfg.Metrics = to
	})
	first := join(t, c, "a")
	q := submit(t, c, anyQuery)
	first.fail(first.next().Id, trinoerr.New(trinoerr.ExceededLocalMemoryLimit, "too much"))
	first.next()
	running := scrape(t, to)
	if got := running[`waterbear_queries{retry_policy="TASK",state="RUNNING"}`]; got != 1 {
		t.Errorf("%v queries run: %v", got, running)
	}
	if running[`waterbear_node_attempts{node="a"}`] != 1 || running[`waterbear_node_memory_reserved_bytes{node="a"}`] == 0 {
		t.Errorf("what runs on a node is not there: %v", running)
	}
	second := join(t, c, "b")
	until(t, "the second joins", func() bool { return c.knows("b") })
	first.die()
	task := second.next()
	second.finish(task, spool, "[25]")
	if rows, err := result(t, q); rows != "[25]" || err != nil {
		t.Fatalf("%s, %v", rows, err)
	}
	if _, err := result(t, submit(t, c, "SELECT * FROM nowhere")); err == nil {
		t.Fatal("no error")
	}
	want := map[string]float64{
		`waterbear_queries_submitted_total`: 2, `waterbear_queries_finished_total{retry_policy="TASK"}`: 1,
		`waterbear_queries_failed_total{error_type="USER_ERROR",retry_policy="UNKNOWN"}`: 1, `waterbear_query_errors_total{error="TABLE_NOT_FOUND"}`: 1,
		`waterbear_query_duration_seconds_count{state="FINISHED"}`: 1, `waterbear_query_duration_seconds_count{state="FAILED"}`: 1,
		`waterbear_query_planning_seconds_count`: 1, `waterbear_query_queued_seconds_count`: 1,
		`waterbear_tasks_started_total`: 1, `waterbear_attempts_started_total{class="STANDARD"}`: 3, `waterbear_attempts_finished_total`: 1,
		`waterbear_attempts_failed_total{reason="memory"}`: 1, `waterbear_attempts_failed_total{reason="node_loss"}`: 1,
		`waterbear_attempts_retried_total{reason="memory"}`: 1, `waterbear_attempts_retried_total{reason="node_loss"}`: 1,
		`waterbear_nodes{state="active"}`: 1, `waterbear_nodes_joined_total`: 2, `waterbear_nodes_lost_total`: 1,
		`waterbear_result_pages_total`: 1, `waterbear_result_rows_total`: 1, `waterbear_result_bytes_total`: 4,
	}
	var got map[string]float64
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%v, want %v", got, want)
		}
	})
	until(t, "all is counted", func() bool {
		got = map[string]float64{}
		for series, n := range scrape(t, to) {
			if _, ok := want[series]; ok || strings.HasPrefix(series, "waterbear_quer") || strings.HasPrefix(series, "waterbear_attempts") {
				got[series] = n
			}
		}
		return maps.Equal(got, want)
	})
	c.loop.read(t.Context(), func(*scheduler.State) {
		if len(c.loop.meter.why) > 0 {
			t.Errorf("still known of queries that are gone: %v", c.loop.meter.why)
		}
	})
}

// Reasons are the classes of failures, and what calls for something else of the scheduler.
func TestReasons(t *testing.T) {
	for _, test := range []struct {
		err  error
		lost bool
		want string
	}{
		{trinoerr.New(trinoerr.DivisionByZero, "x"), false, metrics.ReasonUser},
		{errors.New("x"), false, metrics.ReasonInternal},
		{trinoerr.New(trinoerr.ExceededCpuLimit, "x"), false, metrics.ReasonResources},
		{trinoerr.New(trinoerr.ExceededLocalMemoryLimit, "x"), false, metrics.ReasonMemory},
		{trinoerr.New(trinoerr.RemoteHostGone, "x"), false, metrics.ReasonNode},
		{trinoerr.New(trinoerr.PageTransportError, "x"), true, metrics.ReasonSpool},
	} {
		if got := reasonOf(scheduler.FailureOf(test.err), test.lost); got != test.want {
			t.Errorf("%v: %s, want %s", test.err, got, test.want)
		}
	}
}

// What attempts have read of tables and of other stages is told apart.
func TestMeterBytes(t *testing.T) {
	to := metrics.New(metrics.Coordinator)
	c := &Coordinator{cfg: Config{Metrics: to}}
	c.countAttempt(&rpcv1.Stats{CpuMillis: 1500, InputBytes: 100, ScannedBytes: 60, SpilledBytes: 7})
	c.countOutput(&rpcv1.Stats{OutputBytes: 11}, nil)
	want := map[string]float64{"waterbear_task_cpu_seconds_total": 1.5, "waterbear_exchange_read_bytes_total": 40, "waterbear_table_read_bytes_total": 60,
		"waterbear_spilled_bytes_total": 7, "waterbear_table_written_bytes_total": 11}
	if got := scrape(t, to); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
