// Package adaptive plans the rest of a query again while it runs, with what its finished stages have put out in the place
// of estimates.
//
// It works on fragments. Those that have started stay as they are, others may be changed, joined, divided or dropped by the
// rules, which are in a table (passes below) and have a file each. A fragment that changes, and every one that reads it, gets
// a new number, so that what a number stands for never changes.
// The package is pure and knows neither tasks nor attempts: what comes out is a list of fragments. Start with Replan.
package adaptive

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// Stage is a fragment of a query that runs.
type Stage struct {
	stages.Fragment
	// Started says that the fragment's tasks may have been made: it cannot change any more.
	Started bool
	// Measured is what it has put out, once it has finished.
	Measured *Size
	// Columns are what is known of the columns of that output: of those that somebody asked for.
	Columns []facts.Column
}

// Size is the size of an output.
type Size struct {
	Rows, Bytes int64
	Largest     int64 `json:",omitempty"` // bytes of the largest of several partitions
}

// Options govern what may change.
type Options struct {
	// JoinReordering lets joins change. It exchanges the sides of partitioned ones whose right side, the one that is kept in
	// memory, has more than JoinMinBytes and more than JoinRatio times the left one.
	JoinReordering bool
	JoinRatio      float64
	JoinMinBytes   int64
	// With it and OrderByCost, joins are ordered anew, by MaxReorderedJoins as rules.Context has it.
	JoinOrder         rules.JoinOrder
	MaxReorderedJoins int
	// With it, BroadcastBytes is the largest measured size of a join's right side that is sent to every task. Join is the distribution
	// that the session forces, if any.
	BroadcastBytes int64
	Join           plan.JoinDistribution
	// TaskBytes is what a task reads that may read anything: how often a right side is sent follows from it.
	TaskBytes int64
	// HashPartitions is the number of partitions of an exchange that is added.
	HashPartitions int
	// Partitioning raises the number of partitions to PartitionCount when the tasks of a stage that reads partitions would
	// read more than MaxTaskBytes each.
	Partitioning   bool
	PartitionCount int
	MaxTaskBytes   int64
	// SingleTaskBytes is how little the rest has to have to read to be made by one task; 0: it never is.
	SingleTaskBytes int64
	// SkewBytes is how large a partition has to be that is divided because it is much larger than the others; 0: none is.
	SkewBytes int64
	// KeyFilters lets scans of KeyFilterMinScan bytes and more be filtered by the keys of joins that finished stages have put out.
	// They wait for them where that is expected to pay.
	KeyFilters bool
	// DynamicFilters says what the connector of a catalog wants to be told of keys; false if it leaves that to estimates.
	DynamicFilters   func(catalog string) (connector.DynamicFilters, bool)
	KeyFilterMinScan int64
	// Restarts says that all of the query may run again, by the plan that it has got by then: what is taken for granted of the
	// rows of a stage has to hold of its rows the next time.
	Restarts bool
	// Estimator knows the sizes of tables.
	Estimator *stats.Estimator
	// Trace, when set, is told of what was looked at.
	Trace func(format string, args ...any)
}

// Change says what has become of a fragment.
type Change struct {
	Fragment int // its new number
	Was      int // its number before; -1 when it is new
	// Reasons say why, by rule. There are none where only the numbers of what it reads have changed.
	Reasons []string
}

// Plan is the new rest of a query.
type Plan struct {
	// Fragments take the place of all that have not started, producers before consumers.
	Fragments []stages.Fragment
	Changes   []Change
	// Dropped are the numbers of the fragments that had not started and are no longer needed.
	Dropped []int
}

// passes are applied in this order. Each works on what those before it have left.
var passes = []struct {
	name  string
	apply func(*planner)
}{
	{"empty inputs", (*planner).pruneEmpty},
	{"single task", (*planner).joinRest},
	{"join order", (*planner).reorderJoins},
	{"join distribution", (*planner).distributeJoins},
	{"skewed groups", (*planner).spreadGroups},
	{"partition count", (*planner).raisePartitions},
	{"join sides", (*planner).swapJoins},
	{"key filters", (*planner).filterKeys},
}

