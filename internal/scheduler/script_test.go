package scheduler

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// TestScripts runs testdata: each command is an event, and what follows ---- the actions it gives.
//
//	node w1 [mem=10GB] [slots=2] [host=h] [instance=i] [coordinator]
//	query [id=q] retry=task [attempts=4] [delay=10s] [mem=1GB] stages=(0:scan*2/3, 1:hash<-0, 2:single<-1) [direct] [adaptive]
//	finished 0.0.0 [rows=(1,2)] [bytes=(10MB,0)] [peak=1GB] [inline]
//	failed 0.0.0 CODE [peak=1GB] [lost=(0.1.0)]
//	tick 10s
//
// A stage is id:kind[*splits][/output partitions][!flag…][<-inputs], an input with r is replicated. scan*N has N
// splits, found at once, each big enough for a task of its own; the splits of a bare scan come by the command splits.
// Tasks and stages without a query belong to q. Any command may have at=TIME.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		r := &scriptRunner{state: New(DefaultConfig()), splits: map[string]int{}}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return r.run(t, d) })
	})
}

type scriptRunner struct {
	state  *State
	now    Instant
	splits map[string]int // query.stage: splits found at once
	width  map[string]int // query.stage: output partitions
}

func (r *scriptRunner) run(t *testing.T, d *datadriven.TestData) string {
	if d.HasArg("at") {
		r.now = instant(t, arg(d, "at", ""))
	}
	switch d.Cmd {
	case "reset":
		*r = scriptRunner{state: New(config(t, d)), splits: map[string]int{}}
		return ""
	case "info":
		return r.info(QueryID(arg(d, "id", "q")))
	case "tasks":
		var b strings.Builder
		for _, ti := range r.state.Tasks(QueryID(arg(d, "id", "q"))) {
			fmt.Fprintf(&b, "%s %s %s %s\n", ti.Task, ti.Node, ti.State, ti.Failure)
		}
		return b.String()
	case "nodes":
		var b strings.Builder
		for _, n := range r.state.Nodes() {
			fmt.Fprintf(&b, "%s used=%s of=%s attempts=%d draining=%t\n", n.ID, bytesText(n.UsedBytes), bytesText(n.MemBytes), n.Attempts, n.Draining)
		}
		return b.String()
	case "outstanding":
		return actionsText(r.state.Outstanding())
	}
	return actionsText(r.step(t, r.event(t, d)))
}

// config is the configuration that a reset command asks for.
func config(t *testing.T, d *datadriven.TestData) Config {
	cfg := DefaultConfig()
	killer := func(key string, k *LowMemoryKiller) {
		for _, v := range []LowMemoryKiller{KillNone, KillTotalReservation, KillTotalReservationOnBlockedNodes, KillLeastWaste} {
			if arg(d, key, k.String()) == v.String() {
				*k = v
			}
		}
	}
	killer("task-killer", &cfg.TaskLowMemoryKiller)
	killer("query-killer", &cfg.QueryLowMemoryKiller)
	cfg.LocalScheduling = arg(d, "local", "true") == "true"
	cfg.ExhaustedNodeWait = time.Duration(instant(t, arg(d, "host-wait", "2m")))
	return cfg
}

// step applies the event and answers the questions for splits that the script left to us.
func (r *scriptRunner) step(t *testing.T, ev Event) []Action {
	data, err := EncodeEvent(ev)
	if err != nil {
		t.Fatal(err)
	}
	if ev, err = DecodeEvent(data); err != nil {
		t.Fatal(err)
	}
	var out []Action
	actions := r.state.Step(ev)
	if err := r.state.Verify(); err != nil {
		t.Fatalf("%s: %v", ev, err)
	}
	for _, a := range actions {
		f, ok := a.(FindSplits)
		n, auto := 0, false
		if ok {
			n, auto = r.splits[fmt.Sprintf("%s.%d", f.Query, f.Stage)]
		}
		if !auto {
			out = append(out, a)
			continue
		}
		var splits []Split
		for i := range n {
			splits = append(splits, Split{ID: fmt.Sprintf("s%d", i), Bytes: 1 << 40})
		}
		out = append(out, r.step(t, SplitsFound{At: r.now, Query: f.Query, Stage: f.Stage, Source: f.Source, Seen: f.Seen, Splits: splits, NoMore: true})...)
	}
	return out
}

