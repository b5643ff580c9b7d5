package stats

import (
	"math"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// filter estimates the rows that satisfy a predicate and narrows the columns that it fixes.
func (e *Estimator) filter(src *estimate, pred plan.Expr) *estimate {
	out := &estimate{rows: src.rows, known: src.known, columns: map[*plan.Symbol]column{}}
	for s, c := range src.columns {
		out.columns[s] = c
	}
	for _, term := range plan.Conjuncts(pred) {
		out.rows *= selectivity(src, term)
		if c, ok := term.(*plan.Compare); ok && c.Op == plan.Eq {
			if r, ok := c.Left.(*plan.Ref); ok {
				if _, ok := constant(c.Right); ok {
					col := out.columns[r.Sym]
					col.distinct = 1
					out.columns[r.Sym] = col
				}
			}
		}
	}
	return out
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
		left, right, op = right, left, flip(op)
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

func flip(op plan.CompareOp) plan.CompareOp {
	switch op {
	case plan.Lt:
		return plan.Gt
	case plan.Le:
		return plan.Ge
	case plan.Gt:
		return plan.Lt
	case plan.Ge:
		return plan.Le
	}
	return op
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
