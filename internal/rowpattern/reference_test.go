package rowpattern

import (
	"math/rand"
	"slices"
	"strconv"
	"testing"
)

// reference searches as the standard describes it: it tries all ways in order of preference, one after the other.
type reference struct {
	fits func(path []int, start, variable int) bool // whether a variable fits the row behind a path of variables
	rows int
	from int
	left int // steps before it gives up
}

// search calls then with each way to match a pattern behind a path, until it returns true.
func (r *reference) search(p *Pattern, path []int, then func([]int) bool) bool {
	if r.left--; r.left < 0 {
		return false
	}
	at := r.from + len(path)
	switch p.Op {
	case Variable:
		return at < r.rows && r.fits(path, r.from, p.Var) && then(append(path[:len(path):len(path)], p.Var))
	case Start:
		return at == 0 && then(path)
	case End:
		return at == r.rows && then(path)
	case Concat:
		return r.sequence(p.Subs, path, then)
	case Alternate:
		return slices.ContainsFunc(p.Subs, func(s *Pattern) bool { return r.search(s, path, then) })
	case Permute:
		return slices.ContainsFunc(permutations(p.Subs), func(l []*Pattern) bool { return r.sequence(l, path, then) })
	case Exclude:
		return r.search(p.Subs[0], path, then)
	case Quantified:
		return r.repeat(p, 0, path, then)
	}
	return then(path)
}

func (r *reference) sequence(list []*Pattern, path []int, then func([]int) bool) bool {
	if len(list) == 0 {
		return then(path)
	}
	return r.search(list[0], path, func(q []int) bool { return r.sequence(list[1:], q, then) })
}

func (r *reference) repeat(p *Pattern, times int, path []int, then func([]int) bool) bool {
	more := func() bool {
		return (p.Max == Unbounded || times < p.Max) && r.search(p.Subs[0], path, func(q []int) bool { return r.repeat(p, times+1, q, then) })
	}
	if times < p.Min {
		return more()
	}
	if p.Lazy {
		return then(path) || more()
	}
	return more() || then(path)
}

// nullable holds for patterns that match no rows: what repeats them without end is left out of the comparison.
func (p *Pattern) nullable() bool {
	switch p.Op {
	case Variable:
		return false
	case Alternate:
		return slices.ContainsFunc(p.Subs, (*Pattern).nullable)
	case Quantified:
		return p.Min == 0 || p.Subs[0].nullable()
	}
	return !slices.ContainsFunc(p.Subs, func(s *Pattern) bool { return !s.nullable() })
}

const testVariables = 3

func randomPattern(r *rand.Rand, depth int) *Pattern {
	if depth == 0 {
		return &Pattern{Op: Variable, Var: r.Intn(testVariables)}
	}
	subs := func(n int) (list []*Pattern) {
		for range n {
			list = append(list, randomPattern(r, depth-1))
		}
		return list
	}
	switch r.Intn(12) {
	case 0, 1, 2:
		return &Pattern{Op: Concat, Subs: subs(2 + r.Intn(2))}
	case 3, 4:
		return &Pattern{Op: Alternate, Subs: subs(2 + r.Intn(2))}
	case 5:
		return &Pattern{Op: Permute, Subs: subs(2)}
	case 6:
		return &Pattern{Op: [...]Op{Empty, Start, End}[r.Intn(3)]}
	case 7, 8, 9, 10:
		q := &Pattern{Op: Quantified, Subs: subs(1), Min: r.Intn(3), Max: Unbounded, Lazy: r.Intn(3) == 0}
		if q.Subs[0].nullable() || r.Intn(2) == 0 {
			q.Max = max(1, q.Min+r.Intn(2))
		}
		return q
	}
	return &Pattern{Op: Exclude, Subs: subs(1)}
}

// condition is a kind of condition that the reference computes too, from the values of the rows.
type condition struct {
	expr func(*Spec) *Expr
	fits func(values []int64, path []int, at, variable int) bool
}

func number(n int64) *Expr {
	s := strconv.FormatInt(n, 10)
	return &Expr{Op: "const", Type: bigint, Text: &s}
}

var bigint = Type{Kind: Int, P: 64}

func (s *Spec) readOf(n Navigation) *Expr {
	s.Reads = append(s.Reads, Read{Navigation: n})
	return &Expr{Op: "read", Type: bigint, Ref: len(s.Reads) - 1}
}

