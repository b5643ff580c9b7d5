package dsdgen

import "sync"

// reference draws the key of a row of a table. In a table that keeps history it is the revision that holds at the date.
func (g *Generator) reference(s *stream, id tableID, date int64) int64 {
	if !keepsHistory(id) {
		return s.uniform(1, g.scale.rows[id])
	}
	if date > dataEnd {
		return absent
	}
	return g.scale.revision(id, s.uniform(1, g.scale.keys(id)), date)
}

// orderDate draws the date of an order in a store or in the web.
func (g *Generator) orderDate(s *stream) int64 {
	year := s.uniform(firstYear, lastYear)
	day := int64(g.dist.salesWeights(year).pick(s)) + 1
	if date := julian(year, 1, 1) + day; date <= today {
		return date
	}
	return absent
}

// timeOfDay draws a second of the day by weights of the hours.
func (g *Generator) timeOfDay(s *stream, set int) int64 {
	hour := int64(g.dist.hours.weights[set].pick(s))
	return hour*3600 + s.uniform(0, 3599)
}

// returnDate draws the date when something is returned that can be sent back from a date on, min to max days later, twice
// for the way there and back.
func returnDate(s *stream, from, min, max int64) int64 {
	s.draw() // a year that no one asks for
	return from + s.uniform(2*min, 2*max)
}

// catalogsPerYear are two that hold for half a year, four for a quarter and twelve for a month.
const catalogsPerYear = 18

// pagesPerCatalog is the number of pages of a catalog.
func (s *scale) pagesPerCatalog() int64 {
	return s.rows[catalogPage] / catalogsPerYear / (lastYear - firstYear + 2)
}

// pageOfCatalog draws a page of a catalog that holds at a date.
func (g *Generator) pageOfCatalog(s *stream, date int64) int64 {
	pages := g.scale.pagesPerCatalog()
	kind := g.dist.catalogPageTypes.weights[pagesByType].pick(s)
	page := s.uniform(1, pages)
	days := date - dataStart - 1
	catalog := days / 365 * catalogsPerYear
	days %= 365
	switch kind {
	case 0: // two a year
		if days > 183 {
			catalog++
		}
	case 1: // four
		catalog += days / 91
	default:
		catalog += days / 31
	}
	return catalog*pages + page
}

// permutation is an order of the items: those of an order follow one another in it.
type permutation []int32

// at returns the item of a position, which counts from 1.
func (p permutation) at(position int64) int64 { return int64(p[position-1]) + 1 }

// permutations keeps those that were made last, as each piece of a table of sales needs one of the same two or three.
var permutations = struct {
	sync.Mutex
	made map[permutationKey]permutation
}{made: map[permutationKey]permutation{}}

type permutationKey struct {
	stream int
	items  int64
}

// maxPermutations bounds what is kept; the largest has a megabyte.
const maxPermutations = 16

// permute returns the permutation that a stream makes of the items.
func permute(number int, items int64) permutation {
	permutations.Lock()
	defer permutations.Unlock()
	key := permutationKey{number, items}
	if p := permutations.made[key]; p != nil {
		return p
	}
	p := make(permutation, items)
	for i := range p {
		p[i] = int32(i)
	}
	s := newStream(number, 0, 0)
	for i := range p {
		j := s.uniform(0, items-1)
		p[i], p[j] = p[j], p[i]
	}
	if len(permutations.made) == maxPermutations {
		clear(permutations.made)
	}
	permutations.made[key] = p
	return p
}
