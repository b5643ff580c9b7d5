package stages

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// join decides how the sides of a join meet: a small right side goes to every task that holds rows of the left one,
// otherwise both are hashed by the join's keys.
func (d *distributor) join(n *plan.Join) (plan.Node, property) {
	left, lp := d.node(n.Left)
	right, rp := d.node(n.Right)
	c := *n
	c.Left, c.Right = left, right
	constant := isConstant(right) && keepsLeftOnly(n.Type)
	switch {
	case lp.single && (rp.single || constant):
		return &c, single
	case constant:
		c.Distribution = plan.Replicated // every task makes the rows itself
		return &c, lp.with(n)
	case !lp.single && !rp.single && len(n.Equi) > 0:
		if out, p, ok := d.alignedJoin(&c, lp, rp); ok {
			return d.reducedSide(n, out.(*plan.Join)), p
		}
	}
	switch {
	case lp.single && isInner(n) && (len(n.Equi) == 0 || d.small(n.Left)):
		return d.mirrored(&c, rp)
	case !lp.single && d.replicates(n, lp, rp):
		c.Distribution = plan.Replicated
		c.Right = d.exchange(right, plan.Replicate, nil, rp)
		return &c, lp.with(n)
	case len(n.Equi) == 0 || n.NullAware:
		c.Left, c.Right = d.gather(left, lp), d.gather(right, rp)
		return &c, single
	}
	out, p := d.partitionedJoin(&c, lp, rp)
	return d.reducedSide(n, out.(*plan.Join)), p
}

func isInner(n *plan.Join) bool { return n.Type == plan.Inner || n.Type == plan.Cross }

// keepsLeftOnly holds for joins that never put out a right row on its own: their right side may be in every task.
func keepsLeftOnly(t plan.JoinType) bool { return t != plan.Right && t != plan.Full }

// isConstant holds for literal rows, perhaps computed upon by functions that always give the same.
func isConstant(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Values:
		return deterministicNode(n)
	case *plan.Project:
		return deterministicNode(n) && isConstant(n.Source)
	}
	return false
}

func deterministicNode(n plan.Node) bool { return len(plan.Subplans(n)) == 0 && !nondeterministic(n) }

// mirrored sends the one task's rows of the left side to where those of the right side are.
func (d *distributor) mirrored(c *plan.Join, rp property) (plan.Node, property) {
	m := *c
	m.Left, m.Right, m.Equi, m.Distribution = c.Right, d.exchange(c.Left, plan.Replicate, nil, single), nil, plan.Replicated
	for _, q := range c.Equi {
		m.Equi = append(m.Equi, plan.EquiClause{Left: q.Right, Right: q.Left})
	}
	return &plan.Project{Source: &m, Cols: identity(c.Outputs())}, rp.with(&m)
}

func identity(symbols []*plan.Symbol) []plan.Assignment {
	out := make([]plan.Assignment, len(symbols))
	for i, s := range symbols {
		out[i] = plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}}
	}
	return out
}

// small reports whether a plan is known to put out little enough to be sent to every task.
func (d *distributor) small(n plan.Node) bool {
	if d.o.Join == plan.Partitioned || d.o.Estimator == nil {
		return false
	}
	_, bytes := d.o.Estimator.Estimate(n)
	return bytes >= 0 && bytes <= d.o.BroadcastBytes
}

// replicates decides whether the right side goes to every task: when that moves fewer bytes than hashing those sides that are
// not hashed by the keys already.
func (d *distributor) replicates(n *plan.Join, lp, rp property) bool {
	if !keepsLeftOnly(n.Type) {
		return false // unmatched right rows would come once per task
	}
	if len(n.Equi) == 0 || n.NullAware {
		return true
	}
	switch d.o.Join {
	case plan.Replicated:
		return true
	case plan.Partitioned:
		return false
	}
	if !d.small(n.Right) {
		return false
	}
	_, right := d.o.Estimator.Estimate(n.Right)
	_, left := d.o.Estimator.Estimate(n.Left)
	if left < 0 {
		return true
	}
	hashed := 0.0
	leftKeys, rightKeys := keysOf(n)
	if _, ok := lp.positions(leftKeys); !ok {
		hashed += left
	}
	if _, ok := rp.positions(rightKeys); !ok {
		hashed += right
	}
	return stats.Sent(left, right) <= hashed
}

func keysOf(n *plan.Join) (left, right []plan.Expr) {
	for _, q := range n.Equi {
		left, right = append(left, q.Left), append(right, q.Right)
	}
	return left, right
}

// with adds to a property what an inner join with replicated rows makes equal.
func (p property) with(n *plan.Join) property {
	if n.Type != plan.Inner {
		return p
	}
	return p.renamed(func(s *plan.Symbol) []*plan.Symbol {
		out := []*plan.Symbol{s}
		for _, q := range n.Equi {
			l, lok := q.Left.(*plan.Ref)
			r, rok := q.Right.(*plan.Ref)
			if lok && rok && l.Sym == s && s.Type.Equal(r.Sym.Type) {
				out = append(out, r.Sym)
			}
		}
		return out
	})
}

// partitionedJoin hashes both sides by the same keys. A side that is hashed already, by some of the keys, stays where it
// is, and the other follows.
func (d *distributor) partitionedJoin(n *plan.Join, lp, rp property) (plan.Node, property) {
	n.Distribution = plan.Partitioned
	leftKeys, rightKeys := keysOf(n)
	li, lok := lp.positions(leftKeys)
	ri, rok := rp.positions(rightKeys)
	switch {
	case lok && rok && slices.Equal(li, ri):
		leftKeys, rightKeys = pick(leftKeys, li), pick(rightKeys, li)
	case lok:
		leftKeys, rightKeys = pick(leftKeys, li), pick(rightKeys, li)
		n.Right = d.repartition(n.Right, rp, rightKeys)
	case rok:
		leftKeys, rightKeys = pick(leftKeys, ri), pick(rightKeys, ri)
		n.Left = d.repartition(n.Left, lp, leftKeys)
	default:
		n.Left, n.Right = d.repartition(n.Left, lp, leftKeys), d.repartition(n.Right, rp, rightKeys)
	}
	out := property{hashed: true, keys: make([][]*plan.Symbol, len(leftKeys))}
	l, r := hashedBy(leftKeys), hashedBy(rightKeys)
	for i := range out.keys {
		// On the side that an outer join fills with NULLs the key is no longer the value that was hashed.
		if n.Type != plan.Right && n.Type != plan.Full {
			out.keys[i] = append(out.keys[i], l.keys[i]...)
		}
		if n.Type == plan.Inner || n.Type == plan.Right {
			out.keys[i] = append(out.keys[i], r.keys[i]...)
		}
	}
	return n, out
}

// positions finds, for each position that rows are hashed by, which of the keys it is.
func (p property) positions(keys []plan.Expr) ([]int, bool) {
	if !p.hashed || len(p.keys) == 0 {
		return nil, false
	}
	at := map[*plan.Symbol]int{}
	for i, k := range keys {
		if r, ok := k.(*plan.Ref); ok {
			at[r.Sym] = i
		}
	}
	out := make([]int, len(p.keys))
	for i, set := range p.keys {
		found := false
		for _, s := range set {
			if j, ok := at[s]; ok {
				out[i], found = j, true
				break
			}
		}
		if !found {
			return nil, false
		}
	}
	return out, true
}

func pick(keys []plan.Expr, positions []int) []plan.Expr {
	out := make([]plan.Expr, len(positions))
	for i, p := range positions {
		out[i] = keys[p]
	}
	return out
}
