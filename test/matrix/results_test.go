//go:build e2e

package matrix

import (
	"flag"
	"os"
	"sync"
	"testing"
	"time"
)

// Where the outcome of a run is written to.
var (
	tableFile = flag.String("matrix.table", "", "file for the table of the run")
	jsonFile  = flag.String("matrix.json", "", "file for the results of the run as JSON, one object per line")
)

// results collects what came of the cells.
type results struct {
	mu   sync.Mutex
	list []Result
}

// newResults returns a collection that is written down at the end of the test.
func newResults(t *testing.T) *results {
	t.Helper()
	r := &results{}
	begun := time.Now()
	t.Cleanup(func() {
		if *tableFile != "" {
			if err := os.WriteFile(*tableFile, []byte(Table(r.list, time.Since(begun))), 0o644); err != nil {
				t.Error(err)
			}
		}
		if *jsonFile != "" {
			if err := os.WriteFile(*jsonFile, JSON(r.list), 0o644); err != nil {
				t.Error(err)
			}
		}
	})
	return r
}

func (r *results) add(c Cell, passed bool, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, Result{Cell: c, Passed: passed, Took: took})
}
