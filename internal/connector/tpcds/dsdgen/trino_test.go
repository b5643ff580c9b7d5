package dsdgen

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
)

// TestTrino compares the tables with Trino's: testdata/tiny.txt and sf1.txt have the numbers of rows and, by column, the results of
// checksum() that the connector tpcds of Trino 476 gave. They are the same for the data of its generator, io.trino.tpcds:tpcds:1.4.
// The rows of dbgen_version say when they were generated.
func TestTrino(t *testing.T) {
	for _, tt := range []struct {
		schema string
		scale  float64
	}{{"tiny", 0.01}, {"sf1", 1}} {
		t.Run(tt.schema, func(t *testing.T) {
			for table, want := range readChecksums(t, "testdata/"+tt.schema+".txt") {
				t.Run(table, func(t *testing.T) {
					t.Parallel()
					got, err := checksums(Lookup(table), tt.scale)
					if err != nil {
						t.Fatal(err)
					}
					for i, line := range want {
						if got[i] != line {
							t.Errorf("got %s, want %s", got[i], line)
						}
					}
				})
			}
		})
	}
}

// readChecksums reads lines per table: a first one with its name and the number of rows, and one per column.
func readChecksums(t *testing.T, file string) map[string][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][]string{}
	table := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "= "); ok {
			table, _, _ = strings.Cut(name, " ")
		}
		out[table] = append(out[table], lines.Text())
	}
	if len(out) != len(Tables)-1 {
		t.Fatalf("%s has %d tables", file, len(out))
	}
	return out
}

// checksums returns what readChecksums reads for a table.
func checksums(t *Table, sf float64) ([]string, error) {
	g, err := New(t, sf, Options{}, 0, t.Units(sf), allColumns(t))
	if err != nil {
		return nil, err
	}
	rows, sums := 0, make([]uint64, len(t.Columns))
	var b Batch
	for g.Next(&b, 2048) {
		rows += b.Rows
		for c := range b.Columns {
			sums[c] += checksum(t.Columns[c].Kind, &b.Columns[c], b.Rows)
		}
	}
	out := []string{fmt.Sprintf("= %s %d", t.Name, rows)}
	for i, c := range t.Columns {
		out = append(out, fmt.Sprintf("%s %X", c.Name, binary.LittleEndian.AppendUint64(nil, sums[i])))
	}
	return out, nil
}

// checksum is Trino's aggregate: the sum of the hashes of all values, each times a prime number. The hash of NULL is one.
func checksum(kind Kind, v *Vector, rows int) (sum uint64) {
	const prime = 0x9E3779B185EBCA87
	nulls := v.Nulls
	var number [8]byte
	for i := range rows {
		if len(nulls) > 0 && int(nulls[0]) == i {
			nulls = nulls[1:]
			sum += prime
			continue
		}
		var value []byte
		switch kind {
		case Char, Varchar:
			value = v.Data[v.Offsets[i]:v.Offsets[i+1]]
		case Integer, Date:
			binary.LittleEndian.PutUint64(number[:], uint64(v.I32[i]))
			value = number[:]
		default:
			binary.LittleEndian.PutUint64(number[:], uint64(v.I64[i]))
			value = number[:]
		}
		sum += prime * xxhash.Sum64(value)
	}
	return sum
}

func allColumns(t *Table) []int {
	out := make([]int, len(t.Columns))
	for i := range out {
		out[i] = i
	}
	return out
}
