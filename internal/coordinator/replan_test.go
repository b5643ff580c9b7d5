package coordinator

import (
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// eager are session properties under which plans change whenever they can.
var eager = slices.Clip([]string{"waterbear_single_task_input_size=0B", "join_distribution_type=PARTITIONED",
	"fault_tolerant_execution_adaptive_join_reordering_min_size_threshold=1B"})

// swaps are those, but for the order of joins.
var swaps = slices.Clip(append(eager, "join_reordering_strategy=ELIMINATE_CROSS_JOINS"))

// joined is a query of three stages: two scans, which are hashed, and their join.
const joined = "SELECT o.orderpriority, c.name FROM orders o JOIN customer c ON o.custkey = c.custkey"

// put reports a task whose output is not the result as finished, with so many rows and bytes.
func (w *fakeWorker) put(task *rpcv1.Task, rows, bytes int64) {
	w.t.Helper()
	h := exchange.Handle{Producer: task.Id, Segments: []exchange.Segment{{Rows: rows, Bytes: bytes}}}
	raw, err := json.Marshal(h)
	if err != nil {
		w.t.Fatal(err)
	}
	w.report(&rpcv1.Event{Kind: &rpcv1.Event_Finished{Finished: &rpcv1.Finished{Task: task.Id, Bundle: raw, Stats: &rpcv1.Stats{OutputRows: rows}}}})
}

// stageOf is the number of a task's stage.
func stageOf(t *testing.T, task *rpcv1.Task) int {
	t.Helper()
	id, err := scheduler.ParseTaskID(task.Id)
	if err != nil {
		t.Fatal(err)
	}
	return int(id.Stage)
}

// feed finishes the tasks of the leaf stages, of which each has one, with the sizes given by stage, and returns the next task.
func (w *fakeWorker) feed(sizes map[int]int64) *rpcv1.Task {
	w.t.Helper()
	var after *rpcv1.Task
	for fed := 0; fed < len(sizes) || after == nil; {
		task := w.next()
		n, ok := sizes[stageOf(w.t, task)]
		switch {
		case ok:
			w.put(task, n, n)
			fed++
		case after == nil: // the next one, which may arrive before the last leaf
			after = task
		default:
			w.t.Fatalf("task %s", task.Id)
		}
	}
	return after
}

// producers are the stages that a task reads, by the names of its inputs.
func producers(t *testing.T, task *rpcv1.Task) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, in := range task.Inputs {
		var h exchange.Handle
		if x := in.GetExchange(); x == nil || len(x.Bundles) == 0 || json.Unmarshal(x.Bundles[0], &h) != nil {
			t.Fatalf("input %v", in)
		}
		out[in.Name] = strings.Split(h.Producer, ".")[1]
	}
	return out
}

// probeOf is the stage that the first table of a task's statement, the left side of its join, comes from.
func probeOf(t *testing.T, task *rpcv1.Task) string {
	t.Helper()
	first, at := "", len(task.Sql)
	for name, stage := range producers(t, task) {
		if i := strings.Index(task.Sql, name); i >= 0 && i < strings.Index(task.Sql, "JOIN") && i < at {
			first, at = stage, i
		}
	}
	return first
}

// The side of a join that turned out to be large is not kept in memory, but read.
func TestJoinSidesFollowMeasuredSizes(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	for _, tt := range []struct {
		name         string
		properties   []string
		left, right  int64
		stage        int
		probe        string
		reason, kept bool
	}{
		{"large right side", eager, 1000, 100_000, 3, "1", true, true},
		{"small right side", eager, 100_000, 1000, 2, "0", false, false},
		{"below the ratio", eager, 100_000, 150_000, 2, "0", false, false},
		{"below the threshold", eager[:2], 1000, 100_000, 2, "0", false, false},
		{"no reordering", append(eager, "fault_tolerant_execution_adaptive_join_reordering_enabled=false"), 1000, 100_000, 2, "0", false, false},
		{"no adaptive planning", append(eager, "fault_tolerant_execution_adaptive_query_planning_enabled=false"), 1000, 100_000, 2, "0", false, false},
		{"another ratio", append(eager, "fault_tolerant_execution_adaptive_join_reordering_size_difference_ratio=200"), 1000, 100_000, 2, "0", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := submit(t, c, joined, tt.properties...)
			task := w.feed(map[int]int64{0: tt.left, 1: tt.right})
			if stage := stageOf(t, task); stage != tt.stage || probeOf(t, task) != tt.probe || task.KeepJoinSides != tt.kept {
				t.Errorf("stage %d reads %s first, sides kept: %t\n%s", stage, probeOf(t, task), task.KeepJoinSides, task.Sql)
			}
			w.finish(task, spool, `["x","y"]`)
			if rows, err := result(t, q); rows != `["x","y"]` || err != nil {
				t.Errorf("%s, %v", rows, err)
			}
			replans := q.Info().Replans
			if tt.reason != (len(replans) == 1 && strings.HasPrefix(replans[0].Reason, "join sides swapped: ") && replans[0].Stage == 3 && *replans[0].Was == 2) {
				t.Errorf("replans %+v", replans)
			}
		})
	}
}

