package scheduler

import (
	"fmt"
	"math/rand"
	"testing"
)

// TestRoomiest compares what the trees give with a look at every node, on clusters far larger than those that are simulated:
// the node that is found must fit, and no other may have more memory left, or be better by its place.
func TestRoomiest(t *testing.T) {
	for seed := range int64(300) {
		rng := rand.New(rand.NewSource(seed))
		s := New(DefaultConfig())
		names := make([]NodeID, 1+rng.Intn(200))
		for i := range names {
			names[i] = NodeID(fmt.Sprintf("w%03d", i))
			s.Step(NodeJoined{Node: names[i], Instance: "i", MemBytes: int64(1+rng.Intn(4)) * 10 * gib, Slots: rng.Intn(5), Host: "h"})
			if rng.Intn(10) == 0 {
				s.Step(NodeDraining{Node: names[i]})
			}
		}
		q := &query{id: "q", policy: RetryTask, settings: DefaultSettings()}
		st := &stage{Stage: Stage{ID: 1}, q: q}
		for step := range 400 {
			n := s.nodes[rng.Intn(len(s.nodes))]
			switch rng.Intn(5) {
			case 0:
				if len(n.leases) > 0 {
					p := n.leases[rng.Intn(len(n.leases))]
					n.remove(p, p.on(n.id))
				}
				continue
			case 1:
				n.kept, n.full = int64(rng.Intn(2))*gib, rng.Intn(2) == 0
				n.changed()
			}
			p := &partition{stage: st, n: step, detail: &detail{avoid: names[rng.Intn(len(names))]}}
			if rng.Intn(3) == 0 {
				p.mem = int64(rng.Intn(50)) * gib
			}
			r := &round{nodeIndex: s.cluster()}
			req := request{p: p, mem: max(p.mem, int64(1+rng.Intn(60))*gib/4)}
			r.measure(s, &req)
			found := r.find(req)
			all := choice{req: req}
			for _, n := range s.nodes {
				if n.slots > 0 && !n.draining {
					all.offer(n)
				}
			}
			if (found == nil) != (all.best == nil) {
				t.Fatalf("seed %d step %d: found %v instead of %v", seed, step, found, all.best)
			}
			if found == nil {
				continue
			}
			one := choice{req: req}
			if one.offer(found); one.best == nil || one.bestRank[0] != all.bestRank[0] || one.bestRank[1] != all.bestRank[1] {
				t.Fatalf("seed %d step %d: %s with rank %v instead of %s with %v", seed, step, found.id, one.bestRank, all.best.id, all.bestRank)
			}
			mem := min(req.mem, found.mem)
			p.state, p.attempts = partRunning, []attempt{{node: found.id, mem: mem, claim: mem}}
			found.add(p, &p.attempts[0])
		}
	}
}
