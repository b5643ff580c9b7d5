package rowpattern

// pathScope is what a condition sees: the path up to the row in question, which counts as matched.
type pathScope struct {
	*context
	path *row
}

// position resolves a navigation; -1 is no row.
func (s *pathScope) position(n *Navigation, k int) int {
	at := -1
	switch {
	case k < 0 && n.First:
		if at = s.start + n.Offset; at > s.path.position {
			return -1
		}
	case k < 0:
		if at = s.path.position - n.Offset; at < s.start {
			return -1
		}
	case n.First:
		if f := s.path.sets[k].first; n.Offset < len(f) {
			at = f[n.Offset]
		}
	default:
		o := s.path.sets[k].last
		for range n.Offset {
			if o == nil {
				break
			}
			o = o.before
		}
		if o != nil {
			at = o.position
		}
	}
	return s.move(at, n)
}

// move applies the physical part of a navigation.
func (s *context) move(at int, n *Navigation) int {
	if at < 0 {
		return -1
	}
	if at += n.Move; at < s.low || at >= s.high {
		return -1
	}
	return at
}

func (s *pathScope) read(i int) any {
	r := &s.m.spec.Reads[i]
	at := s.position(&r.Navigation, s.m.setOfRead[i])
	if r.Classifier {
		if at < 0 {
			return nil
		}
		return s.name(s.path.label(at))
	}
	if at < 0 {
		return s.noRow[r.Column]
	}
	return s.table[r.Column][at]
}

// name is the name of a variable, NULL of none.
func (s *context) name(v int) any {
	if v < 0 {
		return nil
	}
	return s.m.spec.Variables[v]
}

func (s *pathScope) fold(i int) (any, error) {
	k := s.m.setOfFold[i]
	for n, f := range s.m.sets[k].folds {
		if f == i {
			return s.m.folds[i].result(s.path.sets[k].states[n]), nil
		}
	}
	return nil, nil
}

func (s *pathScope) column(int) any     { return nil }
func (s *pathScope) classifier() any    { return nil }
func (s *pathScope) matchNumber() int64 { return s.number }

// rowScope is what the arguments of a fold see: the row that it takes in.
type rowScope struct {
	*context
	position int
	variable int
}

func (s *rowScope) read(int) any          { return nil }
func (s *rowScope) fold(int) (any, error) { return nil, nil }
func (s *rowScope) column(i int) any      { return s.table[i][s.position] }
func (s *rowScope) classifier() any       { return s.name(s.variable) }
func (s *rowScope) matchNumber() int64    { return s.number }