func (r *scriptRunner) event(t *testing.T, d *datadriven.TestData) Event {
	first := func() string {
		if len(d.CmdArgs) == 0 {
			t.Fatalf("%s: %s needs an argument", d.Pos, d.Cmd)
		}
		return d.CmdArgs[0].Key
	}
	query := QueryID(arg(d, "id", "q"))
	switch d.Cmd {
	case "node":
		return NodeJoined{
			At: r.now, Node: NodeID(first()), Instance: arg(d, "instance", "i1"), MemBytes: size(t, arg(d, "mem", "10GB")),
			Slots: number(t, arg(d, "slots", "2")), Host: arg(d, "host", ""), Coordinator: d.HasArg("coordinator"),
		}
	case "node-lost":
		return NodeLost{At: r.now, Node: NodeID(first()), Instance: arg(d, "instance", "")}
	case "node-left":
		return NodeLeft{At: r.now, Node: NodeID(first())}
	case "node-memory":
		// node-memory w1 used=5GB [of=10GB] [tasks=(0.0.0:2GB:10s)]
		ev := NodeMemory{At: r.now, Node: NodeID(first()), Instance: arg(d, "instance", "i1"), UsedBytes: size(t, arg(d, "used", "0")), PoolBytes: size(t, arg(d, "of", "10GB"))}
		if a, ok := d.Arg("tasks"); ok {
			for _, v := range a.Vals {
				f := strings.Split(v, ":")
				m := TaskMemory{Task: task(t, f[0]), Bytes: size(t, f[1])}
				if len(f) > 2 {
					m.Millis = time.Duration(instant(t, f[2])).Milliseconds()
				}
				ev.Tasks = append(ev.Tasks, m)
			}
		}
		return ev
	case "node-draining":
		return NodeDraining{At: r.now, Node: NodeID(first())}
	case "query":
		return r.query(t, d, query)
	case "splits":
		ev := SplitsFound{At: r.now, Query: query, Stage: StageID(number(t, first())), Source: number(t, arg(d, "source", "0")), Seen: number(t, arg(d, "seen", "0")), NoMore: d.HasArg("no-more")}
		for line := range strings.FieldsSeq(d.Input) {
			f := strings.Split(line, ":") // id:size[:hosts][:pinned]; id of group n: id/n
			s := Split{ID: f[0], Bytes: size(t, f[1])}
			if len(f) > 2 {
				s.Hosts = strings.Split(f[2], ",")
			}
			s.Pinned = len(f) > 3
			if _, group, ok := strings.Cut(s.ID, "/"); ok {
				s.Group = number(t, group)
			}
			ev.Splits = append(ev.Splits, s)
		}
		return ev
	case "splits-failed":
		return SplitsFailed{At: r.now, Query: query, Stage: StageID(number(t, first())), Seen: number(t, arg(d, "seen", "0")), Failure: scriptFailure(t, d.CmdArgs[1].Key)}
	case "started":
		return TaskStarted{At: r.now, Task: task(t, first())}
	case "finished":
		ev := TaskFinished{At: r.now, Task: task(t, first()), PeakMemory: size(t, arg(d, "peak", "0")), CPU: time.Second, Wall: time.Second}
		ev.Output, ev.Inline = "out-"+first(), d.HasArg("inline")
		n := r.width[fmt.Sprintf("%s.%d", ev.Task.Query, ev.Task.Stage)]
		ev.Rows, ev.Bytes = make([]int64, n), make([]int64, n)
		for i := range n {
			ev.Rows[i], ev.Bytes[i] = 1, 1<<20
		}
		if a, ok := d.Arg("rows"); ok {
			ev.Rows = sizes(t, a.Vals)
		}
		if a, ok := d.Arg("bytes"); ok {
			ev.Bytes = sizes(t, a.Vals)
		}
		return ev
	case "failed":
		ev := TaskFailed{At: r.now, Task: task(t, first()), Failure: scriptFailure(t, d.CmdArgs[1].Key), PeakMemory: size(t, arg(d, "peak", "0"))}
		if a, ok := d.Arg("lost"); ok {
			for _, v := range a.Vals {
				id := task(t, v)
				ev.Lost = append(ev.Lost, OutputRef{id.Stage, id.Partition, id.Attempt})
			}
		}
		return ev
	case "output-lost":
		id := task(t, first())
		return OutputLost{At: r.now, Query: id.Query, Output: OutputRef{id.Stage, id.Partition, id.Attempt}, Reason: "checksum mismatch"}
	case "result-taken":
		return ResultTaken{At: r.now, Query: query, Attempt: number(t, arg(d, "attempt", "0"))}
	case "replanned":
		ev := Replanned{At: r.now, Query: query, Version: number(t, arg(d, "version", "1"))}
		if a, ok := d.Arg("stages"); ok {
			ev.Stages = r.stages(t, query, a.Vals)
		}
		return ev
	case "cancel":
		return CancelQuery{At: r.now, Query: query}
	case "fail":
		return FailQuery{At: r.now, Query: query, Failure: scriptFailure(t, first())}
	case "forget":
		return ForgetQuery{At: r.now, Query: query}
	case "tick":
		r.now = instant(t, first())
		return Tick{At: r.now}
	}
	t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
	return nil
}

