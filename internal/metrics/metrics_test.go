package metrics

import (
	"flag"
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

var rewrite = flag.Bool("rewrite", false, "write docs/reference/metrics.md anew")

func TestReference(t *testing.T) {
	const page = "../../docs/reference/metrics.md"
	if *rewrite {
		if err := os.WriteFile(page, []byte(Reference()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != Reference() {
		t.Errorf("%s is not what the table says: go test ./internal/metrics -rewrite", page)
	}
}

// Names are as Prometheus wants them, and labels have few values.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range all {
		if seen[m.Name] {
			t.Errorf("%s occurs twice", m.Name)
		}
		seen[m.Name] = true
		if !strings.HasPrefix(m.Name, "waterbear_") || (m.Kind == Counter) != strings.HasSuffix(m.Name, "_total") {
			t.Errorf("%s is no name of a %s", m.Name, m.Kind)
		}
		if m.Help == "" || (m.Kind == Histogram) != (m.Buckets != nil) {
			t.Errorf("%s lacks help, or has buckets where there is nothing to fill them with", m.Name)
		}
		for _, l := range m.Labels {
			if (len(l.Values) == 0) != (l.Of != "") {
				t.Errorf("%s: the label %s must have values, or say where they come from", m.Name, l.Name)
			}
			if regexp.MustCompile(`query|user|task|key`).MatchString(l.Name) {
				t.Errorf("%s: the label %s has no bound", m.Name, l.Name)
			}
		}
	}
	if problems, err := testutil.GatherAndLint(New(Coordinator, Worker).Gatherer()); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

// A scrape has counters from the beginning, and what readers tell.
func TestScrape(t *testing.T) {
	r := New(Coordinator, Worker)
	r.Add(AttemptsFailed, 2, ReasonMemory)
	r.Observe(QueryQueued, 0.2)
	r.Read(func(set Set) {
		set(NodeMemory, 1<<30, "w1")
		r.Add(SlotStarts, 1)
	})
	server := httptest.NewServer(r.Handler())
	defer server.Close()
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`waterbear_attempts_failed_total{reason="memory"} 2`,
		`waterbear_attempts_failed_total{reason="node_loss"} 0`,
		`waterbear_query_queued_seconds_bucket{le="0.25"} 1`,
		`waterbear_query_queued_seconds_bucket{le="0.1"} 0`,
		`waterbear_node_memory_bytes{node="w1"} 1.073741824e+09`,
		`waterbear_queries_submitted_total 0`,
	} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("%s is not there", line)
		}
	}
	for _, name := range []string{"go_goroutines ", "process_resident_memory_bytes "} {
		if !strings.Contains(string(text), "\n"+name) {
			t.Errorf("%s is not there", name)
		}
	}
	r.Add(AttemptsFinished, -1) // counters only grow
	var none *Registry
	none.Add(AttemptsFinished, 1)
	none.Observe(QueryQueued, 1)
	none.Read(func(Set) {})
}
