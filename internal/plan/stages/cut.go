// Package stages decides where data moves: it puts exchanges into a plan (distribute.go) and cuts the plan at them into
// the fragments that become stages (this file).
//
// It knows nothing of SQL text or scheduling. Both steps are pure: the same plan and options give the same fragments.
package stages

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// Distribution says how the work of a fragment can be divided among tasks.
type Distribution uint8

// The distributions.
const (
	// Single is one task that reads everything.
	Single Distribution = iota
	// Arbitrary divides the splits of the scans, and the bundles of inputs that are not replicated, among tasks in any
	// way.
	Arbitrary
	// Hash gives each task some exchange partitions, the same ones of every input that is not replicated.
	Hash
)

// Fragment is a part of a plan that is executed as one stage: one SQL statement, run by one or more tasks.
type Fragment struct {
	ID int
	// Root is the fragment's plan. Its leaves are scans, values and remote sources.
	Root         plan.Node
	Distribution Distribution
	// Output says how the rows leave. The last fragment's output is the result of the query.
	Output Output
	// Inputs are the remote sources, in the order in which they occur in the plan.
	Inputs []*plan.RemoteSource
	// Scans are the table scans, in the order in which they occur in the plan, those of nested plans included.
	Scans []*plan.Scan
	// KeepSides says that the right sides of the joins are the ones to keep in memory: they were chosen by sizes that had been measured, or
	// by what is known of ranges of tables (sides.go).
	KeepSides bool
	// Facts are those that are gathered of the output's columns while it is written.
	Facts []facts.Request
	// After are fragments that it does not read but is not to start before, because they will tell which of its rows are needed.
	After []int
	// AfterAtMost is how long it waits for them; 0: as long as it takes.
	AfterAtMost time.Duration
}

// WithRoot returns the fragment with another plan: its inputs and scans are those of that plan.
func (f Fragment) WithRoot(root plan.Node) Fragment {
	f.Root, f.Inputs, f.Scans = root, nil, nil
	f.leaves(root)
	return f
}

// leaves collects the leaves of a plan, in the order in which Cut does.
func (f *Fragment) leaves(n plan.Node) {
	plan.WalkAll(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.RemoteSource:
			f.Inputs = append(f.Inputs, n)
		case *plan.Scan:
			f.Scans = append(f.Scans, n)
		}
		return true
	})
}

// Output is how the rows of a fragment are divided.
type Output struct {
	Kind plan.ExchangeKind
	// Keys are hashed for Repartition.
	Keys []plan.Expr
	// Ranges says that the only key is the number of the partition, and the partitions are ranges of an order.
	Ranges bool
	// Partitions is the number of output partitions; 1 unless Kind is Repartition.
	Partitions int
	// Root marks the fragment that yields the result.
	Root bool
}

// Cut splits a plan at its exchanges. Producers come before consumers, the root is last. single says that the part above
// the topmost exchanges must run as one task. partitions gives the number of output partitions of a Repartition.
//
// A CTE whose definition is an exchange becomes a fragment that every reference reads. With an estimator, fragments that read ranges of tables
// keep the sides of their joins where those are right by it.
func Cut(root plan.Node, single bool, partitions func(*plan.Exchange) int, est *stats.Estimator) []Fragment {
	c := &cutter{partitions: partitions, ctes: map[int]cteStage{}, estimator: est}
	c.fragment(root, single, Output{Kind: plan.Gather, Partitions: 1, Root: true})
	return c.done
}

type cutter struct {
	partitions func(*plan.Exchange) int
	ctes       map[int]cteStage
	estimator  *stats.Estimator // nil: nothing is known
	done       []Fragment
}

// cteStage is the fragment of a CTE's definition.
type cteStage struct {
	id     int
	kind   plan.ExchangeKind
	ranges bool
}

// fragment cuts a subtree and appends it; it returns its id.
func (c *cutter) fragment(root plan.Node, single bool, out Output) int {
	f := Fragment{Output: out, KeepSides: c.estimator != nil && sidesOfRanges(root, c.estimator)}
	f.Root = c.replace(root, &f)
	switch {
	case single:
		f.Distribution = Single
	case hasRepartitioned(f.Inputs):
		f.Distribution = Hash
	default:
		f.Distribution = Arbitrary
	}
	f.ID = len(c.done)
	c.done = append(c.done, f)
	return f.ID
}

func hasRepartitioned(inputs []*plan.RemoteSource) bool {
	for _, in := range inputs {
		if in.Kind == plan.Repartition {
			return true
		}
	}
	return false
}

// exchange makes the source of an exchange a fragment.
func (c *cutter) exchange(n *plan.Exchange) int {
	out := Output{Kind: n.Kind, Keys: n.Keys, Partitions: 1, Ranges: n.Ranges}
	if n.Kind == plan.Repartition {
		out.Partitions = max(1, c.partitions(n))
	}
	return c.fragment(n.Source, n.SingleProducer, out)
}

// shared recognises an exchange that would only copy the output of a CTE's stage, or some columns of it: where rows are gathered or
// replicated its readers read that stage themselves.
func (c *cutter) shared(n *plan.Exchange) (ref *plan.CTERef, stage int, ok bool) {
	source := n.Source
	if p, isProject := source.(*plan.Project); isProject && p.OnlyPicks() {
		source = p.Source
	}
	ref, isRef := source.(*plan.CTERef)
	if !isRef || n.Kind == plan.Repartition {
		return nil, 0, false
	}
	of, ok := c.ctes[ref.ID]
	return ref, of.id, ok
}

// replace puts remote sources in the place of exchanges and collects the leaves.
func (c *cutter) replace(n plan.Node, f *Fragment) plan.Node {
	remote := func(stage int, kind plan.ExchangeKind, symbols []*plan.Symbol, ranges bool) plan.Node {
		r := &plan.RemoteSource{Stage: stage, Kind: kind, Symbols: symbols, Ranges: ranges}
		f.Inputs = append(f.Inputs, r)
		return r
	}
	switch n := n.(type) {
	case *plan.Exchange:
		if ref, stage, ok := c.shared(n); ok {
			r := remote(stage, n.Kind, ref.Symbols, false)
			if p, ok := n.Source.(*plan.Project); ok {
				return &plan.Project{Source: r, Cols: p.Cols}
			}
			return r
		}
		return remote(c.exchange(n), n.Kind, n.Outputs(), n.Ranges)
	case *plan.CTE:
		if def, ok := n.Def.(*plan.Exchange); ok {
			c.ctes[n.ID] = cteStage{c.exchange(def), def.Kind, def.Ranges}
			return c.replace(n.Body, f)
		}
	case *plan.CTERef:
		if of, ok := c.ctes[n.ID]; ok {
			return remote(of.id, of.kind, n.Symbols, of.ranges)
		}
	case *plan.Scan:
		f.Scans = append(f.Scans, n)
		return n
	}
	sources := n.Sources()
	if len(sources) > 0 {
		replaced := make([]plan.Node, len(sources))
		for i, s := range sources {
			replaced[i] = c.replace(s, f)
		}
		n = n.WithSources(replaced)
	}
	// Nested plans run inside the fragment; what they read of CTEs and tables are leaves of it.
	return plan.MapNodeExprs(n, func(e plan.Expr) plan.Expr {
		return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
			if sub := plan.Subplan(e); sub != nil {
				return plan.WithSubplan(e, c.replace(sub, f))
			}
			return e
		})
	})
}
