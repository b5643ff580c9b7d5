//go:build e2e

package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/internal/metrics"
)

// TestMetrics scrapes a cluster that has worked: what is documented is there, and what is there is documented.
func TestMetrics(t *testing.T) {
	c := start(t, localcluster.Config{Workers: 1})
	cl := session(c)
	mustRows(t, cl, "SELECT count(*) FROM nation")
	if _, err := rows(t.Context(), cl, "SELECT 1 / 0"); err == nil {
		t.Fatal("no error")
	}
	var uri []string
	if err := json.Unmarshal([]byte(mustRows(t, cl, "SELECT http_uri FROM system.runtime.nodes WHERE NOT coordinator")[0]), &uri); err != nil {
		t.Fatal(err)
	}
	lead := scraped(t, c.URL())
	if res, err := http.Get(c.URL() + "/debug/pprof/"); err != nil || res.Body.Close() != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("profiles at the port of clients: %v, %v", res, err)
	}
	if want := metrics.Names(metrics.Coordinator); !slices.Equal(lead, want) {
		t.Errorf("of the coordinator: %v, documented %v", lead, want)
	}
	var status struct{ HeapUsed, HeapAvailable int64 }
	res, err := http.Get(uri[0] + "/v1/status")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&status); err != nil || status.HeapAvailable == 0 || status.HeapUsed > status.HeapAvailable {
		t.Errorf("memory of the worker: %+v, %v", status, err)
	}
	work := scraped(t, uri[0])
	if want := metrics.Names(metrics.Worker); !slices.Equal(work, want) {
		t.Errorf("of the worker: %v, documented %v", work, want)
	}
}

// scraped returns the names of the metrics of a node of which there are values, but those of Go and of the process.
func scraped(t *testing.T, url string) (names []string) {
	t.Helper()
	res, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	valued := map[string]bool{}
	current := ""
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "# TYPE "); ok {
			current, _, _ = strings.Cut(name, " ")
		} else if strings.HasPrefix(lines.Text(), current) && current != "" {
			valued[current] = true
		}
	}
	for name := range valued {
		if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
