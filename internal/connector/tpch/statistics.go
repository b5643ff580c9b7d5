package tpch

import (
	"context"
	_ "embed" // the measured statistics
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch/dbgen"
)

// At scale factors 0.01 and 1 the data was measured; the results are compiled in. At others the numbers of rows and of keys
// follow from the benchmark's definition, and the rest from the measurement at 1.

// measurements has a line per column: scale factor, rows, column, distinct values, bytes, low, high. The latter two are nan
// for text.
//
//go:embed measured.txt
var measurements string

type measurement struct{ rows, distinct, bytes, low, high float64 }

type measuredKey struct {
	sf     float64
	column string
}

var measured = sync.OnceValue(func() map[measuredKey]measurement {
	all := map[measuredKey]measurement{}
	for line := range strings.Lines(measurements) {
		var k measuredKey
		var m measurement
		if _, err := fmt.Sscan(line, &k.sf, &m.rows, &k.column, &m.distinct, &m.bytes, &m.low, &m.high); err != nil {
			panic(fmt.Sprintf("measured.txt: %q: %v", line, err))
		}
		all[k] = m
	}
	return all
})

// lineitems are the rows of lineitem where the benchmark's specification states them (clause 4.2.5); elsewhere it is four
// per order, which is the average.
var lineitems = map[float64]float64{
	0.01: 60175, 1: 6001215, 10: 59986052, 30: 179998372, 100: 600037902, 300: 1799989091, 1000: 5999989709,
	3000: 18000048306, 10000: 59999994267, 30000: 179999978268, 100000: 599999969200,
}

func rowCount(t *dbgen.Table, sf float64) float64 {
	if n, ok := lineitems[sf]; ok && t.Name == "lineitem" {
		return n
	}
	return float64(t.Units(sf)) * float64(t.RowsPerUnit())
}

// growth says how a column's number of distinct values depends on the scale factor. A column without one has as many as at
// scale factor 1.
type growth struct {
	// of is the table whose units are numbered by the column, share the fraction of them that occurs. The largest value is
	// the last key.
	of    string
	share float64
	// domain is the number of values from which rows draw.
	domain func(sf float64) float64
}

func fixed(n float64) func(float64) float64 { return func(float64) float64 { return n } }

func clerks(sf float64) float64 { return 1000 * max(1, sf) }

// retailPrices is the number of prices of parts: a tenth of the parts' number and a number below 1000 make a price, and from
// about scale factor 6 on all 119,900 occur.
func retailPrices(sf float64) float64 {
	return min(119_900, 899+float64(dbgen.Lookup("part").Units(sf))/10)
}

// extendedPrices are those of 1 to 50 pieces; a tenth of the products coincide.
func extendedPrices(sf float64) float64 { return 0.9 * 50 * retailPrices(sf) }

var growths = map[string]growth{
	"s_suppkey": {of: "supplier", share: 1}, "s_name": {of: "supplier", share: 1}, "s_address": {of: "supplier", share: 1},
	"s_phone": {of: "supplier", share: 1}, "s_acctbal": {domain: fixed(1_099_999)}, "s_comment": {domain: fixed(300e6)},
	"c_custkey": {of: "customer", share: 1}, "c_name": {of: "customer", share: 1}, "c_address": {of: "customer", share: 1},
	"c_phone": {of: "customer", share: 1}, "c_acctbal": {domain: fixed(1_099_999)}, "c_comment": {domain: fixed(300e6)},
	"p_partkey": {of: "part", share: 1}, "p_name": {of: "part", share: 1}, "p_retailprice": {domain: retailPrices},
	"p_comment": {domain: fixed(15e6)}, "ps_partkey": {of: "part", share: 1}, "ps_suppkey": {of: "supplier", share: 1},
	"ps_availqty": {domain: fixed(9999)}, "ps_supplycost": {domain: fixed(99_901)}, "ps_comment": {domain: fixed(300e6)},
	"o_orderkey": {of: "orders", share: 1}, "o_custkey": {of: "customer", share: 2. / 3}, "o_totalprice": {domain: fixed(38e6)},
	"o_clerk": {domain: clerks}, "o_comment": {domain: fixed(300e6)}, "l_orderkey": {of: "orders", share: 1},
	"l_partkey": {of: "part", share: 1}, "l_suppkey": {of: "supplier", share: 1}, "l_extendedprice": {domain: extendedPrices},
	"l_comment": {domain: fixed(200e6)},
}

// Statistics returns what is known about all columns of a table.
func (c *Connector) Statistics(_ context.Context, scan connector.Scan) (connector.Statistics, error) {
	h, err := readHandle(scan)
	if err != nil {
		return connector.Statistics{}, err
	}
	t := h.table()
	out := connector.Statistics{Rows: rowCount(t, h.Scale), Columns: map[string]connector.ColumnStatistics{}}
	for _, col := range t.Columns {
		m := columnStatistics(col, h.Scale, out.Rows)
		s := connector.ColumnStatistics{Distinct: m.distinct, Bytes: -1, Low: m.low, High: m.high}
		if col.Kind == dbgen.Text {
			s.Bytes = m.bytes
		}
		out.Columns[c.columnName(col)] = s
	}
	return out, nil
}

// columnStatistics returns the measured or estimated statistics of a column.
func columnStatistics(col dbgen.Column, sf, rows float64) measurement {
	if m, ok := measured()[measuredKey{sf, col.Name}]; ok {
		return m
	}
	m := measured()[measuredKey{1, col.Name}]
	if m.rows > 0 {
		m.bytes *= rows / m.rows
	}
	m.rows = rows
	g := growths[col.Name]
	switch {
	case g.of != "":
		t := dbgen.Lookup(g.of)
		m.distinct = math.Round(float64(t.Units(sf)) * g.share)
		if col.Kind == dbgen.Key {
			last := t.Key(t.Units(sf) - 1)
			if col.Name == "o_custkey" && last%3 == 0 { // each third customer orders nothing
				last--
			}
			m.high = float64(last)
		}
	case g.domain != nil:
		domain := g.domain(sf)
		m.distinct = math.Round(domain * -math.Expm1(-rows/domain))
	}
	m.distinct = min(m.distinct, rows)
	return m
}

// averageLength returns the average length of a text column.
func averageLength(t *dbgen.Table, column int) float64 {
	m := measured()[measuredKey{1, t.Columns[column].Name}]
	return m.bytes / m.rows
}

// Analyzed says that the statistics are those of the generated rows.
func (c *Connector) Analyzed() {}
