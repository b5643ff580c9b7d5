package stages

import (
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// Estimator says how much a plan node puts out; negative numbers mean unknown.
type Estimator interface {
	Estimate(n plan.Node) (rows, bytes float64)
}

// Options govern the distribution of a plan.
type Options struct {
	// BroadcastBytes is the largest estimated size of a join's right side that is sent to every task; Trino's
	// join-max-broadcast-table-size.
	BroadcastBytes float64
	// Join forces a distribution where the join allows it; Undecided decides by size.
	Join plan.JoinDistribution
	// Distinct is how aggregations with DISTINCT are computed.
	Distinct  DistinctStrategy
	Estimator Estimator
	Symbols   *plan.Symbols
	// Clustering says how the rows of a scan lie by the values of a column, false when that is not known; nil: of none.
	Clustering func(scan *plan.Scan, column string) (connector.Clustering, bool)
	// RangeBytes is how much each range is to have where scans are divided by ranges of a key.
	RangeBytes float64
	// Ranges is into how many ranges of an ordering rows are divided that are wanted in an order, where they are estimated to have at
	// least RangeSortBytes; less than two: they are sorted by one task. It must be no more than the partitions of an exchange.
	Ranges         int
	RangeSortBytes float64
	// ReducedRows is from how many rows on the right side of a semi join is reduced to what the left one has keys of; 0: the constant.
	ReducedRows float64
	// Placed says where rows are that are there already, of a plan that is distributed again; nil: they may be anywhere.
	Placed func(*plan.RemoteSource) Placement
}

// Distribute puts exchanges into a plan so that its parts can be run by many tasks, and reports whether the part above
// the topmost exchanges must run as one.
//
// What it does not know how to divide (expressions with nested plans, lateral joins, recursion) it leaves to one task,
// which is always right.
func Distribute(root plan.Node, o Options) (plan.Node, bool) {
	d := &distributor{o: o, ctes: map[int]bool{}, settled: map[plan.Node]settled{}}
	n, p := d.node(root)
	return n, p.single
}

// property says where the rows of a node are. Neither single nor hashed rows are anywhere, each once.
type property struct {
	single bool
	hashed bool
	// keys describe what rows are hashed by, position by position: each is a set of symbols that have the same value. An empty
	// set is a key that no symbol holds any more.
	keys [][]*plan.Symbol
	// ranged rows are divided by ranges of the only one of aligned. Others are not, but can be by one of aligned.
	ranged  bool
	aligned []alignment
	// order, of hashed rows, is the ordering by whose ranges they are divided, partition by partition.
	order []plan.SortKey
}

var (
	single    = property{single: true}
	arbitrary = property{}
)

type distributor struct {
	o    Options
	ctes map[int]bool // whose definition is a fragment of its own
	// lastCTE is the identity given last to a CTE that the distribution adds; they are negative.
	lastCTE int
	// settled are nodes of the plan that have been distributed before what is above them.
	settled map[plan.Node]settled
}

// node distributes a subtree.
func (d *distributor) node(n plan.Node) (plan.Node, property) {
	if s, ok := d.settled[n]; ok {
		return s.node, s.p
	}
	if len(plan.Subplans(n)) > 0 {
		return d.onOneTask(n)
	}
	switch n := n.(type) {
	case *plan.RemoteSource:
		return n, d.placed(n)
	case *plan.Scan:
		return n, property{aligned: d.alignments(n)}
	case *plan.CTERef:
		if d.ctes[n.ID] {
			return n, arbitrary
		}
		return n, single
	case *plan.Filter:
		return d.filter(n)
	case *plan.Sample:
		return d.passing(n)
	case *plan.Project:
		return d.project(n)
	case *plan.Aggregate:
		return d.aggregate(n)
	case *plan.Distinct:
		return d.distinct(n)
	case *plan.Window:
		return d.window(n)
	case *plan.MatchRecognize:
		return d.match(n)
	case *plan.Join:
		return d.join(n)
	case *plan.SetOp:
		return d.setOp(n)
	case *plan.TopN:
		return d.topN(n)
	case *plan.Limit:
		return d.limit(n)
	case *plan.CTE:
		return d.cte(n)
	case *plan.Unnest:
		if n.Source == nil {
			return n, single
		}
		return d.passing(n)
	case *plan.Write:
		return d.write(n)
	case *plan.Output:
		if out, p, ok := d.inOrderOf(n); ok {
			return out, p
		}
		return d.passing(n)
	case *plan.LateralJoin, *plan.RecursiveCTE, *plan.Values:
		return d.onOneTask(n)
	}
	// Sort, SingleRow, RowNumber: one task, over sources that may be distributed.
	sources := n.Sources()
	gathered := make([]plan.Node, len(sources))
	for i, s := range sources {
		gathered[i] = d.gather(d.node(s))
	}
	return n.WithSources(gathered), single
}

// onOneTask leaves a node and the plans nested in it to one task. Its sources, where they do not depend on each other,
// are computed by many.
func (d *distributor) onOneTask(n plan.Node) (plan.Node, property) {
	switch n := n.(type) {
	case *plan.RecursiveCTE, *plan.Values:
		return n, single
	case *plan.LateralJoin:
		c := *n
		c.Left = d.gather(d.node(n.Left))
		return &c, single
	}
	sources := n.Sources()
	if len(sources) == 0 {
		return n, single
	}
	gathered := make([]plan.Node, len(sources))
	for i, s := range sources {
		gathered[i] = d.gather(d.node(s))
	}
	return n.WithSources(gathered), single
}

// passing keeps the distribution of its only source.
func (d *distributor) passing(n plan.Node) (plan.Node, property) {
	s, p := d.node(n.Sources()[0])
	return n.WithSources([]plan.Node{s}), p
}

// gather brings all rows to one task.
func (d *distributor) gather(n plan.Node, p property) plan.Node {
	if p.single {
		return n
	}
	return d.exchange(n, plan.Gather, nil, p)
}

// exchange sends rows.
func (d *distributor) exchange(n plan.Node, kind plan.ExchangeKind, keys []plan.Expr, p property) plan.Node {
	return &plan.Exchange{Source: n, Kind: kind, Keys: keys, SingleProducer: p.single}
}

// repartition hashes rows by keys.
func (d *distributor) repartition(n plan.Node, p property, keys []plan.Expr) plan.Node {
	return d.exchange(n, plan.Repartition, keys, p)
}

func (d *distributor) project(n *plan.Project) (plan.Node, property) {
	s, p := d.node(n.Source)
	c := *n
	c.Source = s
	renamed := map[*plan.Symbol][]*plan.Symbol{}
	for _, a := range n.Cols {
		if r, ok := a.Expr.(*plan.Ref); ok {
			renamed[r.Sym] = append(renamed[r.Sym], a.Sym)
		}
	}
	return &c, p.renamed(func(s *plan.Symbol) []*plan.Symbol { return renamed[s] })
}

// together keeps rows that agree in the given symbols in one task if they are, or can be read so.
func (d *distributor) together(n plan.Node, p property, symbols []*plan.Symbol) (plan.Node, property, bool) {
	if p.colocated(symbols) {
		return n, p, true
	}
	return d.aligned(n, p, symbols)
}

// colocated reports whether rows that agree in the given symbols are in one task: each position that rows are hashed by
// is one of the symbols.
func (p property) colocated(symbols []*plan.Symbol) bool {
	if p.single {
		return true
	}
	if !p.hashed || len(p.keys) == 0 {
		return false
	}
	in := map[*plan.Symbol]bool{}
	for _, s := range symbols {
		in[s] = true
	}
	for _, set := range p.keys {
		if !anyIn(set, in) {
			return false
		}
	}
	return true
}

func anyIn(set []*plan.Symbol, in map[*plan.Symbol]bool) bool {
	for _, s := range set {
		if in[s] {
			return true
		}
	}
	return false
}

// hashedBy is the property of rows that are hashed by key expressions.
func hashedBy(keys []plan.Expr) property {
	p := property{hashed: true}
	for _, k := range keys {
		var set []*plan.Symbol
		if r, ok := k.(*plan.Ref); ok {
			set = append(set, r.Sym)
		}
		p.keys = append(p.keys, set)
	}
	return p
}

func refs(symbols []*plan.Symbol) []plan.Expr {
	out := make([]plan.Expr, len(symbols))
	for i, s := range symbols {
		out[i] = &plan.Ref{Sym: s}
	}
	return out
}

// distinct removes duplicates where rows are, then again where equal rows have met.
func (d *distributor) distinct(n *plan.Distinct) (plan.Node, property) {
	s, p := d.node(n.Source)
	return d.deduplicated(s, p)
}

// deduplicated is the distinct rows of a plan that is distributed already.
func (d *distributor) deduplicated(n plan.Node, p property) (plan.Node, property) {
	if n, p, ok := d.together(n, p, n.Outputs()); ok {
		return &plan.Distinct{Source: n}, p
	}
	if len(n.Outputs()) == 0 {
		return &plan.Distinct{Source: d.gather(n, p)}, single
	}
	keys := refs(n.Outputs())
	return &plan.Distinct{Source: d.repartition(&plan.Distinct{Source: n}, p, keys)}, hashedBy(keys)
}

// window brings the rows of a partition together.
func (d *distributor) window(n *plan.Window) (plan.Node, property) {
	s, p := d.node(n.Source)
	c := *n
	if out, p, ok := d.rangedWindow(n, s, p); ok {
		return out, p
	}
	s, p, meet := d.together(s, p, refsAmong(n.PartitionBy))
	switch {
	case meet:
		c.Source = s
	case len(n.PartitionBy) == 0:
		c.Source, p = d.gather(s, p), single
	default:
		c.Source, p = d.repartition(s, p, n.PartitionBy), hashedBy(n.PartitionBy)
	}
	return &c, p
}

// topN takes the first rows of each task, then of those.
func (d *distributor) topN(n *plan.TopN) (plan.Node, property) {
	s, p := d.node(n.Source)
	c := *n
	if p.single {
		c.Source = s
		return &c, single
	}
	partial := c
	partial.Source, partial.Partial = s, true
	c.Source = d.gather(&partial, p)
	return &c, single
}

// limit passes enough rows of each task, then the rows of those.
func (d *distributor) limit(n *plan.Limit) (plan.Node, property) {
	sort, sorted := n.Source.(*plan.Sort)
	if sorted && n.WithTies != nil {
		return d.ties(n, sort)
	}
	if sort, between := sortBelow(n.Source); sort != nil && n.WithTies == nil {
		return d.limitedSort(n, sort, between, nil)
	}
	s, p := d.node(n.Source)
	c := *n
	if p.single {
		c.Source = s
		return &c, single
	}
	if n.Count >= 0 && n.WithTies == nil && n.Count <= math.MaxInt64-n.Offset {
		s = &plan.Limit{Source: s, Count: n.Count + n.Offset, Partial: true}
	}
	c.Source = d.gather(s, p)
	return &c, single
}

// ties keeps the first rows of each task and the peers of the last, sorts them again and keeps the first of all.
func (d *distributor) ties(n *plan.Limit, sort *plan.Sort) (plan.Node, property) {
	s, p := d.node(sort.Source)
	c := *n
	if p.single {
		c.Source = &plan.Sort{Source: s, Keys: sort.Keys}
		return &c, single
	}
	partial := &plan.Limit{Source: &plan.Sort{Source: s, Keys: sort.Keys}, Count: n.Count + n.Offset, WithTies: n.WithTies, Partial: true}
	c.Source = &plan.Sort{Source: d.gather(partial, p), Keys: sort.Keys}
	return &c, single
}

// cte makes the definition a fragment of its own, which all references read.
func (d *distributor) cte(n *plan.CTE) (plan.Node, property) {
	def, p := d.node(n.Def)
	d.ctes[n.ID] = true
	body, bp := d.node(n.Body)
	c := *n
	c.Def = &plan.Exchange{Source: def, Kind: plan.RoundRobin, SingleProducer: p.single}
	c.Body = body
	return &c, bp
}

// setOp unites rows wherever they are; the other operations bring equal rows together.
func (d *distributor) setOp(n *plan.SetOp) (plan.Node, property) {
	c := *n
	c.Inputs = make([]plan.Node, len(n.Inputs))
	props := make([]property, len(n.Inputs))
	allSingle := true
	for i, in := range n.Inputs {
		c.Inputs[i], props[i] = d.node(in)
		allSingle = allSingle && props[i].single
	}
	if allSingle {
		return &c, single
	}
	if n.Kind == plan.Union {
		return d.union(&c, props)
	}
	for i, p := range props {
		c.Inputs[i] = d.repartition(c.Inputs[i], p, refs(n.Inputs[i].Outputs()))
	}
	return &c, hashedBy(refs(n.Symbols))
}

// union unites rows where they are: in stages that read by partitions when all inputs are hashed, else anywhere.
func (d *distributor) union(n *plan.SetOp, props []property) (plan.Node, property) {
	distinct, p := !n.All, arbitrary
	n.All = true
	if allHashed(props) {
		p = property{hashed: true}
		// Where all are hashed by the columns at the same positions, so is the union.
		p.keys = unionKeys(n, props)
	} else if distinct && apart(props) && len(n.Symbols) > 0 {
		for i, in := range props {
			n.Inputs[i] = d.repartition(&plan.Distinct{Source: n.Inputs[i]}, in, refs(n.Inputs[i].Outputs()))
		}
		return &plan.Distinct{Source: n}, hashedBy(refs(n.Symbols))
	} else {
		for i, in := range props {
			if in.single || in.hashed {
				n.Inputs[i] = d.exchange(n.Inputs[i], plan.RoundRobin, nil, in)
			}
		}
	}
	if !distinct {
		return n, p
	}
	return d.deduplicated(n, p)
}

// apart reports whether an input is a stage of its own, from which rows are to be sent to where they are united.
func apart(props []property) bool {
	return slices.ContainsFunc(props, func(p property) bool { return p.single || p.hashed })
}

func allHashed(props []property) bool {
	for _, p := range props {
		if !p.hashed {
			return false
		}
	}
	return true
}

// unionKeys finds the columns that all inputs of a union are hashed by; nil when they are not hashed alike.
func unionKeys(n *plan.SetOp, props []property) [][]*plan.Symbol {
	keys := make([][]*plan.Symbol, len(props[0].keys))
	for i, p := range props {
		if len(p.keys) != len(keys) {
			return nil
		}
		for k, set := range p.keys {
			var at []*plan.Symbol
			for c, s := range n.Inputs[i].Outputs() {
				if slices.Contains(set, s) && (i == 0 || slices.Contains(keys[k], n.Symbols[c])) {
					at = append(at, n.Symbols[c])
				}
			}
			if keys[k] = at; len(at) == 0 {
				return nil
			}
		}
	}
	return keys
}
