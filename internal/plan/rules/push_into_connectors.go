package rules

import (
	"bytes"
	"context"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Pushdown is whom parts of a plan are offered to.
type Pushdown struct {
	// Context is that of the calls: it has the statement's session.
	Context context.Context
	// Connector is the connector of a catalog, of which the interfaces of package connector are asked; nil when there is none.
	Connector func(catalog string) any
	// Err is the first failure of a connector. The plan is of no use then.
	Err error
}

// serves reports whether a plan reads of connectors that take offers.
func (p *Pushdown) serves(n plan.Node) bool {
	found := false
	if p != nil {
		plan.WalkAll(n, func(n plan.Node) bool {
			if s, ok := n.(*plan.Scan); ok {
				found = found || takesOffers(p.Connector(s.Catalog))
			}
			return !found
		})
	}
	return found
}

func takesOffers(c any) bool {
	switch c.(type) {
	case connector.FilterPushdown, connector.LimitPushdown, connector.TopNPushdown, connector.AggregationPushdown, connector.JoinPushdown:
		return true
	}
	return false
}

// failed notes the failure of a connector.
func (p *Pushdown) failed(err error) bool {
	if err != nil && p.Err == nil {
		p.Err = err
	}
	return err != nil
}

// pushIntoConnectors offers filters, joins and aggregations to the connectors of the tables that they are over, from the scans up: what one has taken
// is part of its scan then, which the next is offered above. It leaves in the plan what is not taken, and what is only taken in part.
//
// Whether it pays is the connector's decision. It is told what is expected of a join; an aggregation or a filter never makes more rows.
func pushIntoConnectors(c *Context, n plan.Node) plan.Node {
	if !c.Pushdown.serves(n) {
		return n
	}
	p := &offerer{c: c, changed: changedTable(n)}
	return p.node(n, outputsOf(n))
}

// offerer offers the nodes of a plan.
type offerer struct {
	c *Context
	// changed is the table whose rows the statement changes, if any: of those that it reads it wants the ids.
	changed *plan.WriteTarget
}

func changedTable(n plan.Node) *plan.WriteTarget {
	var out *plan.WriteTarget
	plan.Walk(n, func(n plan.Node) bool {
		if w, ok := n.(*plan.Write); ok && w.Change != nil {
			out = &w.Target
		}
		return out == nil
	})
	return out
}

// isRelation reports whether anything but a filter can be offered over a scan: its rows need not stay what they are, rows of a table.
func (p *offerer) isRelation(s *plan.Scan) bool {
	return s.Ranges == nil && (p.changed == nil || p.changed.Catalog != s.Catalog || p.changed.Table.Name != s.Table.Table)
}

// node offers what is in a plan of which some columns are wanted.
func (p *offerer) node(n plan.Node, want symbolSet) plan.Node {
	if p.c.Pushdown.Err != nil {
		return n
	}
	n = rewriteSubplans(n, func(s plan.Node) plan.Node { return p.node(s, outputsOf(s)) })
	if j, ok := n.(*plan.Join); ok && (j.Type == plan.Inner || j.Type == plan.Cross) {
		return p.innerJoins(j, want)
	}
	n = rewriteSources(n, func(s plan.Node) plan.Node { return p.node(s, wantedOf(n, s, want)) })
	switch n := n.(type) {
	case *plan.Filter:
		return p.filter(n)
	case *plan.Join:
		return p.outerJoin(n, want)
	case *plan.Aggregate:
		return p.aggregate(n)
	case *plan.Distinct:
		return p.distinct(n)
	}
	return n
}

// wantedOf are the columns of a source that a node reads, or passes on to where they are wanted; perhaps more.
func wantedOf(n, source plan.Node, want symbolSet) symbolSet {
	var out symbolSet
	switch x := n.(type) {
	case *plan.Project:
		out = symbolSet{}
		for _, a := range x.Cols {
			if want[a.Sym] {
				need(out, a.Expr)
			}
		}
	case *plan.Aggregate:
		out = symbolsOf(x.Keys)
		need(out, plan.NodeExprs(x)...)
	case *plan.Filter, *plan.Join, *plan.Sort, *plan.TopN, *plan.Limit:
		out = copySet(want)
		need(out, plan.NodeExprs(n)...)
	default:
		return outputsOf(source)
	}
	return out
}

// filter offers the conjuncts of a filter right above a scan.
func (p *offerer) filter(n *plan.Filter) plan.Node {
	scan, ok := n.Source.(*plan.Scan)
	if !ok {
		return n
	}
	to, ok := p.c.Pushdown.Connector(scan.Catalog).(connector.FilterPushdown)
	if !ok || scan.Ranges != nil {
		return n
	}
	columns := columnsOfScan(scan)
	var offered, rest []plan.Expr
	var conjuncts []connector.Expression
	for _, e := range plan.Conjuncts(n.Pred) {
		if x := columns.expression(e); x != nil {
			offered, conjuncts = append(offered, e), append(conjuncts, x)
		} else {
			rest = append(rest, e)
		}
	}
	if len(offered) == 0 {
		return n
	}
	taken, ok, err := to.PushFilter(p.c.Pushdown.Context, scan.Table, conjuncts)
	if p.c.Pushdown.failed(err) || !ok {
		return n
	}
	if len(taken.Exact) != len(offered) {
		p.c.Pushdown.failed(misanswered(scan, "%d of %d conjuncts", len(taken.Exact), len(offered)))
		return n
	}
	var exact []plan.Expr
	var whole, part []connector.Expression
	for i, e := range offered {
		if taken.Exact[i] {
			exact, whole = append(exact, e), append(whole, conjuncts[i])
		} else {
			rest, part = append(rest, e), append(part, conjuncts[i])
		}
	}
	c := *scan
	c.Table.Handle = taken.Handle
	c.Pushed = slices.Clip(scan.Pushed)
	if exact != nil {
		c.Pushed = append(c.Pushed, "filter: "+connector.And(whole...).String())
	} else if !bytes.Equal(taken.Handle, scan.Table.Handle) {
		c.Pushed = append(c.Pushed, "part of filter: "+connector.And(part...).String())
	}
	c.Expected = p.expected(filtered(scan, exact), &c)
	return filtered(&c, rest)
}

// expected is what is known of the rows of a node that a scan takes the place of, by the names of the scan's columns.
func (p *offerer) expected(n plan.Node, s *plan.Scan) *connector.Statistics {
	if p.c.Estimator == nil {
		return nil
	}
	rows, _ := p.c.Estimator.Estimate(n)
	if rows < 0 {
		return nil
	}
	out := &connector.Statistics{Rows: rows, Columns: map[string]connector.ColumnStatistics{}}
	for i, sym := range s.Symbols {
		out.Columns[s.Table.Columns[i].Name] = p.c.Estimator.Column(n, sym)
	}
	return out
}

// relation is the scan of a relation that a connector has answered with, in the place of a node.
func (p *offerer) relation(scan *plan.Scan, answer connector.PushedRelation, in plan.Node, symbols []*plan.Symbol) (*plan.Scan, bool) {
	if len(answer.Columns) != len(symbols) {
		p.c.Pushdown.failed(misanswered(scan, "%d columns where %d were asked for", len(answer.Columns), len(symbols)))
		return nil, false
	}
	names := map[string]bool{}
	for i, c := range answer.Columns {
		if !c.Type.Equal(symbols[i].Type) || names[c.Name] {
			p.c.Pushdown.failed(misanswered(scan, "the column %s of type %s where %s of type %s was asked for", c.Name, c.Type, symbols[i].Name, symbols[i].Type))
			return nil, false
		}
		names[c.Name] = true
	}
	out := &plan.Scan{Catalog: scan.Catalog, Symbols: symbols, Table: connector.Scan{Table: scan.Table.Table, Handle: answer.Handle, Columns: answer.Columns}}
	out.Expected = p.expected(in, out)
	return out, true
}

func misanswered(s *plan.Scan, format string, args ...any) error {
	return trinoerr.New(trinoerr.GenericInternalError, "the connector of catalog "+s.Catalog+" answers an offer with "+format, args...)
}

// picked is a scan under projections that only pick and rename columns, as a scan of its own; nil when a node is anything else.
func picked(n plan.Node) *plan.Scan {
	switch n := n.(type) {
	case *plan.Scan:
		return n
	case *plan.Project:
		source := picked(n.Source)
		if source == nil || !onlyReads(n) || !readsOnce(n) {
			return nil
		}
		c := *source
		c.Symbols, c.Table.Columns = nil, nil
		for _, a := range n.Cols {
			i := slices.Index(source.Symbols, a.Expr.(*plan.Ref).Sym)
			if i < 0 {
				return nil // a column of an outer query
			}
			c.Symbols, c.Table.Columns = append(c.Symbols, a.Sym), append(c.Table.Columns, source.Table.Columns[i])
		}
		return &c
	}
	return nil
}
