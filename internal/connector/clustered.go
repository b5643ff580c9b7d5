package connector

import (
	"cmp"
	"context"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Clustered is a connector that knows in which order the rows of its tables lie. A scan can then be divided into ranges of a
// column's values, and whatever brings equal values together, a join or an aggregation, can be done range by range.
type Clustered interface {
	// Clustering describes how the rows of a scan lie by the values of one of its columns; false when that is not known.
	Clustering(ctx context.Context, scan Scan, column string) (Clustering, bool, error)
	// RangeSplits enumerates the splits of a scan range by range. Their Group is the number of the range, counted from 1, and
	// Within says which of their rows are in it.
	RangeSplits(ctx context.Context, scan Scan, r Ranges) (SplitSource, error)
}

// Ranges divides rows by the values of a column, whole numbers or days: those below the first bound, and NULLs, are in the first range,
// those from the last one on in the last.
type Ranges struct {
	Column string  `json:"column"`
	Bounds []int64 `json:"bounds"` // ascending
}

// Count is how many ranges there are.
func (r Ranges) Count() int { return len(r.Bounds) + 1 }

// Index is the index of the range that a value is in.
func (r Ranges) Index(v int64) int {
	i, found := slices.BinarySearch(r.Bounds, v)
	if found {
		i++
	}
	return i
}

// Within returns the range with that index.
func (r Ranges) Within(i int) *Within {
	w := &Within{Column: r.Column, Nulls: i == 0}
	if i > 0 {
		w.Low = &r.Bounds[i-1]
	}
	if i < len(r.Bounds) {
		w.High = &r.Bounds[i]
	}
	return w
}

// Within is a range of a column's values, [Low, High): nil is open. Nulls says that NULL is in it.
type Within struct {
	Column    string
	Low, High *int64 `json:",omitempty"`
	Nulls     bool   `json:",omitempty"`
}

// Domain is the range as a constraint on a column of a type of which RangeValue makes whole numbers.
func (w *Within) Domain(t types.Type) Domain {
	d := Domain{Column: w.Column, NullAllowed: w.Nulls}
	value := func(n int64) any {
		if t.Kind == types.Date {
			return types.DateValue(n)
		}
		return n
	}
	if w.Low != nil {
		d.Low = &Bound{Value: value(*w.Low), Inclusive: true}
	}
	if w.High != nil {
		d.High = &Bound{Value: value(*w.High)}
	}
	return d
}

// RangeValue is a value of a column as Ranges have it; false when its type has no ranges.
func RangeValue(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case types.DateValue:
		return int64(v), true
	}
	return 0, false
}

// Clustering says how the rows of a scan lie by the values of a column.
type Clustering struct {
	// Pieces are the parts of the table of which the smallest and the largest value are known, row groups for example. A piece is
	// read as a whole, or in part by each of the ranges that it lies in.
	Pieces int
	// Depth is how many other pieces, on average, have values between those of a piece: 0 where rows lie in order.
	Depth float64
	// Bounds are values at which pieces begin, ascending, at most MaxBounds of them: about as many rows lie between two as between
	// any others.
	Bounds []int64
	// Bytes is the size of what the scan reads.
	Bytes float64
}

// MaxBounds is how many bounds a Clustering has at most.
const MaxBounds = 1024

// Piece is a part of a table with the smallest and largest value of a column.
type Piece struct {
	Low, High   int64
	Rows, Bytes int64
}

// ClusteringOf describes pieces.
func ClusteringOf(pieces []Piece) Clustering {
	c := Clustering{Pieces: len(pieces)}
	slices.SortFunc(pieces, func(a, b Piece) int { return cmp.Or(cmp.Compare(a.Low, b.Low), cmp.Compare(a.High, b.High)) })
	lows, highs := make([]int64, len(pieces)), make([]int64, len(pieces))
	var rows int64
	for i, p := range pieces {
		lows[i], highs[i] = p.Low, p.High
		rows += p.Rows
		c.Bytes += float64(p.Bytes)
	}
	slices.Sort(highs)
	if len(pieces) == 0 {
		return c
	}
	var before int64 // rows of the pieces before
	share := max(1, (rows+MaxBounds-1)/MaxBounds)
	next, last := share, pieces[0].Low
	for _, p := range pieces {
		// Others begin before the end of the piece and end after its begin.
		begin, _ := slices.BinarySearch(lows, p.High)
		end, _ := slices.BinarySearch(highs, p.Low+1)
		c.Depth += float64(max(0, begin-end-1)) / float64(len(pieces))
		if before >= next && p.Low > last {
			c.Bounds = append(c.Bounds, p.Low)
			next, last = before+share, p.Low
		}
		before += p.Rows
	}
	return c
}
