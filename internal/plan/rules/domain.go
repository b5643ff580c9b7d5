package rules

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// domain is what the rows outside ask of a correlated subquery: the distinct values of the columns that it reads of them. Joined with a
// domain, a subquery gives for all the rows outside at once what it gave for each of them, and who asked for it.
//
// The domain goes down the plan of the subquery to where it is read, as Neumann and Kemper push dependent joins down ("Unnesting Arbitrary
// Queries", BTW 2015): every node on the way keeps the domain's columns apart, as a key more of its groups, windows and joins. Of
// what does not read it the domain stays out.
type domain struct {
	c *Context
	// outer are the columns outside, and rows the CTE of their values.
	outer []*plan.Symbol
	rows  *plan.CTE
	// bound are the CTEs within the subquery whose rows are of a value of the domain: its columns are their last ones.
	bound map[int]bool
}

// binding says which column has the value of a column outside.
type binding map[*plan.Symbol]*plan.Symbol

// read reads the domain.
func (d *domain) read() (plan.Node, binding) {
	ref, _ := d.rows.Read(d.c.Symbols)
	b := binding{}
	for i, s := range d.outer {
		b[s] = ref.Symbols[i]
	}
	return ref, b
}

// asked reports whether a plan reads the domain.
func (d *domain) asked(n plan.Node) bool {
	found := false
	plan.FreeSymbolsOfPlan(n, func(s *plan.Symbol) { found = found || d.has(s) })
	return found || d.readsBound(n)
}

func (d *domain) has(s *plan.Symbol) bool {
	for _, o := range d.outer {
		if o == s {
			return true
		}
	}
	return false
}

func (d *domain) readsBound(n plan.Node) bool {
	found := false
	plan.WalkAll(n, func(n plan.Node) bool {
		ref, ok := n.(*plan.CTERef)
		found = found || ok && d.bound[ref.ID]
		return !found
	})
	return found
}

// columns are those of a binding, in the order of the columns outside.
func (d *domain) columns(b binding) []*plan.Symbol {
	out := make([]*plan.Symbol, len(d.outer))
	for i, s := range d.outer {
		out[i] = b[s]
	}
	return out
}

// bind makes an expression read the columns of a binding in the place of those outside.
func (b binding) bind(e plan.Expr) plan.Expr {
	by := make(map[*plan.Symbol]plan.Expr, len(b))
	for s, to := range b {
		by[s] = &plan.Ref{Sym: to}
	}
	return substitute(e, by)
}

// expressions binds those that a node itself holds.
func (b binding) expressions(n plan.Node) plan.Node { return plan.MapNodeExprs(n, b.bind) }

// same compares two bindings: NULL is a value like any other.
func (d *domain) same(left, right binding) []plan.Expr {
	var out []plan.Expr
	for _, s := range d.outer {
		out = append(out, &plan.Compare{Op: plan.NotDistinctFrom, Left: &plan.Ref{Sym: left[s]}, Right: &plan.Ref{Sym: right[s]}})
	}
	return out
}

// outside is the binding of the rows outside to themselves.
func (d *domain) outside() binding {
	b := binding{}
	for _, s := range d.outer {
		b[s] = s
	}
	return b
}
