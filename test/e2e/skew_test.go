//go:build e2e

package e2e

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// TestSkewedKeysAreSpread joins and groups by a key that 19 of 20 rows have, under each retry policy. No task may have much more to
// read than the others: where one partition has nearly all rows, several tasks share it. The answers are those of a single task.
func TestSkewedKeysAreSpread(t *testing.T) {
	t.Parallel()
	c := start(t, localcluster.Config{Workers: 2, Catalogs: standardCatalogs(t.TempDir())})
	const skewed = "(SELECT CASE WHEN l_orderkey % 20 < 19 THEN 1 ELSE l_orderkey END k, l_suppkey, l_comment FROM lineitem)"
	const off = "fault_tolerant_execution_adaptive_query_planning_enabled=false"
	for _, tt := range []struct {
		name, sql, reason string
		properties        []string
		spread            bool
	}{
		{"left join", "SELECT count(o_orderkey), count(*), sum(length(l_comment)), min(o_comment || l_comment) FROM " + skewed + " LEFT JOIN orders ON k = o_orderkey", "", nil, true},
		{"semi join", "SELECT count(*), sum(length(l_comment)) FROM " + skewed + " WHERE k IN (SELECT o_orderkey FROM orders WHERE o_comment <> '')", "", nil, true},
		{"groups", "SELECT k, count(DISTINCT l_comment) FROM " + skewed + " GROUP BY k ORDER BY 2 DESC, 1 LIMIT 20", "groups spread: ", nil, true},
		{"groups under QUERY", "SELECT k, count(DISTINCT l_comment) FROM " + skewed + " GROUP BY k ORDER BY 2 DESC, 1 LIMIT 20", "groups spread: ", []string{"retry_policy=QUERY"}, true},
		{"groups under NONE", "SELECT k, count(DISTINCT l_comment) FROM " + skewed + " GROUP BY k ORDER BY 2 DESC, 1 LIMIT 20", "groups spread: ", []string{"retry_policy=NONE"}, true},
		{"groups, off", "SELECT k, count(DISTINCT l_comment) FROM " + skewed + " GROUP BY k ORDER BY 2 DESC, 1 LIMIT 20", "", []string{off}, false},
	} {
		cl := session(c, append(manyTasks, tt.properties...)...)
		want := mustRows(t, session(c), tt.sql)
		if got := mustRows(t, cl, tt.sql); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", tt.name, got, want)
		}
		text := strings.Join(mustRows(t, cl, "EXPLAIN ANALYZE "+tt.sql), "\n")
		text = strings.ReplaceAll(text, `\n`, "\n")
		if !strings.Contains(text, "AdaptivePlan: "+tt.reason) && tt.reason != "" {
			t.Errorf("%s: no change of plan says %q", tt.name, tt.reason)
		}
		r := heaviest(t, text)
		if spread := r.tasks >= 3 && r.most <= 3*r.mean; spread != tt.spread {
			t.Errorf("%s: of %.0f tasks one reads %.0f bytes, on average they read %.0f\n%s", tt.name, r.tasks, r.most, r.mean, text)
		}
	}
}

// stageInput is what the tasks of a stage read.
type stageInput struct{ tasks, mean, most float64 }

var (
	hashFragment = regexp.MustCompile(`(?s)Fragment \d+ \[HASH\]\s+Tasks count: (\d+),.*?per task: min\.: \S+ avg\.: (\S+) max\.: (\S+)\n`)
	size         = regexp.MustCompile(`^([0-9.]+)([kMG]?B)$`)
)

// heaviest is the stage that reads most of those that read partitions.
func heaviest(t *testing.T, text string) (out stageInput) {
	t.Helper()
	for _, m := range hashFragment.FindAllStringSubmatch(text, -1) {
		var r stageInput
		for i, to := range []*float64{&r.tasks, &r.mean, &r.most} {
			number, unit := m[i+1], "B"
			if parts := size.FindStringSubmatch(number); parts != nil {
				number, unit = parts[1], parts[2]
			}
			v, err := strconv.ParseFloat(number, 64)
			if err != nil {
				t.Fatal(err)
			}
			*to = v * math.Pow(1024, float64(strings.Index("BkMG", unit[:1])))
		}
		if r.tasks*r.mean > out.tasks*out.mean {
			out = r
		}
	}
	if out.tasks == 0 {
		t.Fatalf("no stage reads partitions:\n%s", text)
	}
	return out
}
