package rowpattern

// row is a matched row of a thread, with those before it. Threads share them.
type row struct {
	before   *row
	position int // in the partition
	variable int
	// sets are what Matcher.sets have seen so far, this row included; parallel to it.
	sets []seen
}

// occurrence is a row of a set, with those before it.
type occurrence struct {
	before   *occurrence
	position int
}

// seen is what a thread knows of the rows of a set of variables.
type seen struct {
	n     int
	last  *occurrence
	first []int // positions of the first rows, as many as conditions reach
	// states are those of the folds over the set, parallel to set.folds.
	states []any
}

// set is a set of variables that conditions ask about; vars nil is all of them.
type set struct {
	vars  map[int]bool
	reach int   // how many rows at its beginning have to be known
	folds []int // indexes into Spec.Folds
}

func (s *set) has(v int) bool { return s.vars == nil || s.vars[v] }

// thread is a way to match: where in the program it is and what it took.
type thread struct {
	at int
	// path is the last row taken, nil before the first.
	path *row
	// hidden are the row counts at the boundaries of what is not shown.
	hidden *boundaryList
}

// boundaryList is a persistent list of row counts, the last one first.
type boundaryList struct {
	before *boundaryList
	at     int
}

// account fills in the sets of a row that has just been added to a path.
func (m *Matcher) account(r *row, ctx *context) error {
	r.sets = make([]seen, len(m.sets))
	for i, s := range m.sets {
		var old seen
		if r.before != nil {
			old = r.before.sets[i]
		} else if len(s.folds) > 0 {
			old.states = make([]any, len(s.folds))
		}
		if !s.has(r.variable) {
			r.sets[i] = old
			continue
		}
		now := seen{n: old.n + 1, last: &occurrence{old.last, r.position}, first: old.first, states: old.states}
		if len(old.first) < s.reach {
			now.first = append(old.first[:len(old.first):len(old.first)], r.position)
		}
		if len(s.folds) > 0 {
			now.states = make([]any, len(s.folds))
			for k, f := range s.folds {
				var err error
				if now.states[k], err = m.step(f, old.states[k], r.position, r.variable, ctx); err != nil {
					return err
				}
			}
		}
		r.sets[i] = now
	}
	return nil
}

// step takes a row into a fold.
func (m *Matcher) step(f int, state any, position, variable int, ctx *context) (any, error) {
	a := m.folds[f]
	sc := &rowScope{ctx, position, variable}
	args := make([]any, len(a.args))
	for i, arg := range a.args {
		var err error
		if args[i], err = arg(sc); err != nil {
			return nil, err
		}
	}
	return a.add(state, args)
}

// label returns the variable of the row at a position, -1 when the path does not hold it.
func (r *row) label(position int) int {
	for ; r != nil && r.position >= position; r = r.before {
		if r.position == position {
			return r.variable
		}
	}
	return -1
}

// alike reports whether no condition that is still to come can tell two paths apart that end at the same row.
func (m *Matcher) alike(a, b *row) bool {
	if a == b || len(m.sets) == 0 {
		return true
	}
	if a == nil || b == nil {
		return false
	}
	for i := range m.sets {
		for k := range a.sets[i].states {
			if !equalStates(a.sets[i].states[k], b.sets[i].states[k]) {
				return false
			}
		}
	}
	for _, d := range m.depends {
		if !d.alike(a, b) {
			return false
		}
	}
	return true
}

// dependency is what a Read makes later conditions depend on.
type dependency struct {
	set int
	Navigation
}

func (d *dependency) alike(a, b *row) bool {
	x, y := &a.sets[d.set], &b.sets[d.set]
	if d.First {
		if min(x.n, d.Offset+1) != min(y.n, d.Offset+1) {
			return false
		}
		if x.n <= d.Offset {
			// What comes next may still become the row in question, the same for both.
			return true
		}
		return d.same(a, b, x.first[d.Offset], y.first[d.Offset])
	}
	p, q := x.last, y.last
	for range d.Offset + 1 {
		if p == nil || q == nil {
			return p == nil && q == nil
		}
		if !d.same(a, b, p.position, q.position) {
			return false
		}
		if p == q && !d.Classifier {
			return true
		}
		p, q = p.before, q.before
	}
	return true
}

func (d *dependency) same(a, b *row, p, q int) bool {
	return p == q && (!d.Classifier || a.label(p+d.Move) == b.label(q+d.Move))
}
