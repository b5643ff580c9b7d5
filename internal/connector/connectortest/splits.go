package connectortest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// splitting checks that the splits of a scan are the same however they are asked for, and together are all its rows, each once.
func splitting(t *testing.T, c connector.Connector, scan connector.Scan) {
	t.Helper()
	splits := splitsOf(t, c, scan, 1000)
	src, err := c.Splits(t.Context(), scan)
	must(t, err)
	must(t, src.Close())
	_, momentary := src.(connector.MomentarySplits)
	for _, batch := range []int{1, 3} {
		if again := splitsOf(t, c, scan, batch); len(again) != len(splits) || !momentary && !reflect.DeepEqual(splits, again) {
			t.Errorf("splits asked for by %d are others:\n%v\n%v", batch, splits, again)
		}
	}
	all := readSplits(t, c, scan, splits)
	var apart []string
	for i := 0; i < len(splits); i += max(1, len(splits)/8) {
		apart = append(apart, readSplits(t, c, scan, splits[i:min(len(splits), i+max(1, len(splits)/8))])...)
	}
	slices.Sort(apart)
	if !slices.Equal(all, apart) {
		t.Errorf("splits apart give %d rows, together %d", len(apart), len(all))
	}
	fewer := scan
	fewer.Columns = []connector.Column{scan.Columns[len(scan.Columns)-1], scan.Columns[0]}
	if rows := readScan(t, c, fewer); len(rows) != len(all) {
		t.Errorf("of two columns there are %d rows, of all %d", len(rows), len(all))
	}
	batches(t, c, scan, splits, len(all))
}

// batches checks the readers of record batches: that they give no more rows than asked for, and what a projection says.
func batches(t *testing.T, c connector.Connector, scan connector.Scan, splits []connector.Split, want int) {
	t.Helper()
	if len(splits) == 0 {
		return
	}
	src, err := c.Source(t.Context(), scan, splits)
	must(t, err)
	if src.Close != nil {
		defer func() { must(t, src.Close()) }()
	}
	if src.Batches == nil {
		return
	}
	for _, projection := range [][]int{{}, {len(scan.Columns) - 1}} {
		rows := 0
		for p := range src.Batches.Partitions() {
			r, err := src.Batches.Open(t.Context(), p, projection)
			must(t, err)
			b := &connector.Batch{}
			for {
				n, err := r.Next(b, 7)
				must(t, err)
				if n == 0 {
					break
				}
				if n > 7 {
					t.Fatalf("%d rows at once instead of 7", n)
				}
				rows += n
			}
			must(t, r.Close())
		}
		if rows != want {
			t.Errorf("with the projection %v there are %d rows, want %d", projection, rows, want)
		}
	}
}

// manyRows is how many rows a large table has: several batches, and more than one attempt's.
const manyRows = 20_000

// large checks a table of many rows, which several attempts of several writes have made.
func large(t *testing.T, h Harness) {
	c := h.New(t)
	defer c.Close()
	def := definition(h.Schema, "large")
	must(t, c.(connector.TableCreator).CreateTable(t.Context(), def))
	for i := range 2 {
		insert(t, c, h.Schema, fmt.Sprintf("large%d", i), fmt.Sprintf(`INSERT INTO large SELECT n + %d, CAST('row ' || CAST(n AS varchar) AS varchar(20)),
			CAST(n AS decimal(12,2)), date_add('day', n %% 1000, DATE '2020-01-01') FROM TABLE(sequence(1, %d)) AS s (n)`, i*manyRows, manyRows))
	}
	if h.Forgets {
		return
	}
	scan := scanOf(describe(t, c, def.Name))
	splitting(t, c, scan)
	rows, _ := answer(t, c, h.Schema, "SELECT count(*), count(DISTINCT id), min(id), max(id), sum(amount), count(name) FROM large", true, false)
	wantRows(t, rows, fmt.Sprintf("%d|%d|1|%d|%d.00|%d", 2*manyRows, 2*manyRows, 2*manyRows, manyRows*(manyRows+1), 2*manyRows))
	few, _ := answer(t, c, h.Schema, fmt.Sprintf("SELECT id, name FROM large WHERE id IN (1, %d, %d)", manyRows+1, 2*manyRows), true, false)
	wantRows(t, few, "1|row 1", fmt.Sprintf("%d|row 1", manyRows+1), fmt.Sprintf("%d|row %d", 2*manyRows, manyRows))
	cancelled(t, c, scan)
	must(t, c.(connector.TableCreator).DropTable(t.Context(), describe(t, c, def.Name)))
}