// Plans change under all retry policies. A query that begins anew goes on with the plan that it had got, and changes that again on
// what is measured then.
func TestPlansChangeUnderAllPolicies(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	for _, policy := range []string{"NONE", "QUERY", "TASK"} {
		q := submit(t, c, joined, append(eager, "retry_policy="+policy, "retry_initial_delay=1ms")...)
		task := w.feed(map[int]int64{0: 1000, 1: 100_000})
		if stageOf(t, task) != 3 || probeOf(t, task) != "1" {
			t.Errorf("%s: stage %d reads %s first", policy, stageOf(t, task), probeOf(t, task))
		}
		if policy == "QUERY" {
			w.fail(task.Id, trinoerr.New(trinoerr.GenericInternalError, "lost"))
			task = w.feed(map[int]int64{0: 100_000, 1: 1000})
			if stageOf(t, task) != 4 || probeOf(t, task) != "0" {
				t.Errorf("again: stage %d reads %s first", stageOf(t, task), probeOf(t, task))
			}
		}
		w.finish(task, spool, `["x"]`)
		if rows, err := result(t, q); rows != `["x"]` || err != nil {
			t.Errorf("%s: %s, %v", policy, rows, err)
		}
	}
}

// What is left is one task when it has little to read, unless the session wants stages (waterbear_single_task_input_size) or the first plan.
func TestSmallRestIsOneTask(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	for _, tt := range []struct {
		name       string
		properties []string
		size       int64
		stage      int
		reads      int
	}{
		{"little", []string{"waterbear_single_task_input_size=1kB"}, 100, 5, 3},
		{"more", []string{"waterbear_single_task_input_size=1kB"}, 1000, 2, 2},
		{"stages", []string{"waterbear_single_task_input_size=0B"}, 100, 2, 2},
		{"no adaptive planning", []string{"waterbear_single_task_input_size=1kB", "fault_tolerant_execution_adaptive_query_planning_enabled=false"}, 100, 2, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := submit(t, c, nested, append(tt.properties, "join_distribution_type=PARTITIONED", "join_reordering_strategy=NONE")...)
			var last *rpcv1.Task // without it nothing else starts
			for range 3 {
				if task := w.next(); stageOf(t, task) == 1 {
					last = task
				} else {
					w.put(task, tt.size, tt.size)
				}
			}
			until(t, "two stages have finished", func() bool { return q.Info().Stats.CompletedSplits == 2 })
			w.put(last, tt.size, tt.size)
			task := w.next()
			if n := stageOf(t, task); n != tt.stage || len(producers(t, task)) != tt.reads {
				t.Errorf("stage %d reads %d stages", n, len(producers(t, task)))
			}
			if task.GetOutput() != nil && tt.stage == 2 {
				w.put(task, 1, 1)
				task = w.next()
			}
			w.finish(task, spool, `["x"]`)
			if rows, err := result(t, q); rows != `["x"]` || err != nil {
				t.Errorf("%s, %v", rows, err)
			}
			replans := q.Info().Replans
			if tt.stage == 5 && (len(replans) != 1 || replans[0].Reason != "single task: the remaining 2 stages have only 300B to read") || tt.stage == 2 && len(replans) > 0 {
				t.Errorf("replans %+v", replans)
			}
		})
	}
}

