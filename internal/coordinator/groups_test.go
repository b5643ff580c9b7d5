package coordinator

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/resourcegroups"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// withGroups configures resource groups.
func withGroups(t *testing.T, groups, selectors string) func(*Config) {
	t.Helper()
	spec, err := resourcegroups.Parse(`{"cpuQuotaPeriod": "1h", "rootGroups": [` + groups + `], "selectors": [` + selectors + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *Config) { c.ResourceGroups = spec }
}

// query.max-concurrent-queries and query.max-queued-queries: without resource groups, all queries are in one.
func TestQueriesWaitForOthers(t *testing.T) {
	c, spool := testCoordinator(t, func(cfg *Config) { cfg.Query.MaxConcurrent, cfg.Query.MaxQueued = 1, 2 })
	w := join(t, c, "w")
	first := submit(t, c, anyQuery)
	task := w.next()
	second := submit(t, c, anyQuery, "query_priority=7")
	until(t, "the second waits", func() bool { g, _ := c.ResourceGroup([]string{"global"}); return g.NumQueued == 1 })
	canceled := submit(t, c, anyQuery)
	until(t, "the third waits", func() bool { g, _ := c.ResourceGroup([]string{"global"}); return g.NumQueued == 2 })
	info := second.Info()
	if info.State != stateQueued || !info.Stats.Queued || !slices.Equal(info.ResourceGroup, []string{"global"}) {
		t.Errorf("the second is %s in %v", info.State, info.ResourceGroup)
	}
	if row := second.systemRow(); !slices.Equal(row[5].([]any), []any{"global"}) {
		t.Errorf("system.runtime.queries shows %v", row[5])
	}
	if _, err := result(t, submit(t, c, anyQuery)); err == nil || err.Code != trinoerr.QueryQueueFull || err.Error() != `Too many queued queries for "global"` {
		t.Errorf("the fourth: %v", err)
	}
	canceled.Cancel(trinoerr.New(trinoerr.UserCanceled, "enough"))
	if g, _ := c.ResourceGroup([]string{"global"}); g.State != "CAN_QUEUE" || g.NumQueued != 1 || !slices.Equal(g.Running, []string{first.ID()}) {
		t.Errorf("the group is %+v", g)
	}
	w.finish(task, spool, "[1]")
	if rows, err := result(t, first); rows != "[1]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	task = w.next()
	if !strings.HasPrefix(task.Id, second.ID()) {
		t.Errorf("after the first runs %s", task.Id)
	}
	w.finish(task, spool, "[2]")
	if rows, err := result(t, second); rows != "[2]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	if st := second.Info().Stats; st.QueuedTimeMillis > st.ElapsedTimeMillis {
		t.Errorf("queued %d ms of %d", st.QueuedTimeMillis, st.ElapsedTimeMillis)
	}
}

// A statement for which no selector is, one whose group has others below, and one whose group has no name.
func TestGroupsRefuse(t *testing.T) {
	c, _ := testCoordinator(t, withGroups(t, `{"name": "a", "hardConcurrencyLimit": 1, "subGroups": [{"name": "${SOURCE}", "hardConcurrencyLimit": 1}]}`,
		`{"queryType": "SELECT", "group": "a"}, {"queryType": "DESCRIBE", "group": "a.${SOURCE}"}`))
	for sql, want := range map[string]string{
		"DROP TABLE x":        "QUERY_REJECTED Query did not match any selection rule",
		"EXPLAIN " + anyQuery: "QUERY_REJECTED Query did not match any selection rule",
		anyQuery:              "INVALID_RESOURCE_GROUP Cannot add queries to 'a'. It is not a leaf group.",
		"SHOW TABLES":         "INVALID_RESOURCE_GROUP the name of resource group '${SOURCE}' is empty",
	} {
		_, err := result(t, submit(t, c, sql))
		if err == nil || err.Code.Name+" "+err.Error() != want {
			t.Errorf("%s: %v, want %s", sql, err, want)
		}
	}
}

// Of those that wait, the one with the highest query_priority runs first.
func TestQueryPriority(t *testing.T) {
	c, spool := testCoordinator(t, withGroups(t, `{"name": "${USER}", "hardConcurrencyLimit": 1, "maxQueued": 9, "schedulingPolicy": "query_priority"}`, `{"group": "${USER}"}`))
	w := join(t, c, "w")
	running := submit(t, c, anyQuery)
	task := w.next()
	low := submit(t, c, anyQuery, "query_priority=2")
	until(t, "one waits", func() bool { g, _ := c.ResourceGroup([]string{"u"}); return g.NumQueued == 1 })
	high := submit(t, c, "WITH SESSION query_priority = 3 "+anyQuery)
	until(t, "both wait", func() bool { g, _ := c.ResourceGroup([]string{"u"}); return g.NumQueued == 2 })
	for _, q := range []*query{high, low} {
		w.finish(task, spool, "[1]")
		if _, err := result(t, running); err != nil {
			t.Fatal(err)
		}
		if task = w.next(); !strings.HasPrefix(task.Id, q.ID()) {
			t.Fatalf("%s runs, not %s", task.Id, q.ID())
		}
		running = q
	}
}

