package scheduler

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestRules holds the table of errors against the classification of Trino, error by error.
func TestRules(t *testing.T) {
	type want struct{ task, query, costs, delayed, memory, crash bool }
	none := want{}
	passes := want{task: true, query: true, costs: true, delayed: true}
	crash := passes
	crash.crash = true
	tests := []struct {
		code          *trinoerr.Code
		deterministic bool
		want          want
	}{
		{trinoerr.DivisionByZero, false, none},
		{trinoerr.NotSupported, false, none},
		{trinoerr.UserCanceled, false, none},
		{trinoerr.GenericInternalError, false, passes},
		{trinoerr.GenericInternalError, true, none},
		{trinoerr.CompilerError, false, none},
		{trinoerr.IcebergCommitError, false, none},
		{trinoerr.IcebergFilesystemError, false, passes},
		{trinoerr.PageTransportError, false, passes},
		{trinoerr.AbandonedTask, false, passes},
		{trinoerr.TooManyRequestsFailed, false, crash},
		{trinoerr.RemoteHostGone, false, crash},
		{trinoerr.RemoteTaskMismatch, false, crash},
		{trinoerr.RemoteTaskError, false, crash},
		{trinoerr.ClusterOutOfMemory, false, want{task: true, query: true, costs: true, memory: true}},
		{trinoerr.ExceededLocalMemoryLimit, false, want{task: true, costs: true, memory: true}},
		{trinoerr.ExceededGlobalMemoryLimit, false, want{task: true, costs: true, memory: true}},
		{trinoerr.ExceededSpillLimit, false, want{task: true, costs: true}},
		{trinoerr.GenericInsufficientResources, false, want{task: true, costs: true}},
		{trinoerr.ServerShuttingDown, false, want{task: true, query: true}},
	}
	used := map[*Rule]bool{}
	for _, tt := range tests {
		f := FailureOf(&trinoerr.Error{Code: tt.code, Msg: "m", Deterministic: tt.deterministic})
		r := f.rule()
		used[r] = true
		if got := (want{r.Task, r.Query, r.Costs, r.Delayed, r.Memory, r.Crash}); got != tt.want {
			t.Errorf("%s (deterministic: %t): got %+v, want %+v", tt.code.Name, tt.deterministic, got, tt.want)
		}
		if task := f.retryable(); task != trinoerr.Retryable(&trinoerr.Error{Code: tt.code, Deterministic: tt.deterministic}) {
			t.Errorf("%s: the scheduler and package trinoerr disagree", tt.code.Name)
		}
	}
	for i := range Rules {
		if !used[&Rules[i]] {
			t.Errorf("no test of %s", Rules[i].Name())
		}
	}
	for _, name := range trinoerr.Names() { // every error has a row, and memory is asked for those that package trinoerr names
		f := failure(trinoerr.ByName(name), "m")
		if f.outOfMemory() != trinoerr.OutOfMemory(trinoerr.New(trinoerr.ByName(name), "m")) {
			t.Errorf("%s: out of memory is %t", name, f.outOfMemory())
		}
	}
}

// trial puts a query into a situation and watches what follows.
type trial struct {
	t     *testing.T
	s     *State
	now   Instant
	timer Instant
	seen  []Action
}

func (tr *trial) step(ev Event) {
	for _, a := range tr.s.Step(ev) {
		if timer, ok := a.(SetTimer); ok {
			tr.timer = timer.At
		}
		tr.seen = append(tr.seen, a)
	}
}

// submit starts a query, one task per stage.
func (tr *trial) submit(attempts int, stages ...Stage) {
	set := DefaultSettings()
	set.TaskRetryAttempts, set.RetryInitialDelay = attempts, time.Second
	for i := range stages {
		stages[i].ID, stages[i].OutputPartitions, stages[i].Root = StageID(i), 1, i == len(stages)-1
	}
	tr.step(QuerySubmitted{Query: Query{ID: "q", Policy: RetryTask, Settings: set, Stages: stages}})
	for _, st := range stages {
		if st.Sources > 0 {
			tr.step(SplitsFound{Query: "q", Stage: st.ID, Splits: []Split{{ID: "s", Bytes: 1}}, NoMore: true})
		}
	}
}

