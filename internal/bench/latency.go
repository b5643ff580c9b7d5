package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// SmallQuery is one whose latency is measured rather than its work.
type SmallQuery struct{ Name, SQL string }

// SmallQueries are what dashboards and tools ask all the time: nothing, one row, a few groups.
var SmallQueries = []SmallQuery{
	{"SELECT 1", "SELECT 1"},
	{"point lookup", "SELECT totalprice, orderdate FROM orders WHERE orderkey = 7"},
	{"group by", "SELECT returnflag, linestatus, count(*), sum(quantity) FROM lineitem GROUP BY 1, 2 ORDER BY 1, 2"},
}

// Latency is how long a small query took its clients.
type Latency struct {
	Name        string        `json:"name"`
	Concurrency int           `json:"concurrency"` // clients, each of which asks one query after the other
	Runs        int           `json:"runs"`
	Failed      int           `json:"failed"`
	Failure     string        `json:"failure,omitempty"` // the first
	Median      time.Duration `json:"median_ns"`
	P99         time.Duration `json:"p99_ns"`
	Longest     time.Duration `json:"longest_ns"`
	PerSecond   float64       `json:"per_second"`
}

// MeasureLatency lets so many clients ask a query at the same time, until it has been asked so many times.
func MeasureLatency(ctx context.Context, s *Server, q SmallQuery, clients, runs int) *Latency {
	out := &Latency{Name: q.Name, Concurrency: clients, Runs: runs}
	var mu sync.Mutex
	var took []time.Duration
	next := make(chan struct{}, runs)
	for range runs {
		next <- struct{}{}
	}
	close(next)
	begin := time.Now()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range next {
				_, d, err := s.Run(ctx, q.SQL, nil)
				mu.Lock()
				if err != nil {
					if out.Failed++; out.Failed == 1 {
						out.Failure = err.Error()
					}
				} else {
					took = append(took, d)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	out.PerSecond = float64(len(took)) / time.Since(begin).Seconds()
	if len(took) > 0 {
		slices.Sort(took)
		out.Median, out.P99, out.Longest = took[len(took)/2], took[min(len(took)-1, len(took)*99/100)], took[len(took)-1]
	}
	return out
}

// LatencyReport is the outcome of a benchmark of latencies.
type LatencyReport struct {
	Setup     [][2]string     `json:"setup"`
	Latencies []*Latency      `json:"latencies"`
	Memory    []ProcessMemory `json:"memory,omitempty"` // of the cluster's processes, after that
}

// Write writes the report in one of Formats.
func (r *LatencyReport) Write(w io.Writer, format string) error {
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	lines := [][]string{{"query", "clients", "runs", "failed", "median ms", "p99 ms", "longest ms", "per second"}}
	for _, l := range r.Latencies {
		lines = append(lines, []string{l.Name, fmt.Sprint(l.Concurrency), fmt.Sprint(l.Runs), fmt.Sprint(l.Failed), millis(l.Median), millis(l.P99), millis(l.Longest),
			fmt.Sprintf("%.0f", l.PerSecond)})
	}
	memory := [][]string{{"process", "resident"}}
	for _, p := range r.Memory {
		memory = append(memory, []string{p.Name, megabytes(p.ResidentBytes)})
	}
	for _, s := range r.Setup {
		fmt.Fprintf(w, "%s: %s\n", s[0], s[1])
	}
	for _, table := range [][][]string{lines, memory} {
		if len(table) == 1 {
			continue
		}
		fmt.Fprintln(w)
		if err := writeLines(w, table, format == "markdown"); err != nil {
			return err
		}
	}
	for _, l := range r.Latencies {
		if l.Failed > 0 {
			fmt.Fprintf(w, "\n%s: %s\n", l.Name, l.Failure)
		}
	}
	return nil
}
