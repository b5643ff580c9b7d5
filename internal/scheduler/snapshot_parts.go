package scheduler

import "fmt"

// packParts returns all partitions of the stage as they are kept at rest.
func (st *stage) packParts() []byte {
	w := packWriter{dict: &st.q.names}
	for _, p := range st.parts {
		w.num(int(p.state))
		w.flag(p.stored)
		w.flag(p.counted)
		w.text(p.text())
	}
	return w.b
}

// unpackParts is the inverse of packParts. What is counted over the partitions is counted again.
func (st *stage) unpackParts(data []byte) error {
	r := packReader{s: string(data), dict: &st.q.names}
	for len(r.s) > 0 && !r.bad {
		p := &partition{stage: st, n: len(st.parts), state: partState(r.num()), stored: r.flag(), counted: r.flag()}
		p.packed = string([]byte(r.text())) // a string of its own: it goes when the partition comes to life
		st.parts = append(st.parts, p)
		if p.state > partReplaced {
			r.bad = true
			break
		}
		if !p.resting() {
			ok := false
			if p.detail, ok = p.decode(); !ok {
				r.bad = true
				break
			}
			p.packed = ""
		}
		st.count(p)
	}
	if r.bad {
		return fmt.Errorf("stage %d: partition %d is damaged", st.ID, len(st.parts))
	}
	return nil
}

// count adds a restored partition to the stage's sums.
func (st *stage) count(p *partition) {
	switch p.state {
	case partRunning:
		st.running++
		for i := range p.attempts {
			if a := &p.attempts[i]; a.running() {
				st.held += a.mem
			}
		}
	case partFinished:
		st.finished++
	}
	if st.q.direct {
		if o, ok := p.output(); ok && o.Node != "" {
			st.homes.add(o.Node, p.n)
		}
	}
}
