package differential

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// table is a table with so many rows.
type table struct {
	name string
	rows int
	cols []column
}

// tables are what queries are made of. They are small, full of NULLs and duplicates; one is empty.
var tables = []table{
	{"t0", 60, []column{{"i", bigint}, {"s", varchar}, {"d", decimal}, {"a", array}, {"r", row}}},
	{"t1", 40, []column{{"i", bigint}, {"j", bigint}, {"t", date}, {"b", boolean}, {"r", row}}},
	{"t2", 25, []column{{"s", varchar}, {"d", decimal}, {"z", timestamp}, {"f", double}, {"i", bigint}}},
	{"t3", 0, []column{{"i", bigint}, {"s", varchar}, {"d", decimal}}},
}

// parts is how many INSERT statements fill a table: each makes a piece that a task of its own can read.
const parts = 3

// statements create and fill the tables.
func statements(seed uint64) []string {
	rng := rand.New(rand.NewPCG(seed, 1))
	var out []string
	for _, t := range tables {
		var defs, casts []string
		for _, c := range t.cols {
			defs = append(defs, c.name+" "+string(c.typ))
			casts = append(casts, fmt.Sprintf("CAST(%s AS %s)", c.name, c.typ))
		}
		out = append(out, "CREATE TABLE "+t.name+" ("+strings.Join(defs, ", ")+")")
		for range min(parts, t.rows) {
			var rows []string
			for range t.rows / parts {
				var values []string
				for _, c := range t.cols {
					values = append(values, value(rng, c.typ))
				}
				rows = append(rows, "("+strings.Join(values, ", ")+")")
			}
			out = append(out, fmt.Sprintf("INSERT INTO %s SELECT %s FROM (VALUES %s) v (%s)", t.name, strings.Join(casts, ", "), strings.Join(rows, ", "), ordinals(t.cols)))
		}
	}
	return out
}

// value makes a literal. Numbers are small, so that keys meet; floating point numbers are quarters, whose sums are exact.
func value(rng *rand.Rand, typ kind) string {
	if rng.IntN(6) == 0 {
		return "CAST(NULL AS " + string(typ) + ")"
	}
	switch typ {
	case varchar:
		return []string{"'a'", "'b'", "'ab'", "''", "'ä€'", "'B '"}[rng.IntN(6)]
	case decimal:
		return fmt.Sprintf("CAST(%d.%02d AS decimal(12,2))", rng.IntN(7)-3, rng.IntN(4)*25)
	case double:
		return fmt.Sprintf("%d.%de0", rng.IntN(5)-2, []int{0, 25, 5, 75}[rng.IntN(4)])
	case boolean:
		return []string{"true", "false"}[rng.IntN(2)]
	case date:
		return fmt.Sprintf("DATE '2020-02-%02d'", 25+rng.IntN(5))
	case timestamp:
		return fmt.Sprintf("TIMESTAMP '2020-02-29 %02d:00:00.%03d'", rng.IntN(3), rng.IntN(3)*250)
	case row:
		inner := "ROW(" + value(rng, varchar) + ", " + value(rng, bigint) + ")"
		if rng.IntN(4) == 0 {
			inner = "NULL"
		}
		return "CAST(ROW(" + value(rng, bigint) + ", " + inner + ") AS " + string(row) + ")"
	case array:
		n := rng.IntN(4)
		items := make([]string, n)
		for i := range items {
			items[i] = fmt.Sprintf("BIGINT '%d'", rng.IntN(6))
		}
		return "CAST(ARRAY[" + strings.Join(items, ", ") + "] AS array(bigint))"
	}
	return fmt.Sprintf("BIGINT '%d'", rng.IntN(9)-1)
}
