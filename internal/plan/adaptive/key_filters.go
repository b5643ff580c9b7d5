package adaptive

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// filterKeys tells scans that have not started which keys the other side of a join has, once that is known: rows with other keys
// would be read, sent and then dropped. Trino does so with dynamic filters.
//
// It goes from each join to a finished stage below one of its sides (origin), whose output's facts say what a key's values are,
// and on the other side down to the scans of the key (descent), through whatever rows with another key could as well be dropped
// before, and through the stages between.
func (p *planner) filterKeys() {
	if !p.o.KeyFilters {
		return
	}
	for _, t := range p.open() {
		for j := range joinsOf(t.Root) {
			for side := range filterable(joinsOf(t.Root)[j]) {
				p.filterKey(t, filterable(joinsOf(t.Root)[j])[side]) // of the plan as it is by now
			}
		}
	}
}

// joinSide is a side of a join, target, of which only rows are needed whose key is one of the other side's.
type joinSide struct {
	source, target plan.Node
	from, key      *plan.Symbol
}

// filterable are the keys of a join by which a side can be filtered.
func filterable(j *plan.Join) (out []joinSide) {
	if j.NullAware {
		return nil
	}
	left := j.Type == plan.Inner || j.Type == plan.Right || j.Type == plan.Semi
	right := j.Type == plan.Inner || j.Type == plan.Left || j.Type == plan.Semi || j.Type == plan.Anti || j.Type == plan.Mark
	for _, q := range j.Equi {
		l, r := keyColumn(q.Left), keyColumn(q.Right)
		if l == nil || r == nil || !comparable(l.Type, r.Type) {
			continue
		}
		if left {
			out = append(out, joinSide{j.Right, j.Left, r, l})
		}
		if right {
			out = append(out, joinSide{j.Left, j.Right, l, r})
		}
	}
	return out
}

// keyColumn is the column whose values a key has, as facts have them: the key itself, or what is converted to a wider type to be compared;
// nil for what is computed.
func keyColumn(e plan.Expr) *plan.Symbol {
	if c, ok := e.(*plan.Cast); ok && types.CanCoerce(c.Arg.Type(), c.Typ) && comparable(c.Arg.Type(), c.Typ) {
		e = c.Arg
	}
	if r, ok := e.(*plan.Ref); ok {
		return r.Sym
	}
	return nil
}

// joinsOf are the joins of a plan, nested plans left out: those are computed for each row.
func joinsOf(n plan.Node) (out []*plan.Join) {
	plan.Walk(n, func(n plan.Node) bool {
		if j, ok := n.(*plan.Join); ok {
			out = append(out, j)
		}
		return true
	})
	return out
}

// filterKey filters a side by the keys of the other.
func (p *planner) filterKey(t *part, side joinSide) {
	from, output := p.origin(side.source, side.from)
	if from == nil || from.size == nil || !p.repeatable(from) {
		return
	}
	column := facts.Find(from.columns, output)
	if column == nil || column.Rows != from.size.Rows || column.Low == nil || !fits(column, side.key.Type) {
		return
	}
	d := &descent{p: p, found: func(s *plan.Scan, key *plan.Symbol, remote bool) plan.Node {
		k := keyFilter{column, from.ID, s, key}
		return k.apply(p, remote)
	}, reason: fmt.Sprintf("key filter: %s is one of the %s of stage %d", side.key.Name, countText(column), from.ID)}
	if root, changed := d.side(t, side.target, side.key); changed {
		t.change(replaced(t.Root, side.target, root), d.reason)
	}
}

func countText(c *facts.Column) string {
	switch {
	case c.Values == nil:
		return fmt.Sprintf("about %d keys", c.Distinct)
	case c.Distinct == 1:
		return "1 key"
	}
	return fmt.Sprintf("%d keys", c.Distinct)
}

// origin is the stage whose output has all values that a column of a plan has, but for NULL, and where in the output they are; nil
// when there is none. Whatever stands between may drop, repeat and combine rows.
func (p *planner) origin(n plan.Node, s *plan.Symbol) (*part, int) {
	for {
		switch x := n.(type) {
		case *plan.RemoteSource:
			t, i := p.at[x.Stage], positionOf(x.Symbols, s)
			if t == nil || i < 0 {
				return nil, 0
			}
			return t, i
		case *plan.Project:
			if s = assigned(x, s); s == nil {
				return nil, 0
			}
			n = x.Source
		case *plan.Aggregate:
			if positionOf(x.Keys, s) < 0 {
				return nil, 0
			}
			n = x.Source
		case *plan.Join:
			if positionOf(x.Left.Outputs(), s) >= 0 {
				n = x.Left
			} else if positionOf(x.Right.Outputs(), s) >= 0 {
				n = x.Right
			} else {
				return nil, 0
			}
		case *plan.Filter, *plan.Distinct, *plan.Window, *plan.Sort, *plan.TopN, *plan.Limit, *plan.Unnest:
			sources := x.Sources()
			if len(sources) != 1 || positionOf(sources[0].Outputs(), s) < 0 {
				return nil, 0
			}
			n = sources[0]
		default:
			return nil, 0
		}
	}
}

// assigned is the column that a projection passes on as s; nil when that is computed.
func assigned(n *plan.Project, s *plan.Symbol) *plan.Symbol {
	for _, a := range n.Cols {
		if a.Sym == s {
			if r, ok := a.Expr.(*plan.Ref); ok {
				return r.Sym
			}
		}
	}
	return nil
}

func positionOf(symbols []*plan.Symbol, s *plan.Symbol) int {
	for i, o := range symbols {
		if o == s {
			return i
		}
	}
	return -1
}

// repeatable reports whether a stage gives the same rows when it is run again: else those that are filtered by its keys would not match
// its rows any more, should its output be lost.
func (p *planner) repeatable(t *part) bool {
	if t == nil || t.Indeterminate() {
		return false
	}
	for _, in := range t.Inputs {
		if !p.repeatable(p.at[in.Stage]) {
			return false
		}
	}
	return true
}