// Joins that have not begun are ordered anew by what has been measured, where the session wants joins to be ordered by cost.
func TestJoinOrderFollowsMeasuredSizes(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	const sql = "SELECT l.comment, o.comment, p.name FROM lineitem l JOIN part p ON l.partkey = p.partkey JOIN orders o ON l.orderkey = o.orderkey " +
		"WHERE p.comment LIKE '%a%'" // stages 0, 1, 3; 2 joins the first two
	base := slices.Clip([]string{"waterbear_single_task_input_size=0B", "join_max_broadcast_table_size=100B", "waterbear_range_alignment_enabled=false",
		"fault_tolerant_execution_adaptive_join_reordering_min_size_threshold=1kB"})
	for _, tt := range []struct {
		name       string
		properties []string
		orders     int64
		changed    bool
	}{
		{"few orders", nil, 3, true},
		{"as many as expected", nil, 15000, false},
		{"in the order of the text", []string{"join_reordering_strategy=NONE"}, 3, false},
		{"without cross joins", []string{"join_reordering_strategy=ELIMINATE_CROSS_JOINS"}, 3, false},
		{"joins stay", []string{"fault_tolerant_execution_adaptive_join_reordering_enabled=false"}, 3, false},
		{"small gain", []string{"fault_tolerant_execution_adaptive_join_reordering_min_size_threshold=5GB"}, 3, false},
		{"no adaptive planning", []string{"fault_tolerant_execution_adaptive_query_planning_enabled=false"}, 3, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := submit(t, c, sql, append(base, tt.properties...)...)
			sizes := map[int][2]int64{0: {60175, 2_400_000}, 1: {2000, 80_000}, 3: {tt.orders, 20 * tt.orders}}
			var last *rpcv1.Task // without it no join starts
			for range 3 {
				if task := w.next(); stageOf(t, task) == 0 {
					last = task
				} else {
					w.put(task, sizes[stageOf(t, task)][0], sizes[stageOf(t, task)][1])
				}
			}
			until(t, "two stages have finished", func() bool { return q.Info().Stats.CompletedSplits == 2 })
			w.put(last, sizes[0][0], sizes[0][1])
			task := w.next()
			for task.GetExchange() != nil {
				w.put(task, 10, 10)
				task = w.next()
			}
			w.finish(task, spool, "[1]")
			if rows, err := result(t, q); rows != "[1]" || err != nil {
				t.Errorf("%s, %v", rows, err)
			}
			var reasons []string
			for _, r := range q.Info().Replans {
				reasons = append(reasons, r.Reason)
			}
			if text := strings.Join(reasons, "\n"); strings.Contains(text, "join order changed: it moves ") != tt.changed {
				t.Errorf("changes: %q", text)
			}
		})
	}
}

// More partitions are made when the tasks would read too much each: what is written already is divided again.
func TestPartitionsFollowMeasuredSizes(t *testing.T) {
	c, spool := testCoordinator(t, func(cfg *Config) { cfg.MaxPartitions = 70 })
	w := join(t, c, "w")
	more := append(eager, "fault_tolerant_execution_runtime_adaptive_partitioning_max_task_size=100B", "fault_tolerant_execution_max_partition_count=7",
		"fault_tolerant_execution_min_partition_count=7")
	for _, tt := range []struct {
		properties []string
		partitions int32
	}{
		{append(more, "fault_tolerant_execution_runtime_adaptive_partitioning_enabled=true",
			"fault_tolerant_execution_runtime_adaptive_partitioning_partition_count=40"), 40},
		{append(more, "fault_tolerant_execution_runtime_adaptive_partitioning_enabled=true"), 70}, // what the exchange can bear
		{more, 0},
	} {
		q := submit(t, c, joined, tt.properties...)
		task := w.feed(map[int]int64{0: 1000, 1: 900})
		if tt.partitions > 0 {
			again := w.next()
			for _, task := range []*rpcv1.Task{task, again} {
				if n := task.GetOutput().(*rpcv1.Task_Exchange).Exchange.Partitions; n != tt.partitions || stageOf(t, task) > 4 {
					t.Errorf("%s writes %d partitions", task.Id, n)
				}
				w.put(task, 1000, 1000)
			}
			task = w.next()
			if p := producers(t, task); stageOf(t, task) != 5 || len(p) != 2 {
				t.Errorf("%s reads %v", task.Id, p)
			}
			w.finish(task, spool, "[]")
		} else if stageOf(t, task) != 2 {
			t.Errorf("task %s", task.Id)
		} else {
			w.finish(task, spool, "[]")
		}
		if _, err := result(t, q); err != nil {
			t.Error(err)
		}
	}
}

// A stage without rows stops those whose rows could only have been joined with its own.
func TestEmptyInputStopsOtherSide(t *testing.T) {
	c, spool := testCoordinator(t, nil)
	w := join(t, c, "w")
	q := submit(t, c, joined, eager...)
	first, second := w.next(), w.next()
	w.put(first, 0, 0)
	root := w.next()
	until(t, "the other scan is stopped", func() bool { return w.cancelled(second.Id) })
	if stageOf(t, root) != 3 || len(root.Inputs) != 0 {
		t.Errorf("task %v", root)
	}
	w.finish(root, spool)
	if rows, err := result(t, q); rows != "" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	if st := q.Info().Stats; st.TotalSplits != st.CompletedSplits {
		t.Errorf("%d of %d tasks", st.CompletedSplits, st.TotalSplits)
	}
}

// records keeps what a coordinator logs.
type records struct {
	mu    sync.Mutex
	lines []string
}

func (r *records) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, string(p))
	return len(p), nil
}

func (r *records) contain(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.lines, func(l string) bool { return strings.Contains(l, text) })
}

