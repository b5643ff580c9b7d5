package bench

import (
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	ms := func(n ...int) (out []time.Duration) {
		for _, v := range n {
			out = append(out, time.Duration(v)*time.Millisecond)
		}
		return out
	}
	r := &Report{Scale: 1, Setup: [][2]string{{"Cluster", "3 workers"}}, Timings: []Timing{
		{Query: 1, Rows: 4, DuckDB: ms(10, 30, 20), Waterbear: ms(40, 40, 40)},
		{Query: 2, Wrong: "3 rows instead of 4"},
		{Query: 18, Rows: 57, DuckDB: ms(100, 100), Waterbear: ms(40, 60)},
	}}
	for _, tt := range []struct{ format, want string }{
		{"text", `Cluster: 3 workers

           query  rows  DuckDB ms  Waterbear ms   ratio
               1     4       20.0          40.0    2.00
               2                                 FAILED
              18    57      100.0          50.0    0.50
           total            120.0          90.0    0.75
  geometric mean                                   1.00

Query 2: 3 rows instead of 4
The answers of 2 of 3 queries agree: exact numbers digit by digit, floating point numbers to 1e-09, DuckDB's averages and quotients of decimals after rounding to the decimal.
`},
		{"markdown", `- Cluster: 3 workers

| query | rows | DuckDB ms | Waterbear ms | ratio |
| ---: | ---: | ---: | ---: | ---: |
| 1 | 4 | 20.0 | 40.0 | 2.00 |
| 2 |  |  |  | FAILED |
| 18 | 57 | 100.0 | 50.0 | 0.50 |
| total |  | 120.0 | 90.0 | 0.75 |
| geometric mean |  |  |  | 1.00 |

Query 2: 3 rows instead of 4

The answers of 2 of 3 queries agree: exact numbers digit by digit, floating point numbers to 1e-09, DuckDB's averages and quotients of decimals after rounding to the decimal.

`},
	} {
		t.Run(tt.format, func(t *testing.T) {
			var b strings.Builder
			if err := r.Write(&b, tt.format); err != nil {
				t.Fatal(err)
			}
			if b.String() != tt.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), tt.want)
			}
		})
	}
	if err := r.Write(&strings.Builder{}, "xml"); err == nil {
		t.Error("xml is accepted")
	}
	if s := Summarize(r.Timings); s.Wrong != 1 {
		t.Errorf("%d wrong, want 1", s.Wrong)
	}
}

func TestSchemaOf(t *testing.T) {
	for scale, want := range map[float64]string{1: "tpch_sf1", 0.1: "tpch_sf0_1", 100: "tpch_sf100"} {
		if got := SchemaOf(scale); got != want {
			t.Errorf("scale %g: got %s, want %s", scale, got, want)
		}
	}
}
