package dsdgen

import (
	"math"
	"slices"
)

// growth says how a number of rows depends on the scale factor.
type growth uint8

const (
	constant growth = iota
	logarithmic
	linear
)

// stated are the scale factors for which the specification states the number of rows.
var stated = []float64{0, 1, 10, 100, 300, 1000, 3000, 10000, 30000, 100000}

// MaxScale is the largest scale factor.
const MaxScale = 100_000

// size is how many rows there are at the stated scale factors.
type size struct {
	growth growth
	unit   int64 // by which the counts are multiplied
	counts [10]int64
}

// rows returns the number of rows at a scale factor.
func (s size) rows(sf float64) int64 { return s.unit * s.count(sf) }

func (s size) count(sf float64) int64 {
	if i := slices.Index(stated, sf); i >= 0 {
		return s.counts[i]
	}
	switch s.growth {
	case logarithmic:
		slot, _ := slices.BinarySearch(stated, sf)
		delta := s.counts[slot] - s.counts[slot-1]
		// In single precision, and from the count of the scale factor 1 whatever the slot: so the benchmark computes it.
		offset := float32(sf-stated[slot-1]) / float32(stated[slot]-stated[slot-1])
		base := int64(0)
		if sf >= 1 {
			base = s.counts[1]
		}
		return max(1, int64(int32(offset*float32(delta)))+base)
	case linear:
		if sf < 1 {
			return max(1, int64(math.Floor(sf*float64(s.counts[1])+0.5)))
		}
		rows := int64(0)
		for i := len(stated) - 1; i > 0; i-- {
			for sf >= stated[i] {
				rows += s.counts[i]
				sf -= stated[i]
			}
		}
		return rows
	}
	return s.counts[1]
}

// What is counted besides rows: the web sites that exist at a time, and the cities and counties where small tables have their
// addresses.
var (
	concurrentSites = size{logarithmic, 1, [10]int64{0, 2, 3, 4, 5, 5, 5, 5, 5, 5}}
	activeCities    = size{logarithmic, 1, [10]int64{0, 2, 6, 18, 30, 54, 90, 165, 270, 495}}
	activeCounties  = size{logarithmic, 1, [10]int64{0, 1, 3, 9, 15, 27, 45, 81, 135, 245}}
)

// scale has the numbers of rows of a scale factor.
type scale struct {
	factor float64
	rows   [tables]int64
	items  int64 // the business keys of item
}

func newScale(sf float64) *scale {
	s := &scale{factor: sf}
	for id := range s.rows {
		s.rows[id] = sizes[id].rows(sf)
	}
	s.items = s.keys(item)
	weeks := (salesEnd - dataStart + 7) / 7
	s.rows[inventory] = s.items * s.rows[warehouse] * weeks
	return s
}

// keys returns the number of business keys of a table. Of six rows of a table that keeps history the first has one revision,
// then follow one with two and one with three.
func (s *scale) keys(id tableID) int64 {
	n := s.rows[id]
	if !keepsHistory(id) {
		return n
	}
	return n/6*3 + [6]int64{0, 1, 2, 2, 3, 3}[n%6]
}

// revision returns the row of a business key that holds at a date.
func (s *scale) revision(id tableID, key, date int64) int64 {
	row := key / 3 * 6
	switch key % 3 {
	case 1:
		row++
	case 2:
		row += 2
		if date > halfDate {
			row++
		}
	default:
		row -= 2
		if date > thirdDate {
			row++
		}
		if date > twoThirdsDate {
			row++
		}
	}
	return min(row, s.rows[id])
}
