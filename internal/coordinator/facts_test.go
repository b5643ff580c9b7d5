package coordinator

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// filtered is a query of three stages, of which the scan of lineitem waits for that of part.
const filtered = "SELECT l.linestatus FROM lineitem l JOIN part p ON l.partkey = p.partkey WHERE p.brand = 'Brand#23'"

var awaiting = append(swaps, "waterbear_key_filters_min_scan_size=0B")

// tell reports a task as finished whose output has so many rows; those are divided evenly among the keys of the first column it is asked for.
func (w *fakeWorker) tell(task *rpcv1.Task, rows int64, keys ...int64) {
	w.t.Helper()
	asked := task.GetExchange().GetFacts()
	if len(asked) == 0 {
		w.t.Fatalf("task %s is asked for nothing", task.Id)
	}
	s := facts.New(facts.Request{Output: int(asked[0].Output), Text: asked[0].Text, FilterWords: int(asked[0].FilterWords)})
	for _, k := range keys {
		s.Ints(slices.Repeat([]int64{k}, int(rows)/len(keys)), nil)
	}
	told, err := facts.Encode([]*facts.Sketch{s})
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := json.Marshal(exchange.Handle{Producer: task.Id, Segments: []exchange.Segment{{Rows: rows, Bytes: rows}}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: task.Id, Bundle: raw, Facts: told, Stats: &rpcv1.Stats{OutputRows: rows}}}})
}

// A scan waits for keys and gets them; not where that is switched off, where no facts come, or where they are not of all rows.
func TestScansAreFilteredByKeys(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	for _, tt := range []struct {
		name       string
		properties []string
		finish     func(build *rpcv1.Task)
		waits      bool
		filter     string // of the other scan
	}{
		{"keys", awaiting, func(build *rpcv1.Task) { w.tell(build, 100, 5, 700) }, true, "IN (CAST(5 AS BIGINT), CAST(700 AS BIGINT))"},
		{"some rows", awaiting, func(build *rpcv1.Task) { w.tell(build, 101, 5, 700) }, true, ""}, // of one it does not tell
		{"no facts", awaiting, func(build *rpcv1.Task) { w.put(build, 100, 100) }, true, ""},
		{"small scans do not wait", swaps, func(build *rpcv1.Task) { w.tell(build, 100, 5, 700) }, false, ""},
		{"off", append(awaiting, "waterbear_key_filters_enabled=false"), func(build *rpcv1.Task) { w.tell(build, 100, 5, 700) }, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := submit(t, c, filtered, tt.properties...)
			build := w.next()
			var probe *rpcv1.Task
			if !tt.waits {
				probe = w.next()
				if stageOf(t, build) == 0 {
					build, probe = probe, build
				}
			}
			if stageOf(t, build) != 1 {
				t.Fatalf("task %s\n%s", build.Id, build.Sql)
			}
			tt.finish(build)
			if tt.waits {
				probe = w.next()
			}
			if tt.filter != "" && !strings.Contains(probe.Sql, tt.filter) || tt.filter == "" && stageOf(t, probe) != 0 {
				t.Errorf("task %s\n%s", probe.Id, probe.Sql)
			}
			w.put(probe, 1000, 1000)
			w.finish(w.next(), spool, `["x"]`)
			if rows, err := result(t, q); rows != `["x"]` || err != nil {
				t.Errorf("%s, %v", rows, err)
			}
			if n := len(q.Info().Replans); n != 0 && tt.filter == "" || n == 0 && tt.filter != "" {
				t.Errorf("replans %+v", q.Info().Replans)
			}
		})
	}
}

// A coordinator that takes over knows the keys by which the plan was changed: it makes the same plan again, and changes it further.
func TestTakeoverKnowsKeys(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, filtered, awaiting...)
	w.tell(w.next(), 100_000, 5, 700)
	probe := w.next()
	if stageOf(t, probe) != 3 || !strings.Contains(probe.Sql, "700") {
		t.Fatalf("task %s\n%s", probe.Id, probe.Sql)
	}
	aged(t, c, q)
	c.broken(errCrash)
	c = next()
	q = again(t, c, q)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{probe.Id} })
	w.put(probe, 1000, 1000)
	root := w.next()
	if stageOf(t, root) != 5 || probeOf(t, root) != "1" {
		t.Errorf("task %s\n%s", root.Id, root.Sql)
	}
	w.finish(root, spool, "[7]")
	if rows, err := result(t, q); rows != "[7]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	var reasons []string
	for _, r := range q.Info().Replans {
		reasons = append(reasons, r.Reason)
	}
	if all := strings.Join(reasons, "; "); !strings.Contains(all, "key filter") || !strings.Contains(all, "join sides swapped") {
		t.Errorf("the plan has changed: %s", all)
	}
}
