package hive

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// What ANALYZE has found is kept as Trino keeps it, answers for the numbers of distinct values, and goes with the next write.
func TestStatisticsAreKept(t *testing.T) {
	for _, partitioned := range []bool{false, true} {
		c, root := open(t)
		var properties map[string]any
		var values []string
		dir, group := filepath.Join(root, "m", "s", "t"), []*string{}
		if partitioned {
			properties, values = map[string]any{propPartitionedBy: []string{"k"}}, []string{"x/"}
			dir, group = filepath.Join(dir, "k=x%2F"), []*string{new("k=x%2F")}
		}
		def := definition("t", "id bigint, name varchar, k varchar", properties)
		write := func(query string, create bool) {
			t.Helper()
			table := def
			if !create {
				table = describe(t, c, def.Name)
			}
			handle, err := c.BeginWrite(t.Context(), table, create, connector.RetriesEnabled, query)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.FinishWrite(t.Context(), handle, [][]byte{stage(t, c, handle, "a", values...)}); err != nil {
				t.Fatal(err)
			}
		}
		distinct := func() float64 {
			t.Helper()
			table := describe(t, c, def.Name)
			s, err := c.Statistics(t.Context(), connector.Scan{Table: def.Name, Handle: table.Handle, Columns: table.Columns[1:2]})
			if err != nil {
				t.Fatal(err)
			}
			return s.Columns["name"].Distinct
		}
		write("q1", true)
		before := distinct()
		if partitioned { // data_size of SHOW STATS: as in Trino that of the values of all rows
			table := describe(t, c, def.Name)
			s, err := c.Statistics(t.Context(), connector.Scan{Table: def.Name, Handle: table.Handle, Columns: table.Columns[2:3]})
			if k := s.Columns["k"]; err != nil || s.Rows == 0 || k.Bytes != s.Rows*float64(len("x/")) || k.Distinct != 1 {
				t.Errorf("%v rows, %+v, %v", s.Rows, k, err)
			}
		}
		a, err := c.Analysis(t.Context(), describe(t, c, def.Name), nil)
		if err != nil || len(a.GroupBy) != len(group) || a.Groups != nil || a.Columns[0] != "id" || a.Columns[1] != "name" {
			t.Fatalf("%+v, %v", a, err)
		}
		gathered := connector.GroupStatistics{Rows: 3, Group: group, Columns: make([]connector.GatheredStatistics, len(a.Columns))}
		gathered.Columns[0] = connector.GatheredStatistics{Values: 3, Distinct: new(int64(5)), Low: new("-7"), High: new("9")}
		gathered.Columns[1] = connector.GatheredStatistics{Values: 2, Distinct: new(int64(2)), Bytes: new(int64(7)), Longest: new(int64(4))}
		for range 2 {
			if err := c.StoreStatistics(t.Context(), a.Handle, []connector.GroupStatistics{gathered}); err != nil {
				t.Fatal(err)
			}
		}
		var kept struct {
			Parameters       map[string]string          `json:"parameters"`
			ColumnStatistics map[string]json.RawMessage `json:"columnStatistics"`
		}
		data, err := os.ReadFile(filepath.Join(dir, ".trinoSchema"))
		if err != nil || json.Unmarshal(data, &kept) != nil {
			t.Fatalf("%s, %v", data, err)
		}
		for name, want := range map[string]string{
			"id":   `{"integerStatistics":{"min":-7,"max":9},"nullsCount":0,"distinctValuesCount":3}`,
			"name": `{"maxValueSizeInBytes":4,"averageColumnLength":3.5,"nullsCount":1,"distinctValuesCount":3}`,
		} {
			if got := strings.Join(strings.Fields(string(kept.ColumnStatistics[name])), ""); got != want {
				t.Errorf("of %s is kept %s, want %s", name, got, want)
			}
		}
		if kept.Parameters[paramRows] != "3" {
			t.Errorf("parameters are %v", kept.Parameters)
		}
		if d := distinct(); d != 2 {
			t.Errorf("%v distinct names, want 2", d)
		}
		write("q2", false)
		if d := distinct(); d == 2 && before != 2 {
			t.Errorf("after a write there are still %v distinct names", d)
		}
	}
}

// The messages are Trino's.
func TestAnalyzeErrors(t *testing.T) {
	c, _ := open(t)
	for _, def := range []*connector.Table{definition("t", "id bigint, k varchar", map[string]any{propPartitionedBy: []string{"k"}}), definition("u", "id bigint", nil)} {
		if err := c.CreateTable(t.Context(), def); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		table      string
		properties map[string]any
		want       string
	}{
		{"t", map[string]any{"columns": []string{"id", "nope", "none"}}, "Invalid columns specified for analysis: [nope, none]"},
		{"t", map[string]any{"partitions": [][]*string{{new("x")}}}, "Partition k=x no longer exists for s.t"},
		{"t", map[string]any{"partitions": [][]*string{{new("x"), nil}}}, "Partition value count does not match partition column count"},
		{"u", map[string]any{"partitions": [][]*string{}}, "Partition list provided but table is not partitioned"},
		{"t", map[string]any{"partitions": [][]*string{}, "columns": []string{"k"}}, ""},
	} {
		_, err := c.Analysis(t.Context(), describe(t, c, connector.SchemaTable{Schema: "s", Table: tt.table}), tt.properties)
		if got := ""; err != nil {
			if got = err.Error(); got != tt.want {
				t.Errorf("%v: %s, want %s", tt.properties, got, tt.want)
			}
		} else if tt.want != "" {
			t.Errorf("%v: no error, want %s", tt.properties, tt.want)
		}
	}
}
