package rules

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// aggregate offers an aggregation, with the projections below it, if it is whole: neither split in two steps nor over several sets of keys.
func (p *offerer) aggregate(n *plan.Aggregate) plan.Node {
	if n.Step != plan.Single || n.Sets != nil || n.GroupID != nil || len(n.Keys)+len(n.Aggs) == 0 {
		return n
	}
	scan, computed := computedFrom(n.Source)
	if scan == nil || !p.isRelation(scan) {
		return n
	}
	to, ok := p.c.Pushdown.Connector(scan.Catalog).(connector.AggregationPushdown)
	if !ok {
		return n
	}
	columns := columnsOfScan(scan)
	offer, ok := columns.keys(n.Keys, computed)
	if !ok {
		return n
	}
	for _, a := range n.Aggs {
		x, ok := columns.aggregate(a, computed)
		if !ok {
			return n
		}
		offer.Aggregates = append(offer.Aggregates, x)
	}
	return p.pushAggregation(to, scan, offer, n)
}

// distinct offers SELECT DISTINCT, an aggregation with nothing but keys.
func (p *offerer) distinct(n *plan.Distinct) plan.Node {
	scan := picked(n.Source)
	if scan == nil || !p.isRelation(scan) {
		return n
	}
	to, ok := p.c.Pushdown.Connector(scan.Catalog).(connector.AggregationPushdown)
	if !ok {
		return n
	}
	offer, ok := columnsOfScan(scan).keys(scan.Symbols, nil)
	if !ok || len(offer.GroupBy) == 0 {
		return n
	}
	return p.pushAggregation(to, scan, offer, n)
}

func (p *offerer) pushAggregation(to connector.AggregationPushdown, scan *plan.Scan, offer connector.Aggregation, n plan.Node) plan.Node {
	answer, ok, err := to.PushAggregation(p.c.Pushdown.Context, scan.Table, offer)
	if p.c.Pushdown.failed(err) || !ok {
		return n
	}
	out, ok := p.relation(scan, answer, n, n.Outputs())
	if !ok {
		return n
	}
	out.Pushed = append(scan.Pushed[:len(scan.Pushed):len(scan.Pushed)], "aggregation: "+aggregationText(offer))
	return out
}

// computedFrom is the scan below projections, and what their columns are in terms of it. The scan is nil when there is something else.
func computedFrom(n plan.Node) (*plan.Scan, map[*plan.Symbol]plan.Expr) {
	switch n := n.(type) {
	case *plan.Scan:
		return n, nil
	case *plan.Project:
		scan, below := computedFrom(n.Source)
		if scan == nil {
			return nil, nil
		}
		out := map[*plan.Symbol]plan.Expr{}
		for _, a := range n.Cols {
			out[a.Sym] = substitute(a.Expr, below)
		}
		return scan, out
	}
	return nil, nil
}

// keys offers symbols as keys: columns of the scan, each once.
func (c scanColumnNames) keys(symbols []*plan.Symbol, computed map[*plan.Symbol]plan.Expr) (out connector.Aggregation, ok bool) {
	seen := map[string]bool{}
	for _, k := range symbols {
		r, ok := c.convert(substitute(&plan.Ref{Sym: k}, computed)).(*connector.Reference)
		if !ok || seen[r.Column] {
			return out, false
		}
		seen[r.Column] = true
		out.GroupBy = append(out.GroupBy, *r)
	}
	return out, true
}

func (c scanColumnNames) aggregate(a plan.Aggregation, computed map[*plan.Symbol]plan.Expr) (out connector.Aggregate, ok bool) {
	out = connector.Aggregate{Function: a.Name, Type: a.Sym.Type, Distinct: a.Distinct}
	for _, arg := range a.Args {
		x := c.expression(substitute(arg, computed))
		if x == nil {
			return out, false
		}
		out.Args = append(out.Args, x)
	}
	if a.Filter != nil {
		if out.Filter = c.expression(substitute(a.Filter, computed)); out.Filter == nil {
			return out, false
		}
	}
	out.OrderBy, ok = c.order(a.OrderBy, computed)
	return out, ok
}

// order offers an ordering by columns.
func (c scanColumnNames) order(keys []plan.SortKey, computed map[*plan.Symbol]plan.Expr) (out []connector.SortItem, ok bool) {
	for _, k := range keys {
		r, ok := c.convert(substitute(k.Expr, computed)).(*connector.Reference)
		if !ok {
			return nil, false
		}
		out = append(out, connector.SortItem{Column: r.Column, Type: r.Type, Descending: k.Desc, NullsFirst: k.NullsFirst})
	}
	return out, true
}

// aggregationText says in words what is aggregated.
func aggregationText(a connector.Aggregation) string {
	var calls, keys []string
	for _, x := range a.Aggregates {
		var args []string
		for _, e := range x.Args {
			args = append(args, e.String())
		}
		text := strings.Join(args, ", ")
		if x.Function == "count" && len(args) == 0 {
			text = "*"
		}
		if x.Distinct {
			text = "DISTINCT " + text
		}
		if len(x.OrderBy) > 0 {
			text += " ORDER BY " + orderText(x.OrderBy)
		}
		text = x.Function + "(" + text + ")"
		if x.Filter != nil {
			text += " FILTER (WHERE " + x.Filter.String() + ")"
		}
		calls = append(calls, text)
	}
	for _, k := range a.GroupBy {
		keys = append(keys, k.Column)
	}
	switch {
	case len(calls) == 0:
		return "DISTINCT " + strings.Join(keys, ", ")
	case len(keys) == 0:
		return strings.Join(calls, ", ")
	}
	return strings.Join(calls, ", ") + " BY " + strings.Join(keys, ", ")
}

func orderText(order []connector.SortItem) string {
	var out []string
	for _, o := range order {
		text := o.Column
		if o.Descending {
			text += " DESC"
		}
		if o.NullsFirst {
			text += " NULLS FIRST"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