// A limit of memory holds back what comes while it is exceeded, and lets it go on when tasks say that they use less.
func TestSoftMemoryLimit(t *testing.T) {
	c, _ := testCoordinator(t, withGroups(t, `{"name": "g", "hardConcurrencyLimit": 9, "maxQueued": 9, "softMemoryLimit": "50%"}`, `{"group": "g"}`))
	w := join(t, c, "w")
	submit(t, c, anyQuery)
	task := w.next()
	uses := func(bytes int64) {
		w.report(&rpcv1.Event{Kind: &rpcv1.Event_Progress{Progress: &rpcv1.Progress{Task: task.Id, MemoryBytes: bytes}}})
		until(t, "the group knows", func() bool { g, _ := c.ResourceGroup([]string{"g"}); return g.MemoryBytes == bytes })
	}
	half := c.nodes.memoryBytes() / 2
	uses(half + 1)
	q := submit(t, c, anyQuery)
	until(t, "it waits", func() bool { g, _ := c.ResourceGroup([]string{"g"}); return g.NumQueued == 1 })
	uses(half)
	if next := w.next(); !strings.HasPrefix(next.Id, q.ID()) {
		t.Errorf("%s runs", next.Id)
	}
}

// A coordinator that takes over counts what ran, and lets the others go on waiting.
func TestGroupsAfterTakeover(t *testing.T) {
	c, _, successor := journaled(t, withGroups(t, `{"name": "${USER}", "hardConcurrencyLimit": 1, "maxQueued": 9}`, `{"queryType": "select", "group": "${USER}"}`))
	w := join(t, c, "w")
	running := submit(t, c, anyQuery)
	w.next()
	waiting := []*query{submit(t, c, anyQuery)}
	until(t, "one waits", func() bool { g, _ := c.ResourceGroup([]string{"u"}); return g.NumQueued == 1 })
	waiting = append(waiting, submit(t, c, anyQuery))
	until(t, "two wait", func() bool { g, _ := c.ResourceGroup([]string{"u"}); return g.NumQueued == 2 })
	settled(t, c)
	next := successor()
	for i := range waiting {
		again(t, next, waiting[1-i])
	}
	until(t, "both wait again", func() bool { g, _ := next.ResourceGroup([]string{"u"}); return g.NumQueued == 2 })
	g, _ := next.ResourceGroup([]string{"u"})
	if !slices.Equal(g.Running, []string{running.ID()}) {
		t.Errorf("runs: %v", g.Running)
	}
	for _, want := range waiting {
		q, _ := next.Lookup(g.Running[0])
		q.Cancel(trinoerr.New(trinoerr.UserCanceled, "enough"))
		if g, _ = next.ResourceGroup([]string{"u"}); !slices.Equal(g.Running, []string{want.ID()}) {
			t.Errorf("runs: %v, want %s", g.Running, want.ID())
		}
	}
}

func TestQueryType(t *testing.T) {
	prepared := map[string]string{"p": "DELETE FROM t", "broken": "SELEC", "loop": "EXECUTE loop"}
	for sql, want := range map[string]string{
		"SELECT 1": "SELECT", "VALUES 1": "SELECT", "TABLE t": "SELECT", "EXPLAIN SELECT 1": "EXPLAIN", "EXPLAIN ANALYZE INSERT INTO t SELECT 1": "INSERT",
		"INSERT INTO t SELECT 1": "INSERT", "CREATE TABLE t AS SELECT 1 x": "INSERT", "UPDATE t SET a = 1": "UPDATE", "DELETE FROM t": "DELETE",
		"MERGE INTO t USING s ON a = b WHEN MATCHED THEN DELETE": "MERGE", "ANALYZE t": "ANALYZE", "ALTER TABLE t EXECUTE optimize": "ALTER_TABLE_EXECUTE",
		"SHOW TABLES": "DESCRIBE", "DESCRIBE t": "DESCRIBE", "SHOW STATS FOR t": "DESCRIBE", "CREATE TABLE t (a int)": "DATA_DEFINITION",
		"SET SESSION a = 1": "DATA_DEFINITION", "START TRANSACTION": "DATA_DEFINITION", "CALL system.runtime.kill_query('x')": "DATA_DEFINITION",
		"EXECUTE p": "DELETE", "EXECUTE other": "", "EXECUTE broken": "", "EXECUTE loop": "", "EXECUTE IMMEDIATE 'ANALYZE t'": "ANALYZE", "PREPARE p FROM SELECT 1": "DATA_DEFINITION",
	} {
		stmt, err := parser.ParseStatement(sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if got := queryType(stmt, prepared); got != want {
			t.Errorf("%s is of type %q, want %q", sql, got, want)
		}
	}
}
