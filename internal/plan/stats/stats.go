// Package stats estimates how many rows and bytes the nodes of a plan put out, from what connectors know of their tables.
//
// Estimates decide only where data moves and in which order joins run, never what a query answers. The formulas are the
// usual ones (Selinger et al., 1979): independence of predicates, uniformity of values, containment of join keys.
// Start with Estimator.
package stats

import (
	"cmp"
	"maps"
	"math"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Selectivities and shares that are assumed where nothing is known.
const (
	unknownFilter   = 0.33 // of a predicate that says nothing about itself
	unknownRows     = 1e6  // of a table without statistics, to compare with others
	unknownDistinct = 0.1  // share of distinct values among rows
	unique          = 0.9  // share of distinct values among rows from which on a column is taken for a key
	likeSelectivity = 0.1
	semiSelectivity = 0.5
	minAntiShare    = 0.1
)

// Estimator estimates nodes and remembers what it has estimated: nodes are immutable.
type Estimator struct {
	scan   func(*plan.Scan) (connector.Statistics, bool)
	remote func(*plan.RemoteSource) StageOutput // nil: nothing is known of other stages
	memo   map[plan.Node]*estimate
	ctes   map[int]plan.Node // definitions of the CTEs met so far
}

// New returns an estimator; scan gives the statistics of a table, false when there are none.
func New(scan func(*plan.Scan) (connector.Statistics, bool)) *Estimator {
	return &Estimator{scan: scan, memo: map[plan.Node]*estimate{}, ctes: map[int]plan.Node{}}
}

// StageOutput is what is known of the output of a stage.
type StageOutput struct {
	// Plan is the stage's plan, by which its output is estimated; nil when that is not known.
	Plan plan.Node
	// Measured says that Rows and Bytes are facts.
	Measured    bool
	Rows, Bytes float64
	// Columns are facts about some columns of it.
	Columns []facts.Column
}

// WithStages returns an estimator for plans that have been cut into stages. remote gives what is known of what the stage of a
// remote source puts out. What e knows of tables is not asked for again.
func (e *Estimator) WithStages(remote func(*plan.RemoteSource) StageOutput) *Estimator {
	out := New(e.scan)
	out.remote = remote
	for n, est := range e.memo {
		if _, ok := n.(*plan.Scan); ok {
			out.memo[n] = est
		}
	}
	return out
}

// estimate describes the rows of a node. known is false when it rests on a guess about a table's size.
type estimate struct {
	rows    float64
	known   bool
	columns map[*plan.Symbol]column
}

// column describes the values of a symbol.
type column struct {
	distinct   float64
	low, high  float64 // NaN when unknown
	width      float64 // bytes per value
	nulls      float64 // the share of NULL, when nullsKnown
	nullsKnown bool
	of         *relation // whose columns have no more combinations of values than it has rows; nil when it is computed of several
}

// relation is a table, as filters have left it, or whatever else has rows.
type relation struct{ rows float64 }

// Estimate returns the rows and bytes that a node puts out; -1 when nothing is known of its tables.
func (e *Estimator) Estimate(n plan.Node) (rows, bytes float64) {
	est := e.node(n)
	if !est.known {
		return -1, -1
	}
	return est.rows, est.rows * est.width(n)
}

// Rows returns an estimate of the rows even where it is a guess.
func (e *Estimator) Rows(n plan.Node) float64 { return e.node(n).rows }

// Width returns an estimate of the bytes of a row.
func (e *Estimator) Width(n plan.Node) float64 { return e.node(n).width(n) }

// Distinct returns an estimate of the distinct values of a symbol in a node's output.
func (e *Estimator) Distinct(n plan.Node, s *plan.Symbol) float64 {
	est := e.node(n)
	return est.distinct(s)
}

// Column returns what is known of a symbol in a node's output, in the form in which connectors describe columns.
func (e *Estimator) Column(n plan.Node, s *plan.Symbol) connector.ColumnStatistics {
	est := e.node(n)
	out := connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: -1, Low: math.NaN(), High: math.NaN()}
	c, ok := est.columns[s]
	if !ok || !est.known {
		return out
	}
	out.Low, out.High = c.low, c.high
	if c.distinct >= 0 {
		out.Distinct = min(c.distinct, est.rows)
	}
	if c.nullsKnown {
		out.NullFraction = c.nulls
	}
	if c.width > 0 {
		out.Bytes = c.width * est.rows
	}
	return out
}

func (est *estimate) distinct(s *plan.Symbol) float64 {
	c, ok := est.columns[s]
	if !ok || c.distinct < 0 {
		return max(1, est.rows*unknownDistinct)
	}
	return max(1, min(c.distinct, est.rows))
}

