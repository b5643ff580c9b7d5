package stages

import "github.com/waterbear-sql/waterbear/internal/plan"

// newCTE is a CTE that the distribution adds; its body is still to be set.
func (d *distributor) newCTE(name string, def plan.Node) *plan.CTE {
	d.lastCTE--
	return &plan.CTE{ID: d.lastCTE, Name: name, Def: def}
}

// sharedInput makes rows a stage that several others read, which can be estimated where it is read.
func (d *distributor) sharedInput(name string, rows plan.Node, at property) *plan.CTE {
	cte := d.newCTE(name, d.exchange(rows, plan.RoundRobin, nil, at))
	d.ctes[cte.ID] = true
	if d.o.Estimator != nil {
		d.o.Estimator.Estimate(&plan.CTE{ID: cte.ID, Def: cte.Def, Body: cte.ReadAs()})
	}
	return cte
}
