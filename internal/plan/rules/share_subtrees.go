package rules

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

const (
	// maxShared bounds how many subtrees become CTEs.
	maxShared = 8
	// sharedShare is the share of the work that may be left, and minSaved how many bytes it must save: a stage more has its price, and keeps
	// what is special to one reader out.
	sharedShare = 0.7
	minSaved    = 8 << 20
)

// shareSubtrees evaluates once what stands in a plan several times, as a CTE: subtrees that join or aggregate the same tables in the same
// way, whichever of their columns each needs. The largest come first.
func shareSubtrees(c *Context, n plan.Node) plan.Node {
	if c.Estimator == nil {
		return n
	}
	for range maxShared {
		c.Estimator.Rows(n) // which meets the CTEs before what reads them
		better := shareOne(c, n)
		if better == nil {
			break
		}
		n = better
	}
	return n
}

// shareOne shares the first subtrees for which it pays; nil when there are none.
func shareOne(c *Context, root plan.Node) plan.Node {
	var shapes []string
	alike := map[string][]plan.Node{}
	plan.Walk(root, func(n plan.Node) bool {
		switch n.(type) {
		case *plan.Join, *plan.Aggregate, *plan.Distinct:
			if shape, ok := shapeOf(n); ok {
				if alike[shape] == nil {
					shapes = append(shapes, shape)
				}
				alike[shape] = append(alike[shape], n)
			}
		}
		return true
	})
	for _, shape := range shapes {
		members := alike[shape]
		for len(members) > 1 {
			s := newSubtrees(members[0])
			rest := slices.DeleteFunc(slices.Clone(members[1:]), s.add)
			if len(s.members) > 1 && s.pays(c) {
				return s.share(c, root, lastCTE(root)+1)
			}
			members = rest
		}
	}
	return nil
}

// shapeOf is what subtrees have in common that may compute the same; ok is false for those that must not be shared.
func shapeOf(n plan.Node) (shape string, ok bool) {
	n = stripped(n)
	if !repeatable(n) || len(plan.Subplans(n)) > 0 {
		return "", false
	}
	switch n := n.(type) {
	case *plan.Scan:
		shape = n.Catalog + ":" + n.Table.Table.String()
	case *plan.Join:
		shape = string(n.Type)
	case *plan.SetOp:
		shape = string(n.Kind)
	case *plan.Filter:
		shape = "F"
	case *plan.Project:
		shape = "P"
	case *plan.Aggregate:
		shape = "A"
	case *plan.Distinct:
		shape = "D"
	default:
		return "", false
	}
	shape += "("
	for _, s := range n.Sources() {
		of, ok := shapeOf(s)
		if !ok {
			return "", false
		}
		shape += of + ","
	}
	return shape + ")", true
}

// stripped leaves out projections that only drop columns.
func stripped(n plan.Node) plan.Node {
	for {
		p, ok := n.(*plan.Project)
		if !ok {
			return n
		}
		for _, a := range p.Cols {
			if r, ok := a.Expr.(*plan.Ref); !ok || r.Sym != a.Sym {
				return n
			}
		}
		n = p.Source
	}
}

// subtrees are places in a plan that compute the same.
type subtrees struct {
	members []plan.Node
	// merged computes what all of them need. to are, for each, the symbols of it that are those of the member.
	merged plan.Node
	to     []map[*plan.Symbol]*plan.Symbol
}

func newSubtrees(n plan.Node) *subtrees {
	s := &subtrees{members: []plan.Node{n}, merged: n, to: []map[*plan.Symbol]*plan.Symbol{{}}}
	for _, o := range n.Outputs() {
		s.to[0][o] = o
	}
	return s
}

// add makes a subtree one of them, if it computes the same.
func (s *subtrees) add(n plan.Node) bool {
	if readsOuter(n) || readsOuter(s.merged) {
		return false
	}
	u := &unifier{to: map[*plan.Symbol]*plan.Symbol{}}
	merged, ok := u.node(s.merged, n)
	if ok {
		s.members, s.merged, s.to = append(s.members, n), merged, append(s.to, u.to)
	}
	return ok
}

func readsOuter(n plan.Node) bool {
	free := false
	plan.FreeSymbolsOfPlan(n, func(*plan.Symbol) { free = true })
	return free
}

// pays compares the work of each for itself with that of all at once, what is written and read included.
func (s *subtrees) pays(c *Context) bool {
	apart := 0.0
	for _, m := range s.members {
		apart += work(c, m)
	}
	_, bytes := c.Estimator.Estimate(s.merged)
	if bytes < 0 {
		return false
	}
	once := work(c, s.merged) + bytes*float64(1+len(s.members))
	return once < sharedShare*apart && apart-once > minSaved
}

// share puts a CTE around the lowest part of a plan that has all members.
func (s *subtrees) share(c *Context, root plan.Node, id int) plan.Node {
	cte := &plan.CTE{ID: id, Name: "shared", Def: s.merged}
	return s.around(root, func(n plan.Node) plan.Node {
		cte.Body = s.replaced(c, n, cte)
		return cte
	})
}

// around finds the lowest part of a plan that has all members.
func (s *subtrees) around(n plan.Node, wrap func(plan.Node) plan.Node) plan.Node {
	sources := slices.Clone(n.Sources())
	for i, src := range sources {
		if s.holds(src) == len(s.members) {
			sources[i] = s.around(src, wrap)
			return n.WithSources(sources)
		}
	}
	return wrap(n)
}

// holds counts the members in a part of a plan.
func (s *subtrees) holds(n plan.Node) int {
	count := 0
	plan.Walk(n, func(n plan.Node) bool {
		if slices.Contains(s.members, n) {
			count++
		}
		return true
	})
	return count
}

// replaced lets the members read the CTE.
func (s *subtrees) replaced(c *Context, n plan.Node, cte *plan.CTE) plan.Node {
	i := slices.Index(s.members, n)
	if i < 0 {
		return rewriteSources(n, func(src plan.Node) plan.Node { return s.replaced(c, src, cte) })
	}
	ref, read := cte.Read(c.Symbols)
	p := &plan.Project{Source: ref}
	for _, o := range n.Outputs() {
		p.Cols = append(p.Cols, plan.Assignment{Sym: o, Expr: &plan.Ref{Sym: read[s.to[i][o]]}})
	}
	return p
}
