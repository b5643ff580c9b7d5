package rowpattern

// simulation follows all threads through a search. One serves all searches of a partition.
type simulation struct {
	m   *Matcher
	ctx *context
	// next are the threads that wait for the next row, in order of preference; current those that the present row is offered.
	next, current []thread
	stack         []thread
	// reached says which threads came to an instruction since the last row: seen is the round in which one did, with the paths of
	// those that conditions can tell apart.
	round   int
	seen    []int
	reached [][]*row
	// scratch is the row that is tried.
	scratch row
	// dead are the places, by row and instruction, that no match was found from, of matchers whose conditions do not depend on
	// the way to a row; visited are those of the present search.
	dead    []uint64
	visited []int
}

// maxPlaces bounds the memory for dead places.
const maxPlaces = 1 << 28

func (m *Matcher) simulation(rows int) *simulation {
	s := &simulation{m: m, seen: make([]int, len(m.code))}
	if len(m.sets) > 0 {
		s.reached = make([][]*row, len(m.code))
	}
	if places := (rows + 1) * len(m.code); m.static && places < maxPlaces {
		s.dead = make([]uint64, places/64+1)
	}
	return s
}

// begin starts a search.
func (s *simulation) begin(ctx *context) {
	s.ctx, s.visited, s.next = ctx, s.visited[:0], s.next[:0]
	s.round++
}

// turn goes on to the next row and returns the threads that wait for it.
func (s *simulation) turn() []thread {
	s.current, s.next = s.next, s.current[:0]
	s.round++
	return s.current
}

// take adds a row to a path if it satisfies the condition of the variable, which may see it as part of the match; otherwise it
// returns nil.
func (s *simulation) take(path *row, position, variable int) (*row, error) {
	s.scratch = row{before: path, position: position, variable: variable}
	if len(s.m.sets) > 0 {
		if err := s.m.account(&s.scratch, s.ctx); err != nil {
			return nil, err
		}
	}
	if c := s.m.conditions[variable]; c != nil {
		v, err := c(&pathScope{s.ctx, &s.scratch})
		if v != true || err != nil {
			return nil, err
		}
	}
	taken := s.scratch
	return &taken, nil
}

// add follows a thread up to where it takes the row at position or is done. A thread that nobody can tell from one that came
// before is dropped: it is on a less preferred way, or runs in an empty loop.
func (s *simulation) add(first thread, position int) {
	s.stack = append(s.stack[:0], first)
	for len(s.stack) > 0 {
		t := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if s.known(t) {
			continue
		}
		switch in := s.m.code[t.at]; in.code {
		case jump:
			s.push(t, in.arg)
		case split:
			s.push(t, in.second)
			s.push(t, in.first)
		case atStart:
			if position == 0 {
				s.push(t, t.at+1)
			}
		case atEnd:
			if position == s.ctx.high {
				s.push(t, t.at+1)
			}
		case boundary:
			t.hidden = &boundaryList{t.hidden, position - s.ctx.start}
			s.push(t, t.at+1)
		case consume:
			if s.alive(t.at, position) {
				s.next = append(s.next, t)
			}
		default:
			s.next = append(s.next, t)
		}
	}
}

func (s *simulation) push(t thread, at int) {
	t.at = at
	s.stack = append(s.stack, t)
}

// known reports whether a thread like t has been at its instruction since the last row, and notes t.
func (s *simulation) known(t thread) bool {
	first := s.seen[t.at] != s.round
	s.seen[t.at] = s.round
	if s.reached == nil {
		return !first
	}
	if first {
		s.reached[t.at] = s.reached[t.at][:0]
	}
	for _, o := range s.reached[t.at] {
		if s.m.alike(o, t.path) {
			return true
		}
	}
	s.reached[t.at] = append(s.reached[t.at], t.path)
	return false
}

// alive notes that a thread is at a place, and reports whether a match can still be found from there.
func (s *simulation) alive(at, position int) bool {
	if s.dead == nil {
		return true
	}
	place := position*len(s.m.code) + at
	if s.dead[place/64]&(1<<(place%64)) != 0 {
		return false
	}
	s.visited = append(s.visited, place)
	return true
}

// failed notes that no match was found from the places of this search.
func (s *simulation) failed() {
	for _, p := range s.visited {
		s.dead[p/64] |= 1 << (p % 64)
	}
}
