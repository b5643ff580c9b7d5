package dsdgen

import (
	"fmt"
	"time"
)

// Kind says how a column's values are held in a Vector.
type Kind uint8

// The kinds of columns.
const (
	Key     Kind = iota // I64
	Integer             // I32
	Decimal             // I64, hundredths
	Date                // I32, days since 1970-01-01
	Time                // I64, microseconds of the day
	Char                // Offsets and Data, without blanks at the end
	Varchar             // Offsets and Data
)

// Column is a column of a table.
type Column struct {
	Name string
	Kind Kind
	// Length is the largest number of characters of a text, and the number of digits of a decimal.
	Length int
	// null is the bit of a row's random bits that makes the column NULL.
	null uint8
}

// never is a bit that random bits do not have.
const never = 63

// Vector is one column of a Batch; its Kind tells which slices are used. Value i of a text is Data[Offsets[i]:Offsets[i+1]].
type Vector struct {
	I32     []int32
	I64     []int64
	Offsets []uint32
	Data    []byte
	// Nulls has the numbers of the rows whose value is NULL, ascending. There is a value for each, of no meaning.
	Nulls []uint32
}

// Batch is consecutive rows of a table. Its memory is reused by the next call of Next.
type Batch struct {
	Rows int
	// Columns are by position in the table; those that were not asked for are empty.
	Columns []Vector
}

// MaxUnitRows is the largest number of rows of a unit, and so of the smallest batch that can be asked for.
const MaxUnitRows = 16

// Options are what rows depend on besides the scale factor.
type Options struct {
	// AllNames takes the names of managers from all first names instead of those of men only.
	AllNames bool
	// Created and Arguments are for the table dbgen_version: the time, in its zone, and the options of a generator.
	Created   time.Time
	Arguments string
}

// Generator produces the chosen columns of a range of a table's units. It is used by one goroutine.
type Generator struct {
	table   *Table
	scale   *scale
	dist    *distributions
	options Options
	streams []*stream
	first   int64 // the unit where the streams are placed
	next    int64 // the unit to go on with
	end     int64
	write   func(row int64) // the rows of a unit, which count from 1
	w       writer
}

// New returns a generator of the columns (by position in t.Columns) of count units of a table, starting at unit first. See
// Table.Units for what a unit is.
func New(t *Table, sf float64, o Options, first, count int64, columns []int) (*Generator, error) {
	if first < 0 || count < 0 || first+count > t.Units(sf) {
		return nil, fmt.Errorf("units %d to %d of %s are not within its %d at scale factor %v", first, first+count, t.Name, t.Units(sf), sf)
	}
	g := &Generator{table: t, scale: newScale(sf), dist: allDistributions(), options: o, first: first, next: first, end: first + count}
	if keepsHistory(t.id) {
		// Of six rows the first, the second and the fourth begin a business key.
		g.first -= [6]int64{0, 0, 1, 0, 1, 2}[first%6]
	}
	g.w = writer{columns: t.Columns, wanted: make([]bool, len(t.Columns)), out: make([]Vector, len(t.Columns))}
	g.write = t.writer(g)
	for unit := g.first; unit < first; unit++ {
		g.unit(unit)
	}
	g.w.rows = 0
	for _, c := range columns {
		g.w.wanted[c] = true
	}
	return g, nil
}

// stream returns the stream of a number, of which each unit has perUnit draws.
func (g *Generator) stream(number int, perUnit int64) *stream {
	s := newStream(number, perUnit, g.first)
	g.streams = append(g.streams, &s)
	return &s
}

// unit writes the rows of a unit.
func (g *Generator) unit(unit int64) {
	g.write(unit + 1)
	for _, s := range g.streams {
		s.end()
	}
}

// Next fills b with further rows, as whole units as fit into maxRows (at least MaxUnitRows), and reports whether there were any.
func (g *Generator) Next(b *Batch, maxRows int) bool {
	for i := range g.w.out {
		v := &g.w.out[i]
		*v = Vector{I32: v.I32[:0], I64: v.I64[:0], Data: v.Data[:0], Offsets: v.Offsets[:0], Nulls: v.Nulls[:0]}
		if k := g.table.Columns[i].Kind; g.w.wanted[i] && (k == Char || k == Varchar) {
			v.Offsets = append(v.Offsets, 0)
		}
	}
	g.w.rows = 0
	for g.next < g.end && g.w.rows+g.table.maxUnitRows <= maxRows {
		g.unit(g.next)
		g.next++
	}
	b.Rows, b.Columns = g.w.rows, g.w.out
	return b.Rows > 0
}

