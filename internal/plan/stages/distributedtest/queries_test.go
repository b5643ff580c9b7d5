package distributedtest

import (
	_ "embed"
	"slices"
	"strings"
	"testing"
)

// queries are separated by empty lines; see compare for the comments at their heads.
//
//go:embed testdata/queries.sql
var queries string

// subqueries are about where the errors of subqueries come up, and what reads them.
//
//go:embed testdata/subqueries.sql
var subqueries string

// TestSubqueries runs queries with subqueries for many tasks and for one.
func TestSubqueries(t *testing.T) {
	c := newCluster(t)
	for q := range strings.SplitSeq(strings.TrimSpace(subqueries), "\n\n") {
		if diff := c.compare(q, []mode{modes[0], modes[1], modes[4]}); diff != "" {
			t.Errorf("%s\n%s", q, diff)
		}
	}
}

// TestQueries runs queries that are hard to distribute, in every mode.
func TestQueries(t *testing.T) {
	c := newCluster(t)
	for q := range strings.SplitSeq(strings.TrimSpace(queries), "\n\n") {
		ways := modes
		if !strings.Contains(q, "ORDER BY") { // then nothing is sorted
			ways = slices.DeleteFunc(slices.Clone(modes), func(m mode) bool { return m.name == "sorted" })
		}
		if diff := c.compare(q, ways); diff != "" {
			t.Errorf("%s\n%s", q, diff)
		}
	}
}
