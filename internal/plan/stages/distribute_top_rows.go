package stages

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// filter keeps the distribution of its source. The first rows of each partition of a window ("rank() … <= 3") are found where rows
// are, before those go where the partitions meet, or all of them to one task: a row that is among the first of all is among the first of its task.
func (d *distributor) filter(n *plan.Filter) (plan.Node, property) {
	w, ok := n.Source.(*plan.Window)
	if !ok {
		return d.passing(n)
	}
	op, bound, ok := firstRows(w, n.Pred)
	if !ok {
		return d.passing(n)
	}
	s, p := d.node(w.Source)
	if s, p, ok := d.together(s, p, refsAmong(w.PartitionBy)); ok {
		return &plan.Filter{Source: w.WithSources([]plan.Node{s}), Pred: n.Pred}, p
	}
	local, whole := *w, *w
	f := w.Functions[0]
	f.Sym = d.o.Symbols.New(f.Sym.Name, f.Sym.Type)
	local.Source, local.Functions = s, []plan.WindowFunction{f}
	first := &plan.Filter{Source: &local, Pred: &plan.Compare{Op: op, Left: &plan.Ref{Sym: f.Sym}, Right: bound}}
	firsts := &plan.Project{Source: first, Cols: identity(s.Outputs())}
	if len(w.PartitionBy) == 0 {
		whole.Source = d.gather(firsts, p)
		return &plan.Filter{Source: &whole, Pred: n.Pred}, single
	}
	whole.Source = d.repartition(firsts, p, w.PartitionBy)
	return &plan.Filter{Source: &whole, Pred: n.Pred}, hashedBy(w.PartitionBy)
}

// firstRows finds, in a predicate on the only function of a window, which numbers rows, the bound of those that are among the first of
// their partition, and how they compare with it.
func firstRows(w *plan.Window, pred plan.Expr) (op plan.CompareOp, bound *plan.Const, ok bool) {
	if len(w.OrderBy) == 0 || len(w.Functions) != 1 || nondeterministic(w) {
		return "", nil, false
	}
	f := w.Functions[0]
	if f.Name != "row_number" && f.Name != "rank" && f.Name != "dense_rank" {
		return "", nil, false
	}
	for _, c := range plan.Conjuncts(pred) {
		cmp, ok := c.(*plan.Compare)
		if !ok || cmp.Op != plan.Lt && cmp.Op != plan.Le && cmp.Op != plan.Eq {
			continue
		}
		left, lok := cmp.Left.(*plan.Ref)
		bound, rok := cmp.Right.(*plan.Const)
		if lok && rok && left.Sym == f.Sym && bound.Value != nil {
			if cmp.Op == plan.Eq { // the rows before it count, too
				return plan.Le, bound, true
			}
			return cmp.Op, bound, true
		}
	}
	return "", nil, false
}

// refsAmong are those expressions that are columns.
func refsAmong(es []plan.Expr) (out []*plan.Symbol) {
	for _, e := range es {
		if r, ok := e.(*plan.Ref); ok {
			out = append(out, r.Sym)
		}
	}
	return out
}
