package distributedtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
)

// adaptiveModes plan again after each stage, with thresholds that are always passed: joins that hash their inputs broadcast
// them where they still can, those that broadcast them hash them, sides are exchanged, and partitions raised.
var adaptiveModes = []mode{
	{name: "adaptive, unbroadcast", join: plan.Replicated, sorted: true, adapt: &adaptive.Options{JoinReordering: true, BroadcastBytes: -1, TaskBytes: 1, HashPartitions: partitions}},
	{name: "adaptive, broadcast", join: plan.Partitioned, adapt: &adaptive.Options{JoinReordering: true, JoinMinBytes: 1 << 40, BroadcastBytes: 1 << 40, TaskBytes: 1 << 60, HashPartitions: partitions}},
	{name: "adaptive, partitions", join: plan.Partitioned, adapt: &adaptive.Options{JoinReordering: true, Join: plan.Partitioned, Partitioning: true,
		PartitionCount: partitions + 2, MaxTaskBytes: 0}},
	{name: "adaptive, join order", join: plan.Partitioned, adapt: &adaptive.Options{JoinReordering: true, JoinMinBytes: -1 << 60, BroadcastBytes: 1 << 40, TaskBytes: 1 << 10,
		HashPartitions: partitions}},
	{name: "adaptive, keys", join: plan.Partitioned, adapt: &adaptive.Options{KeyFilters: true}},
	{name: "adaptive, single task", join: plan.Partitioned, adapt: &adaptive.Options{SingleTaskBytes: 1 << 50}},
	{name: "adaptive, skew", join: plan.Partitioned, adapt: &adaptive.Options{SkewBytes: 1}},
	{name: "adaptive, sorted", join: plan.Partitioned, sorted: true, adapt: &adaptive.Options{JoinReordering: true, JoinMinBytes: -1 << 60, TaskBytes: 1 << 10, HashPartitions: partitions,
		Partitioning: true, PartitionCount: partitions + 2, SkewBytes: 1}},
	{name: "adaptive, sorted, single task", join: plan.Replicated, sorted: true, adapt: &adaptive.Options{SingleTaskBytes: 100}},
	{name: "adaptive, ranges", ranges: true, join: plan.Replicated, adapt: &adaptive.Options{JoinReordering: true, BroadcastBytes: -1, TaskBytes: 1, HashPartitions: partitions}},
}

// adapting runs fragments one by one and plans the rest again after each. It returns the last plan.
func (c *cluster) adapting(into string, fragments []stages.Fragment, o adaptive.Options) ([]stages.Fragment, error) {
	md := newMetadata()
	o.Estimator = stats.New(func(s *plan.Scan) (connector.Statistics, bool) {
		st, _ := md.Statistics(context.Background(), s.Table)
		return st, true
	})
	if o.KeyFilters {
		adaptive.Prepare(fragments, o)
	}
	byID := slices.Clone(fragments)
	var current []adaptive.Stage
	for _, f := range fragments {
		current = append(current, adaptive.Stage{Fragment: f})
	}
	for {
		s := &current[next(current, o)]
		if err := c.stage(into, s.Fragment, byID); err != nil || s.Output.Root {
			return byID, err
		}
		rows, err := c.count(s.ID)
		if err != nil {
			return byID, err
		}
		s.Started, s.Measured = true, &adaptive.Size{Rows: rows, Bytes: rows, Largest: rows}
		if s.Columns, err = c.facts(s); err != nil {
			return byID, err
		}
		p, err := adaptive.Replan(current, len(byID), o)
		if err != nil {
			return byID, fmt.Errorf("replan after %d: %w", s.ID, err)
		}
		if p == nil {
			continue
		}
		current = slices.DeleteFunc(current, func(s adaptive.Stage) bool { return !s.Started })
		for _, f := range p.Fragments {
			current = append(current, adaptive.Stage{Fragment: f})
			if f.ID == len(byID) {
				byID = append(byID, f)
			}
		}
		for _, change := range p.Changes {
			for _, r := range change.Reasons {
				what, _, _ := strings.Cut(r, ":")
				adapted[strings.TrimRight(what, " 0123456789")]++
			}
		}
	}
}

// adapted counts what was changed, by kind.
var adapted = map[string]int{}

func (c *cluster) count(stage int) (n int64, err error) {
	err = c.db.QueryChunks(context.Background(), fmt.Sprintf("SELECT count(*)::VARCHAR FROM stage_%d", stage), func(ch *engine.Chunk) error {
		n, err = strconv.ParseInt(string(ch.Columns[0].Bytes(0)), 10, 64)
		return err
	})
	return n, err
}

// adaptiveQueries come first in TestAdaptive, in all modes: they show what random ones show seldom.
var adaptiveQueries = []string{
	"SELECT t.a, u.x FROM t JOIN u ON t.a = u.a JOIN e ON u.x = e.z",
	"SELECT t.a, u.x, e.z FROM t JOIN u ON t.a = u.a LEFT JOIN (SELECT * FROM e WHERE z < 3) e ON u.x = e.z",
	"SELECT b, count(*) FROM t LEFT JOIN u ON t.a = u.a GROUP BY b",
	"SELECT t.a, sum(u.x) FROM t LEFT JOIN u ON t.a = u.a GROUP BY t.a",
	"SELECT t.a, u.x FROM t JOIN u ON t.a = u.a WHERE u.x IN (SELECT z FROM e WHERE z < 3)",
	"SELECT t.a, count(DISTINCT u.x) FROM t JOIN u ON t.a = u.a GROUP BY t.a",
	"SELECT t.a, count(DISTINCT u.x), sum(u.x) FROM t LEFT JOIN u ON t.a = u.a GROUP BY t.a ORDER BY 1 NULLS FIRST",
	"SELECT t.a, u.x, e.z FROM t JOIN u ON t.a = u.a JOIN e ON u.x = e.z ORDER BY 1, 2, 3",
	"SELECT t.a, u.x FROM t LEFT JOIN u ON t.a = u.a ORDER BY t.b DESC, 1, 2",
	"SELECT b, max(x), count(*) FROM (SELECT DISTINCT t.b, t.a, u.x FROM t JOIN u ON t.a = u.a JOIN e ON e.z = t.b) GROUP BY b",
}

// TestAdaptive compares queries whose plans change while they run, and sees that they do.
func TestAdaptive(t *testing.T) {
	c := newCluster(t)
	check := func(name, sql string, m mode) {
		if diff := c.compare(sql, []mode{m}); diff != "" && !strings.HasPrefix(diff, "as bound:") && !strings.HasPrefix(diff, "bind:") {
			t.Errorf("%s: %s\n%s", name, sql, diff)
		}
	}
	for _, sql := range adaptiveQueries {
		for _, m := range adaptiveModes {
			check(m.name, sql, m)
		}
	}
	for i := range *randomQueries {
		seed := *randomSeed + 1_000_000 + uint64(i)
		check("seed "+strconv.FormatUint(seed, 10), newGenerator(seed).query(), adaptiveModes[i%len(adaptiveModes)])
	}
	for _, what := range []string{"join broadcast", "join partitioned", "join sides swapped", "join order changed", "partitions raised to", "single task", "groups spread", "pruned", "key filter"} {
		if adapted[what] == 0 {
			t.Errorf("no plan changed by %q: %v", what, adapted)
		}
	}
	t.Log(adapted)
}
