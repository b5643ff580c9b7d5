package adaptive

import (
	"math"
	"reflect"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// keyFilter is what a stage's output says about the rows of a scan that are needed.
type keyFilter struct {
	column *facts.Column
	stage  int
	scan   *plan.Scan
	key    *plan.Symbol
}

// maxKeyShare is the share of a scan's rows up to which it is worth the while to tell them from the others.
const maxKeyShare = 0.8

// apply returns what takes the place of the scan. The connector is told which values are needed, so that it does not even read
// files, row groups and partitions without them. Where rows move on to another stage a filter drops the others before; where they
// are joined on the spot DuckDB does that by itself.
func (k *keyFilter) apply(p *planner, remote bool) plan.Node {
	if wanted, _ := p.dynamicFilters(k.scan); !wanted.Enabled {
		return k.scan
	}
	domain := k.domain()
	if slices.ContainsFunc(k.scan.Table.Constraint, func(d connector.Domain) bool { return reflect.DeepEqual(d, domain) }) {
		return k.scan // that is known already
	}
	if _, bytes := p.estimate(k.scan); bytes >= 0 && bytes < float64(p.o.KeyFilterMinScan) {
		return k.scan
	}
	ranged, share := k.shares(p)
	if share > maxKeyShare || !remote && ranged > maxKeyShare && k.column.Values == nil {
		return k.scan
	}
	c := *k.scan
	c.Table.Constraint = append(slices.Clip(c.Table.Constraint), domain)
	if !remote {
		return &c
	}
	return &plan.Filter{Source: &c, Pred: k.predicate(ranged)}
}

// shares estimates which part of the scan's rows lies between the bounds of the keys, and which has one of the keys, as far as that is
// told. Where nothing is known of the scan it is taken to be small.
func (k *keyFilter) shares(p *planner) (ranged, share float64) {
	of := p.column(k.scan, k.key)
	f := facts.ParseFilter(k.column.Filter)
	told := k.column.Values != nil || f != nil // which keys they are
	switch width := of.High - of.Low; {
	case k.column.Text:
		ranged = 1 // bounds of texts say next to nothing
	case width >= 0: // not NaN
		low, high := math.Max(of.Low, float64(k.column.Low.Int)), math.Min(of.High, float64(k.column.High.Int))
		ranged = max(0, high-low+1) / (width + 1)
	case told:
		ranged = 1
	}
	if !told {
		return ranged, ranged
	}
	if of.Distinct > 0 {
		share = float64(k.column.Distinct) / of.Distinct
	}
	if k.column.Values == nil {
		share += f.PassRate()
	}
	return ranged, min(ranged, share)
}

// domain is what connectors are told.
func (k *keyFilter) domain() connector.Domain {
	d := connector.Domain{Column: k.scan.Table.Columns[positionOf(k.scan.Symbols, k.key)].Name}
	if k.column.Values != nil && !k.dense() {
		for _, v := range k.column.Values {
			d.Values = append(d.Values, constant(v, k.key.Type))
		}
		return d
	}
	d.Low = &connector.Bound{Value: constant(*k.column.Low, k.key.Type), Inclusive: true}
	if k.column.High != nil {
		d.High = &connector.Bound{Value: constant(*k.column.High, k.key.Type), Inclusive: true}
	}
	return d
}

// dense holds when the keys are all the integers between their bounds.
func (k *keyFilter) dense() bool {
	return !k.column.Text && k.column.Values != nil && len(k.column.Values) > 1 && k.column.High.Int-k.column.Low.Int == int64(len(k.column.Values))-1
}

// predicate holds for the rows that are needed, and for few others.
func (k *keyFilter) predicate(ranged float64) plan.Expr {
	ref := &plan.Ref{Sym: k.key}
	literal := func(v facts.Value) plan.Expr { return &plan.Const{Typ: k.key.Type, Value: constant(v, k.key.Type)} }
	var terms []plan.Expr
	if k.dense() || ranged <= maxKeyShare && len(k.column.Values) != 1 {
		terms = append(terms, &plan.Between{Arg: ref, Low: literal(*k.column.Low), High: literal(*k.column.High)})
	}
	switch {
	case k.dense():
	case len(k.column.Values) == 1:
		terms = append(terms, &plan.Compare{Op: plan.Eq, Left: ref, Right: literal(k.column.Values[0])})
	case k.column.Values != nil:
		in := &plan.In{Arg: ref}
		for _, v := range k.column.Values {
			in.List = append(in.List, literal(v))
		}
		terms = append(terms, in)
	case k.column.Filter != nil:
		terms = append(terms, k.mayBeKey())
	}
	return plan.And(terms...)
}

// mayBeKey asks the filter that was made of the keys.
func (k *keyFilter) mayBeKey() plan.Expr {
	var arg plan.Expr = &plan.Ref{Sym: k.key}
	t := "bigint"
	switch k.key.Type.Kind {
	case types.Varchar:
		t = "varchar"
	case types.Date:
		t = "date"
	case types.BigInt:
	default:
		arg = &plan.Cast{Arg: arg, Typ: types.Type{Kind: types.BigInt}, Implicit: true}
	}
	return &plan.Call{Name: "$may_be_key", Variant: "$may_be_key(" + t + ", varbinary)", Typ: types.Type{Kind: types.Boolean},
		Args: []plan.Expr{arg, &plan.Const{Typ: types.Type{Kind: types.Varbinary}, Value: k.column.Filter}}}
}

// constant is a value of a column, as a constant of the key's type.
func constant(v facts.Value, t types.Type) any {
	switch t.Kind {
	case types.Varchar:
		return v.Text
	case types.Date:
		return types.DateValue(v.Int)
	}
	return v.Int
}

// hasFacts reports whether there are facts of columns of a type, and whether its values are texts.
func hasFacts(t types.Type) (text, ok bool) {
	switch t.Kind {
	case types.Varchar:
		return true, true
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Date:
		return false, true
	}
	return false, false
}

// comparable reports whether values of one type, as facts have them, are compared with those of the other as they are.
func comparable(a, b types.Type) bool {
	text, ok := hasFacts(a)
	other, too := hasFacts(b)
	return ok && too && text == other && (a.Kind == types.Date) == (b.Kind == types.Date)
}

// widths are how many bits integers have.
var widths = map[types.Kind]int{types.TinyInt: 8, types.SmallInt: 16, types.Integer: 32}

// fits reports whether all values of a column are values of a type.
func fits(c *facts.Column, t types.Type) bool {
	bits, narrow := widths[t.Kind]
	return !narrow || c.Low.Int >= -1<<(bits-1) && c.High.Int < 1<<(bits-1)
}
