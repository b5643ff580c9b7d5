// Package rules rewrites plans so that their parts can be distributed and little data moves. Each rule is one rewrite in a
// file of its own; it keeps the output columns of the plan and never needs another rule to repair what it did.
//
// No rule is needed for correctness: a plan as the binder makes it can be executed by one task. The package knows nothing of
// stages and SQL text. Start with Optimize.
package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// Context is what rules may use besides the plan.
type Context struct {
	Symbols   *plan.Symbols
	Estimator *stats.Estimator
	// JoinOrder says how far joins may be reordered; Trino's join_reordering_strategy.
	JoinOrder JoinOrder
	// MaxReorderedJoins is the number of joins up to which every order of a group is compared; 0: as many as is feasible.
	MaxReorderedJoins int
	// Join is the distribution of joins that the session forces, if any.
	Join plan.JoinDistribution
	// KeepAggregations leaves aggregations above the joins that they are written above, KeepAboveOuter above those that fill rows with NULLs:
	// what is set when Trino's push_partial_aggregation_through_join and push_aggregation_through_outer_join are not.
	KeepAggregations, KeepAboveOuter bool
	// EagerRows is from how many rows on it is asked whether to aggregate them before they are joined; 0: the constant. With less than 0 it is done
	// wherever it can be.
	EagerRows int64
	// Disabled names the optional passes to leave out.
	Disabled map[string]bool
	// ReadsFields, when set, says whether the connector of a catalog is a connector.FieldReader.
	ReadsFields func(catalog string) bool
	// Pushdown, when set, offers parts of the plan to connectors.
	Pushdown *Pushdown
	// Trace, when set, is called with the plan after each pass.
	Trace func(pass string, n plan.Node)
	// Stop, when set, is asked before each pass whether nobody wants the plan any more: the passes that remain are left out.
	Stop func() bool

	// distributed says that more than one task may execute the plan; Optimize sets it.
	distributed bool
}

// JoinOrder is a strategy for the order of joins.
type JoinOrder uint8

// The strategies: by cost, by connections alone in the order of the text, or as written.
const (
	OrderByCost JoinOrder = iota
	EliminateCrossJoins
	KeepJoinOrder
)

// pass is a rule at its place in the order.
type pass struct {
	name string
	run  func(*Context, plan.Node) plan.Node
	// distributed passes serve only plans that more than one task will execute: DuckDB does their work within a task.
	distributed bool
	// offers passes bring a plan into the form in which its parts can be offered to connectors. They serve plans of one task too that read of
	// connectors which take offers.
	offers bool
}

// passes run from first to last.
var passes = []pass{
	{name: "fold-constants", run: foldConstants},
	{name: "unnest-subqueries", run: unnestSubqueries},
	{name: "factor-disjunctions", run: factorDisjunctions, distributed: true, offers: true},
	{name: "push-predicates", run: pushPredicates, distributed: true, offers: true},
	{name: "make-anti-joins", run: makeAntiJoins, distributed: true},
	{name: "prune-empty", run: pruneEmpty},
	{name: "prune-fields", run: pruneFields},
	{name: "prune-inputs", run: pruneColumns, distributed: true, offers: true},
	{name: "inline-ctes", run: inlineCTEs, distributed: true, offers: true},
	{name: "push-into-connectors", run: pushIntoConnectors},
	{name: "reorder-joins", run: reorderJoins, distributed: true},
	{name: "reduce-aggregations", run: reduceAggregations, distributed: true},
	{name: "share-subtrees", run: shareSubtrees, distributed: true},
	{name: "push-aggregations", run: pushAggregations, distributed: true},
	{name: "make-top-n", run: makeTopN},
	{name: "push-limits", run: pushLimits},
	{name: "push-limits-into-connectors", run: pushLimitsIntoConnectors},
	{name: "prune-columns", run: pruneColumns},
	{name: "push-domains", run: pushDomains},
}

// before says that a pass must come before another one.
type before struct{ first, then string }

// order lists the pairs that must keep their order in passes, each with its reason.
var order = []before{
	{"fold-constants", "push-domains"},               // domains are made of literals
	{"fold-constants", "reorder-joins"},              // and so are estimates
	{"unnest-subqueries", "push-predicates"},         // unnesting makes joins with conditions that can be pushed
	{"factor-disjunctions", "push-predicates"},       // a common factor may be the equality of a join
	{"fold-constants", "prune-empty"},                // a condition that is never true is a literal
	{"push-predicates", "make-anti-joins"},           // which makes equality clauses of conditions, and puts filters right above joins
	{"make-anti-joins", "prune-inputs"},              // the columns of the right side are not needed then
	{"push-predicates", "prune-empty"},               // and stands as far down as it can
	{"push-predicates", "prune-fields"},              // conditions name the fields by then, wherever they have come from
	{"prune-fields", "inline-ctes"},                  // readers of a CTE share what they read of its rows
	{"prune-fields", "reorder-joins"},                // fields are narrower than rows
	{"prune-fields", "push-domains"},                 // domains are of columns, which fields are then
	{"prune-inputs", "reorder-joins"},                // the widths of relations are those of the columns that are read
	{"prune-inputs", "inline-ctes"},                  // what readers want of a CTE is known then
	{"inline-ctes", "reorder-joins"},                 // joins of a CTE may become part of those around its readers
	{"reorder-joins", "share-subtrees"},              // equal joins are in the same order then
	{"reduce-aggregations", "share-subtrees"},        // what is joined with few rows is better reduced than shared
	{"share-subtrees", "prune-columns"},              // readers of what is shared drop what they do not need
	{"push-predicates", "reorder-joins"},             // ordering needs each table's own filters at the table
	{"reorder-joins", "reduce-aggregations"},         // what an aggregation is joined with is the outcome of the order
	{"reorder-joins", "prune-columns"},               // a join's keys are no longer needed above it
	{"reorder-joins", "push-aggregations"},           // what is aggregated early is one side of the joins as they will be executed
	{"share-subtrees", "push-aggregations"},          // subtrees that aggregate alike are told by their values, not by states
	{"push-aggregations", "prune-columns"},           // what is aggregated need not come up any more
	{"push-predicates", "push-into-connectors"},      // filters are offered where they stand right above scans
	{"inline-ctes", "push-into-connectors"},          // and what is written in WITH as if it were not
	{"prune-inputs", "push-into-connectors"},         // what nobody reads need not be said to connectors
	{"push-into-connectors", "reorder-joins"},        // joins that a connector makes are one relation to order
	{"make-top-n", "push-limits-into-connectors"},    // which offers orderings that end after some rows
	{"push-limits", "push-limits-into-connectors"},   // and the limits of the inputs of UNION ALL
	{"push-limits-into-connectors", "prune-columns"}, // columns by which a connector orders need not be read
	{"push-predicates", "push-domains"},              // domains are read off filters right above scans
}

