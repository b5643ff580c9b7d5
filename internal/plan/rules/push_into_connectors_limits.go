package rules

import (
	"math"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// pushLimitsIntoConnectors offers limits and the first rows of orderings to the connectors of the tables that they are over. The engine puts in order
// and counts what it gets, unless a connector guarantees a limit.
func pushLimitsIntoConnectors(c *Context, n plan.Node) plan.Node {
	if !c.Pushdown.serves(n) {
		return n
	}
	p := &offerer{c: c, changed: changedTable(n)}
	return rewrite(n, func(n plan.Node) plan.Node {
		if c.Pushdown.Err != nil {
			return n
		}
		switch n := n.(type) {
		case *plan.Limit:
			return p.limit(n)
		case *plan.TopN:
			return p.topN(n)
		}
		return n
	})
}

func (p *offerer) limit(n *plan.Limit) plan.Node {
	scan, _ := computedFrom(n.Source)
	if scan == nil || !p.isRelation(scan) || n.Count <= 0 || n.WithTies != nil || n.Count > math.MaxInt64-n.Offset {
		return n
	}
	to, ok := p.c.Pushdown.Connector(scan.Catalog).(connector.LimitPushdown)
	if !ok {
		return n
	}
	table, rows := scan.Table, n.Count+n.Offset
	table.Limit = 0 // which is the same limit
	answer, ok, err := to.PushLimit(p.c.Pushdown.Context, table, rows)
	if p.c.Pushdown.failed(err) || !ok {
		return n
	}
	source := p.limited(n.Source, scan, &plan.Limit{Source: scan, Count: rows}, answer.Handle, "limit: "+strconv.FormatInt(rows, 10))
	if answer.Guaranteed && n.Offset == 0 {
		return source
	}
	return n.WithSources([]plan.Node{source})
}

func (p *offerer) topN(n *plan.TopN) plan.Node {
	scan, computed := computedFrom(n.Source)
	if scan == nil || !p.isRelation(scan) || n.Partial || n.Count <= 0 {
		return n
	}
	to, ok := p.c.Pushdown.Connector(scan.Catalog).(connector.TopNPushdown)
	if !ok {
		return n
	}
	order, ok := columnsOfScan(scan).order(n.Keys, computed)
	if !ok {
		return n
	}
	handle, ok, err := to.PushTopN(p.c.Pushdown.Context, scan.Table, n.Count, order)
	if p.c.Pushdown.failed(err) || !ok {
		return n
	}
	words := "top " + strconv.FormatInt(n.Count, 10) + ": " + orderText(order)
	return n.WithSources([]plan.Node{p.limited(n.Source, scan, &plan.Limit{Source: scan, Count: n.Count}, handle, words)})
}

// limited puts a scan with another handle into the place of one below projections. as is what its rows are.
func (p *offerer) limited(n plan.Node, scan *plan.Scan, as plan.Node, handle []byte, words string) plan.Node {
	c := *scan
	c.Table.Handle, c.Table.Limit = handle, 0
	c.Pushed = append(scan.Pushed[:len(scan.Pushed):len(scan.Pushed)], words)
	c.Expected = p.expected(as, &c)
	return replaceScan(n, &c)
}

// replaceScan puts a scan below the projections of another one.
func replaceScan(n plan.Node, scan *plan.Scan) plan.Node {
	if x, ok := n.(*plan.Project); ok {
		return &plan.Project{Source: replaceScan(x.Source, scan), Cols: x.Cols}
	}
	return scan
}
