package rules

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

var kinds = []plan.JoinType{plan.Inner, plan.Left, plan.Full, plan.Semi, plan.Anti}

// joined joins two plans; nil when that cannot be, because the condition reads what a side does not put out.
func joined(t plan.JoinType, left, right plan.Node, cond plan.Expr) plan.Node {
	if left == nil || right == nil {
		return nil
	}
	j := &plan.Join{Type: t, Left: left, Right: right, Filter: cond}
	seen := outputsOf(left)
	for s := range outputsOf(right) {
		seen[s] = true
	}
	if !seen.covers(cond) {
		return nil
	}
	return j
}

// lax is an equality that is also true when one of the columns is NULL.
func lax(l, r, null plan.Expr) plan.Expr {
	return &plan.Logical{Or: true, Terms: []plan.Expr{equal(l, r), &plan.IsNull{Arg: null}}}
}

// TestConflicts executes both sides of each of the three exchanges for all pairs of joins, with conditions that reject NULLs of the relation
// that both read and such that do not: those that the tables allow must never differ, those that they refuse must, for some rows.
func TestConflicts(t *testing.T) {
	exchanges := []struct {
		name   string
		table  map[joins]verdict
		shared int // the relation that both conditions read
		before func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node
		after  func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node
		reads  [2][2]int // by p, by q
	}{
		{"associative", associative, 1,
			func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node {
				return joined(second, joined(first, e[0], e[1], p), e[2], q)
			},
			func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node {
				return joined(first, e[0], joined(second, e[1], e[2], q), p)
			}, [2][2]int{{0, 1}, {1, 2}}},
		{"left", leftExchange, 0,
			func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node {
				return joined(second, joined(first, e[0], e[1], p), e[2], q)
			},
			func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node {
				return joined(first, joined(second, e[0], e[2], q), e[1], p)
			}, [2][2]int{{0, 1}, {0, 2}}},
		{"right", rightExchange, 2,
			func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node {
				return joined(first, e[0], joined(second, e[1], e[2], q), p)
			},
			func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node {
				return joined(second, e[1], joined(first, e[0], e[2], p), q)
			}, [2][2]int{{0, 2}, {1, 2}}},
	}
	for _, x := range exchanges {
		for _, first := range kinds {
			for _, second := range kinds {
				for strict := range 4 { // bit 0: p rejects NULLs of the shared relation; bit 1: q does
					allowed := map[verdict]bool{allowed: true, ifFirst: strict&1 != 0, ifSecond: strict&2 != 0, ifBoth: strict == 3}[x.table[joins{first, second}]]
					name := fmt.Sprintf("%s %s %s %d", x.name, first, second, strict)
					if got := counterexample(t, x.before, x.after, first, second, x.reads, x.shared, strict); allowed && got != "" {
						t.Errorf("%s differs: %s", name, got)
					} else if !allowed && got == "" {
						t.Errorf("%s never differs", name)
					}
				}
			}
		}
	}
}

type arrangement = func(e []plan.Node, first, second plan.JoinType, p, q plan.Expr) plan.Node

// counterexample looks for rows for which two arrangements differ.
func counterexample(t *testing.T, before, after arrangement, first, second plan.JoinType, reads [2][2]int, shared, strict int) string {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var e []plan.Node
		for _, name := range []string{"a", "b", "c"} {
			e = append(e, randomRelation(r, name, r.IntN(3)))
		}
		var conds []plan.Expr
		for i, pair := range reads {
			l, r := column(e[pair[0]], 0), column(e[pair[1]], i)
			if pair[0] == shared {
				l = column(e[pair[0]], i)
			}
			cond := equal(l, r)
			if strict&(1<<i) == 0 {
				cond = lax(l, r, column(e[shared], i))
			}
			conds = append(conds, cond)
		}
		one, other := before(e, first, second, conds[0], conds[1]), after(e, first, second, conds[0], conds[1])
		if one == nil || other == nil {
			return "it cannot be"
		}
		if !sameSymbols(one.Outputs(), other.Outputs()) {
			other = &plan.Project{Source: other, Cols: identity(one.Outputs())}
		}
		if a, b := answer(t, one), answer(t, other); a != b {
			return fmt.Sprintf("%q, %q of\n%s", a, b, plan.Print(one, plan.PrintOptions{}))
		}
	}
	return ""
}
