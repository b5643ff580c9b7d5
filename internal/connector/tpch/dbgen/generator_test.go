package dbgen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
)

// render generates units of a table in text form.
func render(t *testing.T, table *Table, sf float64, first, count int64, maxRows int, write func(line []byte)) (rows int) {
	t.Helper()
	g, err := New(table, sf, first, count, allColumns(table))
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	var line []byte
	for g.Next(&b, maxRows) {
		rows += b.Rows
		for row := range b.Rows {
			line = AppendRow(line[:0], table.Columns, &b, row)
			write(line)
		}
	}
	return rows
}

func allColumns(table *Table) []int {
	all := make([]int, len(table.Columns))
	for i := range all {
		all[i] = i
	}
	return all
}

// TestGolden compares with what another generator made.
func TestGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var sf float64
		var part, parts int64
		var name, want string
		var wantRows int
		if _, err := fmt.Sscan(line, &sf, &part, &parts, &name, &wantRows, &want); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		t.Run(fmt.Sprintf("%v/%d/%s", sf, part, name), func(t *testing.T) {
			table := Lookup(name)
			first, count := table.Part(sf, part-1, parts)
			sum := sha256.New()
			rows := render(t, table, sf, first, count, 1000, func(line []byte) { sum.Write(line) })
			if got := hex.EncodeToString(sum.Sum(nil)); rows != wantRows || got != want {
				t.Errorf("%d rows with sum %s, want %d with %s", rows, got, wantRows, want)
			}
		})
	}
}

// TestPartsMakeTheWhole generates tables in parts, by batches of several sizes, and one column at a time.
func TestPartsMakeTheWhole(t *testing.T) {
	const sf = 0.002
	for _, table := range Tables {
		t.Run(table.Name, func(t *testing.T) {
			var whole bytes.Buffer
			render(t, table, sf, 0, table.Units(sf), 5000, func(line []byte) { whole.Write(line) })
			for _, parts := range []int64{2, 7, 100} {
				var joined bytes.Buffer
				for i := range parts {
					first, count := table.Part(sf, i, parts)
					render(t, table, sf, first, count, MinRows+int(i), func(line []byte) { joined.Write(line) })
				}
				if !bytes.Equal(whole.Bytes(), joined.Bytes()) {
					t.Errorf("%d parts together differ from the whole", parts)
				}
			}
			rows := bytes.Split(bytes.TrimSuffix(whole.Bytes(), []byte("\n")), []byte("\n"))
			first := table.Units(sf) / 3
			var skipped int
			if first > 0 {
				skipped = render(t, table, sf, 0, first, 64, func([]byte) {})
			}
			for c, column := range table.Columns {
				g, err := New(table, sf, first, table.Units(sf)-first, []int{c})
				if err != nil {
					t.Fatal(err)
				}
				var b Batch
				at := skipped
				for g.Next(&b, 64) {
					for row := range b.Rows {
						got := AppendRow(nil, table.Columns[c:c+1], &b, row)
						want := bytes.Split(rows[at], []byte("|"))[c]
						if string(got) != string(want)+"|\n" {
							t.Fatalf("%s of row %d alone is %q, with all columns %q", column.Name, at, got, want)
						}
						at++
					}
				}
				if at != len(rows) {
					t.Errorf("%s alone has %d rows, want %d", column.Name, at, len(rows))
				}
			}
		})
	}
}

func TestNewRefusesUnitsThatDoNotExist(t *testing.T) {
	table := Lookup("nation")
	for _, c := range []struct{ first, count int64 }{{-1, 2}, {0, -1}, {0, 26}, {25, 1}} {
		if _, err := New(table, 1, c.first, c.count, nil); err == nil {
			t.Errorf("New accepted units %d+%d", c.first, c.count)
		}
	}
}

// TestPick checks the claim in the comment of pick at the places where rounding could matter.
func TestPick(t *testing.T) {
	check := func(x, n uint64) {
		if got, want := pick(x, n), pickWide(x, int64(n)); got != uint64(want) {
			t.Fatalf("pick(%d, %d) = %d, floating point gives %d", x, n, got, want)
		}
	}
	x := uint64(1)
	for _, n := range []uint64{1, 2, 3, 7, 50, 92, 101, 9000, 99901, exactLimit - 1, exactLimit} {
		for q := range min(n, 5000) {
			border := q * modulus / n
			for d := range uint64(3) {
				if state := border + d; state > 0 && state < modulus {
					check(state, n)
				}
			}
		}
		for range 5000 {
			x = next(x)
			check(x, n)
		}
		check(modulus-1, n)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, c := range []struct {
		table   string
		columns []string
	}{
		{"lineitem", []string{"l_orderkey"}},
		{"lineitem", []string{"l_quantity", "l_extendedprice", "l_discount", "l_shipdate"}},
		{"lineitem", []string{"l_quantity", "l_extendedprice", "l_discount", "l_tax", "l_returnflag", "l_linestatus", "l_shipdate"}},
		{"lineitem", []string{"l_comment"}},
		{"lineitem", nil},
		{"orders", []string{"o_orderkey", "o_custkey", "o_orderdate", "o_shippriority"}},
		{"orders", []string{"o_totalprice", "o_orderstatus"}},
		{"orders", nil},
		{"partsupp", []string{"ps_partkey", "ps_suppkey", "ps_supplycost"}},
		{"partsupp", nil},
		{"part", nil},
		{"customer", nil},
		{"supplier", nil},
	} {
		table := Lookup(c.table)
		columns := allColumns(table)
		name := "all"
		if c.columns != nil {
			name = strings.Join(c.columns, ",")
			columns = nil
			for i, column := range table.Columns {
				if strings.Contains(","+name+",", ","+column.Name+",") {
					columns = append(columns, i)
				}
			}
		}
		b.Run(c.table+"/"+name, func(b *testing.B) {
			const sf = 10
			var batch Batch
			rows, g := 0, (*Generator)(nil)
			b.ReportAllocs()
			for b.Loop() {
				if g == nil || !g.Next(&batch, 2048) {
					g, _ = New(table, sf, 0, table.Units(sf), columns)
					g.Next(&batch, 2048)
				}
				rows += batch.Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

// TestConcurrentUse generates the same comments in several goroutines, which make the index of the text together.
func TestConcurrentUse(t *testing.T) {
	table := Lookup("orders")
	results := make(chan string)
	const workers = 4
	for range workers {
		go func() {
			g, err := New(table, 1, 1_000_000, 300, []int{8})
			if err != nil {
				results <- err.Error()
				return
			}
			var b Batch
			var all []byte
			for g.Next(&b, 100) {
				all = append(all, b.Columns[0].Data...)
			}
			results <- string(all)
		}()
	}
	first := <-results
	for range workers - 1 {
		if got := <-results; got != first {
			t.Error("goroutines differ")
		}
	}
}
