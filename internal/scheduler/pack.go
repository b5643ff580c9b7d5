package scheduler

// A query may have a million tasks, nearly all of which are finished at any time. What is known of a finished one is
// looked at again only if its output is lost or somebody asks for a list, so it is kept packed: as a string of
// variable-length numbers, with the names of nodes, hosts and errors kept once per query.
//
// Step packs at its end what has come to rest; partition.unpack is the way back. What readers of an output need comes
// first, so that a list of outputs costs little.

// resting reports whether nothing will happen to p for some time.
func (p *partition) resting() bool {
	return p.state == partFinished || p.dropped() || p.stage.q.state == QueryFailedState
}

// rest notes that p may be packed at the end of the step.
func (p *partition) rest() {
	if !p.warm && p.detail != nil {
		p.warm = true
		p.stage.q.warm = append(p.stage.q.warm, p)
	}
}

// unpack makes the detail of p accessible for the rest of the step, and longer if p comes to life.
func (p *partition) unpack() {
	if p.detail == nil {
		p.detail, p.packed = p.peek(), ""
		p.rest()
	}
}

// packWarm packs what has come to rest in this step.
func (q *query) packWarm() {
	for _, p := range q.warm {
		p.warm = false
		if p.resting() && p.detail != nil {
			p.pack()
		}
	}
	clear(q.warm)
	q.warm = q.warm[:0]
}

// peek returns the detail of p to look at.
func (p *partition) peek() *detail {
	if p.detail != nil {
		return p.detail
	}
	d, _ := p.decode()
	return d
}

// decode takes the packed string apart; ok is false if it is none.
func (p *partition) decode() (d *detail, ok bool) {
	d = &detail{}
	r := packReader{s: p.packed, dict: &p.stage.q.names}
	if d.out = p.readOutput(&r); !p.stored {
		d.out = Bundle{} // deleted since
	}
	d.read(&r)
	return d, !r.bad && r.s == ""
}

// pack replaces the detail.
func (p *partition) pack() { p.packed, p.detail = p.text(), nil }

// text returns the detail of p, packed.
func (p *partition) text() string {
	if p.detail == nil {
		return p.packed
	}
	q := p.stage.q
	w := packWriter{q.scratch[:0], &q.names}
	p.writeOutput(&w)
	p.detail.write(&w)
	q.scratch = w.b
	return string(w.b)
}

// The ways in which the location of an output is kept.
const (
	outputUnnamed = iota
	outputOfTask  // the id of its task
	outputNamed
)

func (p *partition) writeOutput(w *packWriter) {
	w.flag(p.stored)
	if !p.stored {
		return
	}
	o := &p.out
	w.num(o.Attempt)
	w.name(string(o.Node))
	w.long(o.Rows)
	w.long(o.Bytes)
	switch o.Output {
	case "":
		w.num(outputUnnamed)
	case p.outputID(o.Attempt):
		w.num(outputOfTask)
	default:
		w.num(outputNamed)
		w.text(o.Output)
	}
}

func (p *partition) readOutput(r *packReader) Bundle {
	if !r.flag() {
		return Bundle{}
	}
	o := Bundle{Partition: p.n, Attempt: r.num(), Node: NodeID(r.name()), Rows: r.long(), Bytes: r.long()}
	switch r.num() {
	case outputOfTask:
		o.Output = p.outputID(o.Attempt)
	case outputNamed:
		o.Output = r.text()
	}
	return o
}

func (p *partition) outputID(attempt int) string {
	return TaskID{Query: p.stage.q.id, Stage: p.stage.ID, Partition: p.n, Attempt: attempt}.String()
}

func (d *detail) write(w *packWriter) {
	w.num(d.next)
	w.num(d.failures)
	w.num(d.delays)
	w.long(d.mem)
	w.name(string(d.avoid))
	w.long(int64(d.notBefore))
	w.long(int64(d.since))
	w.num(len(d.attempts))
	for i := range d.attempts {
		d.attempts[i].write(w)
	}
	d.work.write(w)
}

func (d *detail) read(r *packReader) {
	d.next, d.failures, d.delays = r.num(), r.num(), r.num()
	d.mem, d.avoid, d.notBefore = r.long(), NodeID(r.name()), Instant(r.long())
	d.since = Instant(r.long())
	d.attempts = make([]attempt, r.length())
	for i := range d.attempts {
		d.attempts[i].read(r)
	}
	d.work.read(r)
}

func (a *attempt) write(w *packWriter) {
	w.num(a.number)
	w.name(string(a.node))
	w.num(int(a.state))
	w.flag(a.nodeLost)
	w.num(int(a.class))
	w.flag(a.backup)
	w.name(a.code)
	w.long(int64(a.start))
	w.long(int64(a.end - a.start))
	for _, n := range [...]int64{a.mem, a.peak, a.rows, a.bytes, int64(a.cpu), int64(a.wall), a.live, a.millis, a.claim - a.mem} {
		w.long(n)
	}
}

func (a *attempt) read(r *packReader) {
	a.number, a.node, a.state, a.nodeLost = r.num(), NodeID(r.name()), AttemptState(r.num()), r.flag()
	a.class, a.backup, a.code = Class(r.num()), r.flag(), r.name()
	a.start = Instant(r.long())
	a.end = a.start + Instant(r.long())
	a.mem, a.peak, a.rows, a.bytes, a.cpu, a.wall = r.long(), r.long(), r.long(), r.long(), r.duration(), r.duration()
	a.live, a.millis, a.claim = r.long(), r.long(), a.mem+r.long()
}

func (k *work) write(w *packWriter) {
	w.count(len(k.splits), k.splits == nil)
	for i := range k.splits {
		k.splits[i].write(w)
	}
	w.count(len(k.bundles), k.bundles == nil)
	for _, list := range k.bundles {
		w.nums(list)
	}
	w.nums(k.exchange)
	w.num(k.share.input)
	w.num(k.share.part)
	w.num(k.share.of)
	w.name(k.host)
	w.names(k.hosts)
}

func (k *work) read(r *packReader) {
	if n, ok := r.count(); ok {
		k.splits = make([]Split, n)
		for i := range k.splits {
			k.splits[i].read(r)
		}
	}
	if n, ok := r.count(); ok {
		k.bundles = make([][]int, n)
		for i := range k.bundles {
			k.bundles[i] = r.nums()
		}
	}
	k.exchange = r.nums()
	k.share = share{r.num(), r.num(), r.num()}
	k.host, k.hosts = r.name(), r.names()
}

func (s *Split) write(w *packWriter) {
	w.num(s.Source)
	w.text(s.ID)
	w.long(s.Bytes)
	w.names(s.Hosts)
	w.flag(s.Pinned)
	w.num(s.Group)
}

func (s *Split) read(r *packReader) {
	s.Source, s.ID, s.Bytes, s.Hosts, s.Pinned, s.Group = r.num(), r.text(), r.long(), r.names(), r.flag(), r.num()
}
