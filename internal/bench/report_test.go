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
	wrong := Timing{Query: 2, Wrong: "3 rows instead of 4"}
	one := &Report{Scale: 1, Setup: [][2]string{{"Cluster", "3 workers"}}, Timings: []Timing{
		{Query: 1, Rows: 4, DuckDB: Side{Name: "DuckDB", Wall: ms(10, 30, 20)}, Waterbear: []Side{{Name: "Waterbear", Wall: ms(40, 40, 40)}}},
		wrong,
		{Query: 18, Rows: 57, DuckDB: Side{Name: "DuckDB", Wall: ms(100, 100)}, Waterbear: []Side{{Name: "Waterbear", Wall: ms(40, 60)}}},
	}}
	two := &Report{Timings: []Timing{wrong, {Query: 3, Rows: 1, DuckDB: Side{Name: "DuckDB", Wall: ms(10), CPU: ms(20), Peak: 70e6}, Waterbear: []Side{
		{Name: "NONE", Wall: ms(20), CPU: ms(30), Peak: 80e6, CoordinatorPeak: 90e6}, {Name: "TASK", Wall: ms(30), CPU: ms(50), Peak: 81e6, CoordinatorPeak: 89e6}}}}}
	for _, tt := range []struct {
		name, format string
		report       *Report
		want         string
	}{
		{"two policies", "text", two, `
           query  rows  DuckDB ms  CPU ms  NONE ms  ratio  CPU ms  ratio  TASK ms  ratio  CPU ms  ratio  DuckDB MB  workers MB  coordinator MB
               2                                                                                                                        FAILED
               3     1       10.0    20.0     20.0   2.00    30.0   1.50     30.0   3.00    50.0   2.50         70          81              90
           total             10.0    20.0     20.0   2.00    30.0   1.50     30.0   3.00    50.0   2.50         70          81              90
  geometric mean                                     2.00           1.50            3.00           2.50                                       

Query 2: 3 rows instead of 4
The answers of 1 of 2 queries agree: exact numbers digit by digit, floating point numbers to 1e-09, DuckDB's averages and quotients of decimals after rounding to the decimal.
`},
		{"text", "text", one, `Cluster: 3 workers

           query  rows  DuckDB ms  Waterbear ms   ratio
               1     4       20.0          40.0    2.00
               2                                 FAILED
              18    57      100.0          50.0    0.50
           total            120.0          90.0    0.75
  geometric mean                                   1.00

Query 2: 3 rows instead of 4
The answers of 2 of 3 queries agree: exact numbers digit by digit, floating point numbers to 1e-09, DuckDB's averages and quotients of decimals after rounding to the decimal.
`},
		{"markdown", "markdown", one, `- Cluster: 3 workers

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
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if err := tt.report.Write(&b, tt.format); err != nil {
				t.Fatal(err)
			}
			if b.String() != tt.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), tt.want)
			}
		})
	}
	if err := one.Write(&strings.Builder{}, "xml"); err == nil {
		t.Error("xml is accepted")
	}
	if n := Failures(one.Timings); n != 1 {
		t.Errorf("%d wrong, want 1", n)
	}
}

func TestSchemaOf(t *testing.T) {
	for scale, want := range map[float64]string{1: "tpch_sf1", 0.1: "tpch_sf0_1", 100: "tpch_sf100"} {
		if got := SchemaOf(scale); got != want {
			t.Errorf("scale %g: got %s, want %s", scale, got, want)
		}
	}
}
