package dbgen

import (
	"math"
	"testing"
)

func TestUnitsBetween(t *testing.T) {
	for _, c := range []struct {
		table        string
		low, high    int64
		first, count int64
	}{
		{"nation", 0, 24, 0, 25},
		{"nation", -5, 100, 0, 25},
		{"nation", 3, 3, 3, 1},
		{"nation", 25, 30, 25, 0},
		{"nation", 5, 4, 5, 0},
		{"customer", 1, 1, 0, 1},
		{"customer", 0, 0, 0, 0},
		{"customer", math.MinInt64, math.MaxInt64, 0, 1500},
		{"partsupp", 2000, math.MaxInt64, 1999, 1},
		{"orders", 1, 7, 0, 7},
		{"orders", 8, 31, 7, 0},
		{"orders", 8, 32, 7, 1},
		{"lineitem", 32, 39, 7, 8},
		{"lineitem", 60000, 60000, 14999, 1},
		{"lineitem", 60001, 60002, 15000, 0},
	} {
		first, count := Lookup(c.table).UnitsBetween(0.01, c.low, c.high)
		if count != c.count || count > 0 && first != c.first {
			t.Errorf("%s between %d and %d: units %d+%d, want %d+%d", c.table, c.low, c.high, first, count, c.first, c.count)
		}
	}
}

// TestKey compares with the first column as generated.
func TestKey(t *testing.T) {
	for _, table := range Tables {
		g, err := New(table, 0.001, 0, table.Units(0.001), []int{0, RowNumber})
		if err != nil {
			t.Fatal(err)
		}
		var b Batch
		for g.Next(&b, MinRows) {
			for i, got := range b.Columns[0].I64 {
				unit := b.Columns[1].I64[i] - table.Columns[0].first()
				if want := table.Key(unit); got != want {
					t.Fatalf("%s: unit %d has key %d, want %d", table.Name, unit, got, want)
				}
			}
		}
	}
}

// first is the number of the first unit.
func (c Column) first() int64 {
	if c.Name == "r_regionkey" || c.Name == "n_nationkey" {
		return 0
	}
	return 1
}
