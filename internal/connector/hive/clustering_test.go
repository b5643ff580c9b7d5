package hive

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// TestClustering describes tables whose files lie in order of a column, and enumerates them by ranges of it.
func TestClustering(t *testing.T) {
	c, root := open(t)
	table, dir := external(t, c, root, "t", "id bigint, name varchar, missing bigint")
	writeFile(t, filepath.Join(dir, "a"), 40, 10)
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:3]}
	for _, tt := range []struct {
		column     string
		constraint []connector.Domain
		known      bool
		pieces     int
		bounds     []int64
	}{
		{"id", nil, true, 4, []int64{10, 20, 30}},
		{"id", []connector.Domain{{Column: "id", Low: &connector.Bound{Value: int64(15)}}}, true, 3, []int64{20, 30}},
		{"name", nil, false, 0, nil},
		{"missing", nil, true, 0, nil},
		{"$path", nil, false, 0, nil},
	} {
		scan.Constraint = tt.constraint
		got, known, err := c.Clustering(t.Context(), scan, tt.column)
		if err != nil || known != tt.known || got.Pieces != tt.pieces || got.Depth != 0 || !slices.Equal(got.Bounds, tt.bounds) {
			t.Errorf("%s under %v: %+v, %t, %v", tt.column, tt.constraint, got, known, err)
		}
	}
	scan.Constraint = nil
	for _, tt := range []struct {
		bounds []int64
		want   string
	}{
		{nil, "1 [.,.)NULL a"},
		{[]int64{20}, "1 [.,20)NULL a[0-20); 2 [20,.) a[20-40)"},
		{[]int64{15, 17}, "1 [.,15)NULL a[0-20); 2 [15,17) a[10-20); 3 [17,.) a[10-40)"},
		{[]int64{-5, 100}, "2 [-5,100) a"},
	} {
		src, err := c.RangeSplits(t.Context(), scan, connector.Ranges{Column: "id", Bounds: tt.bounds})
		if err != nil {
			t.Fatal(err)
		}
		list, err := src.Next(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, sp := range list {
			got = append(got, groupText(t, sp))
		}
		if text := strings.Join(got, "; "); text != tt.want {
			t.Errorf("ranges at %v: %s, want %s", tt.bounds, text, tt.want)
		}
	}
}

// groupText prints a split of a group, its range and rows.
func groupText(t *testing.T, sp connector.Split) string {
	t.Helper()
	end := func(n *int64) string {
		if n == nil {
			return "."
		}
		return fmt.Sprint(*n)
	}
	var s split
	if err := json.Unmarshal(sp.Handle, &s); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%d [%s,%s)", sp.Group, end(sp.Within.Low), end(sp.Within.High))
	if sp.Within.Nulls {
		text += "NULL"
	}
	text += " " + filepath.Base(s.Location)
	if s.End > 0 {
		text += fmt.Sprintf("[%d-%d)", s.First, s.End)
	}
	return text
}

// TestClusteringByPartition describes a table that is partitioned by the column.
func TestClusteringByPartition(t *testing.T) {
	c, _ := open(t)
	def := definition("t", "id bigint, n integer", map[string]any{propPartitionedBy: []string{"n"}})
	if err := c.CreateTable(t.Context(), def); err != nil {
		t.Fatal(err)
	}
	handle, err := c.BeginWrite(t.Context(), describe(t, c, def.Name), false, connector.RetriesEnabled, "q1")
	if err != nil {
		t.Fatal(err)
	}
	var fragments [][]byte
	for _, n := range []string{"3", "1", "2"} {
		fragments = append(fragments, stage(t, c, handle, "p"+n, n))
	}
	if err := c.FinishWrite(t.Context(), handle, fragments); err != nil {
		t.Fatal(err)
	}
	table := describe(t, c, def.Name)
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: table.Columns[:2]}
	got, known, err := c.Clustering(t.Context(), scan, "n")
	if err != nil || !known || got.Pieces != 3 || got.Depth != 0 || !slices.Equal(got.Bounds, []int64{2, 3}) {
		t.Fatalf("%+v, %t, %v", got, known, err)
	}
	src, err := c.RangeSplits(t.Context(), scan, connector.Ranges{Column: "n", Bounds: got.Bounds})
	if err != nil {
		t.Fatal(err)
	}
	list, err := src.Next(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var groups []int
	for _, sp := range list {
		groups = append(groups, sp.Group)
	}
	if !slices.Equal(groups, []int{1, 2, 3}) {
		t.Errorf("groups %v", groups)
	}
}
