package scheduler

import "slices"

// enqueue makes p wait for a node. Tasks are placed in the order of their numbers, so retries come before what has not
// been tried yet: they finish stages.
func (st *stage) enqueue(p *partition) {
	p.state = partReady
	if !st.ready.has(p.n) {
		st.ready.add(p.n)
		st.q.queued++
		st.q.touched = true
	}
}

// delay makes p wait until its notBefore.
func (st *stage) delay(p *partition) {
	p.state = partDelayed
	st.delayed++
	st.q.touched = true
	st.waits.push(wait{p.notBefore, p.n})
}

// dequeue takes p out of the queues.
func (st *stage) dequeue(p *partition) {
	if st.ready.has(p.n) {
		st.ready.remove(p.n)
		st.q.queued--
	}
	if p.state == partDelayed {
		st.delayed--
		p.state = partReady
	}
	p.notBefore = 0
}

// holds reports whether the partition still waits for the delay.
func (st *stage) holds(w wait) bool {
	p := st.parts[w.n]
	return p.state == partDelayed && p.notBefore == w.at
}

// delays lists the partitions that wait for their delay.
func (st *stage) delays() []int {
	var out []int
	for _, w := range st.waits {
		if st.holds(w) {
			out = append(out, w.n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// nextDelay returns when the next delay ends; 0 if nothing waits.
func (st *stage) nextDelay() Instant {
	for len(st.waits) > 0 {
		if st.holds(st.waits[0]) {
			return st.waits[0].at
		}
		st.waits.pop()
	}
	return 0
}
