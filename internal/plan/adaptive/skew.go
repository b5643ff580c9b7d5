package adaptive

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
)

// hot is how many times larger than the others on average a partition is that is skewed.
const hot = 4

// spreadGroups divides aggregations in one step into two when one partition of their rows is much larger than the others, because a
// group is: a task of the first step may then have a part of it. Where there are two steps already no group has more rows than the
// first one had tasks. Joins are not changed: what several tasks may share of them they share anyway, by measured sizes.
func (p *planner) spreadGroups() {
	if p.o.SkewBytes <= 0 {
		return
	}
	for _, t := range p.open() {
		if t.Distribution != stages.Hash {
			continue
		}
		var found *plan.Aggregate
		plan.Walk(t.Root, func(n plan.Node) bool {
			if a, ok := n.(*plan.Aggregate); ok && found == nil && divides(a.Source) {
				found = a
			}
			return found == nil
		})
		if found != nil {
			p.spread(t, found)
		}
	}
}

// spread divides an aggregation of a part if its rows are skewed.
func (p *planner) spread(t *part, n *plan.Aggregate) {
	var keys []plan.Expr
	reason, partitions := "", 0
	plan.Walk(n.Source, func(source plan.Node) bool {
		r, ok := source.(*plan.RemoteSource)
		if !ok || r.Kind != plan.Repartition {
			return true
		}
		producer := p.at[r.Stage]
		partitions = producer.Output.Partitions
		if by := hashedBy(r, producer); keys == nil && by != nil && among(by, n.Keys) {
			keys = by
		}
		if size, ok := p.measured(r); ok && reason == "" && skewed(size, partitions) && size.Largest > p.o.SkewBytes {
			reason = fmt.Sprintf("groups spread: a partition of stage %d has %s of %s", r.Stage, bytesText(size.Largest), bytesText(size.Bytes))
		}
		return true
	})
	if reason == "" || keys == nil {
		return
	}
	roots := &plan.SetOp{}
	for _, t := range p.parts {
		roots.Inputs = append(roots.Inputs, t.Root)
	}
	c := &cluster{p: p, relations: []plan.Node{n.Source}, partitions: partitions}
	stood := *n
	stood.Source = stand(0, n.Source)
	if root := stages.Spread(&stood, keys, plan.NewSymbols(roots)); root != nil {
		c.splice(t, n, root, reason)
	}
}

// skewed reports whether a partition is much larger than the others.
func skewed(s Size, partitions int) bool {
	return partitions > 1 && s.Largest*int64(partitions-1) >= hot*(s.Bytes-s.Largest)
}

// divides holds for plans each of whose rows comes of one row of each input.
func divides(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.RemoteSource:
		return !n.Ranges
	case *plan.Filter, *plan.Project, *plan.Join:
		return len(plan.Subplans(n)) == 0 && !slices.ContainsFunc(n.Sources(), func(s plan.Node) bool { return !divides(s) })
	}
	return false
}

// hashedBy are the columns by which the rows of a stage have been divided, as its reader calls them; nil when they are not all there.
func hashedBy(r *plan.RemoteSource, producer *part) (keys []plan.Expr) {
	for _, k := range producer.Output.Keys {
		ref, ok := k.(*plan.Ref)
		if !ok {
			return nil
		}
		i := slices.Index(producer.Root.Outputs(), ref.Sym)
		if i < 0 {
			return nil
		}
		keys = append(keys, &plan.Ref{Sym: r.Symbols[i]})
	}
	return keys
}

// among reports whether all columns are among others.
func among(columns []plan.Expr, of []*plan.Symbol) bool {
	return !slices.ContainsFunc(columns, func(e plan.Expr) bool { return !slices.Contains(of, e.(*plan.Ref).Sym) })
}
