package iceberg

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// TestClustering describes a table whose files lie in the order of a column, and enumerates them by ranges of it.
func TestClustering(t *testing.T) {
	c := catalogOf(t, "", nil)
	must(t, c.CreateTable(t.Context(), definitionOf(nil)))
	insert := func(query string, ids ...int64) {
		t.Helper()
		write, err := c.BeginWrite(t.Context(), tableOf(t, c), false, connector.RetriesEnabled, query)
		must(t, err)
		var rows []testRow
		for _, id := range ids {
			rows = append(rows, row(id, "x"))
		}
		must(t, c.FinishWrite(t.Context(), write, [][]byte{fragmentOf(t, c, write, rows, nil)}))
	}
	insert("q1", 1, 2, 9)
	insert("q2", 30, 20)
	insert("q3", 10, 19)
	tbl := tableOf(t, c)
	scan := connector.Scan{Table: tbl.Name, Handle: tbl.Handle, Columns: tbl.Columns}
	check := func(column string, known bool, pieces int, bounds []int64) {
		t.Helper()
		got, ok, err := c.Clustering(t.Context(), scan, column)
		if err != nil || ok != known || got.Pieces != pieces || got.Depth != 0 || !slices.Equal(got.Bounds, bounds) {
			t.Errorf("%s under %v: %+v, %t, %v", column, scan.Constraint, got, ok, err)
		}
	}
	check("id", true, 3, []int64{10, 20})
	check("name", false, 0, nil)
	check("$path", false, 0, nil)
	scan.Constraint = []connector.Domain{{Column: "id", Low: &connector.Bound{Value: int64(15)}}}
	check("id", true, 2, []int64{20})
	scan.Constraint = nil
	for _, tt := range []struct {
		bounds []int64
		want   []string
	}{
		{nil, []string{"1:1-9", "1:10-19", "1:20-30"}},
		{[]int64{10, 20}, []string{"1:1-9", "2:10-19", "3:20-30"}},
		{[]int64{5, 25}, []string{"1:1-9", "2:1-9", "2:10-19", "2:20-30", "3:20-30"}},
	} {
		src, err := c.RangeSplits(t.Context(), scan, connector.Ranges{Column: "id", Bounds: tt.bounds})
		must(t, err)
		splits, err := src.Next(t.Context(), 100)
		must(t, err)
		var got []string
		for _, sp := range splits {
			got = append(got, fmt.Sprintf("%d:%s", sp.Group, idsOf(t, c, sp)))
			want := connector.Ranges{Column: "id", Bounds: tt.bounds}.Within(sp.Group - 1)
			if !reflect.DeepEqual(sp.Within, want) {
				t.Errorf("range %d is %+v, want %+v", sp.Group, sp.Within, want)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("bounds %v: %v, want %v", tt.bounds, got, tt.want)
		}
	}
}

// idsOf are the smallest and the largest id in the file of a split, by the table's manifests.
func idsOf(t *testing.T, c *Connector, sp connector.Split) string {
	t.Helper()
	tbl := tableOf(t, c)
	tasks, field, _, err := c.clustered(t.Context(), connector.Scan{Table: tbl.Name, Handle: tbl.Handle, Columns: tbl.Columns}, "id")
	must(t, err)
	for i := range tasks {
		if strings.Contains(string(sp.Handle), tasks[i].File.FilePath()) {
			low, high, _ := valuesIn(tasks[i].File, field)
			return fmt.Sprintf("%d-%d", *low, *high)
		}
	}
	t.Fatalf("%s is no file of the table", sp.Handle)
	return ""
}
