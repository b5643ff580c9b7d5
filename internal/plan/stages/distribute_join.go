package stages

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// join decides how the sides of a join meet: a small right side goes to every task that holds rows of the left one,
// otherwise both are hashed by the join's keys.
func (d *distributor) join(n *plan.Join) (plan.Node, property) {
	left, lp := d.node(n.Left)
	right, rp := d.node(n.Right)
	c := *n
	c.Left, c.Right = left, right
	if lp.single && rp.single {
		return &c, single
	}
	if d.replicates(n) && !lp.single {
		c.Distribution = plan.Replicated
		c.Right = &plan.Exchange{Source: right, Kind: plan.Replicate, SingleProducer: rp.single}
		return &c, lp
	}
	if len(n.Equi) == 0 || n.NullAware {
		c.Left, c.Right = d.gather(left, lp), d.gather(right, rp)
		return &c, single
	}
	return d.partitionedJoin(&c, lp, rp)
}

// replicates decides whether the right side goes to every task.
func (d *distributor) replicates(n *plan.Join) bool {
	if n.Type == plan.Right || n.Type == plan.Full {
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
	if d.o.Estimator == nil {
		return false
	}
	_, rightBytes := d.o.Estimator.Estimate(n.Right)
	if rightBytes < 0 || rightBytes > d.o.BroadcastBytes {
		return false
	}
	_, leftBytes := d.o.Estimator.Estimate(n.Left)
	return leftBytes < 0 || leftBytes >= rightBytes
}

// partitionedJoin hashes both sides by the same keys. A side that is hashed already, by some of the keys, stays where it
// is, and the other follows.
func (d *distributor) partitionedJoin(n *plan.Join, lp, rp property) (plan.Node, property) {
	n.Distribution = plan.Partitioned
	var leftKeys, rightKeys []plan.Expr
	for _, q := range n.Equi {
		leftKeys, rightKeys = append(leftKeys, q.Left), append(rightKeys, q.Right)
	}
	li, lok := lp.positions(leftKeys)
	ri, rok := rp.positions(rightKeys)
	switch {
	case lok && rok && equalInts(li, ri):
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

func equalInts(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