func (s *Spec) foldOf(f Fold) *Expr {
	f.Type = bigint
	s.Folds = append(s.Folds, f)
	return &Expr{Op: "fold", Type: bigint, Ref: len(s.Folds) - 1}
}

func operator(op string, args ...*Expr) *Expr {
	return &Expr{Op: op, Type: Type{Kind: Bool}, Args: args}
}

// randomCondition makes a condition on the current row, a neighbour, an earlier row of a variable, or an aggregate.
func randomCondition(r *rand.Rand) condition {
	other, offset, bound := r.Intn(testVariables), r.Intn(2), int64(r.Intn(5))
	// The row in question counts as matched.
	of := func(path []int, variable int, want int) (rows []int) {
		for i, v := range append(slices.Clone(path), variable) {
			if v == want {
				rows = append(rows, i)
			}
		}
		return rows
	}
	switch r.Intn(6) {
	case 0:
		return condition{func(*Spec) *Expr { return nil }, func([]int64, []int, int, int) bool { return true }}
	case 1:
		return condition{func(s *Spec) *Expr { return operator("lt", s.readOf(Navigation{}), number(bound)) },
			func(values []int64, path []int, at, _ int) bool { return values[at] < bound }}
	case 2:
		return condition{func(s *Spec) *Expr { return operator("le", s.readOf(Navigation{Move: -1}), s.readOf(Navigation{})) },
			func(values []int64, path []int, at, _ int) bool { return at > 0 && values[at-1] <= values[at] }}
	case 3:
		return condition{func(s *Spec) *Expr {
			return operator("ge", s.readOf(Navigation{}), s.readOf(Navigation{Vars: []int{other}, Offset: offset}))
		}, func(values []int64, path []int, at, variable int) bool {
			rows := of(path, variable, other)
			return len(rows) > offset && values[at] >= values[at-len(path)+rows[len(rows)-1-offset]]
		}}
	case 4:
		return condition{func(s *Spec) *Expr {
			return operator("ge", s.readOf(Navigation{}), s.readOf(Navigation{Vars: []int{other}, First: true, Offset: offset}))
		}, func(values []int64, path []int, at, variable int) bool {
			rows := of(path, variable, other)
			return len(rows) > offset && values[at] >= values[at-len(path)+rows[offset]]
		}}
	}
	return condition{func(s *Spec) *Expr {
		sum := s.foldOf(Fold{Name: "sum", Vars: []int{other}, Args: []*Expr{{Op: "column", Type: bigint}}})
		return operator("le", sum, number(2*bound))
	}, func(values []int64, path []int, at, variable int) bool {
		rows, sum := of(path, variable, other), int64(0)
		for _, i := range rows {
			sum += values[at-len(path)+i]
		}
		return len(rows) > 0 && sum <= 2*bound
	}}
}

// FuzzMatcher compares the matcher with the reference.
func FuzzMatcher(f *testing.F) {
	for seed := range int64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed int64) {
		r := rand.New(rand.NewSource(seed))
		s := &Spec{Variables: []string{"A", "B", "C"}, Pattern: randomPattern(r, 3), Columns: []Type{bigint}, Skip: Skip{To: ToNext},
			Rows: OmitEmpty, Every: true, Outputs: []Navigation{{Classifier: true}}}
		var conditions []condition
		for range testVariables {
			c := randomCondition(r)
			conditions = append(conditions, c)
			s.Conditions = append(s.Conditions, c.expr(s))
		}
		rows := r.Intn(9)
		values := make([]int64, rows)
		in := Input{Rows: rows, Columns: [][]any{make([]any, rows)}, NoRow: []any{nil}}
		for i := range values {
			values[i] = int64(r.Intn(5))
			in.Columns[0][i] = values[i]
		}
		m, err := New(s)
		if err != nil {
			return // an order of magnitude too large
		}
		got, err := m.Partition(in)
		if err != nil {
			t.Fatal(err)
		}
		ref := &reference{rows: rows, left: 200_000, fits: func(path []int, start, variable int) bool {
			return conditions[variable].fits(values, path, start+len(path), variable)
		}}
		var want []int
		for ref.from = range rows {
			ref.search(s.Pattern, nil, func(path []int) bool {
				want = append(want, path...)
				return true
			})
		}
		if ref.left < 0 {
			return // too many ways to try them all
		}
		var have []int
		for _, v := range got.Outputs[0] {
			have = append(have, *v)
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s over %v: %v, want %v", s.Pattern.text(s.Variables), values, have, want)
		}
	})
}
