package scheduler

import (
	"fmt"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// setOutput makes b the selected output of the partition.
func (p *partition) setOutput(b Bundle) {
	p.out, p.stored = b, true
	p.stage.all, p.stage.shares = nil, nil
	if p.stage.q.direct && b.Node != "" {
		p.stage.homes.add(b.Node, p.n)
	}
}

// dropOutput forgets the selected output.
func (p *partition) dropOutput() {
	p.stored = false
	if p.detail != nil {
		p.out = Bundle{}
	}
	p.stage.all, p.stage.shares = nil, nil
}

// output returns the selected output, if there is one.
func (p *partition) output() (Bundle, bool) {
	switch {
	case !p.stored:
		return Bundle{}, false
	case p.detail != nil:
		return p.out, true
	}
	return p.readOutput(&packReader{s: p.packed, dict: &p.stage.q.names}), true
}

// outputs returns the selected outputs of the stage, by partition; those of an ordered one in its order.
func (st *stage) outputs() []Bundle {
	var out []Bundle
	for _, p := range st.parts {
		if b, ok := p.output(); ok {
			out = append(out, b)
		}
	}
	if st.Ordered { // a partition that was divided has been replaced by later ones
		first := func(b Bundle) int { return st.parts[b.Partition].peek().work.exchange[0] }
		slices.SortStableFunc(out, func(a, b Bundle) int { return first(a) - first(b) })
	}
	return out
}

// selected returns the outputs of all partitions that are not dropped; false while one is missing. The slice is shared
// by all tasks that read the whole stage.
func (st *stage) selected() ([]Bundle, bool) {
	if st.all == nil {
		out := make([]Bundle, 0, len(st.parts))
		for _, p := range st.parts {
			b, ok := p.output()
			switch {
			case ok:
				out = append(out, b)
			case !p.dropped():
				return nil, false
			}
		}
		st.all = out
	}
	return st.all, true
}

// dealt are the outputs of a stage, dealt out to the tasks that read one exchange partition together.
type dealt struct {
	parts [][]Bundle
}

// selectedShare returns the outputs that are one task's share of the stage; false while any output of the stage is missing. The slice is
// common to all tasks with that share: of each exchange partition that as many tasks read, there is one.
func (st *stage) selectedShare(sh share) ([]Bundle, bool) {
	all, ok := st.selected()
	if !ok {
		return nil, false
	}
	i := slices.IndexFunc(st.shares, func(d dealt) bool { return len(d.parts) == sh.of })
	if i < 0 {
		d := dealt{make([][]Bundle, sh.of)}
		for _, b := range all {
			part := &d.parts[b.Partition%sh.of]
			*part = append(*part, b)
		}
		i, st.shares = len(st.shares), append(st.shares, d)
	}
	return st.shares[i].parts[sh.part], true
}

// needed reports whether somebody may still read the stage's outputs.
func (st *stage) needed() bool {
	return st.Root || slices.ContainsFunc(st.consumers(), func(c *stage) bool {
		return c.state == StagePlanned || c.state == StageRunning
	})
}

// releaseInputs deletes the outputs that st was the last to read. Outputs that live on workers are kept until the
// query ends, so that a lost worker costs its own tasks and not everything before them.
func (s *State) releaseInputs(st *stage) {
	for i := range st.Inputs {
		in := st.producer(i)
		if in.needed() {
			continue
		}
		in.all, in.shares = nil, nil
		if !st.q.direct || !in.announced {
			s.retire(in)
		}
		if !st.q.direct {
			s.deleteOutputs(in)
		}
	}
}

// retire ends work on outputs that are not needed any more: those that were lost and were being made again, and what
// is left of a stage whose reader started early and has found enough rows.
func (s *State) retire(st *stage) {
	if st.state != StageRunning {
		return
	}
	for _, p := range st.parts {
		if p.pending() {
			s.stopAttempts(p, "output not needed any more")
			st.dequeue(p)
			if p.counted {
				p.state = partFinished
				st.finished++
			} else {
				p.state, p.work = partSkipped, work{}
				st.skipped++
			}
			p.rest()
		}
	}
	if !st.sealed {
		st.seal()
	}
	st.state = StageFinishedState
	s.releaseInputs(st)
}

// deleteOutputs deletes the outputs of the stage by name: attempts made later to replace one of them are not touched.
func (s *State) deleteOutputs(st *stage) {
	out := st.outputs()
	if len(out) == 0 {
		return
	}
	for _, p := range st.parts {
		p.dropOutput()
	}
	s.do(DeleteOutputs{Query: st.q.id, Stage: st.ID, Outputs: out})
}

func (s *State) outputLost(ev OutputLost) {
	q := s.query(ev.Query)
	if q == nil || q.state == QueryFailedState {
		return
	}
	p := s.partition(TaskID{Query: ev.Query, Stage: ev.Output.Stage, Partition: ev.Output.Partition, Attempt: ev.Output.Attempt})
	if p == nil || !p.stored || p.out.Attempt != ev.Output.Attempt {
		return
	}
	f := failure(trinoerr.PageTransportError, fmt.Sprintf("Output of task %s is lost: %s", p.out.Task(q.id, p.stage.ID), ev.Reason))
	s.lose(p, f)
}

// lose handles the loss of p's selected output: it is made again if anybody needs it.
func (s *State) lose(p *partition, f Failure) {
	st, q := p.stage, p.stage.q
	if !st.needed() {
		p.dropOutput()
		return
	}
	switch {
	case q.policy == RetryNone, q.policy == RetryQuery && st.CoordinatorOnly:
		s.failLost(q, f)
	case q.policy == RetryQuery && !q.live():
		// The result was being read: it is made again as a whole.
		s.reviveQuery(q)
		s.restartQuery(q, f, false)
	case q.policy == RetryQuery:
		s.restartQuery(q, f, false)
	case st.CoordinatorOnly && len(st.Inputs) == 0:
		s.failLost(q, f)
	default:
		s.reviveQuery(q)
		s.reopen(p, f)
	}
}

// failLost fails a query, which may have finished, for a lost output that cannot be made again.
func (s *State) failLost(q *query, f Failure) {
	s.reviveQuery(q)
	s.failQuery(q, f)
}

// reviveQuery takes back that the query has finished: a part of its result was lost before it was read.
func (s *State) reviveQuery(q *query) {
	if q.state == QueryFinishedState {
		q.state, q.ended = QueryRunning, 0
	}
}

// reopen makes p's output again, and whatever it needs that has been deleted. It costs no attempt; the number of
// attempts is bounded by maxAttempt.
func (s *State) reopen(p *partition, f Failure) {
	st := p.stage
	if !st.q.live() || p.state != partFinished {
		return
	}
	p.unpack()
	if p.stored {
		s.do(DeleteOutputs{Query: st.q.id, Stage: st.ID, Outputs: []Bundle{p.out}})
		p.dropOutput()
	}
	st.finished--
	st.state = StageRunning
	st.unpublish(p.n)
	s.again(p, 0, f)
	if st.Indeterminate || st.tainted {
		s.invalidate(st, f)
	}
	for i := range st.Inputs {
		for _, in := range p.reads(i) {
			if !in.stored {
				s.reopen(in, f)
			}
		}
	}
}

// invalidate runs again all tasks that may have read an earlier output of st, which will not come out the same. A
// stage of one task cannot have read two versions, so what it has made is as good as before; but should that have to be
// made again, it will not come out the same either. A commit that has begun is left to its own token.
func (s *State) invalidate(st *stage, f Failure) {
	for _, c := range st.consumers() {
		c.refuseLate()
		if c.CoordinatorOnly || len(c.parts) == 0 || !st.q.live() {
			continue
		}
		if len(c.parts) == 1 && c.sealed {
			c.tainted = true
			if p := c.parts[0]; p.counted && p.state != partFinished {
				s.invalidate(c, f)
			}
			continue
		}
		changed := false
		for _, p := range c.parts {
			switch p.state {
			case partRunning:
				s.stopAttempts(p, "input changed")
				s.again(p, 0, f)
			case partFinished:
				s.reopen(p, f)
			}
			changed = changed || p.counted // what it gave before may have been read, though it is being made again already
		}
		if changed {
			s.invalidate(c, f)
		}
	}
}

// refuseLate forgets the attempts whose nodes were given up: what they have read is not what others will read, and so
// their outputs are not welcome any more.
func (st *stage) refuseLate() {
	for _, p := range st.parts {
		if slices.ContainsFunc(p.peek().attempts, func(a attempt) bool { return a.nodeLost }) {
			p.unpack()
			for i := range p.attempts {
				p.attempts[i].nodeLost = false
			}
		}
	}
}

// lostInputs looks at the outputs that an attempt of p says it could not read. It returns the partitions whose present
// output is among them, and whether the failure is explained: by those, or by outputs that have been given up since
// the attempt was started.
func (s *State) lostInputs(p *partition, refs []OutputRef) (lost []*partition, explained bool) {
	for _, ref := range refs {
		if !slices.ContainsFunc(p.stage.Inputs, func(in Input) bool { return in.Stage == ref.Stage }) {
			continue
		}
		o := s.partition(TaskID{Query: p.stage.q.id, Stage: ref.Stage, Partition: ref.Partition})
		if o == nil || ref.Attempt >= o.next {
			continue
		}
		explained = true
		if o.stored && o.out.Attempt == ref.Attempt {
			lost = append(lost, o)
		}
	}
	return lost, explained
}
