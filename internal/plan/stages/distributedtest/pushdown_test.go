package distributedtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
)

// remote is a connector of the tables that takes offers, each in the mood that a number stands for. 0 is the mood to take all.
func remote(mood uint32) *plantest.Remote {
	r := &plantest.Remote{Metadata: newMetadata(), From: func(t connector.SchemaTable) string { return "(SELECT * EXCLUDE (__row) FROM base_" + t.Table + ")" }}
	if mood > 0 {
		r.Moody = &mood
	}
	return r
}

// pushingModes are the ways of planning that pushdown must get along with.
func pushingModes(mood uint32) []mode {
	out := []mode{{name: "partitioned", join: plan.Partitioned, eager: -1}, {name: "blind", blind: true}, {name: "local", local: true}, {name: "broadcast", join: plan.Replicated},
		{name: "keys", join: plan.Partitioned, adapt: &adaptive.Options{KeyFilters: true}}, {name: "sorted", sorted: true}, adaptiveModes[0], adaptiveModes[3], adaptiveModes[5]}
	for i := range out {
		out[i].remote = remote(mood)
		out[i].name += ", pushing"
	}
	return out
}

// pushingQueries come first in TestPushdown, in all modes and several moods: they show what random ones show seldom.
var pushingQueries = []string{
	"SELECT a, b FROM t WHERE a > 1 AND b IN (1, 2, 5) AND c IS NOT NULL",
	"SELECT a FROM t WHERE a BETWEEN 1 AND 4 AND c LIKE 'b%' AND (b = 1 OR b IS NULL)",
	"SELECT b, count(*), sum(a), min(c), count(DISTINCT a), sum(a) FILTER (WHERE a > 2) FROM t WHERE a < 5 GROUP BY b HAVING count(*) > 1",
	"SELECT count(*), max(b) FROM t WHERE a > 100",
	"SELECT DISTINCT b, c FROM t",
	"SELECT t.c, u.x, v.y FROM t JOIN u ON t.a = u.a LEFT JOIN v ON v.a = u.x AND v.y > 4",
	"SELECT t.c, u.x FROM t FULL JOIN u ON t.a = u.a AND t.b < u.x",
	"SELECT t.b, count(*) FROM t RIGHT JOIN (SELECT a, max(x) m FROM u GROUP BY a) u ON t.a = u.m GROUP BY t.b",
	"SELECT q.b, u.s FROM (SELECT DISTINCT a, b FROM t) q JOIN u ON q.a = u.a WHERE u.x IN (SELECT y FROM v)",
	"SELECT q.b, v.y FROM (SELECT b, count(*) n FROM t GROUP BY b) q JOIN v ON q.b = v.a WHERE v.y < 7",
	"SELECT a, d, b FROM t ORDER BY b DESC, a NULLS FIRST, d, c LIMIT 10",
	"SELECT b, count(*) FROM t GROUP BY b ORDER BY 2 DESC, 1 LIMIT 3",
	"SELECT b, count(*) FROM t GROUP BY b ORDER BY 2 DESC, 1 OFFSET 2 LIMIT 3",
	"-- count\nSELECT a FROM t WHERE b > 1 LIMIT 7",
	"-- count\nSELECT a FROM (SELECT a FROM t UNION ALL SELECT a FROM u) LIMIT 50",
	"-- count\nSELECT a + 1 FROM (SELECT a FROM t WHERE a > 1 LIMIT 5) WHERE a > 0",
	"SELECT a, (SELECT count(*) FROM u WHERE u.a = t.a AND u.x > 2) FROM t WHERE b = 3",
	"SELECT x.a, y.a FROM t x JOIN t y ON x.b = y.b AND x.c = y.c WHERE x.a > 1 AND y.a > 1",
	"WITH q AS (SELECT a, count(*) n FROM t GROUP BY a) SELECT p.n, q.n FROM q p JOIN q ON p.a = q.n",
}

// TestPushdown compares queries over a connector that takes parts of them, and sees that it does.
func TestPushdown(t *testing.T) {
	c := newCluster(t)
	for i, sql := range pushingQueries {
		for mood := range uint32(4) {
			modes := pushingModes(mood)
			if mood > 0 { // one of each
				modes = modes[(i+int(mood))%len(modes):][:1]
			}
			if diff := c.compare(sql, modes); diff != "" {
				t.Errorf("mood %d: %s\n%s", mood, sql, diff)
			}
		}
	}
	for i := range *randomQueries {
		seed := *randomSeed + 2_000_000 + uint64(i)
		g := newGenerator(seed)
		sql := g.query()
		if i%3 == 0 {
			sql = g.eagerQuery()
		}
		modes := pushingModes(uint32(i % 5))
		diff := c.compare(sql, modes[i%len(modes):][:1])
		if diff != "" && !strings.HasPrefix(diff, "as bound:") && !strings.HasPrefix(diff, "bind:") {
			t.Errorf("seed %d: %s\n%s", seed, sql, diff)
		}
	}
	for _, what := range []string{"filter", "part of filter", "join", "aggregation", "limit", "top"} {
		if c.pushed[what] == 0 {
			t.Errorf("no plan with a pushed %s: %v", what, c.pushed)
		}
	}
	t.Log(c.pushed)
}

// A key filter is over the rows of what has been pushed: over groups by their keys, never by what they were made of before.
func TestPushdownKeyFilters(t *testing.T) {
	c := newCluster(t)
	before := adapted["key filter"]
	for _, sql := range []string{
		"SELECT q.b, q.n, v.y FROM (SELECT a, b, c, count(*) n FROM t GROUP BY a, b, c) q JOIN v ON q.b = v.a WHERE y < 9",
		"SELECT q.b, q.n, v.y FROM (SELECT a, b, c, count(*) n FROM t GROUP BY a, b, c) q JOIN v ON q.n = v.a WHERE y < 9",
	} {
		modes := slices.DeleteFunc(pushingModes(0), func(m mode) bool { return m.adapt == nil || !m.adapt.KeyFilters })
		modes[0].remote.KeepJoins = true
		if diff := c.compare(sql, modes); diff != "" {
			t.Errorf("%s\n%s", sql, diff)
		}
	}
	if adapted["key filter"] == before {
		t.Error("no scan with an aggregation in it was filtered by keys")
	}
}
