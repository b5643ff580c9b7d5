package bench

import (
	"context"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// Options say what is measured.
type Options struct {
	Workload *Workload
	Queries  []int
	// Policies are the retry policies to measure, by turns; nil: that of the cluster.
	Policies []string
	// Runs is how often each query is measured on each side, after one run that warms up and is compared.
	Runs int
	// Cluster are the processes whose processor time and memory are measured; nil: neither is.
	Cluster *localcluster.Cluster
	// Log is told what happens.
	Log io.Writer
}

// Timing is one query on all sides.
type Timing struct {
	Query  int  `json:"query"`
	Rows   int  `json:"rows"`
	DuckDB Side `json:"duckdb"`
	// Waterbear is the cluster under each retry policy.
	Waterbear []Side `json:"waterbear"`
	// Wrong says how an answer differs, or what failed; empty when they all agree.
	Wrong string `json:"wrong,omitempty"`
}

// Run measures queries on all sides by turns. A query that fails or gives another answer is reported and not measured; the
// error is for what ends the whole benchmark.
func Run(ctx context.Context, o Options, s *Server, ref *Reference) ([]Timing, error) {
	r := &runner{ref: ref, own: ownMeter(), cluster: clusterMeter(o.Cluster)}
	for _, p := range o.Policies {
		under := *s
		under.Session = maps.Clone(s.Session)
		if under.Session == nil {
			under.Session = map[string]string{}
		}
		under.Session["retry_policy"] = p
		r.add(p, &under)
	}
	if o.Policies == nil {
		r.add("Waterbear", s)
	}
	out := make([]Timing, len(o.Queries))
	sql := make([]string, len(o.Queries))
	for i, n := range o.Queries {
		var err error
		if sql[i], err = o.Workload.Query(n); err != nil {
			return nil, err
		}
		out[i].Query = n
		out[i].Rows, out[i].Wrong = r.check(ctx, sql[i])
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if out[i].Wrong != "" {
			fmt.Fprintf(o.Log, "  query %d: %s\n", n, out[i].Wrong)
		}
		out[i].DuckDB.Name, out[i].Waterbear = "DuckDB", make([]Side, len(r.servers))
		for p := range r.names {
			out[i].Waterbear[p].Name = r.names[p]
		}
	}
	for run := range o.Runs {
		for i := range out {
			if out[i].Wrong != "" {
				continue
			}
			if err := r.measure(ctx, sql[i], &out[i]); err != nil {
				return nil, fmt.Errorf("query %d, run %d: %w", out[i].Query, run+1, err)
			}
		}
		fmt.Fprintf(o.Log, "  run %d of %d done\n", run+1, o.Runs)
	}
	return out, nil
}

// runner has the sides of a benchmark.
type runner struct {
	ref          *Reference
	names        []string // of the servers
	servers      []*Server
	own, cluster *meter
}

func (r *runner) add(name string, s *Server) {
	r.names, r.servers = append(r.names, name), append(r.servers, s)
}

// check runs a query once on all sides and compares the answers.
func (r *runner) check(ctx context.Context, sql string) (rows int, wrong string) {
	want, _, err := r.ref.Run(ctx, sql)
	if err != nil {
		return 0, "DuckDB: " + err.Error()
	}
	for i, s := range r.servers {
		got, _, err := s.Run(ctx, sql, nil)
		wrong := ""
		if err != nil {
			wrong = err.Error()
		} else {
			wrong = Compare(got, want, sql)
		}
		if wrong != "" && len(r.servers) > 1 {
			wrong = r.names[i] + ": " + wrong
		}
		if wrong != "" {
			return len(want.Rows), wrong
		}
	}
	return len(want.Rows), ""
}

func (r *runner) measure(ctx context.Context, sql string, t *Timing) error {
	end := r.own.begin()
	_, took, err := r.ref.Run(ctx, sql)
	if err != nil {
		return err
	}
	t.DuckDB.add(took, end())
	for i, s := range r.servers {
		end := r.cluster.begin()
		_, took, err := s.Run(ctx, sql, nil)
		if err != nil {
			return err
		}
		t.Waterbear[i].add(took, end())
	}
	return nil
}

// Compare reports how the answer to a query differs from the right one; "" when it does not.
func Compare(got, want *Answer, sql string) string { return compare(got, want, orderKeys(sql)) }

// add adds what a run took.
func (s *Side) add(wall time.Duration, u spent) {
	s.Wall = append(s.Wall, wall)
	if u.cpu > 0 {
		s.CPU = append(s.CPU, u.cpu)
	}
	s.CoordinatorPeak, s.Peak = max(s.CoordinatorPeak, u.coordinatorPeak), max(s.Peak, u.workerPeak)
}
