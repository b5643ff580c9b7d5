package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Windows without PARTITION BY whose functions look back to the first row are computed by ranges of their ordering: each range by itself,
// and to that is added what the ranges before it come to.
//
//	add
//	└─ join by the number of the range
//	   ├─ window over each range
//	   │  └─ rows in ranges, a stage that is read twice
//	   └─ what comes before each range, sent to every task: a window over the totals of the ranges
//	      └─ totals of each range, gathered
//	         └─ rows in ranges

// running is how a window function over all rows is put together from one over its range and a total of the ranges before it.
type running struct {
	local plan.WindowFunction // over the range
	total plan.Aggregation    // of each range; its function also computes that of several ranges
	whole bool                // it is the total of all ranges instead
	merge func(local, before plan.Expr) plan.Expr
	// result makes the function's value of what was merged; nil: it is that.
	result func(plan.Expr) plan.Expr
}

// value is the function's value, given that over the range and what comes before.
func (r running) value(before *plan.Symbol) plan.Expr {
	var e plan.Expr = &plan.Ref{Sym: before}
	if !r.whole {
		e = r.merge(&plan.Ref{Sym: r.local.Sym}, e)
	}
	if r.result != nil {
		e = r.result(e)
	}
	return e
}

// rangedWindow computes a window by ranges of its ordering; s is its distributed source. ok is false where that is not worthwhile, or
// cannot be done.
func (d *distributor) rangedWindow(n *plan.Window, s plan.Node, p property) (out plan.Node, op property, ok bool) {
	if len(n.PartitionBy) > 0 || len(n.OrderBy) == 0 || nondeterministic(n) || !d.byRanges(n.Source, p, n.OrderBy) {
		return nil, p, false
	}
	parts := make([]running, len(n.Functions))
	for i, f := range n.Functions {
		if parts[i], ok = d.running(f, n.OrderBy); !ok {
			return nil, p, false
		}
	}
	ranged, number := d.inRanges(n.Source, s, p, n.OrderBy)
	rows := d.newCTE("shared", ranged)
	local := &plan.Window{Source: rows.ReadAs(), PartitionBy: refs([]*plan.Symbol{number}), OrderBy: n.OrderBy}
	again, renamed := rows.Read(d.o.Symbols)
	totals := &plan.Aggregate{Source: again, Keys: []*plan.Symbol{renamed[number]}}
	for _, f := range parts {
		local.Functions = append(local.Functions, f.local)
		totals.Aggs = append(totals.Aggs, renamedAggregation(f.total, renamed))
	}
	before, sums := d.beforeRanges(totals, renamed[number], parts)
	cols := identity(s.Outputs())
	for i, f := range parts {
		cols = append(cols, plan.Assignment{Sym: n.Functions[i].Sym, Expr: f.value(sums[i])})
	}
	rows.Body = &plan.Project{Cols: cols, Source: &plan.Join{Type: plan.Inner, Left: local, Distribution: plan.Replicated,
		Equi:  []plan.EquiClause{{Left: &plan.Ref{Sym: number}, Right: &plan.Ref{Sym: renamed[number]}}},
		Right: d.exchange(before, plan.Replicate, nil, single)}}
	return rows, orderedBy(n.OrderBy), true
}

// beforeRanges adds up, for each range, the totals of those before it, or of all.
func (d *distributor) beforeRanges(totals *plan.Aggregate, number *plan.Symbol, parts []running) (plan.Node, []*plan.Symbol) {
	w := &plan.Window{Source: d.exchange(totals, plan.Gather, nil, orderedBy(nil)), OrderBy: []plan.SortKey{{Expr: &plan.Ref{Sym: number}}}}
	var sums []*plan.Symbol
	for i, f := range parts {
		total := totals.Aggs[i].Sym
		name := f.total.Name
		if name == "count" {
			name = "sum"
		}
		frame := plan.Frame{Unit: plan.Rows, Start: plan.FrameBound{Kind: plan.UnboundedPreceding}, End: plan.FrameBound{Kind: plan.Preceding, Offset: bigint(1)}}
		if f.whole {
			frame.End = plan.FrameBound{Kind: plan.UnboundedFollowing}
		}
		r := resolved(name, total.Type)
		sum := d.o.Symbols.New("before", r.Result)
		sums = append(sums, sum)
		w.Functions = append(w.Functions, plan.WindowFunction{Sym: sum, Name: name, Variant: r.Variant, Args: refs([]*plan.Symbol{total}), Frame: frame})
	}
	return &plan.Project{Source: w, Cols: identity(append([]*plan.Symbol{number}, sums...))}, sums
}

