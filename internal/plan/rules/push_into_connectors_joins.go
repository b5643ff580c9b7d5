package rules

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// innerJoins offers joins of a cluster of inner joins: of any two of its tables that belong to one catalog and that a condition connects, whatever
// else is joined with them. With join_reordering_strategy NONE only those that are written next to each other.
func (p *offerer) innerJoins(n *plan.Join, want symbolSet) plan.Node {
	k := &innerCluster{renamed: map[*plan.Symbol]plan.Expr{}, want: symbolSet{}}
	k.add(n)
	for i, e := range k.conditions {
		k.conditions[i] = substitute(e, k.renamed)
	}
	for s := range want {
		need(k.want, substitute(&plan.Ref{Sym: s}, k.renamed))
	}
	changed := false
	for i, l := range k.leaves {
		k.leaves[i] = p.node(l, k.wanted(k.conditions))
		changed = changed || k.leaves[i] != l
	}
	if p.mergeAny(k) {
		return k.rebuilt(n)
	}
	if !changed {
		return n
	}
	return k.inPlace(n)
}

// innerCluster is a tree of inner joins taken apart.
type innerCluster struct {
	leaves     []plan.Node
	conditions []plan.Expr
	renamed    map[*plan.Symbol]plan.Expr // what projections between joins have called columns
	want       symbolSet                  // the columns that are wanted of it
	next       int                        // the leaf that inPlace comes to
}

func (k *innerCluster) add(n plan.Node) {
	switch inner := n.(type) {
	case *plan.Join:
		if inner.Type == plan.Inner || inner.Type == plan.Cross {
			k.add(inner.Left)
			k.add(inner.Right)
			for _, q := range inner.Equi {
				k.conditions = append(k.conditions, &plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right})
			}
			k.conditions = append(k.conditions, plan.Conjuncts(inner.Filter)...)
			return
		}
	case *plan.Project:
		if joinBelow(inner) {
			k.add(inner.Source)
			for _, a := range inner.Cols {
				if r := a.Expr.(*plan.Ref); r.Sym != a.Sym {
					k.renamed[a.Sym] = substitute(r, k.renamed)
				}
			}
			return
		}
	}
	k.leaves = append(k.leaves, n)
}

// wanted are the columns that are wanted of the cluster, or for some of its conditions.
func (k *innerCluster) wanted(conditions []plan.Expr) symbolSet {
	out := copySet(k.want)
	need(out, conditions...)
	return out
}

// joinBelow reports whether a projection that only picks and renames columns stands above an inner join.
func joinBelow(n *plan.Project) bool {
	if !onlyReads(n) {
		return false
	}
	switch s := n.Source.(type) {
	case *plan.Join:
		return s.Type == plan.Inner || s.Type == plan.Cross
	case *plan.Project:
		return joinBelow(s)
	}
	return false
}

// inPlace puts the leaves where they were.
func (k *innerCluster) inPlace(n plan.Node) plan.Node {
	switch x := n.(type) {
	case *plan.Join:
		if x.Type == plan.Inner || x.Type == plan.Cross {
			c := *x
			c.Left, c.Right = k.inPlace(x.Left), k.inPlace(x.Right)
			return &c
		}
	case *plan.Project:
		if joinBelow(x) {
			return &plan.Project{Source: k.inPlace(x.Source), Cols: x.Cols}
		}
	}
	k.next++
	return k.leaves[k.next-1]
}

// rebuilt joins the leaves, one after the other, and puts the conditions where they belong.
func (k *innerCluster) rebuilt(was *plan.Join) plan.Node {
	n := k.leaves[0]
	for _, l := range k.leaves[1:] {
		n = &plan.Join{Type: plan.Cross, Left: n, Right: l}
	}
	n = push(n, k.conditions)
	out := &plan.Project{Source: n}
	for _, s := range was.Outputs() {
		out.Cols = append(out.Cols, plan.Assignment{Sym: s, Expr: substitute(&plan.Ref{Sym: s}, k.renamed)})
	}
	if onlyPasses(out) && sameSymbols(out.Outputs(), n.Outputs()) {
		return n
	}
	return out
}

// mergeAny offers the joins of two leaves, and of what comes of it with others, until none is taken.
func (p *offerer) mergeAny(k *innerCluster) bool {
	merged := false
	for again := true; again; {
		again = false
		for i := 0; i < len(k.leaves) && !again; i++ {
			for j := i + 1; j < len(k.leaves) && !again; j++ {
				if p.c.JoinOrder == KeepJoinOrder && j > i+1 {
					break
				}
				again = p.merge(k, i, j)
			}
		}
		merged = merged || again
	}
	return merged
}

// merge offers the join of two leaves of a cluster.
func (p *offerer) merge(k *innerCluster, i, j int) bool {
	left, right := picked(k.leaves[i]), picked(k.leaves[j])
	if left == nil || right == nil {
		return false
	}
	conditions, rest := joinConditions(k.conditions, left, right)
	scan := p.join(plan.Inner, left, right, conditions, k.wanted(rest))
	if scan == nil {
		return false
	}
	k.leaves[i], k.conditions = scan, rest
	k.leaves = slices.Delete(k.leaves, j, j+1)
	return true
}

