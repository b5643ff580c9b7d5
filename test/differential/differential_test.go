//go:build e2e

package differential

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/testbinary"
)

var (
	runTime = flag.Duration("differential.time", 45*time.Second, "how long to ask queries")
	most    = flag.Int("differential.count", 0, "how many queries to ask at most; 0: as many as there is time for")
	first   = flag.Uint64("differential.seed", 0, "seed of the first query; those of the others follow; 0: a random one")
	only    = flag.Bool("differential.one", false, "ask the first query only")
)

// Bounds of a run: how many queries are asked at a time, how long one may take, how many different failures are enough, and how
// many queries may be asked to make one of them smaller.
const (
	clients    = 2
	patience   = 30 * time.Second
	enough     = 5
	shrinkings = 150
)

// outcome is what came of a query.
type outcome struct {
	rows []string // sorted
	name string   // of the error; empty when there is none
	text string
}

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	os.Exit(testbinary.Main(func(path string) int {
		binary = path
		return m.Run()
	}))
}

// place is where tables are.
type place struct{ url, catalog, schema string }

// TestDifferential asks random queries for some time, as one task and as many.
func TestDifferential(t *testing.T) {
	p := place{start(t, nil), "memory", "default"}
	compare(t, p, *most, func(ctx context.Context, seed uint64, sql string) (string, bool) {
		return differ(ask(ctx, p, nil, sql), ask(ctx, p, divided(seed), sql))
	})
}

// compare fills the tables and asks random queries for some time, at most so many. differ asks one in two ways; it says how the answers
// differ, "" if they do not, and whether they have no rows.
func compare(t *testing.T, p place, most int, differ func(ctx context.Context, seed uint64, sql string) (wrong string, empty bool)) {
	seed := *first
	if seed == 0 {
		seed = rand.Uint64N(1 << 32)
	}
	t.Logf("first seed %d", seed)
	for _, sql := range statements(1) {
		if o := ask(t.Context(), p, nil, sql); o.name != "" {
			t.Fatalf("%s: %s: %s", sql, o.name, o.text)
		}
	}
	end := time.Now().Add(*runTime)
	var mu sync.Mutex
	asked, answered, failures := 0, 0, 0
	next := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		if time.Now().After(end) || failures >= enough || *only && asked > 0 || most > 0 && asked >= most {
			return 0, false
		}
		asked++
		return seed + uint64(asked) - 1, true
	}
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for s, ok := next(); ok; s, ok = next() {
				numbers := record(s)
				wrong, empty := differ(t.Context(), s, query(numbers))
				mu.Lock()
				if !empty {
					answered++
				}
				mu.Unlock()
				if wrong == "" {
					continue
				}
				small := shrink(numbers, shrinkings, func(n []uint32) bool {
					w, _ := differ(t.Context(), s, query(n))
					return w != "" && class(w) == class(wrong)
				})
				now, _ := differ(t.Context(), s, query(small))
				t.Errorf("seed %d: %s\n%s\nas generated: %s\n%s", s, now, query(small), wrong, query(numbers))
				mu.Lock()
				failures++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	t.Logf("%d queries, %d with rows", asked, answered)
	if !*only && answered*4 < asked {
		t.Errorf("only %d of %d queries have rows: the generator has lost its way", answered, asked)
	}
}

// class is the kind of a difference.
func class(wrong string) string {
	c, _, _ := strings.Cut(wrong, ":")
	return c
}

// divided are session properties with which there are many tasks, in this or that way.
func divided(seed uint64) map[string]string {
	return map[string]string{
		"waterbear_single_task_input_size":                                             "0B",
		"waterbear_range_alignment_enabled":                                            strconv.FormatBool(seed/3%2 == 0),
		"waterbear_range_sort_min_input_size":                                          []string{"0B", "1TB"}[seed/2%2],
		"waterbear_eager_aggregation_min_rows":                                         []string{"0", "100000"}[seed/5%2],
		"distinct_aggregations_strategy":                                               []string{"AUTOMATIC", "PRE_AGGREGATE", "MARK_DISTINCT", "SPLIT_TO_SUBQUERIES"}[seed/7%4],
		"join_distribution_type":                                                       []string{"PARTITIONED", "BROADCAST", "AUTOMATIC"}[seed%3],
		"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min": "1kB",
		"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max": "1kB",
		"fault_tolerant_execution_hash_distribution_compute_task_target_size":          "1kB",
	}
}

// differ says how the two answers to a query differ, "" if they do not, and whether they have no rows.
func differ(one, many outcome) (wrong string, empty bool) {
	for _, o := range []outcome{one, many} {
		switch o.name {
		case "", "NUMERIC_VALUE_OUT_OF_RANGE", "EXCEEDED_TIME_LIMIT": // which rows are computed first is open
		default:
			return fmt.Sprintf("error %s: %s", o.name, o.text), false
		}
	}
	if one.name != "" || many.name != "" {
		return "", true
	}
	if slices.Equal(one.rows, many.rows) {
		return "", len(one.rows) == 0
	}
	return fmt.Sprintf("rows differ: %d one way, %d the other: %.600s and %.600s", len(one.rows), len(many.rows),
		strings.Join(without(one.rows, many.rows), " "), strings.Join(without(many.rows, one.rows), " ")), false
}

// without returns the rows of one answer that the other has less often.
func without(rows, others []string) (out []string) {
	left := map[string]int{}
	for _, r := range others {
		left[r]++
	}
	for _, r := range rows {
		if left[r]--; left[r] < 0 {
			out = append(out, r)
		}
	}
	return out
}

// ask runs a statement.
func ask(ctx context.Context, p place, properties map[string]string, sql string) outcome {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cl := &client.Client{Server: p.url, HTTP: http.DefaultClient,
		Session: client.Session{User: "differential", Catalog: p.catalog, Schema: p.schema, Properties: properties}}
	var o outcome
	q, err := cl.Start(ctx, sql)
	for more := err == nil; more; more, err = q.Next(ctx) {
		now := q.Now()
		if now.Error != nil {
			return outcome{name: now.Error.Name, text: now.Error.Message}
		}
		var page []json.RawMessage
		if len(now.Data) > 0 {
			if err := json.Unmarshal(now.Data, &page); err != nil {
				return outcome{name: "UNREADABLE", text: err.Error()}
			}
		}
		for _, row := range page {
			o.rows = append(o.rows, string(row))
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		if q != nil {
			abandon, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = q.Cancel(abandon) // the query ends with the cluster at the latest
		}
		return outcome{name: "NO_END", text: fmt.Sprintf("no answer within %v", patience)}
	}
	if err != nil {
		return outcome{name: "NO_ANSWER", text: err.Error()}
	}
	slices.Sort(o.rows)
	return o
}

// start starts a cluster. A failed attempt is not repeated: what fails by itself shall be seen at once.
func start(t *testing.T, catalogs map[string]map[string]string) string {
	t.Helper()
	c, err := localcluster.Start(t.Context(), localcluster.Config{Binary: binary, DataDir: t.TempDir(), Workers: 3, MemoryBytes: 1 << 30, Catalogs: catalogs,
		Properties: map[string]string{"task-retry-attempts-per-task": "0"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c.URL()
}
