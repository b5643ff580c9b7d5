package bench

import (
	"math"
	"slices"
	"time"
)

// Policies are the retry policies, from the one that keeps least.
var Policies = []string{"NONE", "QUERY", "TASK"}

// Side is what a query took on one side: in DuckDB, or on a cluster under a retry policy. All times are of warm runs.
type Side struct {
	Name string          `json:"name"`
	Wall []time.Duration `json:"wall_ns"`
	// CPU is the processor time of all processes; nil where it is not known.
	CPU []time.Duration `json:"cpu_ns,omitempty"`
	// Peak is the most memory that workers and their slots have had resident, or the process with DuckDB, in bytes; CoordinatorPeak
	// that of the coordinator. Peaks of several processes are added up, as if they had come at the same time.
	Peak            int64 `json:"peak_bytes,omitempty"`
	CoordinatorPeak int64 `json:"coordinator_peak_bytes,omitempty"`
}

// Summary puts the timed queries of one side together.
type Summary struct {
	Name      string
	Wall, CPU time.Duration // totals of the medians
	// Ratio is of the totals, GeometricMean that of the queries' ratios; the same of processor time.
	Ratio, GeometricMean       float64
	CPURatio, CPUGeometricMean float64
	Peak, CoordinatorPeak      int64 // of any query
}

// Failures is the number of queries that are wrong.
func Failures(timings []Timing) (n int) {
	for _, t := range timings {
		if t.Wrong != "" {
			n++
		}
	}
	return n
}

// Summarize computes the summary of DuckDB, first, and of each of the cluster's sides; nil when no query is right.
func Summarize(timings []Timing) []Summary {
	var out []Summary
	timed := 0
	for _, t := range timings {
		if t.Wrong != "" {
			continue
		}
		timed++
		for i, s := range append([]Side{t.DuckDB}, t.Waterbear...) {
			if i == len(out) {
				out = append(out, Summary{Name: s.Name})
			}
			out[i].add(&s, &t.DuckDB)
		}
	}
	for i := range out {
		s := &out[i]
		s.Ratio, s.CPURatio = ratio(s.Wall, out[0].Wall), ratio(s.CPU, out[0].CPU)
		s.GeometricMean, s.CPUGeometricMean = math.Exp(s.GeometricMean/float64(timed)), math.Exp(s.CPUGeometricMean/float64(timed))
	}
	return out
}

// add adds a query, for the means the logarithms of its ratios.
func (s *Summary) add(side, duckdb *Side) {
	s.Wall += median(side.Wall)
	s.CPU += median(side.CPU)
	s.GeometricMean += math.Log(ratio(median(side.Wall), median(duckdb.Wall)))
	s.CPUGeometricMean += math.Log(ratio(median(side.CPU), median(duckdb.CPU)))
	s.Peak, s.CoordinatorPeak = max(s.Peak, side.Peak), max(s.CoordinatorPeak, side.CoordinatorPeak)
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

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
