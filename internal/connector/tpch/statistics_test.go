package tpch

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/waterbear-sql/waterbear/internal/connector/tpch/dbgen"
)

var measureAll = flag.Bool("measure", false, "measure scale factors 0.01 and 1 anew and write measured.txt")

// measure generates a column and returns what is true of it.
func measure(t *testing.T, table *dbgen.Table, column int, sf float64) measurement {
	g, err := dbgen.New(table, sf, 0, table.Units(sf), []int{column})
	if err != nil {
		t.Fatal(err)
	}
	m := measurement{low: math.NaN(), high: math.NaN()}
	seen := map[uint64]struct{}{}
	var b dbgen.Batch
	number := func(x float64) {
		seen[math.Float64bits(x)] = struct{}{}
		if !(m.low <= x) {
			m.low = x
		}
		if !(m.high >= x) {
			m.high = x
		}
	}
	for g.Next(&b, 2048) {
		v := &b.Columns[0]
		m.rows += float64(b.Rows)
		for i := range b.Rows {
			switch table.Columns[column].Kind {
			case dbgen.Text:
				seen[xxhash.Sum64(v.Data[v.Offsets[i]:v.Offsets[i+1]])] = struct{}{}
				m.bytes += float64(v.Offsets[i+1] - v.Offsets[i])
			case dbgen.Key:
				number(float64(v.I64[i]))
			case dbgen.Money:
				number(float64(v.I64[i]) / 100)
			default:
				number(float64(v.I32[i]))
			}
		}
	}
	m.distinct = float64(len(seen))
	return m
}

func measureTables(t *testing.T, sf float64) string {
	var out strings.Builder
	for _, table := range dbgen.Tables {
		for i, col := range table.Columns {
			m := measure(t, table, i, sf)
			fmt.Fprintf(&out, "%v %.0f %s %.0f %.0f %v %v\n", sf, m.rows, col.Name, m.distinct, m.bytes, m.low, m.high)
		}
	}
	return out.String()
}

// TestMeasured measures scale factor 0.01 anew; with -measure it writes the file, for 1 as well.
func TestMeasured(t *testing.T) {
	small := measureTables(t, 0.01)
	if *measureAll {
		if err := os.WriteFile("measured.txt", []byte(small+measureTables(t, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !strings.HasPrefix(measurements, small) {
		t.Error("measured.txt does not fit the data: run with -measure")
	}
}

// TestEstimates takes the statistics of scale factors between and beyond those measured: they must be near to what they
// are at the measured ones, apart from their growth.
func TestEstimates(t *testing.T) {
	for _, table := range dbgen.Tables {
		for _, col := range table.Columns {
			for _, sf := range []float64{0.01, 1} {
				exact := measured()[measuredKey{sf, col.Name}]
				// The nearest neighbour is estimated, not measured.
				near := columnStatistics(col, sf*1.0001, exact.rows)
				if d := near.distinct / exact.distinct; d < 0.6 || d > 1.6 {
					t.Errorf("%s: %.0f distinct values estimated, %.0f measured at %v", col.Name, near.distinct, exact.distinct, sf)
				}
				if col.Kind == dbgen.Text && math.Abs(near.bytes/exact.bytes-1) > 0.1 {
					t.Errorf("%s: %.0f bytes estimated, %.0f measured at %v", col.Name, near.bytes, exact.bytes, sf)
				}
			}
			var last float64
			for _, sf := range []float64{0.5, 1, 2, 10, 100, 1000, 100000} {
				m := columnStatistics(col, sf, rowCount(table, sf))
				if m.distinct < last*0.7 || m.distinct > m.rows {
					t.Errorf("%s at %v: %.0f distinct values of %.0f rows, after %.0f", col.Name, sf, m.distinct, m.rows, last)
				}
				last = m.distinct
			}
		}
	}
}
