package scheduler

// divide replaces p by two partitions with half of its input each. That is what is left when a task has run out of
// memory although it had a whole node: whatever can be divided among tasks can be divided further. It reports whether
// there was anything to divide.
//
// A partition that has been finished before is not replaced: partitions of other stages may read it by its number.
func (s *State) divide(p *partition, asked int64) bool {
	st := p.stage
	if p.counted || st.state != StageRunning {
		return false
	}
	first, second, ok := st.halves(&p.work)
	if !ok {
		return false
	}
	p.state, p.work = partReplaced, work{}
	p.rest()
	st.skipped++
	for _, w := range []work{first, second} {
		n := st.addPartition(w)
		n.mem = asked/2 + asked%2
		n.avoid = p.avoid
	}
	return true
}

// halves divides the input of a partition by size.
func (st *stage) halves(w *work) (first, second work, ok bool) {
	switch st.Distribution {
	case Arbitrary:
		return st.halveUnits(w)
	case Hash:
		return st.halvePartitions(w)
	}
	return work{}, work{}, false
}

// halving deals units out to two halves, each to the lighter one.
type halving struct {
	bytes, units [2]int64
}

// next returns the half that gets a unit of that size.
func (h *halving) next(bytes int64) int {
	i := 0
	if h.bytes[1] < h.bytes[0] || h.bytes[1] == h.bytes[0] && h.units[1] < h.units[0] || h.units[1] == 0 && h.units[0] > 0 {
		i = 1
	}
	h.bytes[i] += bytes
	h.units[i]++
	return i
}

// halveUnits divides the splits and bundles of an Arbitrary task. Both halves are read at the same places.
func (st *stage) halveUnits(w *work) (first, second work, ok bool) {
	halves := [2]work{}
	for i := range halves {
		halves[i] = work{host: w.host, hosts: w.hosts, bundles: make([][]int, len(w.bundles))}
		for in, list := range w.bundles {
			if list != nil {
				halves[i].bundles[in] = []int{} // nothing so far; nil would be everything
			}
		}
	}
	var h halving
	for splits := w.splits; len(splits) > 0; {
		n, bytes := 0, int64(0)
		for n == 0 || n < len(splits) && splits[n].Group != 0 && splits[n].Group == splits[0].Group {
			bytes += st.q.settings.sizeOf(&splits[n])
			n++
		}
		to := &halves[h.next(bytes)]
		to.splits = append(to.splits, splits[:n]...)
		splits = splits[n:]
	}
	for in, list := range w.bundles {
		for _, n := range list {
			o, _ := st.producer(in).parts[n].output()
			to := &halves[h.next(o.Bytes)]
			to.bundles[in] = append(to.bundles[in], n)
		}
	}
	return halves[0], halves[1], h.units[1] > 0
}

// halvePartitions divides the exchange partitions of a Hash task. A single one can be shared only where the plan allows
// several writers of one.
func (st *stage) halvePartitions(w *work) (first, second work, ok bool) {
	if len(w.exchange) == 1 {
		return st.halveShare(w)
	}
	halves := [2]work{*w, *w}
	for i := range halves {
		halves[i].exchange = nil
	}
	if st.Ordered {
		mid := len(w.exchange) / 2
		halves[0].exchange, halves[1].exchange = w.exchange[:mid], w.exchange[mid:]
		return halves[0], halves[1], true
	}
	var h halving
	for _, n := range w.exchange {
		to := &halves[h.next(st.exchangeBytes(n))]
		to.exchange = append(to.exchange, n)
	}
	return halves[0], halves[1], h.units[1] > 0
}

// halveShare lets two tasks share what one read of an exchange partition: each gets every other bundle of the input
// that is shared, the largest one, and the whole of the others.
func (st *stage) halveShare(w *work) (first, second work, ok bool) {
	if !st.ScaleWriters {
		return work{}, work{}, false
	}
	sh := w.share
	if sh.of == 0 {
		sh = share{input: -1, of: 1}
		for i, in := range st.Inputs {
			if n := w.exchange[0]; !in.Replicated && !in.Whole && (sh.input < 0 || st.producer(i).bytes[n] > st.producer(sh.input).bytes[n]) {
				sh.input = i
			}
		}
	}
	first, second = *w, *w
	first.share = share{sh.input, sh.part, 2 * sh.of}
	second.share = share{sh.input, sh.part + sh.of, 2 * sh.of}
	return first, second, st.sharesAny(first.share) && st.sharesAny(second.share)
}

// sharesAny reports whether there is a bundle in the share.
func (st *stage) sharesAny(sh share) bool {
	for _, o := range st.producer(sh.input).parts {
		if o.stored && o.n%sh.of == sh.part {
			return true
		}
	}
	return false
}

// exchangeBytes is the size of an exchange partition over all inputs that are divided.
func (st *stage) exchangeBytes(n int) int64 {
	var bytes int64
	for i, in := range st.Inputs {
		if !in.Replicated {
			bytes += st.producer(i).bytes[n]
		}
	}
	return bytes
}
