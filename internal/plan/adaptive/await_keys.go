package adaptive

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
)

// When it pays to wait: the scan has at least Options.KeyFilterMinScan, what is waited for reads at most maxAwaitedShare of that, and
// its keys are expected to be those of no more than maxAwaitedKeys of the scan's rows. A dear scan, of a connector.DynamicFiltering, waits for what reads
// maxAwaitedByDear of it.
const (
	maxAwaitedShare  = 0.25
	maxAwaitedByDear = 1.0
	maxAwaitedKeys   = 0.5
)

// awaitKeys lets parts with large scans wait for the stages whose keys say which of their rows are needed, where it is expected that
// this saves more than it costs. What a part reads it waits for anyway.
func (p *planner) awaitKeys(parts []*part) {
	waiting := map[*plan.Symbol]bool{} // for one stage's values of a key, not for all that have them
	for _, t := range p.open() {
		for _, j := range joinsOf(t.Root) {
			for _, side := range filterable(j) {
				from, at := p.origin(side.source, side.from)
				if from == nil || from.size != nil || !p.repeatable(from) {
					continue
				}
				d := &descent{p: p}
				d.found = func(s *plan.Scan, key *plan.Symbol, remote bool) plan.Node {
					if remote && slices.Contains(parts, d.part) && !waiting[key] {
						waiting[key] = p.await(d.part, s, key, from, at)
					}
					return s
				}
				d.side(t, side.target, side.key)
			}
		}
	}
}

// await lets a part wait for the keys of another one if that pays; it reports whether it does.
func (p *planner) await(t *part, s *plan.Scan, key *plan.Symbol, from *part, at int) bool {
	if t.started || p.follows(from, t) || p.follows(t, from) {
		return slices.Contains(t.After, from.ID)
	}
	column := s.Table.Columns[positionOf(s.Symbols, key)].Name
	if slices.ContainsFunc(s.Table.Constraint, func(d connector.Domain) bool { return d.Column == column }) {
		return false // it has waited, or is small already
	}
	wanted, dear := p.dynamicFilters(s)
	if !wanted.Enabled || dear && wanted.Wait == 0 || !p.awaitPays(s, key, from, at, dear) {
		return false
	}
	switch unbounded := len(t.After) > 0 && t.AfterAtMost == 0; {
	case unbounded || !dear:
		t.AfterAtMost = 0
	default:
		t.AfterAtMost = max(t.AfterAtMost, wanted.Wait)
	}
	t.After = append(t.After, from.ID)
	return true
}

// awaitPays reports whether it is expected to pay that a scan waits for keys. Where nothing is known a dear scan does, for it does not wait for ever.
func (p *planner) awaitPays(s *plan.Scan, key *plan.Symbol, from *part, at int, dear bool) bool {
	_, scanned := p.estimate(s)
	read := p.readBy(from, map[*part]bool{})
	of, keys := p.column(s, key), p.column(from.Root, from.Root.Outputs()[at])
	known, told := scanned >= 0 && read >= 0, of.Distinct > 0 && keys.Distinct > 0
	share := maxAwaitedShare
	if dear {
		share = maxAwaitedByDear
	}
	switch {
	case scanned >= 0 && scanned < float64(p.o.KeyFilterMinScan), known && read > share*scanned, told && keys.Distinct > maxAwaitedKeys*of.Distinct:
		return false
	}
	return dear || known && told
}

// dynamicFilters is what the connector of a scan wants to be told of keys. Scans are dear if it has a say in that.
func (p *planner) dynamicFilters(s *plan.Scan) (wanted connector.DynamicFilters, dear bool) {
	if p.o.DynamicFilters != nil {
		wanted, dear = p.o.DynamicFilters(s.Catalog)
	}
	if !dear {
		wanted.Enabled = true
	}
	return wanted, dear
}

// follows reports whether t cannot start before o has finished, as it is.
func (p *planner) follows(t, o *part) bool {
	seen := map[*part]bool{}
	var visit func(t *part) bool
	visit = func(t *part) bool {
		if t == nil || t == o || seen[t] {
			return t != nil && t == o
		}
		seen[t] = true
		return slices.ContainsFunc(t.Inputs, func(in *plan.RemoteSource) bool { return visit(p.at[in.Stage]) }) ||
			slices.ContainsFunc(t.After, func(id int) bool { return visit(p.at[id]) })
	}
	return visit(t)
}

// readBy estimates what tables give to a part and to those that it still waits for; negative when it is not known.
func (p *planner) readBy(t *part, seen map[*part]bool) float64 {
	if t == nil || t.size != nil || seen[t] {
		return 0
	}
	seen[t] = true
	total := 0.0
	for _, s := range t.Scans {
		_, bytes := p.estimate(s)
		if bytes < 0 {
			return -1
		}
		total += bytes
	}
	for _, in := range t.Inputs {
		bytes := p.readBy(p.at[in.Stage], seen)
		if bytes < 0 {
			return -1
		}
		total += bytes
	}
	return total
}
