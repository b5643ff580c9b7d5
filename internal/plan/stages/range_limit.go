package stages

import (
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// LIMIT and OFFSET over rows in an order, where too many rows are wanted to be the first ones of each task, go by ranges of the order. How
// many rows there are before each range, and which ranges have any that are wanted, is known when the rows have been divided: the others are
// not sorted.
//
//	sort by position
//	└─ filter: positions that are wanted
//	   └─ position: row_number within the range, and how many rows there are before it
//	      └─ join by the number of the range
//	         ├─ rows in ranges, a stage that is read twice
//	         └─ ranges with rows that are wanted, sent to every task
//	            └─ row counts of the ranges, added up
//	               └─ rows in ranges

// sortBelow finds the sort whose order a node keeps, and the projections between them, upwards.
func sortBelow(n plan.Node) (sort *plan.Sort, between []plan.Node) {
	for {
		switch s := n.(type) {
		case *plan.Project:
			between = slices.Insert(between, 0, n)
			n = s.Source
			continue
		case *plan.Sort:
			return s, between
		}
		return nil, nil
	}
}

// limitedSort distributes a limit over a sort, with the nodes between them; those above the limit, which keep its order, are nil where nobody
// looks at that.
func (d *distributor) limitedSort(n *plan.Limit, sort *plan.Sort, between, above []plan.Node) (plan.Node, property) {
	s, p := d.node(sort.Source)
	if !d.byRanges(sort.Source, p, sort.Keys) {
		out := plan.Node(&plan.Sort{Source: d.gather(s, p), Keys: sort.Keys})
		return stacked(out, slices.Concat(between, []plan.Node{n}, above)), single
	}
	ranged, number := d.inRanges(sort.Source, s, p, sort.Keys)
	rows := d.newCTE("shared", ranged)
	again, renamed := rows.Read(d.o.Symbols)
	wanted, before := d.wantedRanges(again, renamed[number], n)
	local := d.o.Symbols.New("row_number", types.Of(types.BigInt))
	position := d.o.Symbols.New("position", types.Of(types.BigInt))
	var out plan.Node = &plan.Join{Type: plan.Inner, Left: rows.ReadAs(), Distribution: plan.Replicated,
		Equi:  []plan.EquiClause{{Left: &plan.Ref{Sym: number}, Right: &plan.Ref{Sym: renamed[number]}}},
		Right: d.exchange(wanted, plan.Replicate, nil, single)}
	out = &plan.Window{Source: out, PartitionBy: refs([]*plan.Symbol{number}), OrderBy: sort.Keys,
		Functions: []plan.WindowFunction{{Sym: local, Name: "row_number", Variant: variant("row_number")}}}
	out = &plan.Project{Source: out, Cols: append(identity(s.Outputs()),
		plan.Assignment{Sym: position, Expr: scalar("$add", &plan.Ref{Sym: before}, &plan.Ref{Sym: local})})}
	out = filtered(out, position, position, n)
	rows.Body = out
	out, order := plan.Node(rows), orderedBy(sort.Keys)
	if above != nil {
		out = &plan.Sort{Source: out, Keys: []plan.SortKey{{Expr: &plan.Ref{Sym: position}}}}
	}
	out = &plan.Project{Source: out, Cols: identity(s.Outputs())}
	return stacked(out, slices.Concat(between, above)), order
}

// stacked puts nodes with one source above each other, upwards.
func stacked(n plan.Node, above []plan.Node) plan.Node {
	for _, a := range above {
		n = a.WithSources([]plan.Node{n})
	}
	return n
}

// wantedRanges counts the rows of ranges and adds them up: of each range that has rows which a limit passes it tells how many there are before it.
func (d *distributor) wantedRanges(rows plan.Node, number *plan.Symbol, n *plan.Limit) (plan.Node, *plan.Symbol) {
	bigint := types.Of(types.BigInt)
	total, sum := d.o.Symbols.New("total", bigint), d.o.Symbols.New("through", bigint)
	totals := &plan.Aggregate{Source: rows, Keys: []*plan.Symbol{number},
		Aggs: []plan.Aggregation{{Sym: total, Name: "count", Variant: variant("count")}}}
	through := &plan.Window{Source: d.exchange(totals, plan.Gather, nil, orderedBy(nil)), OrderBy: []plan.SortKey{{Expr: &plan.Ref{Sym: number}}},
		Functions: []plan.WindowFunction{{Sym: sum, Name: "sum", Variant: variant("sum", bigint), Args: refs([]*plan.Symbol{total}),
			Frame: plan.Frame{Unit: plan.Rows, Start: plan.FrameBound{Kind: plan.UnboundedPreceding}, End: plan.FrameBound{Kind: plan.CurrentRow}}}}}
	before, first := d.o.Symbols.New("before", bigint), d.o.Symbols.New("first", bigint)
	less := scalar("$subtract", &plan.Ref{Sym: sum}, &plan.Ref{Sym: total})
	out := filtered(&plan.Project{Source: through, Cols: append(identity([]*plan.Symbol{number, sum}), plan.Assignment{Sym: before, Expr: less},
		plan.Assignment{Sym: first, Expr: scalar("$add", less, &plan.Const{Typ: bigint, Value: int64(1)})})}, first, sum, n)
	return &plan.Project{Source: out, Cols: identity([]*plan.Symbol{number, before})}, before
}

// filtered keeps of runs of positions, first to last, those with positions that a limit passes.
func filtered(n plan.Node, first, last *plan.Symbol, limit *plan.Limit) plan.Node {
	var terms []plan.Expr
	compare := func(op plan.CompareOp, s *plan.Symbol, with int64) {
		terms = append(terms, &plan.Compare{Op: op, Left: &plan.Ref{Sym: s}, Right: &plan.Const{Typ: s.Type, Value: with}})
	}
	if limit.Offset > 0 {
		compare(plan.Gt, last, limit.Offset)
	}
	if limit.Count >= 0 && limit.Count <= math.MaxInt64-limit.Offset {
		compare(plan.Le, first, limit.Offset+limit.Count)
	}
	return &plan.Filter{Source: n, Pred: plan.And(terms...)}
}