func (est *estimate) width(n plan.Node) float64 {
	w := 0.0
	for _, s := range n.Outputs() {
		if c, ok := est.columns[s]; ok && c.width > 0 {
			w += c.width
		} else {
			w += typeWidth(s.Type)
		}
	}
	return max(w, 1)
}

// typeWidth is what a value of a type takes, roughly, in memory.
func typeWidth(t types.Type) float64 {
	switch t.Kind {
	case types.Boolean, types.TinyInt:
		return 1
	case types.SmallInt:
		return 2
	case types.Integer, types.Real, types.Date:
		return 4
	case types.Decimal:
		if t.P > 18 {
			return 16
		}
		return 8
	case types.Varchar, types.Char:
		if t.P < 64 {
			return float64(t.P)/2 + 4
		}
		return 32
	case types.Array, types.Map:
		return 64
	case types.Row:
		w := 0.0
		for _, f := range t.Args {
			w += typeWidth(f.Type)
		}
		return w
	}
	return 8
}

func (e *Estimator) node(n plan.Node) *estimate {
	if est, ok := e.memo[n]; ok {
		return est
	}
	est := e.compute(n)
	est.rows = max(est.rows, 0)
	e.memo[n] = est
	return est
}

func (e *Estimator) compute(n plan.Node) *estimate {
	switch n := n.(type) {
	case *plan.Scan:
		return e.table(n)
	case *plan.Values:
		return &estimate{rows: float64(len(n.Rows)), known: true}
	case *plan.RemoteSource:
		return e.stage(n)
	case *plan.Filter:
		return e.filter(e.node(n.Source), n.Pred)
	case *plan.Project:
		src := e.node(n.Source)
		out := &estimate{rows: src.rows, known: src.known, columns: map[*plan.Symbol]column{}}
		for _, a := range n.Cols {
			if r, ok := a.Expr.(*plan.Ref); ok {
				if c, ok := src.columns[r.Sym]; ok {
					out.columns[a.Sym] = c
				}
			} else if c, ok := src.computed(a.Expr); ok {
				out.columns[a.Sym] = c
			}
		}
		return out
	case *plan.Aggregate:
		src := e.node(n.Source)
		return &estimate{rows: e.groups(src, n.Keys) * float64(max(1, len(n.Sets))), known: src.known, columns: src.columns}
	case *plan.Distinct:
		src := e.node(n.Source)
		return &estimate{rows: e.groups(src, n.Outputs()), known: src.known, columns: src.columns}
	case *plan.Join:
		return e.join(n)
	case *plan.LateralJoin:
		l, r := e.node(n.Left), e.node(n.Right)
		return &estimate{rows: l.rows * max(1, r.rows), known: false, columns: l.columns}
	case *plan.SetOp:
		return e.setOp(n)
	case *plan.TopN:
		src := e.node(n.Source)
		return &estimate{rows: min(src.rows, float64(n.Count)), known: true, columns: src.columns}
	case *plan.Limit:
		src := e.node(n.Source)
		if n.Count < 0 {
			return src
		}
		return &estimate{rows: min(src.rows, float64(n.Count)), known: true, columns: src.columns}
	case *plan.SingleRow:
		return &estimate{rows: 1, known: true, columns: e.node(n.Source).columns}
	case *plan.CTE:
		e.ctes[n.ID] = n.Def
		e.node(n.Def)
		return e.node(n.Body)
	case *plan.CTERef:
		return e.reference(n)
	case *plan.Unnest:
		if n.Source == nil {
			return &estimate{rows: 10, known: true}
		}
		src := e.node(n.Source)
		return &estimate{rows: src.rows * 3, columns: src.columns}
	}
	if s := n.Sources(); len(s) > 0 {
		return e.node(s[0])
	}
	return &estimate{rows: unknownRows}
}

// reference is what the definition of a CTE puts out.
func (e *Estimator) reference(n *plan.CTERef) *estimate {
	def := e.ctes[n.ID]
	if def == nil {
		return &estimate{rows: unknownRows}
	}
	d := e.node(def)
	out := &estimate{rows: d.rows, known: d.known, columns: map[*plan.Symbol]column{}}
	for i, s := range def.Outputs() {
		if c, ok := d.columns[s]; ok && i < len(n.Symbols) {
			out.columns[n.Symbols[i]] = c
		}
	}
	return out
}

