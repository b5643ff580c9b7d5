package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// row has the values of the columns of a node: int64, bool, or nil for NULL.
type row map[*plan.Symbol]any

// evaluate executes a plan of joins, filters and projections over literal rows. It is as simple as can be: what it answers is
// what joins mean.
func evaluate(t *testing.T, n plan.Node) (out []row) {
	t.Helper()
	switch n := n.(type) {
	case *plan.Values:
		for _, values := range n.Rows {
			r := row{}
			for i, v := range values {
				r[n.Symbols[i]] = v.(*plan.Const).Value
			}
			out = append(out, r)
		}
	case *plan.Filter:
		for _, r := range evaluate(t, n.Source) {
			if r.value(n.Pred) == true {
				out = append(out, r)
			}
		}
	case *plan.Project:
		for _, r := range evaluate(t, n.Source) {
			p := row{}
			for _, c := range n.Cols {
				p[c.Sym] = r.value(c.Expr)
			}
			out = append(out, p)
		}
	case *plan.Join:
		return evaluateJoin(n, evaluate(t, n.Left), evaluate(t, n.Right))
	default:
		t.Fatalf("a %T is not evaluated", n)
	}
	return out
}

func evaluateJoin(n *plan.Join, left, right []row) (out []row) {
	matched := make([]bool, len(right))
	for _, l := range left {
		found := false
		for i, r := range right {
			both := l.with(r)
			if both.value(wholeCondition(n)) != true {
				continue
			}
			found, matched[i] = true, true
			if n.Type != plan.Semi && n.Type != plan.Anti {
				out = append(out, both)
			}
		}
		switch {
		case n.Type == plan.Semi && found, n.Type == plan.Anti && !found:
			out = append(out, l)
		case (n.Type == plan.Left || n.Type == plan.Full) && !found:
			out = append(out, l.with(nulls(n.Right)))
		}
	}
	for i, r := range right {
		if (n.Type == plan.Full || n.Type == plan.Right) && !matched[i] {
			out = append(out, r.with(nulls(n.Left)))
		}
	}
	return out
}

// wholeCondition is all of a join's condition.
func wholeCondition(n *plan.Join) plan.Expr {
	all := plan.Conjuncts(n.Filter)
	for _, q := range n.Equi {
		all = append(all, equal(q.Left, q.Right))
	}
	return plan.And(all...)
}

func equal(l, r plan.Expr) plan.Expr { return &plan.Compare{Op: plan.Eq, Left: l, Right: r} }

func nulls(n plan.Node) row {
	r := row{}
	for _, s := range n.Outputs() {
		r[s] = nil
	}
	return r
}

func (r row) with(other row) row {
	out := row{}
	for s, v := range r {
		out[s] = v
	}
	for s, v := range other {
		out[s] = v
	}
	return out
}

// value evaluates an expression: nil is NULL.
func (r row) value(e plan.Expr) any {
	switch e := e.(type) {
	case *plan.Const:
		return e.Value
	case *plan.Ref:
		v, ok := r[e.Sym]
		if !ok {
			panic("no column " + e.Sym.Name)
		}
		return v
	case *plan.IsNull:
		return r.value(e.Arg) == nil
	case *plan.Call:
		a, b := r.value(e.Args[0]), r.value(e.Args[1])
		if a == nil || b == nil {
			return nil
		}
		return a.(int64) + b.(int64)
	case *plan.Compare:
		a, b := r.value(e.Left), r.value(e.Right)
		if a == nil || b == nil {
			return nil
		}
		if e.Op == plan.Lt {
			return a.(int64) < b.(int64)
		}
		return a == b
	case *plan.Logical:
		var out any = !e.Or
		for _, t := range e.Terms {
			switch r.value(t) {
			case e.Or:
				return e.Or
			case nil:
				out = nil
			}
		}
		return out
	}
	panic(fmt.Sprintf("a %T is not evaluated", e))
}

// answer is what a plan puts out, in any order.
func answer(t *testing.T, n plan.Node) string {
	t.Helper()
	var lines []string
	for _, r := range evaluate(t, n) {
		var line strings.Builder
		for _, s := range n.Outputs() {
			fmt.Fprint(&line, r[s], " ")
		}
		lines = append(lines, line.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// randomRelation makes a relation of two columns with a few rows of few values.
func randomRelation(r *rand.Rand, name string, rows int) *plan.Values {
	v := &plan.Values{}
	for _, c := range []string{"x", "y"} {
		v.Symbols = append(v.Symbols, &plan.Symbol{Name: name + c, Type: types.Of(types.BigInt)})
	}
	for range rows {
		var values []plan.Expr
		for _, s := range v.Symbols {
			c := &plan.Const{Typ: s.Type}
			if n := r.IntN(4); n > 0 {
				c.Value = int64(n)
			}
			values = append(values, c)
		}
		v.Rows = append(v.Rows, values)
	}
	return v
}

func column(n plan.Node, i int) plan.Expr { return &plan.Ref{Sym: n.Outputs()[i]} }
