package stats

import (
	"math"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// cycles are functions of a time that give few values, whatever the time.
var cycles = map[string]float64{
	"quarter": 4, "month": 12, "week": 53, "week_of_year": 53, "day": 31, "day_of_month": 31, "day_of_week": 7, "dow": 7,
	"day_of_year": 366, "doy": 366, "hour": 24, "minute": 60, "second": 60,
}

// daysOf are how many days have one value in common.
var daysOf = map[string]float64{"year": 365, "year_of_week": 365, "yow": 365}

// computed is a column with the values of an expression; false when nothing is known of it.
func (est *estimate) computed(e plan.Expr) (column, bool) {
	c := column{distinct: est.values(e), low: math.NaN(), high: math.NaN(), width: -1, of: est.relation(e)}
	if c.distinct >= 0 {
		c.distinct = min(c.distinct, max(1, est.rows))
	}
	return c, c.distinct >= 0 || c.of != nil
}

// relation is the one of which all columns in an expression are; nil when there is none.
func (est *estimate) relation(e plan.Expr) (of *relation) {
	several := false
	plan.FreeSymbols(e, func(s *plan.Symbol) {
		r := est.columns[s].of
		several = several || r == nil || of != nil && r != of
		of = r
	})
	if several {
		return nil
	}
	return of
}

// values is how many values an expression has at most, by what it is computed of; negative when that is not known. Functions are
// taken to give one value for each combination of arguments.
func (est *estimate) values(e plan.Expr) float64 {
	switch e := e.(type) {
	case *plan.Ref:
		if c, ok := est.columns[e.Sym]; ok && c.distinct >= 0 {
			return max(1, min(c.distinct, est.rows))
		}
		return -1
	case *plan.Const:
		return 1
	case *plan.Cast:
		return est.values(e.Arg)
	case *plan.Case:
		return est.branches(e)
	case *plan.Call:
		if len(e.Args) == 1 {
			if n, ok := est.dateField(e); ok {
				return n
			}
		}
	}
	if e.Type().Kind == types.Boolean {
		return 2
	}
	return est.combinations(e)
}

// branches adds up what the alternatives give.
func (est *estimate) branches(e *plan.Case) float64 {
	results := make([]plan.Expr, 0, len(e.Whens)+1)
	for _, w := range e.Whens {
		results = append(results, w.Result)
	}
	if e.Else != nil {
		results = append(results, e.Else)
	}
	sum := 0.0
	for _, r := range results {
		n := est.values(r)
		if n < 0 {
			return -1
		}
		sum += n
	}
	return sum
}

// dateField is how many values a part of a date has, such as its year.
func (est *estimate) dateField(e *plan.Call) (float64, bool) {
	of := est.values(e.Args[0])
	if n, ok := cycles[e.Name]; ok {
		if of < 0 {
			return n, true
		}
		return min(n, of), true
	}
	days, ok := daysOf[e.Name]
	r, isRef := e.Args[0].(*plan.Ref)
	if !ok || !isRef || r.Sym.Type.Kind != types.Date {
		return 0, false
	}
	c, ok := est.columns[r.Sym]
	if !ok || math.IsNaN(c.low) || math.IsNaN(c.high) {
		return 0, false
	}
	n := math.Floor((c.high-c.low)/days) + 1
	if of >= 0 {
		n = min(n, of)
	}
	return n, true
}

// combinations are those of the values of the columns in an expression; not known when there are none, as in random().
func (est *estimate) combinations(e plan.Expr) float64 {
	n, seen := 1.0, map[*plan.Symbol]bool{}
	plan.FreeSymbols(e, func(s *plan.Symbol) {
		if seen[s] || n < 0 {
			return
		}
		seen[s] = true
		if c, ok := est.columns[s]; ok && c.distinct >= 0 {
			n *= max(1, min(c.distinct, est.rows))
		} else {
			n = -1
		}
	})
	if len(seen) == 0 || n > est.rows*unknownDistinct {
		return -1 // as many as there may be: what the function makes of them is not known
	}
	return n
}
