package stages

import (
	"math"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Rows that are wanted in an order are divided among tasks by ranges of it: each sorts its range, and the ranges follow each other. The
// bounds come of a sample of the rows, which one task reads before any row is sent; what it puts out is the same for all attempts.
//
//	exchange by the number of the range
//	    join of the rows with the bounds
//	        rows
//	        bounds, sent to every task
//	            sample, gathered
//	                rows again: of their stage, which is read twice, or of the tables where that is as cheap

const (
	// samplesPerRange is how many rows of a sample a range has: ranges then differ in size by about a twentieth.
	samplesPerRange = 400
	// oversampling is by how much more rows are looked at than are needed, so that estimates may be wrong by as much.
	oversampling = 64
)

// byRanges decides whether the rows of a node are worth dividing by ranges of an ordering.
func (d *distributor) byRanges(n plan.Node, p property, keys []plan.SortKey) bool {
	if p.single || d.o.Ranges < 2 || d.o.Estimator == nil || len(keys) == 0 {
		return false
	}
	if sort := (&plan.Sort{Source: n, Keys: keys}); nondeterministic(sort) || len(plan.Subplans(sort)) > 0 {
		return false
	}
	_, bytes := d.o.Estimator.Estimate(n)
	return bytes >= d.o.RangeSortBytes
}

// inRanges divides the rows of a distributed node, of which n is the plan as it was, by ranges of an ordering. The rows get the number
// of their range as a further column.
func (d *distributor) inRanges(n, s plan.Node, p property, keys []plan.SortKey) (*plan.Exchange, *plan.Symbol) {
	rows, _ := d.o.Estimator.Estimate(n)
	source, again, renamed, shared := d.twice(s, p, keys)
	order := plan.NewOrderKey(keys)
	key := d.o.Symbols.New("order_key", order.Typ)
	bounds, symbols := d.bounds(again, renamedKeys(keys, renamed), rows)

	keyed := &plan.Project{Source: source, Cols: append(identity(s.Outputs()), plan.Assignment{Sym: key, Expr: order})}
	var joined plan.Node = &plan.Join{Type: plan.Cross, Left: keyed, Distribution: plan.Replicated,
		Right: d.exchange(bounds, plan.Replicate, nil, single)}
	number := d.o.Symbols.New("range", types.Of(types.Integer))
	var numbered plan.Node = &plan.Project{Source: joined,
		Cols: append(identity(s.Outputs()), plan.Assignment{Sym: number, Expr: rangeOf(key, symbols, 0, len(symbols))})}
	if shared != nil {
		shared.Body = numbered
		numbered = shared
	}
	return &plan.Exchange{Source: numbered, Kind: plan.Repartition, Keys: refs([]*plan.Symbol{number}), Ranges: true}, number
}

// rangeOf is the number of the range of a key, between two numbers: a search among bounds[low:high]. Where bounds are NULL because
// the sample has too few rows, the rest is one range.
func rangeOf(key *plan.Symbol, bounds []*plan.Symbol, low, high int) plan.Expr {
	if low == high {
		return &plan.Const{Typ: types.Of(types.Integer), Value: int64(low)}
	}
	mid := (low + high) / 2
	return &plan.Case{Typ: types.Of(types.Integer),
		Whens: []plan.When{{Cond: &plan.Compare{Op: plan.Lt, Left: &plan.Ref{Sym: key}, Right: &plan.Ref{Sym: bounds[mid]}},
			Result: rangeOf(key, bounds, low, mid)}},
		Else: rangeOf(key, bounds, mid+1, high)}
}

// bounds computes, of a sample of the rows of a node, where the ranges of an ordering begin: one row, of a column for each range but
// the first.
func (d *distributor) bounds(n plan.Node, keys []plan.SortKey, rows float64) (plan.Node, []*plan.Symbol) {
	order := plan.NewOrderKey(keys)
	key, chance := d.o.Symbols.New("sample_key", order.Typ), d.o.Symbols.New("chance", types.Of(types.Double))
	var sample plan.Node = &plan.Project{Source: n, Cols: []plan.Assignment{{Sym: key, Expr: order},
		{Sym: chance, Expr: scalar("random")}}}
	wanted := int64(samplesPerRange * d.o.Ranges)
	if share := float64(wanted) * oversampling / rows; rows > 0 && share < 1 {
		// To two digits: an estimate is no better.
		digits := math.Pow(10, 1-math.Floor(math.Log10(share)))
		sample = &plan.Filter{Source: sample, Pred: &plan.Compare{Op: plan.Lt, Left: &plan.Ref{Sym: chance},
			Right: &plan.Const{Typ: types.Of(types.Double), Value: math.Ceil(share*digits) / digits}}}
	}
	top := &plan.TopN{Source: sample, Keys: []plan.SortKey{{Expr: &plan.Ref{Sym: chance}}}, Count: wanted}
	partial := *top
	partial.Partial = true
	top.Source = d.gather(&partial, arbitrary)

	tile := d.o.Symbols.New("tile", types.Of(types.BigInt))
	tiles := &plan.Window{Source: top, OrderBy: []plan.SortKey{{Expr: &plan.Ref{Sym: key}}},
		Functions: []plan.WindowFunction{{Sym: tile, Name: "ntile", Variant: variant("ntile", types.Of(types.BigInt)), Args: []plan.Expr{bigint(d.o.Ranges)}}}}
	first := &plan.Aggregate{Source: tiles}
	var symbols []*plan.Symbol
	for i := 1; i < d.o.Ranges; i++ {
		b := d.o.Symbols.New("bound", order.Typ)
		symbols = append(symbols, b)
		first.Aggs = append(first.Aggs, plan.Aggregation{Sym: b, Name: "min", Variant: variant("min", order.Typ), Args: refs([]*plan.Symbol{key}),
			Filter: &plan.Compare{Op: plan.Eq, Left: &plan.Ref{Sym: tile}, Right: bigint(i + 1)}})
	}
	return first, symbols
}

func bigint(n int) plan.Expr { return &plan.Const{Typ: types.Of(types.BigInt), Value: int64(n)} }

// variant names a function that is known to exist for arguments of these types.
func variant(name string, args ...types.Type) string {
	return resolved(name, args...).Variant
}

func resolved(name string, args ...types.Type) functions.Resolved {
	r, err := functions.Resolve(name, args)
	if err != nil {
		panic("stages: " + err.Error())
	}
	return r
}

// scalar calls a function that is known to exist for its arguments.
func scalar(name string, args ...plan.Expr) plan.Expr {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	r := resolved(name, ts...)
	return &plan.Call{Name: r.Function.Name, Variant: r.Variant, Args: args, Typ: r.Result}
}

// twice lets the rows of a distributed node be read two times: what has the keys of an ordering is computed again from the tables where
// it is only read and filtered; else the node becomes a stage of its own, which both read. Its body is still to be set.
func (d *distributor) twice(s plan.Node, p property, keys []plan.SortKey) (first, second plan.Node, renamed map[*plan.Symbol]*plan.Symbol, shared *plan.CTE) {
	need := map[*plan.Symbol]bool{}
	for _, k := range keys {
		plan.FreeSymbols(k.Expr, func(s *plan.Symbol) { need[s] = true })
	}
	renamed = map[*plan.Symbol]*plan.Symbol{}
	if again, ok := d.again(s, need, renamed); ok {
		return s, again, renamed, nil
	}
	shared = d.newCTE("shared", &plan.Exchange{Source: s, Kind: plan.RoundRobin, SingleProducer: p.single})
	second, renamed = shared.Read(d.o.Symbols)
	return shared.ReadAs(), second, renamed, shared
}

// again copies the reading and filtering of a table as far as some of its columns need it, with new symbols.
func (d *distributor) again(n plan.Node, need map[*plan.Symbol]bool, renamed map[*plan.Symbol]*plan.Symbol) (plan.Node, bool) {
	if nondeterministic(n) {
		return nil, false
	}
	fresh := func(s *plan.Symbol) *plan.Symbol {
		renamed[s] = d.o.Symbols.New(s.Name, s.Type)
		return renamed[s]
	}
	needs := func(e plan.Expr) { plan.FreeSymbols(e, func(s *plan.Symbol) { need[s] = true }) }
	switch n := n.(type) {
	case *plan.Scan:
		c := *n
		c.Symbols, c.Table.Columns = nil, nil
		for i, s := range n.Symbols {
			if need[s] || len(n.Symbols) == 1 {
				c.Symbols, c.Table.Columns = append(c.Symbols, fresh(s)), append(c.Table.Columns, n.Table.Columns[i])
			}
		}
		return &c, n.Ranges == nil
	case *plan.Filter:
		needs(n.Pred)
		s, ok := d.again(n.Source, need, renamed)
		if !ok {
			return nil, false
		}
		return &plan.Filter{Source: s, Pred: plan.Renamed(n.Pred, renamed)}, true
	case *plan.Project:
		var cols []plan.Assignment
		for _, a := range n.Cols {
			if need[a.Sym] {
				cols = append(cols, a)
				needs(a.Expr)
			}
		}
		s, ok := d.again(n.Source, need, renamed)
		if !ok {
			return nil, false
		}
		for i, a := range cols {
			e := plan.Renamed(a.Expr, renamed)
			cols[i] = plan.Assignment{Sym: fresh(a.Sym), Expr: e}
		}
		return &plan.Project{Source: s, Cols: cols}, true
	}
	return nil, false
}

func renamedKeys(keys []plan.SortKey, renamed map[*plan.Symbol]*plan.Symbol) []plan.SortKey {
	out := make([]plan.SortKey, len(keys))
	for i, k := range keys {
		k.Expr = plan.Renamed(k.Expr, renamed)
		out[i] = k
	}
	return out
}
