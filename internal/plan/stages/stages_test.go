package stages

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// planner distributes SQL text.
type planner struct {
	catalogs plantest.Catalogs
	session  string
	join     plan.JoinDistribution
	ranges   float64 // bytes of each range; 0: none
	sorted   int     // into how many ranges rows are sorted
	distinct DistinctStrategy
}

func (p *planner) fragments(sql string) ([]Fragment, *stats.Estimator, error) {
	root, err := p.catalogs.Bind(p.session, sql)
	if err != nil {
		return nil, nil, err
	}
	est := stats.New(p.catalogs.Statistics)
	symbols := plan.NewSymbols(root)
	n := rules.Optimize(root, &rules.Context{Symbols: symbols, Estimator: est, ReadsFields: p.catalogs.ReadsFields}, true)
	o := Options{BroadcastBytes: 100 << 20, Join: p.join, Estimator: est, Symbols: symbols}
	if p.ranges > 0 {
		o.Clustering, o.RangeBytes = p.catalogs.Clustering, p.ranges
	}
	o.Distinct = p.distinct
	o.Ranges, o.RangeSortBytes = p.sorted, 64<<20
	n, single := Distribute(n, o)
	if err := plan.Check(n); err != nil {
		return nil, nil, fmt.Errorf("%w\n%s", err, plan.Print(n, plan.PrintOptions{}))
	}
	fragments := Cut(n, single, func(*plan.Exchange) int { return 50 }, est)
	return fragments, est, checkFragments(fragments)
}

// checkFragments checks what the scheduler relies on.
func checkFragments(fragments []Fragment) error {
	for i, f := range fragments {
		if f.ID != i || f.Output.Root != (i == len(fragments)-1) {
			return fmt.Errorf("fragment %d has id %d", i, f.ID)
		}
		if f.Distribution == Hash && len(f.Scans) > 0 {
			return fmt.Errorf("fragment %d reads tables by partitions", i)
		}
		for _, in := range f.Inputs {
			if in.Stage >= i {
				return fmt.Errorf("fragment %d reads fragment %d", i, in.Stage)
			}
			partitioned := fragments[in.Stage].Output.Partitions > 1
			if in.Kind != plan.Replicate && f.Distribution != Single && partitioned != (f.Distribution == Hash) {
				return fmt.Errorf("fragment %d reads fragment %d in a way that does not fit", i, in.Stage)
			}
		}
		if err := plan.Check(f.Root); err != nil {
			return fmt.Errorf("fragment %d: %w", i, err)
		}
	}
	return nil
}

// scanColumn matches the line of a scan's column.
var scanColumn = regexp.MustCompile(`^[│ ]*\w+ := [\w$]+:[a-z]`)

// text prints fragments from the result down, each with its columns.
func text(fragments []Fragment, sql bool) string {
	var b strings.Builder
	for _, f := range slices.Backward(fragments) {

		out := string(f.Output.Kind)
		if f.Output.Kind == plan.Repartition {
			var keys []string
			for _, k := range f.Output.Keys {
				keys = append(keys, plan.PrintExpr(k))
			}
			if f.Output.Ranges {
				out = "RANGES"
			}
			out += "[" + strings.Join(keys, ", ") + "]"
		}
		if f.Output.Root {
			out = "RESULT"
		}
		var columns []string
		for _, s := range f.Root.Outputs() {
			columns = append(columns, s.Name)
		}
		sides := ""
		if f.KeepSides {
			sides = ", right sides in memory"
		}
		fmt.Fprintf(&b, "fragment %d %s -> %s (%s)%s\n", f.ID, [...]string{"SINGLE", "SOURCE", "HASH"}[f.Distribution], out, strings.Join(columns, ", "), sides)
		if !sql {
			for l := range strings.SplitSeq(strings.TrimSpace(plan.Print(f.Root, plan.PrintOptions{})), "\n") {
				if !scanColumn.MatchString(l) {
					b.WriteString("  " + l + "\n")
				}
			}
			continue
		}
		o := duck.Options{}
		if f.Output.Partitions > 1 {
			o.Partition = &duck.Partition{Keys: f.Output.Keys, Count: f.Output.Partitions, Numbered: f.Output.Ranges}
		}
		st, err := duck.Lower(f.Root, o)
		if err != nil {
			return err.Error()
		}
		b.WriteString("  " + strings.ReplaceAll(st.SQL, "\n", "\n  ") + "\n")
	}
	return b.String()
}

// TestFragments prints the fragments of a statement ("fragments"), or their SQL ("sql"). session= and join= are those of a
// session, ranges= is how many MiB each range of a key is to have,
// sorted= into how many ranges rows in an order are divided that have 64 MiB, distinct= how distinct aggregates are computed.
func TestFragments(t *testing.T) {
	catalogs := plantest.New(t)
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			p := &planner{catalogs: catalogs, session: "cat.s"}
			d.MaybeScanArgs(t, "session", &p.session)
			ranges := 0
			d.MaybeScanArgs(t, "ranges", &ranges)
			p.ranges = float64(ranges << 20)
			d.MaybeScanArgs(t, "sorted", &p.sorted)
			join := ""
			d.MaybeScanArgs(t, "join", &join)
			p.join = plan.JoinDistribution(strings.ToUpper(join))
			strategy := ""
			d.MaybeScanArgs(t, "distinct", &strategy)
			p.distinct = map[string]DistinctStrategy{"": ByEstimate, "single_step": SingleStep, "mark_distinct": MarkDistinct,
				"pre_aggregate": PreAggregate, "split_to_subqueries": SplitToSubqueries}[strategy]
			sql := d.Input
			query := 0
			if d.HasArg("query") {
				d.ScanArgs(t, "query", &query)
				sql = plantest.TPCH(t)[query-1]
			}
			fragments, _, err := p.fragments(sql)
			if err != nil {
				t.Fatalf("%s: %v", d.Pos, err)
			}
			return text(fragments, d.Cmd == "sql")
		})
	})
}

func BenchmarkPlan(b *testing.B) {
	p := &planner{catalogs: plantest.New(b), session: "tpch.sf100"}
	for i, sql := range plantest.TPCH(b) {
		b.Run(fmt.Sprintf("q%02d", i+1), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := p.fragments(sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
