package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Tolerance is the relative difference that two floating point values may have. Sums of them depend on the order of the
// rows, which neither side fixes.
const Tolerance = 1e-9

// compare reports how an answer differs from the one that is right; "" when it does not. keys are the columns that the
// rows are ordered by.
//
// Rows are compared as a multiset, and beyond that the sequence of the keys' values has to be the same: rows with equal keys may
// come in any order. Exact numbers have to be equal. DuckDB's avg and division of decimals give floating point where Trino
// gives a decimal; there the values may differ by half a unit of the decimal's last digit.
func compare(got, want *Answer, keys []string) string {
	if len(got.Columns) != len(want.Columns) {
		return fmt.Sprintf("%d columns instead of %d", len(got.Columns), len(want.Columns))
	}
	if len(got.Rows) != len(want.Rows) {
		return fmt.Sprintf("%d rows instead of %d", len(got.Rows), len(want.Rows))
	}
	kinds := make([]kind, len(got.kinds))
	for i := range kinds {
		if (got.kinds[i] == text) != (want.kinds[i] == text) {
			return fmt.Sprintf("column %s: a number on one side only", got.Columns[i])
		}
		kinds[i] = max(got.kinds[i], want.kinds[i])
		if got.kinds[i] == exact && want.kinds[i] == approx {
			kinds[i] = rounded
		}
	}
	for _, key := range keys {
		i := slices.IndexFunc(got.Columns, func(name string) bool { return strings.EqualFold(name, key) })
		if i < 0 {
			continue
		}
		for r := range got.Rows {
			if !equal(got.Rows[r][i], want.Rows[r][i], kinds[i]) {
				return fmt.Sprintf("row %d: %s is %s instead of %s (wrong value or order)", r+1, key, show(got.Rows[r][i]), show(want.Rows[r][i]))
			}
		}
	}
	g, w := sorted(got.Rows, kinds), sorted(want.Rows, kinds)
	for r := range g {
		for i := range kinds {
			if !equal(g[r][i], w[r][i], kinds[i]) {
				return fmt.Sprintf("column %s: %s instead of %s, in the rows (%s) and (%s)", got.Columns[i],
					show(g[r][i]), show(w[r][i]), showRow(g[r]), showRow(w[r]))
			}
		}
	}
	return ""
}

// equal compares two values.
func equal(got, want string, k kind) bool {
	if got == want || got == null || want == null || k == text {
		return got == want
	}
	if k == exact {
		return canonical(got) == canonical(want)
	}
	g, err := strconv.ParseFloat(got, 64)
	w, err2 := strconv.ParseFloat(want, 64)
	if err != nil || err2 != nil {
		return false
	}
	tolerance := Tolerance * math.Max(math.Abs(g), math.Abs(w))
	if k == rounded {
		_, fraction, _ := strings.Cut(got, ".")
		tolerance += 0.5 * math.Pow10(-len(fraction))
	}
	return math.Abs(g-w) <= tolerance
}

// canonical drops zeros that do not matter.
func canonical(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// sorted returns the rows in an order that does not depend on floating point noise unless nothing else tells them apart.
func sorted(rows [][]string, kinds []kind) [][]string {
	out := slices.Clone(rows)
	slices.SortFunc(out, func(a, b []string) int {
		for i, k := range kinds {
			var c int
			switch k {
			case text:
				c = cmp.Compare(a[i], b[i])
			case exact:
				c = cmp.Compare(canonical(a[i]), canonical(b[i]))
			}
			if c != 0 {
				return c
			}
		}
		for i, k := range kinds {
			if k == approx || k == rounded {
				x, _ := strconv.ParseFloat(a[i], 64) // NULL counts as 0: equal will tell
				y, _ := strconv.ParseFloat(b[i], 64)
				if c := cmp.Compare(x, y); c != 0 {
					return c
				}
			}
		}
		return 0
	})
	return out
}

func show(v string) string {
	if v == null {
		return "NULL"
	}
	return v
}

func showRow(row []string) string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = show(v)
	}
	return strings.Join(out, ", ")
}