func (r *scriptRunner) query(t *testing.T, d *datadriven.TestData, id QueryID) Event {
	policies := map[string]RetryPolicy{"none": RetryNone, "query": RetryQuery, "task": RetryTask}
	policy, ok := policies[arg(d, "retry", "task")]
	if !ok {
		t.Fatalf("%s: unknown policy", d.Pos)
	}
	set := DefaultSettings()
	attempts := number(t, arg(d, "attempts", "4"))
	set.TaskRetryAttempts, set.QueryRetryAttempts = attempts, attempts
	set.TaskMemory = size(t, arg(d, "mem", "1GB"))
	set.RetryInitialDelay = time.Duration(instant(t, arg(d, "delay", "10s")))
	factor, err := strconv.ParseFloat(arg(d, "factor", "2"), 64)
	if err != nil {
		t.Fatal(err)
	}
	set.RetryDelayScaleFactor = factor
	set.BackupAttempts, set.SmallStageEstimation = d.HasArg("backup"), d.HasArg("small")
	set.MinSourceStageProgress = 2
	if d.HasArg("progress") {
		set.MinSourceStageProgress = float64(number(t, arg(d, "progress", ""))) / 100
	}
	set.StageEstimationForEagerParent = arg(d, "eager", "true") == "true"
	set.MaxRunningTasks = number(t, arg(d, "max-running", "0"))
	set.Compute.Min = size(t, arg(d, "target", "512MB"))
	set.SpreadMinSize = size(t, arg(d, "spread", "0"))
	set.HashMinTaskSize = size(t, arg(d, "hash-min", "0"))
	set.HashComputeTargetSize = size(t, arg(d, "hash-size", "512MB"))
	set.HashComputeNodeRatio = float64(number(t, arg(d, "ratio", "2")))
	set.HashWriteNodeRatio = set.HashComputeNodeRatio
	stages, _ := d.Arg("stages")
	return QuerySubmitted{At: r.now, Query: Query{
		ID: id, Policy: policy, Settings: set, Stages: r.stages(t, id, stages.Vals), Direct: d.HasArg("direct"), Adaptive: d.HasArg("adaptive"),
	}}
}