// writer collects the values of rows.
type writer struct {
	columns []Column
	wanted  []bool
	out     []Vector
	rows    int
	nulls   uint64 // the random bits of the row
	scratch []byte
}

// begin begins a row, with the random bits that make columns NULL.
func (w *writer) begin(nulls uint64) { w.nulls = nulls }

// end ends a row.
func (w *writer) end() { w.rows++ }

// wants says whether a column is asked for.
func (w *writer) wants(column int) bool { return w.wanted[column] }

// wantsAny says whether one of the columns is asked for, the last one included.
func (w *writer) wantsAny(first, last int) bool {
	for _, wanted := range w.wanted[first : last+1] {
		if wanted {
			return true
		}
	}
	return false
}

func (w *writer) isNull(column int) bool { return w.nulls>>w.columns[column].null&1 != 0 }

// null makes the value NULL that was or will be written.
func (w *writer) null(column int) {
	w.out[column].Nulls = append(w.out[column].Nulls, uint32(w.rows))
}

// absent is the key of no row, which is NULL.
const absent = -1

func (w *writer) key(column int, v int64) {
	if !w.wanted[column] {
		return
	}
	if v == absent || w.isNull(column) {
		w.null(column)
	}
	if w.columns[column].Kind == Integer {
		w.out[column].I32 = append(w.out[column].I32, int32(v))
		return
	}
	w.out[column].I64 = append(w.out[column].I64, v)
}

func (w *writer) integer(column int, v int64) {
	if !w.wanted[column] {
		return
	}
	if w.isNull(column) {
		w.null(column)
	}
	w.out[column].I32 = append(w.out[column].I32, int32(v))
}

func (w *writer) decimal(column int, hundredths int64) {
	if !w.wanted[column] {
		return
	}
	if w.isNull(column) {
		w.null(column)
	}
	w.out[column].I64 = append(w.out[column].I64, hundredths)
}

// date writes the date of a Julian day number; a negative one is NULL.
func (w *writer) date(column int, number int64) {
	if !w.wanted[column] {
		return
	}
	if number < 0 || w.isNull(column) {
		w.null(column)
	}
	w.out[column].I32 = append(w.out[column].I32, int32(number-julianEpoch))
}

func (w *writer) flag(column int, v bool) {
	if v {
		w.text(column, "Y")
	} else {
		w.text(column, "N")
	}
}

func (w *writer) text(column int, s string) {
	if !w.wanted[column] {
		return
	}
	v := &w.out[column]
	if w.isNull(column) {
		w.null(column)
	} else {
		v.Data = append(v.Data, s...)
	}
	v.Offsets = append(v.Offsets, uint32(len(v.Data)))
}

func (w *writer) bytes(column int, b []byte) {
	if !w.wanted[column] {
		return
	}
	v := &w.out[column]
	if w.isNull(column) {
		w.null(column)
	} else {
		v.Data = append(v.Data, b...)
	}
	v.Offsets = append(v.Offsets, uint32(len(v.Data)))
}

// businessKey writes the business key of a number.
func (w *writer) businessKey(column int, n int64) {
	if w.wanted[column] {
		w.scratch = appendKey(w.scratch[:0], n)
		w.bytes(column, w.scratch)
	}
}

// prose draws a text for a column.
func (g *Generator) prose(column int, s *stream, lo, hi int64) {
	if g.w.wants(column) {
		g.w.scratch = g.dist.appendText(g.w.scratch[:0], s, lo, hi)
		g.w.bytes(column, g.w.scratch)
	}
}

// nulls draws the random bits of a row.
func (g *Generator) nulls(s *stream) uint64 {
	threshold, bits := s.draw()%10_000, s.draw()+1
	if threshold < g.table.nullChance {
		return bits &^ g.table.notNull
	}
	return 0
}
