package distributedtest

import (
	_ "embed"
	"strings"
	"testing"
)

// queries are separated by empty lines; see compare for the comments at their heads.
//
//go:embed testdata/queries.sql
var queries string

// TestQueries runs queries that are hard to distribute, in every mode.
func TestQueries(t *testing.T) {
	c := newCluster(t)
	for q := range strings.SplitSeq(strings.TrimSpace(queries), "\n\n") {
		if diff := c.compare(q, modes); diff != "" {
			t.Errorf("%s\n%s", q, diff)
		}
	}
}
