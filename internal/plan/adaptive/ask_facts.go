package adaptive

import (
	"cmp"
	"math"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// maxFacts is of how many columns a stage gathers facts: each costs time for every row.
const maxFacts = 3

// An output of more than sampledRows is expected to filter nothing: one row in sampleEvery says what is frequent in it.
const (
	sampledRows = 4_000_000
	sampleEvery = 16
)

// Prepare completes a plan that has been cut, for that it may change: it notes what facts are to be gathered of outputs, and what waits for
// them.
func Prepare(fragments []stages.Fragment, o Options) {
	p := &planner{o: o, at: map[int]*part{}}
	for _, f := range fragments {
		p.add(len(p.parts), &part{Fragment: f, was: f.ID})
	}
	p.prepare(p.parts)
	for i := range fragments {
		fragments[i].Facts, fragments[i].After, fragments[i].AfterAtMost = p.parts[i].Facts, p.parts[i].After, p.parts[i].AfterAtMost
	}
}

// prepare notes for some parts what facts they gather and what they wait for.
func (p *planner) prepare(parts []*part) {
	keys := p.joinKeys()
	for _, t := range parts {
		t.Facts = p.requests(t, keys)
	}
	for _, t := range parts {
		t.After, t.AfterAtMost = nil, 0
	}
	if p.o.KeyFilters {
		p.awaitKeys(parts)
	}
}

// joinKeys are the columns of outputs that joins still to come compare, by where they come from.
func (p *planner) joinKeys() map[*part]map[int]bool {
	out := map[*part]map[int]bool{}
	for _, t := range p.open() {
		for _, j := range joinsOf(t.Root) {
			for _, q := range j.Equi {
				for _, e := range []struct {
					key  plan.Expr
					side plan.Node
				}{{q.Left, j.Left}, {q.Right, j.Right}} {
					if s := keyColumn(e.key); s != nil {
						p.markOrigins(out, e.side, s)
					}
				}
			}
		}
	}
	return out
}

// markOrigins marks a column where it comes from, stage by stage.
func (p *planner) markOrigins(marks map[*part]map[int]bool, n plan.Node, s *plan.Symbol) {
	for {
		t, at := p.origin(n, s)
		if t == nil || marks[t][at] {
			return
		}
		if marks[t] == nil {
			marks[t] = map[int]bool{}
		}
		marks[t][at] = true
		n, s = t.Root, t.Root.Outputs()[at]
	}
}

// requests are the facts that a part is to gather.
func (p *planner) requests(t *part, keys map[*part]map[int]bool) (out []facts.Request) {
	if t.Output.Root {
		return nil
	}
	for i, s := range t.Root.Outputs() {
		text, ok := hasFacts(s.Type)
		if !ok || !keys[t][i] || len(out) == maxFacts {
			continue
		}
		r := facts.Request{Output: i, Text: text}
		if rows, _ := p.estimate(t.Root); rows > sampledRows {
			r.Every = sampleEvery
		} else if of := p.column(t.Root, s); p.o.KeyFilters && of.Distinct > 0 {
			r.FilterWords = facts.FilterWords(2 * of.Distinct) // estimates of rows that pass several filters are low rather than high
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b facts.Request) int { return cmp.Compare(a.Output, b.Output) })
	return out
}

// column is what is known of a column of a plan's output.
func (p *planner) column(n plan.Node, s *plan.Symbol) connector.ColumnStatistics {
	if p.estimator() == nil {
		return connector.ColumnStatistics{Distinct: -1, NullFraction: -1, Bytes: -1, Low: math.NaN(), High: math.NaN()}
	}
	return p.est.Column(n, s)
}

// estimator estimates by what is known by now; nil when nothing is.
func (p *planner) estimator() *stats.Estimator {
	if p.est == nil && p.o.Estimator != nil {
		p.est = p.o.Estimator.WithStages(p.stageOutput)
	}
	return p.est
}
