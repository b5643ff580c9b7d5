package jdbc

import (
	"fmt"
	"math"
)

// KeyRanges cuts a table whose whole number in column goes from low to high into n conditions, or fewer. Rows and bytes are those of all parts together.
func KeyRanges(column string, low, high, n, rows, bytes int64) []Part {
	return ranges(column, bounds(low, high, n), rows, bytes)
}

// bounds divides the numbers from low to high into n ranges, or fewer: where each but the first begins.
func bounds(low, high, n int64) (list []int64) {
	width := (float64(high) - float64(low) + 1) / float64(n)
	last := low
	for i := int64(1); i < n; i++ {
		at := math.Floor(float64(low) + width*float64(i))
		if at >= math.MaxInt64 {
			break
		}
		if b := int64(at); b > last && b <= high {
			list, last = append(list, b), b
		}
	}
	return list
}

// ranges are the conditions that a value lies in each of the ranges; the first and the last have no end.
func ranges(column string, bounds []int64, rows, bytes int64) (parts []Part) {
	n := int64(len(bounds) + 1)
	for i := range n {
		where := ""
		if i > 0 {
			where = fmt.Sprintf("%s >= %d", column, bounds[i-1])
		}
		if i < n-1 {
			if where != "" {
				where += " AND "
			}
			where += fmt.Sprintf("%s < %d", column, bounds[i])
		}
		if where != "" {
			where = "(" + where + ")"
		}
		parts = append(parts, Part{Where: where, Rows: rows / n, Bytes: bytes / n})
	}
	return parts
}