// stage is what another stage puts out. What has been measured takes the place of what its plan lets expect; what is known of its
// columns is known here too.
func (e *Estimator) stage(n *plan.RemoteSource) *estimate {
	if e.remote == nil {
		return &estimate{rows: unknownRows}
	}
	known := e.remote(n)
	made := &estimate{rows: unknownRows}
	out := &estimate{columns: map[*plan.Symbol]column{}}
	width := 0.0
	if known.Plan != nil {
		made = e.node(known.Plan)
		width = made.width(known.Plan)
	}
	out.rows, out.known = made.rows, made.known
	factor := 1.0 // of widths
	if known.Measured {
		out.rows, out.known = known.Rows, true
		if known.Rows > 0 && width > 0 {
			factor = known.Bytes / known.Rows / width
		}
	}
	for i, s := range n.Symbols {
		c := column{distinct: -1, low: math.NaN(), high: math.NaN()}
		if known.Plan != nil && len(known.Plan.Outputs()) == len(n.Symbols) {
			from := known.Plan.Outputs()[i]
			if of, ok := made.columns[from]; ok {
				c = of
			}
			if c.width <= 0 {
				c.width = typeWidth(from.Type)
			}
			c.width *= factor
		} else if known.Measured && known.Rows > 0 {
			c.width = known.Bytes / known.Rows / float64(len(n.Symbols))
		}
		out.columns[s] = c
	}
	for i := range known.Columns {
		if f := &known.Columns[i]; f.Output < len(n.Symbols) {
			s := n.Symbols[f.Output]
			out.columns[s] = out.columns[s].with(f)
		}
	}
	out.shrink()
	return out
}

// with is a column as its facts say.
func (c column) with(f *facts.Column) column {
	if f.Distinct >= 0 {
		c.distinct = float64(f.Distinct)
	}
	if f.Rows > 0 {
		c.nulls, c.nullsKnown = float64(f.Nulls)/float64(f.Rows), true
	}
	if !f.Text && f.Low != nil && f.High != nil {
		c.low, c.high = float64(f.Low.Int), float64(f.High.Int)
	}
	return c
}

// statistics are those of a scan's rows.
func (e *Estimator) statistics(n *plan.Scan) (connector.Statistics, bool) {
	if n.Expected != nil {
		return *n.Expected, true
	}
	return e.scan(n)
}

func (e *Estimator) table(n *plan.Scan) *estimate {
	st, ok := e.statistics(n)
	if !ok || st.Rows < 0 {
		return &estimate{rows: unknownRows}
	}
	out, rows := &estimate{rows: st.Rows, known: true, columns: map[*plan.Symbol]column{}}, &relation{st.Rows}
	for i, s := range n.Symbols {
		cs, ok := st.Columns[n.Table.Columns[i].Name]
		if !ok {
			cs = connector.ColumnStatistics{NullFraction: -1, Distinct: -1, Bytes: -1, Low: math.NaN(), High: math.NaN()}
		}
		c := column{distinct: cs.Distinct, low: cs.Low, high: cs.High, nulls: cs.NullFraction, nullsKnown: cs.NullFraction >= 0, of: rows}
		if size := cmp.Or(cs.DataSize, cs.Bytes); size > 0 && st.Rows > 0 && isVariable(s.Type) {
			c.width = size / st.Rows
		}
		out.columns[s] = c
	}
	return out
}

func isVariable(t types.Type) bool {
	return t.Kind == types.Varchar || t.Kind == types.Char || t.Kind == types.Varbinary || t.Kind == types.JSON
}

// groups estimates how many combinations of keys there are: of those of one relation no more than it has rows, as where a customer's name
// and address are keys beside its number.
func (e *Estimator) groups(src *estimate, keys []*plan.Symbol) float64 {
	n, of := 1.0, map[*relation]float64{}
	var relations []*relation // of the keys, in their order: products of floating point numbers depend on it
	for _, k := range keys {
		d := src.distinct(k)
		if r := src.columns[k].of; r == nil {
			n *= d
		} else {
			if of[r] == 0 {
				of[r] = 1
				relations = append(relations, r)
			}
			of[r] *= d
		}
	}
	for _, r := range relations {
		n *= min(of[r], max(r.rows, 1))
	}
	return min(n, max(src.rows, 1))
}

func (e *Estimator) join(n *plan.Join) *estimate {
	l, r := e.node(n.Left), e.node(n.Right)
	out := &estimate{known: l.known && r.known, columns: map[*plan.Symbol]column{}}
	maps.Copy(out.columns, r.columns)
	maps.Copy(out.columns, l.columns)
	var factors []float64
	for _, q := range n.Equi {
		factors = append(factors, 1/max(keyDistinct(l, q.Left), keyDistinct(r, q.Right)))
	}
	sel := Independent(factors)
	if n.Filter != nil {
		sel *= math.Pow(unknownFilter, float64(len(plan.Conjuncts(n.Filter))))
	}
	rows := l.rows * r.rows * sel
	if n.Type == plan.Inner || n.Type == plan.Semi {
		out.meet(n, l, r)
	}
	switch n.Type {
	case plan.Left:
		rows = max(rows, l.rows)
	case plan.Right:
		rows = max(rows, r.rows)
	case plan.Full:
		rows = max(rows, l.rows+r.rows)
	case plan.Semi:
		rows = l.rows * semiShare(l, r, n)
	case plan.Anti:
		rows = l.rows * max(minAntiShare, 1-semiShare(l, r, n))
	case plan.Mark:
		rows = l.rows
	}
	out.rows = rows
	return out
}