// last returns the last attempt that was started of a stage's task.
func (tr *trial) last(stage StageID) (last StartTask) {
	tr.t.Helper()
	for _, a := range tr.seen {
		if st, ok := a.(StartTask); ok && st.Task.Stage == stage {
			last = st
		}
	}
	if last.Node == "" {
		tr.t.Fatalf("no task of stage %d was started: %v", stage, tr.seen)
	}
	return last
}

func (tr *trial) fail(stage StageID, code *trinoerr.Code) {
	tr.t.Helper()
	tr.step(TaskFailed{At: tr.now, Task: tr.last(stage).Task, Failure: failure(code, "m")})
}

func (tr *trial) finish(stage StageID) {
	tr.t.Helper()
	tr.step(TaskFinished{At: tr.now, Task: tr.last(stage).Task, Rows: []int64{1}, Bytes: []int64{1}, Output: "o"})
}

// started counts the attempts of a stage's task, or the questions for its splits.
func (tr *trial) started(stage StageID) (n int) {
	for _, a := range tr.seen {
		switch a := a.(type) {
		case StartTask:
			if a.Task.Stage == stage {
				n++
			}
		case FindSplits:
			if a.Stage == stage {
				n++
			}
		}
	}
	return n
}

var leaf = Stage{Distribution: Arbitrary, Sources: 1}

// situations are how the rows of the table come about. Each returns the stage whose task it is about.
var situations = map[string]func(tr *trial, attempts int) StageID{
	"an attempt fails with an error that may pass": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf)
		tr.fail(0, trinoerr.CorruptPage)
		return 0
	},
	"an attempt fails for want of resources": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf)
		tr.fail(0, trinoerr.ExceededSpillLimit)
		return 0
	},
	"an attempt fails with a user error, or one that comes again wherever it runs": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf)
		f := failure(trinoerr.GenericInternalError, "m")
		f.Deterministic = true
		tr.step(TaskFailed{Task: tr.last(0).Task, Failure: f})
		return 0
	},
	"an attempt's node vanishes": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf)
		tr.step(NodeLost{Node: tr.last(0).Node})
		return 0
	},
	"an attempt's node was told to go": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf)
		tr.fail(0, trinoerr.ServerShuttingDown)
		return 0
	},
	"an attempt finishes without output statistics": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf)
		tr.step(TaskFinished{Task: tr.last(0).Task})
		return 0
	},
	"a failure is reported after another attempt has finished": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf, Stage{Inputs: []Input{{Stage: 0}}})
		first := tr.last(0).Task
		tr.finish(0)
		tr.step(TaskFailed{Task: first, Failure: failure(trinoerr.DivisionByZero, "m")})
		return 0
	},
	"a task of a coordinator stage without remote sources fails": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, Stage{CoordinatorOnly: true})
		tr.fail(0, trinoerr.CorruptPage)
		return 0
	},
	"a task of a coordinator stage with remote sources fails": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf, Stage{CoordinatorOnly: true, Inputs: []Input{{Stage: 0}}})
		tr.finish(0)
		tr.fail(1, trinoerr.CorruptPage)
		return 1
	},
	"the listing of splits fails": func(tr *trial, attempts int) StageID {
		set := DefaultSettings()
		set.TaskRetryAttempts, set.RetryInitialDelay = attempts, time.Second
		st := leaf
		st.OutputPartitions, st.Root = 1, true
		tr.step(QuerySubmitted{Query: Query{ID: "q", Policy: RetryTask, Settings: set, Stages: []Stage{st}}})
		tr.step(SplitsFailed{Query: "q", Failure: failure(trinoerr.CorruptPage, "m")})
		return 0
	},
	"an attempt cannot read an output that is lost: its reader waits while the output is made again": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf, Stage{Inputs: []Input{{Stage: 0}}})
		tr.finish(0)
		tr.step(TaskFailed{Task: tr.last(1).Task, Failure: failure(trinoerr.PageTransportError, "m"), Lost: []OutputRef{{Stage: 0}}})
		if tr.started(0) == 3 { // one question and two attempts
			tr.finish(0)
		}
		return 1
	},
	"a time limit, a memory killer or the user ends the query": func(tr *trial, attempts int) StageID {
		tr.submit(attempts, leaf)
		tr.step(FailQuery{Query: "q", Failure: failure(trinoerr.ExceededTimeLimit, "m")})
		return 0
	},
	"no node can take a task for `node-scheduler.allowed-no-matching-node-period`": func(tr *trial, attempts int) StageID {
		tr.step(NodeLeft{Node: "w1"})
		tr.step(NodeLeft{Node: "w2"})
		tr.submit(attempts, leaf)
		tr.step(Tick{At: tr.timer})
		return 0
	},
}

