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
	// static says that whether a row fits does not depend on the rows before it in the match, nor on the match's number.
	static bool
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
	m.static = !s.Window && len(s.Folds) == 0 && !slices.ContainsFunc(s.Conditions, readsNumber) &&
		!slices.ContainsFunc(s.Reads, func(r Read) bool {
			return r.Vars != nil || r.First || r.Offset > 0 || r.Classifier && r.Move != 0
		})
	return m, nil
}

func readsNumber(e *Expr) bool {
	return e != nil && (e.Op == "match_number" || slices.ContainsFunc(e.Args, readsNumber))
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

// end is the row behind the match.
func (m *match) end() int { return m.start + len(m.variables) }

// context is one search.
type context struct {
	m      *Matcher
	table  [][]any // columns
	noRow  []any
	number int64
	// The search may see rows from low to before high and begins at start.
	low, high, start int
	threads          *simulation
}

// maxThreads bounds the memory of a search.
const maxThreads = 1 << 20

// search finds the preferred match that begins at ctx.start; nil when there is none.
func (m *Matcher) search(ctx *context) (*match, error) {
	s := ctx.threads
	s.begin(ctx)
	var found thread
	matched := false
	s.add(thread{}, ctx.start)
	for position := ctx.start; len(s.next) > 0; position++ {
		for _, t := range s.turn() {
			if m.code[t.at].code == done {
				found, matched = t, true
				break
			}
			if position >= ctx.high {
				continue
			}
			path, err := s.take(t.path, position, m.code[t.at].arg)
			if err != nil {
				return nil, err
			}
			if path != nil {
				s.add(thread{at: t.at + 1, path: path, hidden: t.hidden}, position+1)
			}
		}
		if len(s.next) > maxThreads {
			return nil, trinoerr.New(trinoerr.ExceededLocalMemoryLimit, "Row pattern matching has too many alternatives to follow")
		}
	}
	if !matched {
		s.failed()
		return nil, nil
	}
	return ctx.result(found), nil
}

func (ctx *context) result(t thread) *match {
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
