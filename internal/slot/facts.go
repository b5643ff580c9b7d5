package slot

import (
	"sync"
	"sync/atomic"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// gathering is the facts of an output that is being written. The threads of the statement do not wait for each other: each works on a
// sketch that nobody else has, and all of a column are merged at the end.
type gathering struct {
	columns []gathered
}

type gathered struct {
	request facts.Request
	vectors atomic.Int64 // seen

	mu   sync.Mutex
	free []*facts.Sketch // all of them, when no thread is at work
}

// gather begins to gather the facts that are asked for; observed is what the engine has to look at.
func gather(requests []*rpcv1.FactRequest) (g *gathering, observed []engine.Observed) {
	g = &gathering{columns: make([]gathered, len(requests))}
	for i, r := range requests {
		c := &g.columns[i]
		c.request = facts.Request{Output: int(r.Output), Text: r.Text, FilterWords: int(r.FilterWords), Every: int(r.Every)}
		observed = append(observed, engine.Observed{Value: r.Value, Text: r.Text, See: c.see})
	}
	return g, observed
}

// see adds the values of a vector.
func (g *gathered) see(c *engine.Column) {
	s := g.take()
	defer g.give(s)
	if every := int64(g.request.Every); every > 1 && g.vectors.Add(1)%every != 1 {
		s.Unseen(int64(c.Rows))
		return
	}
	if !g.request.Text {
		s.Ints(engine.Values[int64](c), c.Valid)
		return
	}
	for i := 0; i < c.Rows; {
		if c.IsNull(i) {
			s.Nulls(1)
			i++
			continue
		}
		v, first := c.Bytes(i), i
		for i++; i < c.Rows && !c.IsNull(i) && string(c.Bytes(i)) == string(v); i++ { // the same text again is hashed once
		}
		s.Text(v, int64(i-first))
	}
}

func (g *gathered) take() *facts.Sketch {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.free)
	if n == 0 {
		return facts.New(g.request)
	}
	s := g.free[n-1]
	g.free = g.free[:n-1]
	return s
}

func (g *gathered) give(s *facts.Sketch) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free = append(g.free, s)
}

// encode returns the facts once all rows have been written; empty when none were asked for.
func (g *gathering) encode() ([]byte, error) {
	if len(g.columns) == 0 {
		return nil, nil
	}
	all := make([]*facts.Sketch, len(g.columns))
	for i := range g.columns {
		c := &g.columns[i]
		all[i] = c.take()
		for len(c.free) > 0 {
			if err := all[i].Merge(c.take()); err != nil {
				return nil, err
			}
		}
	}
	return facts.Encode(all)
}
