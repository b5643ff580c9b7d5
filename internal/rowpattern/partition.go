package rowpattern

import (
	"sort"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Input is a partition: its rows in order.
type Input struct {
	Rows int
	// Columns have the values that conditions read, by column and row; NoRow is what a column has where a navigation finds no
	// row.
	Columns [][]any
	NoRow   []any
	// Ends are, of a Window, the rows behind the frames that begin at each row.
	Ends []int
}

// Result is what to put out, column by column; all have an item per row of the result.
type Result struct {
	// Row is the row of the partition that the row of the result stands for.
	Row []int
	// Number is the match number, nil of rows in no match.
	Number []*int
	// Last marks the last row of each match and rows that are alone; Shown those that are not excluded.
	Last  []bool
	Shown []bool
	// First is how many rows behind Row the match begins, and Length how many rows it has.
	First  []int
	Length []int
	// Outputs are, for each of Spec.Outputs, row numbers or, of classifiers, names; nil is none.
	Outputs [][]*int
}

// Partition finds all matches.
func (m *Matcher) Partition(in Input) (*Result, error) {
	p := &partition{Matcher: m, in: in, res: &Result{Outputs: make([][]*int, len(m.spec.Outputs))}, skipped: -1, matched: -1, number: 1,
		threads: m.simulation(in.Rows)}
	for at := range in.Rows {
		if err := p.row(at); err != nil {
			return nil, err
		}
	}
	return p.res, nil
}

// partition is the state of going through a partition.
type partition struct {
	*Matcher
	in  Input
	res *Result
	// skipped and matched are the last rows that AFTER MATCH SKIP passed over and that were part of a match.
	skipped, matched int
	number           int
	threads          *simulation
}

// row searches from a row on, unless it is skipped.
func (p *partition) row(at int) error {
	if at <= p.skipped {
		if p.spec.Window {
			p.unmatched(at)
		}
		return nil
	}
	ctx := &context{m: p.Matcher, table: p.in.Columns, noRow: p.in.NoRow, number: int64(p.number), high: p.in.Rows, start: at,
		threads: p.threads}
	if p.spec.Window {
		ctx.low, ctx.high = at, p.in.Ends[at]
	}
	found, err := p.search(ctx)
	for err == nil && found == nil && p.spec.Seek && ctx.start < ctx.high-1 {
		ctx.start++
		found, err = p.search(ctx)
	}
	switch {
	case err != nil:
		return err
	case found == nil:
		if p.spec.Window || p.spec.Rows == Unmatched && at > p.matched {
			p.unmatched(at)
		}
		p.skipped = at
		return nil
	case len(found.variables) == 0:
		if p.spec.Rows != OmitEmpty {
			p.put(at, &p.number, true, true, 0, 0)
			p.none()
		}
		p.skipped = at
		p.number++
		return nil
	}
	p.putMatch(at, found, ctx)
	p.matched = max(p.matched, found.end()-1)
	p.number++
	return p.skip(at, found, ctx)
}

// skip applies AFTER MATCH SKIP.
func (p *partition) skip(at int, found *match, ctx *context) error {
	switch p.spec.Skip.To {
	case PastLast:
		p.skipped = found.end() - 1
	case ToNext:
		p.skipped = at
	default:
		n := &Navigation{Vars: p.spec.Skip.Vars, First: p.spec.Skip.To == ToFirst}
		to := newNavigator(found).find(n, len(found.variables)-1, ctx)
		switch {
		case to < 0:
			return trinoerr.New(trinoerr.GenericUserError, "AFTER MATCH SKIP failed: pattern variable is not present in match")
		case to == found.start:
			return trinoerr.New(trinoerr.GenericUserError, "AFTER MATCH SKIP failed: cannot skip to first row of match")
		}
		p.skipped = to - 1
	}
	return nil
}

func (p *partition) unmatched(at int) {
	p.put(at, nil, true, true, 0, 0)
	p.none()
}

// put adds a row to the result, without its outputs.
func (p *partition) put(at int, number *int, last, shown bool, first, length int) {
	r := p.res
	if number != nil {
		n := *number
		number = &n
	}
	r.Row = append(r.Row, at)
	r.Number = append(r.Number, number)
	r.Last = append(r.Last, last)
	r.Shown = append(r.Shown, shown)
	r.First = append(r.First, first)
	r.Length = append(r.Length, length)
}

// none says that there is no match for the outputs of the last row.
func (p *partition) none() {
	for i := range p.res.Outputs {
		p.res.Outputs[i] = append(p.res.Outputs[i], nil)
	}
}

// putMatch adds the rows of a match.
func (p *partition) putMatch(at int, found *match, ctx *context) {
	nav := newNavigator(found)
	one := p.spec.Rows == OneRow
	for i := range found.variables {
		last, shown := i == len(found.variables)-1, !found.hides(i)
		switch {
		case p.spec.Every:
		case one && !last, !one && !shown:
			continue
		}
		row := found.start + i
		if one {
			row = at
		}
		p.put(row, &p.number, last, shown, found.start-at, len(found.variables))
		for k := range p.spec.Outputs {
			n := &p.spec.Outputs[k]
			to := nav.find(n, i, ctx)
			if to >= 0 && n.Classifier {
				if to -= found.start; to < 0 || to >= len(found.variables) {
					to = -1
				} else {
					to = found.variables[to]
				}
			}
			var v *int
			if to >= 0 {
				v = &to
			}
			p.res.Outputs[k] = append(p.res.Outputs[k], v)
		}
	}
}

// hides reports whether the i-th row of the match is excluded.
func (m *match) hides(i int) bool {
	for k := 0; k+1 < len(m.hidden); k += 2 {
		if m.hidden[k] <= i && i < m.hidden[k+1] {
			return true
		}
	}
	return false
}

// navigator resolves navigations in a match.
type navigator struct {
	match *match
	// rows are the indexes of the rows of sets of variables, by the address of the set's first element.
	rows map[*int][]int
}

func newNavigator(m *match) *navigator { return &navigator{m, map[*int][]int{}} }

// of lists the indexes of the rows of some variables.
func (v *navigator) of(vars []int) []int {
	key := &vars[0]
	rows, ok := v.rows[key]
	if !ok {
		rows = []int{}
		for i, x := range v.match.variables {
			for _, w := range vars {
				if x == w {
					rows = append(rows, i)
					break
				}
			}
		}
		v.rows[key] = rows
	}
	return rows
}

// find returns the row of the partition that a navigation leads to from the i-th row of the match, -1 for none. The first
// rows of a variable are sought in the whole match, behind the current row too.
func (v *navigator) find(n *Navigation, i int, ctx *context) int {
	count := len(v.match.variables)
	if n.Final {
		i = count - 1
	}
	k := -1
	switch {
	case n.Vars == nil && n.First:
		if n.Offset < count {
			k = n.Offset
		}
	case n.Vars == nil:
		k = i - n.Offset
	case n.First:
		if rows := v.of(n.Vars); n.Offset < len(rows) {
			k = rows[n.Offset]
		}
	default:
		rows := v.of(n.Vars)
		if x := sort.SearchInts(rows, i+1) - 1 - n.Offset; x >= 0 {
			k = rows[x]
		}
	}
	if k < 0 {
		return -1
	}
	return ctx.move(v.match.start+k, n)
}