// meet notes that of the keys of a join only values are left that both sides have: those of the side that has fewer, as all estimates
// of joins assume (Selinger et al. 1979).
func (out *estimate) meet(n *plan.Join, l, r *estimate) {
	for _, q := range n.Equi {
		fewer, of := min(keyDistinct(l, q.Left), keyDistinct(r, q.Right)), owner(out, q)
		for _, e := range []plan.Expr{q.Left, q.Right} {
			if ref, ok := e.(*plan.Ref); ok {
				if c, ok := out.columns[ref.Sym]; ok {
					c.distinct = fewer
					if of != nil {
						c.of = of
					}
					out.columns[ref.Sym] = c
				}
			}
		}
	}
}

// owner is the relation of one of two equal columns that has no value twice: each value of either stands for a row of it.
func owner(est *estimate, q plan.EquiClause) (of *relation) {
	for _, e := range []plan.Expr{q.Left, q.Right} {
		ref, ok := e.(*plan.Ref)
		if !ok {
			continue
		}
		c := est.columns[ref.Sym]
		if c.of != nil && c.distinct >= unique*c.of.rows && (of == nil || c.of.rows < of.rows) {
			of = c.of
		}
	}
	return of
}

// semiShare is the share of left rows that have a match: by the key that finds the fewest.
func semiShare(l, r *estimate, n *plan.Join) float64 {
	if len(n.Equi) == 0 {
		return semiSelectivity
	}
	share := 1.0
	for _, q := range n.Equi {
		share = min(share, keyDistinct(r, q.Right)/keyDistinct(l, q.Left))
	}
	if n.Filter != nil {
		share *= semiSelectivity
	}
	return share
}

func keyDistinct(est *estimate, e plan.Expr) float64 {
	if r, ok := e.(*plan.Ref); ok {
		return est.distinct(r.Sym)
	}
	return max(1, est.rows*unknownDistinct)
}

func (e *Estimator) setOp(n *plan.SetOp) *estimate {
	out := &estimate{known: true, columns: map[*plan.Symbol]column{}}
	for i, in := range n.Inputs {
		est := e.node(in)
		out.known = out.known && est.known
		switch {
		case n.Kind == plan.Union:
			out.rows += est.rows
		case i == 0:
			out.rows = est.rows
		case n.Kind == plan.Intersect:
			out.rows = min(out.rows, est.rows)
		}
	}
	if n.Kind == plan.Union {
		for i, s := range n.Symbols {
			if c, ok := e.united(n, i); ok {
				out.columns[s] = c
			}
		}
	}
	return out
}

// united is a column of a union, whose inputs are taken to have the same values for the most part; false when one of them is not known.
func (e *Estimator) united(n *plan.SetOp, i int) (out column, ok bool) {
	out = column{distinct: -1, low: math.Inf(1), high: math.Inf(-1)}
	rows := 0.0
	for _, in := range n.Inputs {
		est := e.node(in)
		c, ok := est.columns[in.Outputs()[i]]
		if !ok || c.distinct < 0 {
			return out, false
		}
		out.distinct = max(out.distinct, min(c.distinct, est.rows))
		// NaN, which is unknown, stays.
		out.low, out.high = math.Min(out.low, c.low), math.Max(out.high, c.high)
		if c.width <= 0 {
			c.width = typeWidth(n.Symbols[i].Type)
		}
		out.width += c.width * est.rows
		rows += est.rows
	}
	if rows > 0 {
		out.width /= rows
	}
	return out, true
}

// ScanBytes estimates what a scan reads: what its columns take in storage where the connector knows, else in memory. It is
// infinite when the table's size is not known.
func (e *Estimator) ScanBytes(n *plan.Scan) float64 {
	st, ok := e.statistics(n)
	if !ok || st.Rows < 0 {
		return math.Inf(1)
	}
	total := 0.0
	for i, c := range n.Table.Columns {
		if cs, ok := st.Columns[c.Name]; ok && cs.Bytes > 0 {
			total += cs.Bytes
		} else {
			total += st.Rows * typeWidth(n.Symbols[i].Type)
		}
	}
	return total
}
