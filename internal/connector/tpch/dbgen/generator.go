package dbgen

import "fmt"

// Kind says how a column's values are held in a Vector.
type Kind uint8

// The kinds of columns.
const (
	Key     Kind = iota // I64
	Integer             // I32
	Money               // I64, hundredths
	Date                // I32, days since 1970-01-01
	Text                // Offsets and Data
)

// Vector is one column of a Batch; its Kind tells which slices are used. Value i of a Text column is
// Data[Offsets[i]:Offsets[i+1]].
type Vector struct {
	I32     []int32
	I64     []int64
	Offsets []uint32
	Data    []byte
}

// Batch is consecutive rows of a table. Its memory is reused by the next call of Next.
type Batch struct {
	Rows    int
	Columns []Vector
}

// MinRows is the smallest batch that can be asked for: the lines of the largest order.
const MinRows = 7

// Generator produces the chosen columns of a range of a table's units. It is used by one goroutine.
type Generator struct {
	next    int64 // the unit to go on with
	end     int64
	columns []filler
	units   units
	lines   *lines
}

// filler appends to v the values of the rows of u, which follow those of the call before. v is empty.
type filler func(u *units, v *Vector)

// start is what columns are made from.
type start struct {
	sf    float64
	unit  int64  // the first unit to be generated
	lines *lines // lineitem only
}

// RowNumber stands, in place of a column's position, for the number of the unit: from 0 in region and nation, as their keys,
// else from 1.
const RowNumber = -1

// New returns a generator of the columns (by position in t.Columns, or RowNumber) of count units of a table, starting at unit
// first. See Table.Units for what a unit is.
func New(t *Table, sf float64, first, count int64, columns []int) (*Generator, error) {
	if first < 0 || count < 0 || first+count > t.Units(sf) {
		return nil, fmt.Errorf("units %d to %d of %s are not within its %d at scale factor %v", first, first+count, t.Name, t.Units(sf), sf)
	}
	if t.perUnit != 1 && scaled(supplierBase, sf) == 0 {
		return nil, fmt.Errorf("scale factor %v is too small for %s: there are no suppliers", sf, t.Name)
	}
	g := &Generator{next: first, end: first + count}
	s := start{sf: sf, unit: first}
	g.units.fixed = t.perUnit
	if t.perUnit == 0 {
		g.lines = newLines(first)
		s.lines = g.lines
	}
	for _, c := range columns {
		switch {
		case c != RowNumber:
			g.columns = append(g.columns, t.Columns[c].make(s))
		case t.fixed:
			g.columns = append(g.columns, unitIndex(s))
		default:
			g.columns = append(g.columns, unitKey(s))
		}
	}
	return g, nil
}

// Next fills b with at most maxRows (at least MinRows) further rows, whole units only, and reports whether there were any.
func (g *Generator) Next(b *Batch, maxRows int) bool {
	u := &g.units
	u.first = g.next
	left := int(min(g.end-g.next, int64(maxRows)))
	if g.lines != nil {
		g.lines.fill(u, left, maxRows)
	} else {
		u.n = min(left, maxRows/u.fixed)
		u.rows = u.n * u.fixed
	}
	g.next += int64(u.n)
	b.Rows = u.rows
	b.Columns = resize(b.Columns, len(g.columns))
	if u.rows == 0 {
		return false
	}
	for i, fill := range g.columns {
		v := &b.Columns[i]
		v.Data = v.Data[:0]
		v.Offsets = v.Offsets[:0]
		fill(u, v)
	}
	return true
}
