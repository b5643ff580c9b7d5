package stages

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// spreadColumns is how many columns of a row that is inserted are hashed with its id, which is NULL, so that such rows do not all
// go to one task.
const spreadColumns = 4

// write writes rows where they are. Changes that may hit a row twice are brought together by the rows' ids, so that it is
// noticed.
func (d *distributor) write(n *plan.Write) (plan.Node, property) {
	s, p := d.node(n.Source)
	c := *n
	c.Source = s
	if n.Change == nil || !n.Target.Unique || p.single {
		return &c, p
	}
	keys := refs(n.Change.RowID)
	inserted := &plan.IsNull{Arg: keys[0]}
	for _, col := range n.Columns {
		if len(keys) == len(n.Change.RowID)+spreadColumns {
			break
		}
		if col.Type.Comparable() {
			keys = append(keys, &plan.Case{Typ: col.Type, Whens: []plan.When{{Cond: inserted, Result: &plan.Ref{Sym: col}}}})
		}
	}
	c.Source = d.repartition(s, p, keys)
	return &c, hashedBy(keys)
}
