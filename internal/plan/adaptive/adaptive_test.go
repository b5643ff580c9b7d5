package adaptive

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// running is a query in a test script.
type running struct {
	stages []Stage
	next   int
	est    *stats.Estimator
}

// begin plans a query; what reads no other stage has started.
func begin(catalogs plantest.Catalogs, session, join, sql string) (*running, error) {
	root, err := catalogs.Bind(session, sql)
	if err != nil {
		return nil, err
	}
	r := &running{est: stats.New(catalogs.Statistics)}
	symbols, forced := plan.NewSymbols(root), plan.JoinDistribution(strings.ToUpper(join))
	n := rules.Optimize(root, &rules.Context{Symbols: symbols, Estimator: r.est, Join: forced}, true)
	n, single := stages.Distribute(n, stages.Options{BroadcastBytes: 100 << 20, Join: forced, Estimator: r.est, Symbols: symbols})
	for _, f := range stages.Cut(n, single, func(*plan.Exchange) int { return 50 }, nil) {
		r.stages = append(r.stages, Stage{Fragment: f, Started: len(f.Inputs) == 0})
	}
	r.next = len(r.stages)
	return r, nil
}

// finish notes what a stage has put out: "3=1000/5GB", or "3=1000/5GB/4GB" with its largest partition.
func (r *running) finish(text string) error {
	id, size, _ := strings.Cut(text, "=")
	rows, bytes, ok := strings.Cut(size, "/")
	bytes, largest, more := strings.Cut(bytes, "/")
	n, err := strconv.Atoi(id)
	m, rerr := strconv.ParseInt(rows, 10, 64)
	b, berr := parseBytes(bytes)
	i := slices.IndexFunc(r.stages, func(s Stage) bool { return s.ID == n })
	if !ok || err != nil || rerr != nil || berr != nil || i < 0 {
		return fmt.Errorf("no size of a stage: %s", text)
	}
	r.stages[i].Started, r.stages[i].Measured = true, &Size{Rows: m, Bytes: b}
	if more {
		r.stages[i].Measured.Largest, err = parseBytes(largest)
	}
	return err
}

func parseBytes(s string) (int64, error) {
	for unit, of := range map[string]int64{"GB": 1 << 30, "MB": 1 << 20, "kB": 1 << 10, "B": 1} {
		if number, ok := strings.CutSuffix(s, unit); ok && (unit != "B" || number == strings.TrimRight(number, "GMk")) {
			n, err := strconv.ParseInt(number, 10, 64)
			return n * of, err
		}
	}
	return 0, fmt.Errorf("no size: %s", s)
}

// adopt goes on with a new plan.
func (r *running) adopt(p *Plan) {
	r.stages = slices.DeleteFunc(r.stages, func(s Stage) bool { return !s.Started })
	for _, f := range p.Fragments {
		r.stages = append(r.stages, Stage{Fragment: f})
		r.next = max(r.next, f.ID+1)
	}
}

func (r *running) text() string {
	var b strings.Builder
	for _, s := range slices.Backward(r.stages) {
		if s.Started {
			continue
		}
		out := string(s.Output.Kind)
		if s.Output.Kind == plan.Repartition {
			out += fmt.Sprintf(" %d", s.Output.Partitions)
		}
		if s.Output.Root {
			out = "RESULT"
		}
		if s.KeepSides {
			out += " sides kept"
		}
		fmt.Fprintf(&b, "fragment %d %s -> %s\n", s.ID, [...]string{"SINGLE", "SOURCE", "HASH"}[s.Distribution], out)
		for l := range strings.Lines(plan.Print(s.Root, plan.PrintOptions{})) {
			if !strings.Contains(l, " := ") {
				b.WriteString("  " + l)
			}
		}
	}
	return b.String()
}

func changesText(p *Plan) string {
	if p == nil {
		return "nothing changes\n"
	}
	var b strings.Builder
	for _, c := range p.Changes {
		was := "new"
		if c.Was >= 0 {
			was = fmt.Sprintf("was %d", c.Was)
		}
		fmt.Fprintf(&b, "%d (%s): %s\n", c.Fragment, was, strings.Join(c.Reasons, "; "))
	}
	if len(p.Dropped) > 0 {
		fmt.Fprintf(&b, "dropped %v\n", p.Dropped)
	}
	return b.String()
}

// TestReplan runs scripts. plan begins a query and shows what has not started; finish says what stages have put out, as
// stage=rows/bytes, and shows what that changes.
func TestReplan(t *testing.T) {
	catalogs := plantest.New(t)
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var r *running
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var err error
			switch d.Cmd {
			case "plan":
				session, join := "cat.s", ""
				d.MaybeScanArgs(t, "session", &session)
				d.MaybeScanArgs(t, "join", &join)
				if r, err = begin(catalogs, session, join, d.Input); err != nil {
					t.Fatalf("%s: %v", d.Pos, err)
				}
				return r.text()
			case "finish":
				o := Options{JoinReordering: true, JoinRatio: 1.5, JoinMinBytes: 5 << 30, BroadcastBytes: 100 << 20, HashPartitions: 50, TaskBytes: 512 << 20,
					PartitionCount: 200, MaxTaskBytes: 1 << 30, Estimator: r.est, Partitioning: d.HasArg("partitioning")}
				if d.HasArg("no-reordering") {
					o.JoinReordering = false
				}
				o.Restarts = d.HasArg("restarts")
				if d.HasArg("written-order") {
					o.JoinOrder = rules.EliminateCrossJoins
				}
				if d.HasArg("single-task") {
					o.SingleTaskBytes = 64 << 20
				}
				if d.HasArg("skew") {
					o.SkewBytes = 512 << 20
				}
				if d.HasArg("eager") {
					o.JoinMinBytes = 1
				}
				if d.HasArg("hash-joins") {
					o.Join = plan.Partitioned
				}
				for size := range strings.FieldsSeq(d.Input) {
					if err := r.finish(size); err != nil {
						t.Fatalf("%s: %v", d.Pos, err)
					}
				}
				p, err := Replan(r.stages, r.next, o)
				if err != nil {
					t.Fatalf("%s: %v", d.Pos, err)
				}
				out := changesText(p)
				if p != nil {
					r.adopt(p)
					out += r.text()
				}
				return out
			}
			t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
			return ""
		})
	})
}

// BenchmarkReplan looks at plans that stay as they are, which is what most questions of the scheduler come to.
func BenchmarkReplan(b *testing.B) {
	r, err := begin(plantest.New(b), "tpch.sf100", "partitioned", plantest.TPCH(b)[7])
	if err != nil {
		b.Fatal(err)
	}
	for i := range r.stages {
		if r.stages[i].Started {
			r.stages[i].Measured = &Size{Rows: 1e6, Bytes: 200 << 20}
		}
	}
	o := Options{JoinReordering: true, JoinRatio: 1.5, JoinMinBytes: 5 << 30, BroadcastBytes: 100 << 20, TaskBytes: 512 << 20, HashPartitions: 50, Estimator: r.est}
	for b.Loop() {
		if p, err := Replan(r.stages, r.next, o); p != nil || err != nil {
			b.Fatal(p, err)
		}
	}
	b.ReportMetric(float64(len(r.stages)), "stages")
}
