package dbgen

// The first column of region, nation, supplier, customer, part and partsupp, and that of orders and lineitem, grows with the
// unit. A range of its values is therefore a range of units.

// Key returns the value of the first column in a unit.
func (t *Table) Key(unit int64) int64 {
	switch {
	case t.fixed:
		return unit
	case t.base == orderBase:
		return sparseKey(unit + 1)
	}
	return unit + 1
}

// UnitsBetween returns the range of units whose first column is from low to high, both inclusive; count is 0 when there are
// none.
func (t *Table) UnitsBetween(sf float64, low, high int64) (first, count int64) {
	total := t.Units(sf)
	first = t.search(total, low)
	end := total
	if high < t.Key(total) {
		end = t.search(total, high+1)
	}
	return first, max(0, end-first)
}

// search returns the first of total units whose key is at least low, or total.
func (t *Table) search(total, low int64) int64 {
	lo, hi := int64(0), total
	for lo < hi {
		mid := lo + (hi-lo)/2
		if t.Key(mid) < low {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
