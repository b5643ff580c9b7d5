package stages

import (
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Where the rows of tables lie in the order of a key, tasks can be given ranges of the key instead of any splits: then equal
// values are in one task, and neither a join nor an aggregation by that key needs an exchange. What that costs is that pieces of a
// table (row groups of files) in which a range ends are read twice.

const (
	// rereads bounds what is read of all tables, pieces that lie in several ranges counted so often, relative to their size.
	rereads = 1.3
	// fewRanges is by how much fewer ranges there may be than tasks are wanted.
	fewRanges = 4
)

// alignment is a key by whose ranges the rows of a node are, or can be, divided among tasks.
type alignment struct {
	keys  []*plan.Symbol // all have its value
	scans []rangedScan   // that are read by ranges of it
}

// rangedScan is a scan whose rows lie by the values of one of its columns.
type rangedScan struct {
	key        *plan.Symbol // of the scan's own
	column     string
	clustering connector.Clustering
}

// alignments are the columns of a scan by whose ranges it may be read.
func (d *distributor) alignments(n *plan.Scan) []alignment {
	if d.o.Clustering == nil {
		return nil
	}
	var out []alignment
	for i, s := range n.Symbols {
		switch s.Type.Kind {
		case types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Date:
			out = append(out, alignment{keys: []*plan.Symbol{s}, scans: []rangedScan{{key: s, column: n.Table.Columns[i].Name}}})
		}
	}
	return out
}

// aligned divides the rows of a node by ranges of one of the keys, if it can be done.
func (d *distributor) aligned(n plan.Node, p property, keys []*plan.Symbol) (plan.Node, property, bool) {
	for _, a := range p.aligned {
		if !slices.ContainsFunc(a.keys, func(s *plan.Symbol) bool { return slices.Contains(keys, s) }) {
			continue
		}
		if p.ranged {
			return n, p, true
		}
		if scans, bounds, ok := d.ranges(a.scans, n); ok {
			return read(n, scans, bounds), property{ranged: true, aligned: []alignment{{a.keys, scans}}}, true
		}
	}
	return n, p, false
}

// alignedJoin divides both sides of a join by the same ranges of a key that makes their rows meet, if it can be done.
func (d *distributor) alignedJoin(n *plan.Join, lp, rp property) (plan.Node, property, bool) {
	if n.NullAware {
		return n, lp, false
	}
	for _, q := range n.Equi {
		l, lok := q.Left.(*plan.Ref)
		r, rok := q.Right.(*plan.Ref)
		if !lok || !rok || !l.Sym.Type.Equal(r.Sym.Type) {
			continue
		}
		left, lok := lp.alignment(l.Sym)
		right, rok := rp.alignment(r.Sym)
		if !lok || !rok {
			continue
		}
		scans, bounds, ok := d.ranges(slices.Concat(left.scans, right.scans), n)
		if !ok {
			continue
		}
		both := alignment{scans: scans}
		// On the side that an outer join fills with NULLs the key no longer tells the range.
		if n.Type != plan.Right && n.Type != plan.Full {
			both.keys = append(both.keys, left.keys...)
		}
		if n.Type == plan.Inner || n.Type == plan.Right {
			both.keys = append(both.keys, right.keys...)
		}
		c := *n
		c.Distribution = plan.Partitioned
		return read(&c, scans, bounds), property{ranged: true, aligned: []alignment{both}}, true
	}
	return n, lp, false
}

// alignment finds a key by its symbol.
func (p property) alignment(s *plan.Symbol) (alignment, bool) {
	for _, a := range p.aligned {
		if slices.Contains(a.keys, s) {
			return a, true
		}
	}
	return alignment{}, false
}

// ranges finds the bounds at which scans below a node can be divided alike, so that there is about enough for as many tasks as are
// wanted.
func (d *distributor) ranges(of []rangedScan, n plan.Node) (scans []rangedScan, bounds []int64, ok bool) {
	scans = slices.Clone(of)
	largest, total := 0, 0.0
	for i := range scans {
		s := &scans[i]
		if s.clustering.Pieces == 0 {
			scan := scanOf(n, s.key)
			if scan == nil {
				return nil, nil, false
			}
			if s.clustering, ok = d.o.Clustering(scan, s.column); !ok || s.clustering.Pieces == 0 {
				return nil, nil, false
			}
		}
		total += s.clustering.Bytes
		if s.clustering.Bytes > scans[largest].clustering.Bytes {
			largest = i
		}
	}
	want := min(max(1, math.Ceil(total/max(1, d.o.RangeBytes))), connector.MaxBounds+1)
	// Each bound is in the middle of some pieces: of all that lie there, and of the largest table of one less, as it begins there.
	extra := 0.0
	for i, s := range scans {
		at := s.clustering.Depth + 1
		if i == largest {
			at--
		}
		extra += s.clustering.Bytes * at / float64(s.clustering.Pieces)
	}
	possible := scans[largest].clustering.Bounds
	count := min(want, float64(len(possible)+1))
	if extra > 0 {
		count = min(count, math.Floor((rereads-1)*total/extra)+1)
	}
	if count*fewRanges < want || count < min(want, 2) {
		return nil, nil, false
	}
	for i := 1; i < int(count); i++ {
		bounds = append(bounds, possible[i*(len(possible)+1)/int(count)-1])
	}
	return scans, bounds, true
}

// scanOf finds the scan that a symbol comes from, in the part of a plan above its exchanges.
func scanOf(n plan.Node, s *plan.Symbol) *plan.Scan {
	if scan, ok := n.(*plan.Scan); ok && slices.Contains(scan.Symbols, s) {
		return scan
	}
	if _, ok := n.(*plan.Exchange); ok {
		return nil
	}
	for _, src := range n.Sources() {
		if scan := scanOf(src, s); scan != nil {
			return scan
		}
	}
	return nil
}

// read lets scans of a plan, in the part above its exchanges, be read by ranges.
func read(n plan.Node, scans []rangedScan, bounds []int64) plan.Node {
	switch n := n.(type) {
	case *plan.Exchange:
		return n
	case *plan.Scan:
		for _, s := range scans {
			if slices.Contains(n.Symbols, s.key) {
				c := *n
				c.Ranges = &connector.Ranges{Column: s.column, Bounds: bounds}
				return &c
			}
		}
		return n
	}
	sources := n.Sources()
	if len(sources) == 0 {
		return n
	}
	out := make([]plan.Node, len(sources))
	for i, s := range sources {
		out[i] = read(s, scans, bounds)
	}
	return n.WithSources(out)
}

// renamed is what is known of rows that have other symbols: by gives those that have the value of one.
func (p property) renamed(by func(*plan.Symbol) []*plan.Symbol) property {
	each := func(set []*plan.Symbol) (out []*plan.Symbol) {
		for _, s := range set {
			out = append(out, by(s)...)
		}
		return out
	}
	out := property{single: p.single, hashed: p.hashed, ranged: p.ranged, order: renamedOrder(p.order, by)}
	for _, set := range p.keys {
		out.keys = append(out.keys, each(set))
	}
	for _, a := range p.aligned {
		if keys := each(a.keys); len(keys) > 0 {
			out.aligned = append(out.aligned, alignment{keys, a.scans})
		}
	}
	return out
}

// among is what is known of rows of which only some symbols are left.
func (p property) among(symbols []*plan.Symbol) property {
	return p.renamed(func(s *plan.Symbol) []*plan.Symbol {
		if slices.Contains(symbols, s) {
			return []*plan.Symbol{s}
		}
		return nil
	})
}
