package rowpattern

import (
	"slices"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Matcher is a compiled Spec. It holds no state and may be used by many goroutines.
type Matcher struct {
	spec       *Spec
	code       []instruction
	conditions []evaluator
	folds      []*aggregate
	// sets are the sets of variables that threads keep account of; depends are the reads that need them, and setOf says which
	// set a read or a fold belongs to, -1: none.
	sets      []*set
	depends   []dependency
	setOfRead []int
	setOfFold []int
}

// New compiles a spec.
func New(s *Spec) (*Matcher, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	m := &Matcher{spec: s, code: compile(s.Pattern), conditions: make([]evaluator, len(s.Variables))}
	for i, c := range s.Conditions {
		if c == nil {
			continue
		}
		var err error
		if m.conditions[i], err = build(c); err != nil {
			return nil, err
		}
	}
	for i, f := range s.Folds {
		a, err := buildFold(f)
		if err != nil {
			return nil, err
		}
		m.folds = append(m.folds, a)
		k := m.set(f.Vars)
		m.sets[k].folds = append(m.sets[k].folds, i)
		m.setOfFold = append(m.setOfFold, k)
	}
	for _, r := range s.Reads {
		k := -1
		if r.Vars != nil || r.Classifier && (r.First || r.Offset > 0 || r.Move != 0) {
			k = m.set(r.Vars)
			if r.First {
				m.sets[k].reach = max(m.sets[k].reach, r.Offset+1)
			}
			m.depends = append(m.depends, dependency{k, r.Navigation})
		}
		m.setOfRead = append(m.setOfRead, k)
	}
	return m, nil
}

// set returns the index of the set with these variables.
func (m *Matcher) set(vars []int) int {
	for i, s := range m.sets {
		if (s.vars == nil) == (vars == nil) && len(s.vars) == len(vars) && !slices.ContainsFunc(vars, func(v int) bool { return !s.vars[v] }) {
			return i
		}
	}
	s := &set{}
	if vars != nil {
		s.vars = map[int]bool{}
		for _, v := range vars {
			s.vars[v] = true
		}
	}
	m.sets = append(m.sets, s)
	return len(m.sets) - 1
}

// match is what a search found: the variable of each row from start on.
type match struct {
	start     int
	variables []int
	hidden    []int // pairs of row counts between which rows are not shown
}

// rows is the number of rows of the match.
func (m *match) end() int { return m.start + len(m.variables) }

// context is one search.
type context struct {
	m      *Matcher
	table  [][]any // columns
	noRow  []any
	number int64
	// The search may see rows from low to before high and begins at start.
	low, high, start int
}

// maxThreads bounds the memory of a search.
const maxThreads = 1 << 20

// search finds the preferred match that begins at ctx.start; nil when there is none.
func (m *Matcher) search(ctx *context) (*match, error) {
	s := &simulation{m: m, ctx: ctx, reached: make([][]*thread, len(m.code))}
	var found *thread
	s.add(&thread{}, ctx.start)
	for position := ctx.start; len(s.next) > 0; position++ {
		current := s.next
		s.clear()
		for _, t := range current {
			if m.code[t.at].code == done {
				found = t
				break
			}
			if position >= ctx.high {
				continue
			}
			v := m.code[t.at].arg
			path, err := m.extend(t.path, position, v, ctx)
			if err != nil {
				return nil, err
			}
			ok, err := m.holds(ctx, path)
			if err != nil {
				return nil, err
			}
			if ok {
				s.add(&thread{at: t.at + 1, path: path, hidden: t.hidden}, position+1)
			}
		}
		if len(s.next) > maxThreads {
			return nil, trinoerr.New(trinoerr.ExceededLocalMemoryLimit, "Row pattern matching has too many alternatives to follow")
		}
	}
	if found == nil {
		return nil, nil
	}
	return ctx.result(found), nil
}

// holds evaluates the condition of the variable of the last row of a path.
func (m *Matcher) holds(ctx *context, path *row) (bool, error) {
	c := m.conditions[path.variable]
	if c == nil {
		return true, nil
	}
	v, err := c(&pathScope{ctx, path})
	return v == true, err
}

func (ctx *context) result(t *thread) *match {
	r := &match{start: ctx.start}
	for p := t.path; p != nil; p = p.before {
		r.variables = append(r.variables, p.variable)
	}
	slices.Reverse(r.variables)
	for b := t.hidden; b != nil; b = b.before {
		r.hidden = append(r.hidden, b.at)
	}
	slices.Reverse(r.hidden)
	return r
}

// simulation follows all threads through one search.
type simulation struct {
	m    *Matcher
	ctx  *context
	next []*thread
	// reached are the threads that came to an instruction before the next row, those to be cleared in touched.
	reached [][]*thread
	touched []int
}

func (s *simulation) clear() {
	s.next = nil
	for _, at := range s.touched {
		s.reached[at] = s.reached[at][:0]
	}
	s.touched = s.touched[:0]
}

// add follows a thread up to where it takes the row at position or is done. A thread that nobody can tell from one that came
// before is dropped: it is on a less preferred way, or runs in an empty loop.
func (s *simulation) add(first *thread, position int) {
	stack := []*thread{first}
	for len(stack) > 0 {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if s.known(t) {
			continue
		}
		switch in := s.m.code[t.at]; in.code {
		case jump:
			stack = append(stack, t.to(in.arg))
		case split:
			stack = append(stack, t.to(in.second), t.to(in.first))
		case atStart:
			if position == 0 {
				stack = append(stack, t.to(t.at+1))
			}
		case atEnd:
			if position == s.ctx.high {
				stack = append(stack, t.to(t.at+1))
			}
		case boundary:
			n := t.to(t.at + 1)
			n.hidden = &boundaryList{t.hidden, position - s.ctx.start}
			stack = append(stack, n)
		default:
			s.next = append(s.next, t)
		}
	}
}

func (t *thread) to(at int) *thread { return &thread{at: at, path: t.path, hidden: t.hidden} }

// known reports whether a thread like t has been at its instruction, and notes t.
func (s *simulation) known(t *thread) bool {
	for _, o := range s.reached[t.at] {
		if s.m.alike(o.path, t.path) {
			return true
		}
	}
	if len(s.reached[t.at]) == 0 {
		s.touched = append(s.touched, t.at)
	}
	s.reached[t.at] = append(s.reached[t.at], t)
	return false
}
