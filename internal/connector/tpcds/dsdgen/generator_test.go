package dsdgen

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// render returns the rows of some units as text, and in how many batches they came.
func render(t testing.TB, table *Table, sf float64, first, count int64, columns []int, maxRows int) []string {
	t.Helper()
	g, err := New(table, sf, Options{Created: time.Unix(0, 0)}, first, count, columns)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	var b Batch
	for g.Next(&b, maxRows) {
		rows := make([]strings.Builder, b.Rows)
		for _, c := range columns {
			v := &b.Columns[c]
			nulls := v.Nulls
			for i := range rows {
				null := len(nulls) > 0 && int(nulls[0]) == i
				switch k := table.Columns[c].Kind; {
				case null:
					nulls = nulls[1:]
					rows[i].WriteString(`\N`)
				case k == Char || k == Varchar:
					rows[i].Write(v.Data[v.Offsets[i]:v.Offsets[i+1]])
				case k == Integer || k == Date:
					fmt.Fprint(&rows[i], v.I32[i])
				default:
					fmt.Fprint(&rows[i], v.I64[i])
				}
				rows[i].WriteByte('|')
			}
		}
		for i := range rows {
			out = append(out, rows[i].String())
		}
	}
	return out
}

// TestRanges generates pieces of tables, which have the rows of the whole.
func TestRanges(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, table := range Tables {
		for _, sf := range []float64{0.01, 3} {
			units := min(table.Units(sf), 120)
			from := random.Int64N(table.Units(sf) - units + 1)
			whole := render(t, table, sf, from, units, allColumns(table), 1000)
			var pieces []string
			for first := int64(0); first < units; {
				count := min(1+random.Int64N(7), units-first)
				pieces = append(pieces, render(t, table, sf, from+first, count, allColumns(table), MaxUnitRows+random.IntN(30))...)
				first += count
			}
			if len(whole) == 0 || strings.Join(whole, "\n") != strings.Join(pieces, "\n") {
				t.Errorf("%s at %v from unit %d on: the pieces have other rows than the whole", table.Name, sf, from)
			}
		}
	}
}

// TestColumns generates columns by themselves: what is not asked for does not change the others.
func TestColumns(t *testing.T) {
	for _, table := range Tables {
		const sf, units = 0.01, 60
		whole := render(t, table, sf, 0, min(units, table.Units(sf)), allColumns(table), 1000)
		for c := range table.Columns {
			for i, cell := range render(t, table, sf, 0, min(units, table.Units(sf)), []int{c}, 1000) {
				if want := strings.Split(whole[i], "|")[c] + "|"; cell != want {
					t.Fatalf("%s.%s, row %d: %s alone, %s with the other columns", table.Name, table.Columns[c].Name, i, cell, want)
				}
			}
		}
	}
}

// TestTextsFitTheirDraws counts the draws of texts, the number of which is not fixed: rows could not be placed in the streams if one
// drew more than are reserved. Texts do not depend on the scale factor, so the largest has all of them.
func TestTextsFitTheirDraws(t *testing.T) {
	for _, tt := range []struct {
		column  string
		stream  int
		perUnit int64
		lo, hi  int64
		rows    int64
	}{
		{"cc_mkt_class", 14, 50, 20, 50, 60}, {"cc_mkt_desc", 15, 50, 20, 100, 60}, {"cp_description", 43, 100, 50, 99, 50_000},
		{"i_item_desc", 207, 200, 1, 200, 502_000}, {"p_channel_details", 244, 100, 20, 60, 2500}, {"s_market_desc", 272, 100, 15, 100, 1902},
		{"w_warehouse_name", 353, 80, 10, 20, 30}, {"web_mkt_class", 457, 20, 20, 50, 96}, {"web_mkt_desc", 458, 100, 20, 100, 96},
	} {
		s := newStream(tt.stream, tt.perUnit, 0)
		var text []byte
		for row := range tt.rows {
			from := s
			text = allDistributions().appendText(text[:0], &s, tt.lo, tt.hi)
			draws := int64(0)
			for ; draws <= tt.perUnit && from.x != s.x; draws++ {
				from.draw()
			}
			if draws > tt.perUnit {
				t.Errorf("%s, row %d: more than %d draws for %q", tt.column, row+1, tt.perUnit, text)
				break
			}
			s.end()
		}
	}
}

// TestCalendar goes to days and back.
func TestCalendar(t *testing.T) {
	for number := julian(1900, 1, 1); number < julian(2100, 3, 2); number++ {
		if y, m, d := civil(number); julian(y, m, d) != number {
			t.Fatalf("day %d is %d-%d-%d, which is day %d", number, y, m, d, julian(y, m, d))
		}
		y, m, d := civil(number)
		if u := time.Unix((number-julianEpoch)*86400, 0).UTC(); int64(u.Year()) != y || int64(u.Month()) != m || int64(u.Day()) != d {
			t.Fatalf("day %d is %d-%d-%d instead of %v", number, y, m, d, u)
		}
	}
}

// TestNew refuses what is not there.
func TestNew(t *testing.T) {
	reason := Lookup("reason")
	for _, units := range [][2]int64{{-1, 1}, {0, 36}, {35, 1}, {0, -1}} {
		if _, err := New(reason, 1, Options{}, units[0], units[1], nil); err == nil {
			t.Errorf("units %d and %d more were taken", units[0], units[1])
		}
	}
	if Lookup("nope") != nil {
		t.Error("there is a table nope")
	}
}

// TestAllNames gives managers names of women too, and changes nothing else.
func TestAllNames(t *testing.T) {
	site := Lookup("web_site")
	names := func(o Options) (managers, companies string) {
		g, err := New(site, 1, o, 0, 30, []int{webManager, webCompanyName})
		if err != nil {
			t.Fatal(err)
		}
		var b Batch
		g.Next(&b, 100)
		return string(b.Columns[webManager].Data), string(b.Columns[webCompanyName].Data)
	}
	men, companies := names(Options{})
	all, same := names(Options{AllNames: true})
	if men == all || companies != same {
		t.Errorf("managers %q, and with all names %q; companies %q and %q", men, all, companies, same)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, table := range Tables {
		b.Run(table.Name, func(b *testing.B) {
			rows := 0
			var batch Batch
			for b.Loop() {
				units := min(table.Units(1), 5000)
				g, err := New(table, 1, Options{}, 0, units, allColumns(table))
				if err != nil {
					b.Fatal(err)
				}
				for g.Next(&batch, 2048) {
					rows += batch.Rows
				}
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
