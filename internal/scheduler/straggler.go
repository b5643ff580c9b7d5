package scheduler

import (
	"math"
	"slices"
	"time"
)

// A stage is as slow as its slowest task. When most of a stage's partitions have finished, one that has been running far
// longer than they took is run a second time beside the first, on another node, where there is room that nobody else
// wants: whichever attempt finishes first is the one whose output counts, and the other is canceled. The idea is
// MapReduce's backup tasks; that a task is slow is told as in Spark, by the median of those that have finished.
//
// A second attempt does what a retry does, only sooner: readers see the one output that was selected, and writers'
// outputs are committed only if selected. So it is safe wherever a retry is; tasks on the coordinator are left alone.

// raceInterval is how often a stage is looked at, at most.
const raceInterval = time.Second

// racing reports whether enough partitions of the stage have finished to tell what is slow.
func (st *stage) racing() bool {
	set := &st.q.settings
	if !set.BackupAttempts || st.q.policy != RetryTask || st.CoordinatorOnly || st.state != StageRunning || !st.sealed {
		return false
	}
	all := len(st.parts) - st.skipped
	return st.finished > 0 && st.finished < all && float64(st.finished) >= math.Ceil(set.BackupQuantile*float64(all))
}

// slowAfter is the run time above which an attempt is slow.
func (st *stage) slowAfter() time.Duration {
	set := &st.q.settings
	median := float64(st.runtimes.quantile(0.5))
	return max(set.BackupMinRuntime, time.Duration(min(median*max(set.BackupMultiplier, 1), math.MaxInt64/4)))
}

// findStragglers lets the slow partitions of the stage wait for a second attempt, and notes when to look again.
func (s *State) findStragglers(st *stage) {
	if s.now < st.raceAt || !st.racing() {
		return
	}
	limit := st.slowAfter()
	next := s.now.Add(max(limit, raceInterval)) // nothing that starts later is slow before
	for _, n := range s.nodes {
		for _, p := range n.leases {
			if p.stage != st {
				continue
			}
			// One backup for each attempt that is not one: this must be the last there was.
			a := &p.attempts[len(p.attempts)-1]
			if a.backup || !a.running() || a.node != n.id || p.next > maxAttempt {
				continue
			}
			if due := a.start.Add(limit); due > s.now {
				next = min(next, due)
			} else if i, waits := slices.BinarySearch(st.slow, p.n); !waits {
				st.slow = slices.Insert(st.slow, i, p.n)
			}
		}
	}
	st.raceAt = max(next, s.now.Add(raceInterval))
}

// racing reports whether a partition waits for a second attempt.
func (q *query) racing() bool {
	return slices.ContainsFunc(q.stages, func(st *stage) bool { return len(st.slow) > 0 })
}

// serveSlow starts a second attempt of one of the stage's slow partitions, if there is room for one.
func (s *State) serveSlow(st *stage, r *round) bool {
	for _, n := range st.slow {
		p := st.parts[n]
		inputs, ok := p.selection()
		if !ok || !st.q.mayRunMore(st) {
			continue
		}
		first := p.current()
		req := request{p: p, class: Speculative, mem: max(first.mem, st.request(p, r.largest)), not: first.node}
		if st.NoMemory {
			req.mem = 0
		}
		r.measure(s, &req)
		req.bound = false
		if n := r.find(req); n != nil {
			st.unrace(p)
			s.touch(st.q)
			s.start(r, req, n, inputs)
			return true
		}
	}
	return false
}

// unrace takes p out of those that wait for a second attempt.
func (st *stage) unrace(p *partition) {
	if i, waits := slices.BinarySearch(st.slow, p.n); waits {
		st.slow = slices.Delete(st.slow, i, i+1)
	}
}