// When the rest of the plan cannot be planned again, the query goes on with the plan that it has, and the log says why.
func TestFailedReplanKeepsPlan23407(t *testing.T) {
	log := &records{}
	c, spool := testCoordinator(t, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(log, nil)) })
	w := join(t, c, "w")
	for name, replan := range map[string]func([]adaptive.Stage, int, adaptive.Options) (*adaptive.Plan, error){
		"injected error": func([]adaptive.Stage, int, adaptive.Options) (*adaptive.Plan, error) {
			return nil, errors.New("injected error")
		},
		"injected panic": func([]adaptive.Stage, int, adaptive.Options) (*adaptive.Plan, error) { panic("injected panic") },
		"root stages":    func([]adaptive.Stage, int, adaptive.Options) (*adaptive.Plan, error) { return &adaptive.Plan{}, nil },
		"in the place of": func(all []adaptive.Stage, next int, _ adaptive.Options) (*adaptive.Plan, error) {
			f := all[len(all)-1].Fragment
			f.ID = next + 5
			return &adaptive.Plan{Fragments: []stages.Fragment{f}}, nil
		},
	} {
		q := submit(t, c, joined, eager...)
		q.waitFor(t, func() bool { return q.replanner != nil }).replan = replan
		task := w.feed(map[int]int64{0: 1000, 1: 100_000})
		if stageOf(t, task) != 2 || probeOf(t, task) != "0" {
			t.Errorf("%s: task %s\n%s", name, task.Id, task.Sql)
		}
		w.finish(task, spool, "[1]")
		if rows, err := result(t, q); rows != "[1]" || err != nil {
			t.Errorf("%s: %s, %v", name, rows, err)
		}
		if !log.contain(name) {
			t.Errorf("%s: not logged", name)
		}
	}
}

// waitFor waits for a condition of a query's fields and returns its planner.
func (q *query) waitFor(t *testing.T, ok func() bool) (r *replanner) {
	t.Helper()
	until(t, "the query is planned", func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		r = q.replanner
		return ok()
	})
	return r
}

// A coordinator that takes over knows the stages of the new plan.
func TestRecoverReplanned(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, "SELECT * FROM ("+joined+") x JOIN nation n ON x.name = n.name", swaps...)
	task := w.feed(map[int]int64{0: 1000, 1: 100_000, 3: 10})
	if stage := stageOf(t, task); stage < 5 || probeOf(t, task) != "1" {
		t.Fatalf("task %s\n%s", task.Id, task.Sql)
	}
	aged(t, c, q)
	c.broken(errCrash)
	c = next()
	q = again(t, c, q)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{task.Id} })
	w.put(task, 20, 20)
	root := w.next()
	if p := producers(t, root); stageOf(t, root) <= stageOf(t, task) || len(p) != 2 {
		t.Errorf("task %s reads %v", root.Id, p)
	}
	w.finish(root, spool, "[7]")
	if rows, err := result(t, q); rows != "[7]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	if replans := q.Info().Replans; len(replans) != 1 || !strings.HasPrefix(replans[0].Reason, "join sides swapped") {
		t.Errorf("replans %v", replans)
	}
}

// EXPLAIN ANALYZE shows what a stage was and what it is, and why; the session can ask for the steps in the log.
func TestExplainShowsReplans(t *testing.T) {
	log := &records{}
	c, spool := testCoordinator(t, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(log, nil)) })
	w := join(t, c, "w")
	q := submit(t, c, "EXPLAIN ANALYZE "+joined, append(eager, "debug_adaptive_planner=true")...)
	w.finish(w.feed(map[int]int64{0: 1000, 1: 100_000}), spool)
	text, err := result(t, q)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, part := range []string{"Fragment 3 [HASH]", "AdaptivePlan: join sides swapped: the build side has 97.7kB, the probe side 1000B",
		"Current Plan:", "RemoteSource[stage = 1", "RemoteSource[stage = 0", "Initial Plan:", "Fragment 2 [HASH]", "RemoteSource[stage = 0", "RemoteSource[stage = 1",
		"Fragment 1 [SOURCE]", "Fragment 0 [SOURCE]"} {
		i := strings.Index(text[at:], part)
		if i < 0 {
			t.Fatalf("no %q in its place:\n%s", part, strings.ReplaceAll(text, "\\n", "\n"))
		}
		at += i + len(part)
	}
	if strings.Contains(text[at:], "Fragment") || strings.Count(text, "Fragment") != 4 {
		t.Errorf("other fragments:\n%s", strings.ReplaceAll(text, "\\n", "\n"))
	}
	for _, line := range []string{"adaptive planner: join sides: 1 changes", "plan changed"} {
		if !log.contain(line) {
			t.Errorf("no %q in the log", line)
		}
	}
}