// Replan plans what has not started again. all are the fragments of the query, producers before consumers, the root last
// among those that have not started. next is the first number that no fragment has had. It returns nil when nothing changes.
func Replan(all []Stage, next int, o Options) (*Plan, error) {
	if o.Trace == nil {
		o.Trace = func(string, ...any) {}
	}
	p := &planner{o: o, next: next, first: next, at: map[int]*part{}}
	for i := range all {
		s := &all[i]
		p.add(len(p.parts), &part{Fragment: s.Fragment, started: s.Started, size: s.Measured, columns: s.Columns, was: s.ID})
	}
	for _, r := range passes {
		before := p.reasons()
		r.apply(p)
		o.Trace("%s: %d changes", r.name, p.reasons()-before)
	}
	if p.reasons() == 0 {
		return nil, nil
	}
	return p.result()
}

// planner is a plan under change.
type planner struct {
	o     Options
	parts []*part // producers before consumers
	at    map[int]*part
	next  int // the next number to give
	first int
	est   *stats.Estimator // made when it is first needed
}

// part is a fragment under change.
type part struct {
	stages.Fragment
	started bool
	size    *Size          // measured
	columns []facts.Column // of what it has put out
	was     int            // -1: added
	reasons []string
}

// add puts a part in its place.
func (p *planner) add(i int, t *part) {
	p.parts = slices.Insert(p.parts, i, t)
	p.at[t.ID] = t
}

// insert adds a new fragment before another one.
func (p *planner) insert(before *part, f stages.Fragment, reason string) *part {
	f.ID = p.next
	p.next++
	t := &part{Fragment: f, was: -1, reasons: []string{reason}}
	p.add(slices.Index(p.parts, before), t)
	return t
}

// change gives a part another plan.
func (t *part) change(root plan.Node, reason string) {
	t.Fragment = t.WithRoot(root)
	t.because(reason)
}

// because notes why a part changes.
func (t *part) because(reason string) {
	if !slices.Contains(t.reasons, reason) {
		t.reasons = append(t.reasons, reason)
	}
}

func (p *planner) reasons() int {
	n := 0
	for _, t := range p.parts {
		n += len(t.reasons)
	}
	return n
}

// open are the parts that may change and that the result needs.
func (p *planner) open() []*part {
	needed := p.needed()
	var out []*part
	for _, t := range p.parts {
		if !t.started && needed[t.ID] {
			out = append(out, t)
		}
	}
	return out
}

// needed are the parts that lead to the result. A part that has finished needs nothing any more, but for its output to be
// made again.
func (p *planner) needed() map[int]bool {
	out := map[int]bool{}
	for _, t := range slices.Backward(p.parts) {
		if !t.Output.Root && !out[t.ID] {
			continue
		}
		out[t.ID] = true
		for _, in := range t.Inputs {
			out[in.Stage] = true
		}
	}
	return out
}

// readers counts the places where the output of a part is read, by parts that are needed.
func (p *planner) readers(t *part) (n int) {
	needed := p.needed()
	for _, o := range p.parts {
		if !needed[o.ID] {
			continue
		}
		for _, in := range o.Inputs {
			if in.Stage == t.ID {
				n++
			}
		}
	}
	return n
}

// measured is what the stage of a remote source has put out; false as long as it has not finished.
func (p *planner) measured(r *plan.RemoteSource) (Size, bool) {
	t := p.at[r.Stage]
	if t == nil || t.size == nil {
		return Size{}, false
	}
	return *t.size, true
}

// lasting reports whether what is known of a part's rows stays true: it may not when the query begins anew and rows are left to chance.
func (p *planner) lasting(t *part) bool {
	if !p.o.Restarts {
		return true
	}
	if t == nil || t.Indeterminate() {
		return false
	}
	return !slices.ContainsFunc(t.Inputs, func(in *plan.RemoteSource) bool { return !p.lasting(p.at[in.Stage]) })
}

// estimate is the size of a plan's output by what is known by now; negative when it is not.
func (p *planner) estimate(n plan.Node) (rows, bytes float64) {
	if p.estimator() == nil {
		return -1, -1
	}
	return p.est.Estimate(n)
}