// TestSituations brings every situation about, with attempts to spare and without, and sees what the table says.
func TestSituations(t *testing.T) {
	for _, want := range Situations {
		act := situations[want.Name]
		if act == nil {
			t.Errorf("%q is not tested", want.Name)
			continue
		}
		t.Run(want.Name, func(t *testing.T) {
			try := func(attempts int) (got Situation, failed bool) {
				tr := &trial{t: t, s: New(DefaultConfig())}
				for _, n := range []NodeID{"w1", "w2"} {
					tr.step(NodeJoined{Node: n, Instance: "i", MemBytes: 10 * gib, Slots: 2, Host: string(n), Coordinator: n == "w1"})
				}
				stage := act(tr, attempts)
				isFailed := func(a Action) bool { _, ok := a.(QueryFailed); return ok }
				atOnce := tr.started(stage)
				failed = slices.ContainsFunc(tr.seen, isFailed)
				first := 1
				if slices.ContainsFunc(tr.seen, func(a Action) bool { f, ok := a.(FindSplits); return ok && f.Stage == stage }) && want.Name != "the listing of splits fails" {
					first = 2 // the question for splits, and the attempt
				}
				got.Retried = atOnce > first
				if !got.Retried && !failed && tr.timer > 0 {
					tr.step(Tick{At: tr.timer})
					got.Retried = tr.started(stage) > first
					got.Delayed = got.Retried
				}
				return got, failed
			}
			got, failed := try(4)
			_, exhausted := try(0)
			got.Costs = exhausted && !failed
			got.Name, got.Trino = want.Name, want.Trino
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// TestFailureReference holds the page of the documentation against the tables.
func TestFailureReference(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/failures.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != FailureReference() {
		t.Error("docs/reference/failures.md is not up to date: go generate ./internal/scheduler")
	}
	for i := range Rules {
		if !strings.Contains(string(page), "| "+Rules[i].Name()+" |") {
			t.Errorf("%s is missing", Rules[i].Name())
		}
	}
}

// TestDelayHoldsBackOnlyTheFailedTask: while a failed task waits, others begin and finish, and those that come up then begin
// too. In Trino nothing of the query does.
func TestDelayHoldsBackOnlyTheFailedTask(t *testing.T) {
	tr := &trial{t: t, s: New(DefaultConfig())}
	tr.step(NodeJoined{Node: "w", Instance: "i", MemBytes: 10 * gib, Slots: 1})
	set := DefaultSettings()
	set.MaxTaskSplitCount = 1 // a task for each split
	tr.step(QuerySubmitted{Query: Query{ID: "q", Policy: RetryTask, Settings: set,
		Stages: []Stage{{Distribution: Arbitrary, Sources: 1, OutputPartitions: 1, Root: true}}}})
	tr.step(SplitsFound{Query: "q", Splits: []Split{{ID: "a", Bytes: 1}, {ID: "b", Bytes: 1}, {ID: "c", Bytes: 1}}, NoMore: true})
	if got := tr.last(0).Task.Partition; got != 0 {
		t.Fatalf("task %d begins", got)
	}
	tr.fail(0, trinoerr.CorruptPage)
	for p := 1; p <= 2; p++ {
		if got := tr.last(0).Task; got.Partition != p || got.Attempt != 0 {
			t.Fatalf("%s begins after the failure, want task %d", got, p)
		}
		tr.finish(0)
	}
	if got := tr.last(0).Task.Partition; got != 2 {
		t.Errorf("task %d begins before its delay is over", got)
	}
	if want := Instant(set.RetryInitialDelay); tr.timer != want {
		t.Errorf("the delay ends at %s, want %s", tr.timer, want)
	}
	tr.now = tr.timer
	tr.step(Tick{At: tr.now})
	if got := tr.last(0).Task; got.Partition != 0 || got.Attempt != 1 {
		t.Errorf("%s begins, want the second attempt of task 0", got)
	}
}
