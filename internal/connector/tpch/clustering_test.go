package tpch

import (
	"fmt"
	"math"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// TestRangeSplits divides tables by ranges of their keys: each row is in one range, and the ranges have about as many.
func TestRangeSplits(t *testing.T) {
	c, err := New(connector.CatalogConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		table, column string
		known         bool
	}{{"orders", "orderkey", true}, {"lineitem", "orderkey", true}, {"partsupp", "partkey", true}, {"lineitem", "partkey", false}} {
		table, err := c.Table(t.Context(), connector.SchemaTable{Schema: "tiny", Table: tt.table})
		if err != nil {
			t.Fatal(err)
		}
		scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns}
		clusters, known, err := c.Clustering(t.Context(), scan, tt.column)
		if err != nil || known != tt.known {
			t.Fatalf("%s.%s: known %t, %v", tt.table, tt.column, known, err)
		}
		if !known {
			continue
		}
		all := rowsIn(t, c, scan, nil)
		r := connector.Ranges{Column: tt.column}
		const ranges = 7
		for i := 1; i < ranges; i++ {
			r.Bounds = append(r.Bounds, clusters.Bounds[i*len(clusters.Bounds)/ranges])
		}
		src, err := c.RangeSplits(t.Context(), scan, r)
		if err != nil {
			t.Fatal(err)
		}
		var groups [ranges][]connector.Split
		for {
			batch, err := src.Next(t.Context(), 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(batch) == 0 {
				break
			}
			for _, s := range batch {
				groups[s.Group-1] = append(groups[s.Group-1], s)
			}
		}
		sum := int64(0)
		for i, g := range groups {
			n := rowsIn(t, c, scan, g)
			if share := float64(n) * ranges / float64(all); math.Abs(share-1) > 0.2 {
				t.Errorf("%s: range %d has %d of %d rows", tt.table, i, n, all)
			}
			sum += n
		}
		if sum != all {
			t.Errorf("%s: the ranges have %d rows, the table %d", tt.table, sum, all)
		}
	}
}

// rowsIn counts the rows of splits; of all when there are none.
func rowsIn(t *testing.T, c *Connector, scan connector.Scan, splits []connector.Split) (rows int64) {
	t.Helper()
	if splits == nil {
		src, err := c.Splits(t.Context(), scan)
		if err != nil {
			t.Fatal(err)
		}
		if splits, err = src.Next(t.Context(), math.MaxInt32); err != nil {
			t.Fatal(err)
		}
	}
	src, err := c.Source(t.Context(), scan, splits)
	if err != nil {
		t.Fatal(err)
	}
	for p := range src.Batches.Partitions() {
		r, err := src.Batches.Open(t.Context(), p, []int{0})
		if err != nil {
			t.Fatal(err)
		}
		var b connector.Batch
		for {
			n, err := r.Next(&b, 1000)
			if err != nil {
				t.Fatal(fmt.Errorf("partition %d: %w", p, err))
			}
			if n == 0 {
				break
			}
			rows += int64(n)
		}
		_ = r.Close()
	}
	return rows
}