// Optimize runs the passes. distributed says whether the plan will be executed by more than one task.
func Optimize(n plan.Node, c *Context, distributed bool) plan.Node {
	c.distributed = distributed
	offers := c.Pushdown.serves(n)
	for _, p := range passes {
		if c.Stop != nil && c.Stop() {
			break
		}
		if p.distributed && !distributed && !(p.offers && offers) || c.Disabled[p.name] {
			continue
		}
		before := n
		n = p.run(c, n)
		verify(p.name, before, n)
		if c.Trace != nil {
			c.Trace(p.name, n)
		}
	}
	return n
}

// rewrite rebuilds a plan bottom-up. Plans nested in expressions are rewritten too.
func rewrite(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	n = rewriteSources(n, func(s plan.Node) plan.Node { return rewrite(s, f) })
	n = rewriteSubplans(n, func(s plan.Node) plan.Node { return rewrite(s, f) })
	return f(n)
}

// lastCTE is the highest number of a CTE in a plan; 0 when it has none.
func lastCTE(n plan.Node) (last int) {
	plan.WalkAll(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.CTE:
			last = max(last, n.ID)
		case *plan.RecursiveCTE:
			last = max(last, n.ID)
		}
		return true
	})
	return last
}

// rewriteSources applies f to the sources of a node.
func rewriteSources(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	sources := n.Sources()
	if len(sources) == 0 {
		return n
	}
	changed := false
	out := make([]plan.Node, len(sources))
	for i, s := range sources {
		out[i] = f(s)
		changed = changed || out[i] != s
	}
	if !changed {
		return n
	}
	return n.WithSources(out)
}

// rewriteSubplans applies f to the plans nested in a node's expressions.
func rewriteSubplans(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	if len(plan.Subplans(n)) == 0 {
		return n
	}
	done := map[plan.Node]plan.Node{} // the same plan may stand in several expressions
	return plan.MapNodeExprs(n, func(e plan.Expr) plan.Expr {
		return plan.MapSubplans(e, func(sub plan.Node) plan.Node {
			if _, ok := done[sub]; !ok {
				done[sub] = f(sub)
			}
			return done[sub]
		})
	})
}

// symbolSet is a set of symbols.
type symbolSet map[*plan.Symbol]bool

func outputsOf(n plan.Node) symbolSet {
	s := symbolSet{}
	for _, o := range n.Outputs() {
		s[o] = true
	}
	return s
}

// covers reports whether an expression reads nothing but symbols of the set.
func (s symbolSet) covers(e plan.Expr) bool {
	ok := true
	plan.FreeSymbols(e, func(x *plan.Symbol) { ok = ok && s[x] })
	return ok
}

// disjoint reports whether an expression reads none of the symbols.
func (s symbolSet) disjoint(e plan.Expr) bool {
	ok := true
	plan.FreeSymbols(e, func(x *plan.Symbol) { ok = ok && !s[x] })
	return ok
}

// correlated reports whether a plan reads symbols from outside of it.
func correlated(n plan.Node) bool {
	found := false
	plan.FreeSymbolsOfPlan(n, func(*plan.Symbol) { found = true })
	return found
}

// substitute replaces references to symbols by expressions, in nested plans too.
func substitute(e plan.Expr, by map[*plan.Symbol]plan.Expr) plan.Expr {
	return plan.MapExpr(e, func(e plan.Expr) plan.Expr {
		if r, ok := e.(*plan.Ref); ok {
			if x, ok := by[r.Sym]; ok {
				return x
			}
		}
		if sub := plan.Subplan(e); sub != nil {
			return plan.WithSubplan(e, substitutePlan(sub, by))
		}
		return e
	})
}

func substitutePlan(n plan.Node, by map[*plan.Symbol]plan.Expr) plan.Node {
	n = rewriteSources(n, func(s plan.Node) plan.Node { return substitutePlan(s, by) })
	return plan.MapNodeExprs(n, func(e plan.Expr) plan.Expr { return substitute(e, by) })
}

// identity projects symbols as they are.
func identity(symbols []*plan.Symbol) []plan.Assignment {
	out := make([]plan.Assignment, len(symbols))
	for i, s := range symbols {
		out[i] = plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}}
	}
	return out
}
