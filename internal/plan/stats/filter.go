package stats

import (
	"maps"
	"math"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// filter estimates the rows that satisfy a predicate and narrows the columns that it fixes.
func (e *Estimator) filter(src *estimate, pred plan.Expr) *estimate {
	out := &estimate{rows: src.rows, known: src.known, columns: map[*plan.Symbol]column{}}
	maps.Copy(out.columns, src.columns)
	for _, term := range ranges(plan.Conjuncts(pred)) {
		share := selectivity(src, term)
		out.rows *= share
		narrow(out, src, term, share)
	}
	out.shrink()
	return out
}

// shrink notes that the one relation whose columns there are has lost rows.
func (est *estimate) shrink() {
	var of *relation
	for _, c := range est.columns {
		if c.of == nil || of != nil && c.of != of {
			return
		}
		of = c.of
	}
	if of == nil || est.rows >= of.rows {
		return
	}
	less := &relation{est.rows}
	for s, c := range est.columns {
		c.of = less
		est.columns[s] = c
	}
}

// ranges joins a lower and an upper bound of the same column into one term: they are anything but independent.
func ranges(terms []plan.Expr) []plan.Expr {
	var out []plan.Expr
	open := map[*plan.Symbol]int{} // where in out a bound of the column stands
	for _, t := range terms {
		s, lower, ok := bound(t)
		if !ok {
			out = append(out, t)
			continue
		}
		i, seen := open[s]
		if !seen {
			open[s] = len(out)
			out = append(out, t)
			continue
		}
		_, otherLower, isBound := bound(out[i])
		if !isBound || lower == otherLower {
			out = append(out, t)
			continue
		}
		low, high := t, out[i]
		if otherLower {
			low, high = high, low
		}
		out[i] = &plan.Between{Arg: &plan.Ref{Sym: s}, Low: operand(low), High: operand(high)}
	}
	return out
}

// bound reads column < literal and its like; lower is true for > and >=.
func bound(e plan.Expr) (s *plan.Symbol, lower, ok bool) {
	c, is := e.(*plan.Compare)
	if !is {
		return nil, false, false
	}
	r, is := uncast(c.Left).(*plan.Ref)
	if _, literal := constant(c.Right); !is || !literal {
		return nil, false, false
	}
	switch c.Op {
	case plan.Gt, plan.Ge:
		return r.Sym, true, true
	case plan.Lt, plan.Le:
		return r.Sym, false, true
	}
	return nil, false, false
}

func operand(e plan.Expr) plan.Expr { return e.(*plan.Compare).Right }

// narrow reduces the distinct values of the column that a predicate compares with literals to the share that it lets through.
func narrow(out, src *estimate, term plan.Expr, share float64) {
	var r *plan.Ref
	plan.WalkExpr(term, func(e plan.Expr) bool {
		if x, ok := e.(*plan.Ref); ok {
			if r != nil && r.Sym != x.Sym {
				share = 1 // several columns
			}
			r = x
		}
		return true
	})
	if r == nil || share >= 1 {
		return
	}
	col, known := out.columns[r.Sym]
	if !known {
		return
	}
	col.distinct = max(1, src.distinct(r.Sym)*share)
	out.columns[r.Sym] = col
}

// selectivity is the share of rows for which a predicate is true.
func selectivity(src *estimate, e plan.Expr) float64 {
	switch e := e.(type) {
	case *plan.Const:
		if e.Value == true {
			return 1
		}
		return 0
	case *plan.Logical:
		if e.Or {
			none := 1.0
			for _, t := range e.Terms {
				none *= 1 - selectivity(src, t)
			}
			return 1 - none
		}
		all := 1.0
		for _, t := range e.Terms {
			all *= selectivity(src, t)
		}
		return all
	case *plan.Not:
		return 1 - selectivity(src, e.Arg)
	case *plan.Compare:
		return compare(src, e)
	case *plan.Between:
		return math.Max(0, compare(src, &plan.Compare{Op: plan.Ge, Left: e.Arg, Right: e.Low})+
			compare(src, &plan.Compare{Op: plan.Le, Left: e.Arg, Right: e.High})-1)
	case *plan.In:
		if r, ok := uncast(e.Arg).(*plan.Ref); ok {
			return min(1, float64(len(e.List))/src.distinct(r.Sym))
		}
		return min(1, 0.05*float64(len(e.List)))
	case *plan.Like:
		return likeSelectivity
	case *plan.IsNull:
		return 0.05
	}
	return unknownFilter
}

func compare(src *estimate, c *plan.Compare) float64 {
	left, right, op := uncast(c.Left), uncast(c.Right), c.Op
	if _, ok := left.(*plan.Ref); !ok {
		left, right, op = right, left, op.Flip()
	}
	r, ok := left.(*plan.Ref)
	if !ok {
		return unknownFilter
	}
	switch op {
	case plan.Eq, plan.NotDistinctFrom:
		d := src.distinct(r.Sym)
		if o, ok := right.(*plan.Ref); ok {
			d = max(d, src.distinct(o.Sym))
		}
		return 1 / d
	case plan.Ne, plan.DistinctFrom:
		return 1 - 1/src.distinct(r.Sym)
	}
	v, ok := constant(right)
	col, known := src.columns[r.Sym]
	if !ok || !known || math.IsNaN(col.low) || math.IsNaN(col.high) || col.high <= col.low {
		return unknownFilter
	}
	below := min(1, max(0, (v-col.low)/(col.high-col.low)))
	if op == plan.Lt || op == plan.Le {
		return below
	}
	return 1 - below
}

// uncast looks through implicit casts: they do not change how values are distributed.
func uncast(e plan.Expr) plan.Expr {
	for {
		c, ok := e.(*plan.Cast)
		if !ok {
			return e
		}
		e = c.Arg
	}
}

// constant returns a literal as a number, in the scale of connector.ColumnStatistics.
func constant(e plan.Expr) (float64, bool) {
	c, ok := uncast(e).(*plan.Const)
	if !ok {
		return 0, false
	}
	switch v := c.Value.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case types.DateValue:
		return float64(v), true
	}
	if c.Typ.Kind == types.Decimal && c.Value != nil {
		f, err := strconv.ParseFloat(types.Text(c.Typ, c.Value), 64)
		return f, err == nil
	}
	return 0, false
}
