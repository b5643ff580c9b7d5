package distributedtest

import (
	_ "embed"
	"strings"
	"testing"
)

// queries are separated by empty lines. One that begins with "-- count" leaves open which rows it gives,
// one with "-- error" fails.
//
//go:embed testdata/queries.sql
var queries string

// TestQueries runs queries that are hard to distribute, in every mode.
func TestQueries(t *testing.T) {
	c := newCluster(t)
	for _, q := range strings.Split(strings.TrimSpace(queries), "\n\n") {
		for _, m := range modes {
			if diff := c.compare(q, m, strings.HasPrefix(q, "-- count")); diff != "" {
				t.Errorf("%s: %s\n%s", m.name, q, diff)
				break // the other modes would say the same
			}
		}
	}
}
