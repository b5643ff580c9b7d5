package rules

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// pushDomains tells scans which values the filters right above them let through, so that connectors can leave out
// table partitions and files. The filters stay.
func pushDomains(_ *Context, n plan.Node) plan.Node {
	return rewrite(n, func(n plan.Node) plan.Node {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		scan, ok := f.Source.(*plan.Scan)
		if !ok {
			return n
		}
		names := map[*plan.Symbol]string{}
		for i, s := range scan.Symbols {
			names[s] = scan.Table.Columns[i].Name
		}
		var domains []connector.Domain
		for _, t := range plan.Conjuncts(f.Pred) {
			domains = append(domains, domainsOf(t, names)...)
		}
		if len(domains) == 0 {
			return n
		}
		c := *scan
		c.Table.Constraint = domains
		return &plan.Filter{Source: &c, Pred: f.Pred}
	})
}

// domainsOf reads a conjunct that compares a column with constants of its own type; others give nothing.
func domainsOf(e plan.Expr, names map[*plan.Symbol]string) []connector.Domain {
	column := func(e plan.Expr) string {
		if r, ok := e.(*plan.Ref); ok {
			return names[r.Sym]
		}
		return ""
	}
	value := func(e plan.Expr) (any, bool) {
		c, ok := e.(*plan.Const)
		if !ok || c.Value == nil {
			return nil, false
		}
		return c.Value, true
	}
	switch e := e.(type) {
	case *plan.Compare:
		left, right, op := e.Left, e.Right, e.Op
		if column(left) == "" {
			left, right, op = right, left, op.Flip()
		}
		name := column(left)
		v, ok := value(right)
		if name == "" || !ok {
			return nil
		}
		switch op {
		case plan.Eq:
			return []connector.Domain{{Column: name, Values: []any{v}}}
		case plan.Lt, plan.Le:
			return []connector.Domain{{Column: name, High: &connector.Bound{Value: v, Inclusive: op == plan.Le}}}
		case plan.Gt, plan.Ge:
			return []connector.Domain{{Column: name, Low: &connector.Bound{Value: v, Inclusive: op == plan.Ge}}}
		}
	case *plan.Between:
		name := column(e.Arg)
		low, lok := value(e.Low)
		high, hok := value(e.High)
		if name != "" && lok && hok {
			return []connector.Domain{{Column: name, Low: &connector.Bound{Value: low, Inclusive: true}, High: &connector.Bound{Value: high, Inclusive: true}}}
		}
	case *plan.In:
		name := column(e.Arg)
		if name == "" {
			return nil
		}
		d := connector.Domain{Column: name}
		for _, x := range e.List {
			v, ok := value(x)
			if !ok {
				return nil
			}
			d.Values = append(d.Values, v)
		}
		return []connector.Domain{d}
	}
	return nil
}
