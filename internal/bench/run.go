package bench

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Options say what is measured.
type Options struct {
	Scale   float64
	Queries []int
	// Runs is how often each query is measured on each side, after one run that warms up and is compared.
	Runs int
	// Log is told what happens.
	Log io.Writer
}

// Timing is one query on both sides. All times are of warm runs.
type Timing struct {
	Query     int             `json:"query"`
	Rows      int             `json:"rows"`
	DuckDB    []time.Duration `json:"duckdb_ns"`
	Waterbear []time.Duration `json:"waterbear_ns"`
	// Wrong says how the answers differ, or what failed; empty when they agree.
	Wrong string `json:"wrong,omitempty"`
}

// Medians are the times that are reported.
func (t *Timing) Medians() (duckdb, waterbear time.Duration) {
	return median(t.DuckDB), median(t.Waterbear)
}

// Ratio is how many times as long as DuckDB the cluster took.
func (t *Timing) Ratio() float64 {
	d, w := t.Medians()
	return float64(w) / float64(d)
}

// Run measures queries on both sides by turns. A query that fails or gives another answer is reported and not measured; the
// error is for what ends the whole benchmark.
func Run(ctx context.Context, o Options, s *Server, ref *Reference) ([]Timing, error) {
	out := make([]Timing, len(o.Queries))
	sql := make([]string, len(o.Queries))
	for i, n := range o.Queries {
		var err error
		if sql[i], err = Query(n, o.Scale); err != nil {
			return nil, err
		}
		out[i].Query = n
		out[i].Rows, out[i].Wrong = check(ctx, sql[i], s, ref)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if out[i].Wrong != "" {
			fmt.Fprintf(o.Log, "  query %d: %s\n", n, out[i].Wrong)
		}
	}
	for run := range o.Runs {
		for i := range out {
			if out[i].Wrong != "" {
				continue
			}
			if err := measure(ctx, sql[i], s, ref, &out[i]); err != nil {
				return nil, fmt.Errorf("query %d, run %d: %w", out[i].Query, run+1, err)
			}
		}
		fmt.Fprintf(o.Log, "  run %d of %d done\n", run+1, o.Runs)
	}
	return out, nil
}

// check runs a query once on both sides and compares the answers.
func check(ctx context.Context, sql string, s *Server, ref *Reference) (rows int, wrong string) {
	want, _, err := ref.Run(ctx, sql)
	if err != nil {
		return 0, "DuckDB: " + err.Error()
	}
	got, _, err := s.Run(ctx, sql, nil)
	if err != nil {
		return 0, err.Error()
	}
	return len(want.Rows), Compare(got, want, sql)
}

func measure(ctx context.Context, sql string, s *Server, ref *Reference, t *Timing) error {
	_, d, err := ref.Run(ctx, sql)
	if err != nil {
		return err
	}
	_, w, err := s.Run(ctx, sql, nil)
	if err != nil {
		return err
	}
	t.DuckDB, t.Waterbear = append(t.DuckDB, d), append(t.Waterbear, w)
	return nil
}

// Compare reports how the answer to a query differs from the right one; "" when it does not.
func Compare(got, want *Answer, sql string) string { return compare(got, want, orderKeys(sql)) }

// Summary puts all timed queries together.
type Summary struct {
	DuckDB, Waterbear time.Duration // totals of the medians
	Ratio             float64       // of the totals
	GeometricMean     float64       // of the ratios
	Wrong             int           // queries that are not in it
}

// Summarize computes the summary.
func Summarize(timings []Timing) Summary {
	var s Summary
	var logs float64
	timed := 0
	for _, t := range timings {
		if t.Wrong != "" {
			s.Wrong++
			continue
		}
		d, w := t.Medians()
		s.DuckDB += d
		s.Waterbear += w
		logs += math.Log(t.Ratio())
		timed++
	}
	if timed > 0 {
		s.Ratio = float64(s.Waterbear) / float64(s.DuckDB)
		s.GeometricMean = math.Exp(logs / float64(timed))
	}
	return s
}

func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(d))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}
