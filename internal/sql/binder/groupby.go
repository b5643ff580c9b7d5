package binder

import (
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// groupBy is a bound GROUP BY clause.
type groupBy struct {
	keys []plan.Expr // distinct
	// sets are the grouping sets as indexes into keys; nil when there is one set of all keys.
	sets [][]int
}

// maxGroupingSets is Trino's default for the session property max_grouping_sets.
const maxGroupingSets = 2048

// maxCubeColumns is how many columns a CUBE of that many sets has.
const maxCubeColumns = 11

// groupBy binds a GROUP BY clause; outputs are the select list, which ordinals refer to.
func (x *exprBinder) groupBy(g *ast.GroupBy, outputs []output) (*groupBy, error) {
	out := &groupBy{}
	// Every element multiplies the sets so far by its own.
	sets := [][]int{{}}
	complex := false
	for _, el := range g.Elements {
		var mine [][]int
		switch el := el.(type) {
		case *ast.SimpleGroupBy:
			set, err := x.groupingSet(out, el.Columns, outputs)
			if err != nil {
				return nil, err
			}
			mine = [][]int{set}
		case *ast.GroupingSets:
			complex = true
			var err error
			if mine, err = x.groupingSets(out, el, outputs); err != nil {
				return nil, err
			}
		case *ast.AutoGroupBy:
			set, err := x.autoSet(out, outputs)
			if err != nil {
				return nil, err
			}
			mine = [][]int{set}
		}
		if len(sets)*len(mine) > maxGroupingSets {
			return nil, errAt(g, trinoerr.TooManyGroupingSets, "GROUP BY has %d grouping sets but can contain at most %d",
				len(sets)*len(mine), maxGroupingSets)
		}
		var product [][]int
		for _, a := range sets {
			for _, b := range mine {
				product = append(product, union(a, b))
			}
		}
		sets = product
	}
	if g.Distinct {
		sets = distinctSets(sets)
	}
	if complex {
		out.sets = sets
	}
	return out, nil
}

// groupingSet binds the expressions of one set.
func (x *exprBinder) groupingSet(g *groupBy, columns []ast.Expression, outputs []output) ([]int, error) {
	set := []int{}
	for _, c := range columns {
		e, err := x.groupingKey(c, outputs)
		if err != nil {
			return nil, err
		}
		set = union(set, []int{g.add(e)})
	}
	return set, nil
}

// groupingKey binds a grouping expression or the output that an ordinal means.
func (x *exprBinder) groupingKey(c ast.Expression, outputs []output) (plan.Expr, error) {
	var e plan.Expr
	if ordinal, ok := c.(*ast.LongLiteral); ok {
		if ordinal.Value < 1 || ordinal.Value > int64(len(outputs)) {
			return nil, errAt(c, trinoerr.InvalidColumnReference, "GROUP BY position %d is not in select list", ordinal.Value)
		}
		o := outputs[ordinal.Value-1]
		if o.ast != nil {
			if err := scalarOnly(o.ast, "GROUP BY clause"); err != nil {
				return nil, err
			}
		}
		e = o.expr
	} else {
		var err error
		if e, err = x.scalar(c, "GROUP BY clause"); err != nil {
			return nil, err
		}
	}
	if !e.Type().Comparable() {
		return nil, errAt(c, trinoerr.TypeMismatch, "%s is not comparable, and therefore cannot be used in GROUP BY", e.Type())
	}
	return e, nil
}

// autoSet groups by all outputs that have no aggregates in them.
func (x *exprBinder) autoSet(g *groupBy, outputs []output) ([]int, error) {
	set := []int{}
	for _, o := range outputs {
		if o.ast != nil && len(extractCalls(o.ast).all()) > 0 {
			continue
		}
		set = union(set, []int{g.add(o.expr)})
	}
	return set, nil
}

func (x *exprBinder) groupingSets(g *groupBy, el *ast.GroupingSets, outputs []output) ([][]int, error) {
	var parts [][]int
	for _, s := range el.Sets {
		set, err := x.groupingSet(g, s, outputs)
		if err != nil {
			return nil, err
		}
		parts = append(parts, set)
	}
	switch el.Kind {
	case ast.Rollup:
		var out [][]int
		for n := len(parts); n >= 0; n-- {
			out = append(out, union(parts[:n]...))
		}
		return out, nil
	case ast.Cube:
		if len(parts) > maxCubeColumns {
			return nil, errAt(el, trinoerr.TooManyGroupingSets, "GROUP BY has %.0f grouping sets but can contain at most %d",
				math.Pow(2, float64(len(parts))), maxGroupingSets)
		}
		// The set of all comes first, the empty one last.
		var out [][]int
		for mask := 1<<len(parts) - 1; mask >= 0; mask-- {
			set := []int{}
			for i, p := range parts {
				if mask&(1<<(len(parts)-1-i)) != 0 {
					set = union(set, p)
				}
			}
			out = append(out, set)
		}
		return out, nil
	}
	return parts, nil
}

// add returns the index of a key, the same for equal ones.
func (g *groupBy) add(e plan.Expr) int {
	for i, k := range g.keys {
		if plan.EqualExpr(k, e) {
			return i
		}
	}
	g.keys = append(g.keys, e)
	return len(g.keys) - 1
}

func union(sets ...[]int) []int {
	out := []int{}
	for _, s := range sets {
		for _, k := range s {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

func distinctSets(sets [][]int) [][]int {
	var out [][]int
	for _, s := range sets {
		sorted := slices.Sorted(slices.Values(s))
		if !slices.ContainsFunc(out, func(o []int) bool { return slices.Equal(slices.Sorted(slices.Values(o)), sorted) }) {
			out = append(out, s)
		}
	}
	return out
}