// stages parses the scripts' form of a graph. The last stage is the root.
func (r *scriptRunner) stages(t *testing.T, q QueryID, specs []string) []Stage {
	if r.width == nil {
		r.width = map[string]int{}
	}
	var out []Stage
	for i, spec := range specs {
		id, rest, _ := strings.Cut(spec, ":")
		st := Stage{ID: StageID(number(t, id)), OutputPartitions: 1, Root: i == len(specs)-1}
		key := fmt.Sprintf("%s.%d", q, st.ID)
		rest, inputs, _ := strings.Cut(rest, "<-")
		for _, in := range strings.FieldsFunc(inputs, func(c rune) bool { return c == '+' }) {
			n, replicated := strings.CutSuffix(in, "r")
			n, whole := strings.CutSuffix(n, "w")
			st.Inputs = append(st.Inputs, Input{Stage: StageID(number(t, n)), Replicated: replicated, Whole: whole})
		}
		parts := strings.Split(rest, "!")
		for _, f := range parts[1:] {
			name, value, _ := strings.Cut(f, ":")
			switch name {
			case "writer":
				st.Writer = true
			case "limit":
				st.RowLimit = int64(number(t, value))
			case "scale":
				st.ScaleWriters = true
			case "nomem":
				st.NoMemory = true
			case "ordered":
				st.Ordered = true
			case "after":
				st.After = append(st.After, StageID(number(t, value)))
			case "patience":
				st.AfterAtMost = time.Duration(instant(t, value))
			case "indeterminate":
				st.Indeterminate = true
			default:
				t.Fatalf("unknown flag %s", f)
			}
		}
		kind, width, ok := strings.Cut(parts[0], "/")
		if ok {
			st.OutputPartitions = number(t, width)
		}
		kind, n, ok := strings.Cut(kind, "*")
		if ok {
			r.splits[key] = number(t, n)
		} else {
			delete(r.splits, key)
		}
		switch kind {
		case "scan":
			st.Distribution, st.Sources = Arbitrary, 1
		case "single-scan":
			st.Sources = 1
		case "hash":
			st.Distribution = Hash
		case "arbitrary":
			st.Distribution = Arbitrary
		case "single":
		case "coordinator":
			st.CoordinatorOnly = true
		default:
			t.Fatalf("unknown kind %s", kind)
		}
		r.width[key] = st.OutputPartitions
		out = append(out, st)
	}
	return out
}

func (r *scriptRunner) info(id QueryID) string {
	q, ok := r.state.Query(id)
	if !ok {
		return "no such query\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s attempt=%d failed-attempts=%d waiting=%t\n", q.ID, q.State, q.Attempt, q.FailedAttempts, q.WaitingForNode)
	for _, st := range q.Stages {
		fmt.Fprintf(&b, "stage %d %s tasks=%d queued=%d running=%d finished=%d failed=%d", st.ID, st.State, st.Tasks, st.Queued, st.Running, st.Finished, st.Failed)
		if st.Waiting != "" {
			fmt.Fprintf(&b, ": %s", st.Waiting)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func actionsText(actions []Action) string {
	var b strings.Builder
	for _, a := range actions {
		b.WriteString(a.String())
		b.WriteByte('\n')
	}
	return b.String()
}

func arg(d *datadriven.TestData, key, otherwise string) string {
	if a, ok := d.Arg(key); ok && len(a.Vals) > 0 {
		return a.Vals[0]
	}
	return otherwise
}

func task(t *testing.T, s string) TaskID {
	if strings.Count(s, ".") == 2 {
		s = "q." + s
	}
	id, err := ParseTaskID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func instant(t *testing.T, s string) Instant {
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return Instant(d)
}

func number(t *testing.T, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func size(t *testing.T, s string) int64 {
	for unit, n := range map[string]int64{"MB": mib, "GB": gib, "TB": 1 << 40} {
		if v, ok := strings.CutSuffix(s, unit); ok {
			return int64(number(t, v)) * n
		}
	}
	return int64(number(t, s))
}

func sizes(t *testing.T, vals []string) []int64 {
	var out []int64
	for _, v := range vals {
		out = append(out, size(t, v))
	}
	return out
}

// codes are the failures that scripts use.
var codes = []*trinoerr.Code{
	trinoerr.DivisionByZero, trinoerr.GenericInternalError, trinoerr.ExceededLocalMemoryLimit, trinoerr.ClusterOutOfMemory,
	trinoerr.CorruptPage, trinoerr.RemoteTaskError, trinoerr.ServerShuttingDown, trinoerr.ExceededTimeLimit, trinoerr.PageTransportError,
	trinoerr.TooManyRequestsFailed,
}

func scriptFailure(t *testing.T, code string) Failure {
	i := slices.IndexFunc(codes, func(c *trinoerr.Code) bool { return c.Name == code })
	if i < 0 {
		t.Fatalf("unknown code %s", code)
	}
	return failure(codes[i], "injected")
}