// stageOutput is what is known of what a stage puts out.
func (p *planner) stageOutput(r *plan.RemoteSource) (out stats.StageOutput) {
	if t := p.at[r.Stage]; t != nil {
		out.Plan, out.Columns = t.Root, t.columns
	}
	if size, ok := p.measured(r); ok {
		out.Measured, out.Rows, out.Bytes = true, float64(size.Rows), float64(size.Bytes)
	}
	return out
}

// result numbers the parts that have changed and those that read them.
func (p *planner) result() (*Plan, error) {
	out := &Plan{}
	needed := p.needed()
	changed := p.changed(needed)
	p.prepare(changed)
	renamed := map[int]int{}
	for i, t := range changed {
		renamed[t.ID] = p.first + i
	}
	partitions := map[int]int{} // of outputs, by the new numbers
	for _, t := range p.parts {
		switch {
		case t.started:
			partitions[t.ID] = t.Output.Partitions
			continue
		case !needed[t.ID]:
			if t.was >= 0 {
				out.Dropped = append(out.Dropped, t.was)
			}
			continue
		}
		f := t.Fragment
		if id, ok := renamed[f.ID]; ok {
			f = f.WithRoot(plan.MapPlan(f.Root, func(n plan.Node) plan.Node { return renumbered(n, renamed) }))
			f.ID, f.After = id, p.renumberedAfter(f.After, renamed, needed)
			out.Changes = append(out.Changes, Change{Fragment: f.ID, Was: t.was, Reasons: t.reasons})
		}
		partitions[f.ID] = f.Output.Partitions
		if err := check(&f, partitions); err != nil {
			return nil, err
		}
		out.Fragments = append(out.Fragments, f)
	}
	return out, nil
}

// changed are the parts that get new numbers: those that have changed, and those that read them or wait for them.
func (p *planner) changed(needed map[int]bool) (out []*part) {
	is := map[int]bool{}
	for more := true; more; {
		more = false
		for _, t := range p.parts {
			if t.started || !needed[t.ID] || is[t.ID] {
				continue
			}
			moved := slices.ContainsFunc(t.Inputs, func(r *plan.RemoteSource) bool { return is[r.Stage] })
			if len(t.reasons) > 0 || moved || slices.ContainsFunc(t.After, func(id int) bool { return is[id] }) {
				is[t.ID], more = true, true
			}
		}
	}
	for _, t := range p.parts {
		if is[t.ID] {
			out = append(out, t)
		}
	}
	return out
}

// renumberedAfter are the new numbers of what a part waits for.
func (p *planner) renumberedAfter(after []int, renamed map[int]int, needed map[int]bool) (out []int) {
	for _, id := range after {
		if to, ok := renamed[id]; ok {
			out = append(out, to)
		} else if t := p.at[id]; t != nil && needed[id] {
			out = append(out, id)
		}
	}
	return out
}

// renumbered gives a remote source the new number of what it reads.
func renumbered(n plan.Node, renamed map[int]int) plan.Node {
	r, ok := n.(*plan.RemoteSource)
	if !ok {
		return n
	}
	id, ok := renamed[r.Stage]
	if !ok {
		return n
	}
	c := *r
	c.Stage = id
	return &c
}

// check refuses a fragment that could not be run.
func check(f *stages.Fragment, partitions map[int]int) error {
	if err := plan.Check(f.Root); err != nil {
		return fmt.Errorf("fragment %d: %w", f.ID, err)
	}
	count := 0
	for _, in := range f.Inputs {
		n, ok := partitions[in.Stage]
		switch {
		case !ok:
			return fmt.Errorf("fragment %d reads fragment %d, which is not there", f.ID, in.Stage)
		case in.Kind != plan.Repartition || f.Distribution != stages.Hash:
		case count != 0 && n != count:
			return fmt.Errorf("fragment %d reads inputs of %d and %d partitions", f.ID, count, n)
		default:
			count = n
		}
	}
	switch {
	case f.Distribution == stages.Hash && count == 0:
		return fmt.Errorf("fragment %d reads partitions of nothing", f.ID)
	case f.Distribution == stages.Hash && len(f.Scans) > 0:
		return fmt.Errorf("fragment %d reads tables by partitions", f.ID)
	}
	return nil
}
