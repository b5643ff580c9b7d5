package bench

import (
	"encoding/json"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/engine"
)

func TestCompare(t *testing.T) {
	columns := []string{"name", "n", "avg"}
	trino := []kind{text, exact, exact}
	duck := []kind{text, exact, approx}
	for _, tt := range []struct {
		name      string
		got, want [][]string
		keys      []string
		out       string
	}{
		{"equal", [][]string{{"a", "1.50", "0.13"}}, [][]string{{"a", "1.5", "0.125"}}, nil, ""},
		{"any order without keys", [][]string{{"a", "1", "0.1"}, {"b", "2", "0.2"}}, [][]string{{"b", "2", "0.2"}, {"a", "1", "0.1"}}, nil, ""},
		{"order of keys", [][]string{{"a", "1", "0.1"}, {"b", "2", "0.2"}}, [][]string{{"b", "2", "0.2"}, {"a", "1", "0.1"}}, []string{"n"},
			"row 1: n is 1 instead of 2 (wrong value or order)"},
		{"ties", [][]string{{"a", "1", "0.1"}, {"b", "1", "0.2"}}, [][]string{{"b", "1", "0.2"}, {"a", "1", "0.1"}}, []string{"N"}, ""},
		{"rounding too far", [][]string{{"a", "1", "0.13"}}, [][]string{{"a", "1", "0.1351"}}, nil,
			"column avg: 0.13 instead of 0.1351, in the rows (a, 1, 0.13) and (a, 1, 0.1351)"},
		{"exact is exact", [][]string{{"a", "12345678901234567.89", "1"}}, [][]string{{"a", "12345678901234567.88", "1"}}, nil,
			"column n: 12345678901234567.89 instead of 12345678901234567.88, in the rows (a, 12345678901234567.89, 1) and (a, 12345678901234567.88, 1)"},
		{"NULL is not text", [][]string{{"NULL", "1", "1"}}, [][]string{{null, "1", "1"}}, nil,
			"column name: NULL instead of NULL, in the rows (NULL, 1, 1) and (NULL, 1, 1)"},
		{"NULLs are equal", [][]string{{null, null, null}}, [][]string{{null, null, null}}, nil, ""},
		{"missing row", [][]string{{"a", "1", "1"}}, nil, nil, "1 rows instead of 0"},
		{"duplicates count", [][]string{{"a", "1", "1"}, {"a", "1", "1"}, {"b", "1", "1"}}, [][]string{{"a", "1", "1"}, {"b", "1", "1"}, {"b", "1", "1"}}, nil,
			"column name: a instead of b, in the rows (a, 1, 1) and (b, 1, 1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := &Answer{Columns: columns, Rows: tt.got, kinds: trino}
			want := &Answer{Columns: columns, Rows: tt.want, kinds: duck}
			if out := compare(got, want, tt.keys); out != tt.out {
				t.Errorf("got %q, want %q", out, tt.out)
			}
		})
	}
}

func TestCompareKinds(t *testing.T) {
	got := &Answer{Columns: []string{"c"}, kinds: []kind{text}}
	want := &Answer{Columns: []string{"c"}, kinds: []kind{exact}}
	if out := compare(got, want, nil); out != "column c: a number on one side only" {
		t.Errorf("got %q", out)
	}
}

func TestAddPage(t *testing.T) {
	var a Answer
	if err := a.addPage(json.RawMessage(`[["a\"b", 1, null, "1.50"], ["null", 2.5E7, true, "x"]]`)); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{`a"b`, "1", null, "1.50"}, {"null", "2.5E7", "true", "x"}}
	for r := range want {
		for i := range want[r] {
			if a.Rows[r][i] != want[r][i] {
				t.Errorf("row %d, column %d: got %q, want %q", r, i, a.Rows[r][i], want[r][i])
			}
		}
	}
}

func TestRenderDecimal(t *testing.T) {
	for _, tt := range []struct {
		value engine.Int128
		scale int
		want  string
	}{
		{engine.Int128{Lo: 12345}, 2, "123.45"},
		{engine.Int128{Lo: 5}, 2, "0.05"},
		{engine.Int128{Lo: ^uint64(4), Hi: -1}, 2, "-0.05"},
		{engine.Int128{Lo: 0}, 0, "0"},
		{engine.Int128{Hi: 1}, 0, "18446744073709551616"},
		{engine.Int128{Lo: ^uint64(0), Hi: -1}, 0, "-1"},
	} {
		if got := renderDecimal(tt.value, tt.scale); got != tt.want {
			t.Errorf("%v at scale %d: got %s, want %s", tt.value, tt.scale, got, tt.want)
		}
	}
}

func TestQueries(t *testing.T) {
	wantKeys := map[int][]string{1: {"l_returnflag", "l_linestatus"}, 2: {"s_acctbal", "n_name", "s_name", "p_partkey"}, 6: nil, 11: {"value"},
		16: {"supplier_cnt", "p_brand", "p_type", "p_size"}, 19: nil}
	for n := 1; n <= QueryCount; n++ {
		sql, err := Query(n, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		want, checked := wantKeys[n]
		if !checked {
			continue
		}
		got := orderKeys(sql)
		if len(got) != len(want) {
			t.Errorf("query %d: keys %v, want %v", n, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("query %d: keys %v, want %v", n, got, want)
			}
		}
	}
	if _, err := Query(23, 1); err == nil {
		t.Error("there is a query 23")
	}
}

func TestParseQueries(t *testing.T) {
	for _, tt := range []struct {
		list string
		want int
		bad  bool
	}{
		{"", 22, false}, {"1,3,18", 3, false}, {"5-9, 21", 6, false}, {"0", 0, true}, {"23", 0, true}, {"x", 0, true}, {"3-1", 0, true},
	} {
		got, err := TPCH(1).ParseQueries(tt.list)
		if (err != nil) != tt.bad || len(got) != tt.want {
			t.Errorf("%q: got %v, %v", tt.list, got, err)
		}
	}
}