// outerJoin offers an outer join of two scans. All of its conditions must be taken.
func (p *offerer) outerJoin(n *plan.Join, want symbolSet) plan.Node {
	if n.Type != plan.Left && n.Type != plan.Right && n.Type != plan.Full || n.NullAware {
		return n
	}
	left, right := picked(n.Left), picked(n.Right)
	if left == nil || right == nil {
		return n
	}
	all := plan.Conjuncts(n.Filter)
	for _, q := range n.Equi {
		all = append(all, &plan.Compare{Op: plan.Eq, Left: q.Left, Right: q.Right})
	}
	conditions, rest := joinConditions(all, left, right)
	if len(rest) > 0 {
		return n
	}
	if scan := p.join(n.Type, left, right, conditions, want); scan != nil {
		return scan
	}
	return n
}

// offeredCondition is a comparison of two scans, and what a connector is told of it.
type offeredCondition struct {
	expr  plan.Expr
	offer connector.JoinCondition
}

// joinConditions separates the conditions that compare two scans from others.
func joinConditions(all []plan.Expr, left, right *plan.Scan) (conditions []offeredCondition, rest []plan.Expr) {
	l, r := columnsOfScan(left), columnsOfScan(right)
	for _, e := range all {
		c, ok := e.(*plan.Compare)
		if !ok || comparisons[c.Op] == "" {
			rest = append(rest, e)
			continue
		}
		op, a, b := c.Op, l.expression(c.Left), r.expression(c.Right)
		if a == nil || b == nil {
			op, a, b = op.Flip(), l.expression(c.Right), r.expression(c.Left)
		}
		if a == nil || b == nil || constantOnly(c.Left) || constantOnly(c.Right) {
			rest = append(rest, e)
			continue
		}
		conditions = append(conditions, offeredCondition{e, connector.JoinCondition{Operator: comparisons[op], Left: a, Right: b}})
	}
	return conditions, rest
}

// constantOnly holds for expressions that read no column.
func constantOnly(e plan.Expr) bool {
	reads := false
	plan.FreeSymbols(e, func(*plan.Symbol) { reads = true })
	return !reads
}

var joinKinds = map[plan.JoinType]connector.JoinKind{plan.Inner: connector.InnerJoin, plan.Left: connector.LeftJoin, plan.Right: connector.RightJoin, plan.Full: connector.FullJoin}

// join offers a join of which some columns are wanted. It is nil when that is not taken.
func (p *offerer) join(kind plan.JoinType, left, right *plan.Scan, conditions []offeredCondition, want symbolSet) *plan.Scan {
	if left.Catalog != right.Catalog || len(conditions) == 0 || !p.isRelation(left) || !p.isRelation(right) {
		return nil
	}
	to, ok := p.c.Pushdown.Connector(left.Catalog).(connector.JoinPushdown)
	if !ok {
		return nil
	}
	as := &plan.Join{Type: kind, Left: left, Right: right}
	offer := connector.JoinOffer{Kind: joinKinds[kind], Left: left.Table, Right: right.Table}
	var filter []plan.Expr
	for _, c := range conditions {
		offer.Conditions = append(offer.Conditions, c.offer)
		filter = append(filter, c.expr)
	}
	as.Equi, filter = equiClauses(filter, outputsOf(left), outputsOf(right))
	as.Filter = filterOf(filter)
	offer.LeftSize, offer.RightSize, offer.JoinSize = p.size(left), p.size(right), p.size(onlyWanted(as, want))
	answer, ok, err := to.PushJoin(p.c.Pushdown.Context, offer)
	if p.c.Pushdown.failed(err) || !ok {
		return nil
	}
	out, ok := p.relation(left, answer, as, slices.Concat(left.Symbols, right.Symbols))
	if !ok {
		return nil
	}
	out.Pushed = append(slices.Clip(left.Pushed), joinText(offer, right))
	return out
}

// onlyWanted is a join without the columns that nobody wants.
func onlyWanted(n *plan.Join, want symbolSet) plan.Node {
	out := &plan.Project{Source: n}
	for _, s := range n.Outputs() {
		if want[s] {
			out.Cols = append(out.Cols, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
		}
	}
	return out
}

func (p *offerer) size(n plan.Node) connector.RelationSize {
	if p.c.Estimator == nil {
		return connector.RelationSize{Rows: -1, Bytes: -1}
	}
	rows, bytes := p.c.Estimator.Estimate(n)
	return connector.RelationSize{Rows: rows, Bytes: bytes}
}

// joinText says in words what is joined.
func joinText(offer connector.JoinOffer, right *plan.Scan) string {
	text := "join: " + string(offer.Kind) + " " + offer.Right.Table.String()
	if len(right.Pushed) > 0 {
		text += " (" + strings.Join(right.Pushed, "; ") + ")"
	}
	var on []connector.Expression
	for _, c := range offer.Conditions {
		on = append(on, &connector.Call{Function: c.Operator, Args: []connector.Expression{c.Left, c.Right}})
	}
	return text + " ON " + connector.And(on...).String()
}