// renamedAggregation is an aggregation of other symbols.
func renamedAggregation(a plan.Aggregation, renamed map[*plan.Symbol]*plan.Symbol) plan.Aggregation {
	args := make([]plan.Expr, len(a.Args))
	for i, e := range a.Args {
		args[i] = plan.Renamed(e, renamed)
	}
	a.Args = args
	if a.Filter != nil {
		a.Filter = plan.Renamed(a.Filter, renamed)
	}
	return a
}

// running takes a window function apart; ok is false for those that look at more than the rows up to their own.
func (d *distributor) running(f plan.WindowFunction, order []plan.SortKey) (r running, ok bool) {

	r.local = f
	r.local.Sym = d.o.Symbols.New(f.Sym.Name, f.Sym.Type)
	count := func(name string, args ...plan.Expr) plan.Aggregation {
		a := plan.Aggregation{Sym: d.o.Symbols.New("total", types.Of(types.BigInt)), Name: name, Args: args}
		ts := make([]types.Type, len(args))
		for i, e := range args {
			ts[i] = e.Type()
		}
		a.Variant = variant(name, ts...)
		return a
	}
	r.merge = added
	switch f.Name {
	case "row_number", "rank":
		r.total = count("count")
		return r, true
	case "dense_rank":
		r.total = count("count", plan.NewOrderKey(order))
		r.total.Distinct = true
		return r, true
	}
	if f.Distinct || f.OrderBy != nil || f.IgnoreNulls {
		return r, false
	}
	if r.whole, ok = lookingBack(f.Frame); !ok {
		return r, false
	}
	r.total = plan.Aggregation{Sym: d.o.Symbols.New("total", f.Sym.Type), Name: f.Name, Variant: f.Variant, Args: f.Args, Filter: f.Filter}
	switch f.Name {
	case "count":
	case "min":
		r.merge = chosen(plan.Lt, f.Sym.Type)
	case "max":
		r.merge = chosen(plan.Gt, f.Sym.Type)
	case "sum":
		return d.runningSum(f, r)
	default:
		return r, false
	}
	if f.Name != "count" && !totallyOrdered(f.Sym.Type) {
		return r, false
	}
	return r, true
}

// runningSum adds in the type of the sum's state, which does not overflow before the sum does.
func (d *distributor) runningSum(f plan.WindowFunction, r running) (running, bool) {
	switch f.Sym.Type.Kind {
	case types.Double, types.Decimal:
		return r, true
	case types.BigInt:
		states, _, ok := functions.Parts(f.Variant, []types.Type{f.Args[0].Type()})
		if !ok || len(states) != 1 {
			return r, false
		}
		t := states[0].Type
		r.local.Variant, r.total.Variant = states[0].Variant, states[0].Variant
		r.local.Sym, r.total.Sym = d.o.Symbols.New(f.Sym.Name, t), d.o.Symbols.New("total", t)
		r.result = func(sum plan.Expr) plan.Expr { return scalar("$bigint_sum", sum) }
		return r, true
	}
	return r, false
}

// lookingBack recognises frames that reach from the first row to the current one, or to the last of all.
func lookingBack(f plan.Frame) (whole, ok bool) {
	if f.Unit == "" {
		return false, true
	}
	return f.End.Kind == plan.UnboundedFollowing, f.Start.Kind == plan.UnboundedPreceding &&
		slices.Contains([]plan.BoundKind{plan.CurrentRow, plan.UnboundedFollowing}, f.End.Kind)
}

// totallyOrdered holds for types whose values compare in SQL as min and max order them.
func totallyOrdered(t types.Type) bool {
	return t.Integral() || t.Kind == types.Decimal || t.Kind == types.Varchar || t.Kind == types.Date
}

// added is a sum whose operands may be NULL.
func added(local, before plan.Expr) plan.Expr {
	return &plan.Coalesce{Typ: local.Type(), Args: []plan.Expr{scalar("$add", local, before), local, before}}
}

// chosen is the one of two values that compares so with the other, or that is not NULL.
func chosen(op plan.CompareOp, t types.Type) func(local, before plan.Expr) plan.Expr {
	return func(local, before plan.Expr) plan.Expr {
		return &plan.Coalesce{Typ: t, Args: []plan.Expr{
			&plan.Case{Typ: t, Whens: []plan.When{{Cond: &plan.Compare{Op: op, Left: local, Right: before}, Result: local}}, Else: &plan.Case{Typ: t, Whens: []plan.When{{Cond: &plan.IsNull{Arg: before}, Result: local}}, Else: before}},
			local}}
	}
}
