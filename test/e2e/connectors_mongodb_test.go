//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestConnectorsMongoDB writes into collections and reads them under TASK, while workers are killed in the middle of it and commits fail: documents are there once,
// and nothing besides. What it writes comes from made-up rows too, which are the same in each attempt.
func TestConnectorsMongoDB(t *testing.T) {
	t.Parallel()
	m := servers.StartMongoDB(t)
	catalogs := standardCatalogs("")
	catalogs["mongo"] = map[string]string{"connector.name": "mongodb", "mongodb.connection-url": m.URL}
	catalogs["made"] = map[string]string{"connector.name": "faker"}
	c, faults := faulty(t, localcluster.Config{Workers: 3, Catalogs: catalogs})
	cl := session(c, append(manyTasks, "retry_policy=TASK")...)
	begin(t, cl, "CREATE SCHEMA mongo.w").wait(t)
	begin(t, cl, "CREATE TABLE made.default.people (id bigint NOT NULL WITH (min = '1', step = '1'), name varchar(30) WITH (generator = '#{Name.first_name}'), born date) WITH (default_limit = 20000)").wait(t)
	from := source + " WHERE l_orderkey <= 6000"
	once := mustRows(t, cl, checksum+"("+from+")")
	strike := func(t *testing.T, name, task, sql string) []string {
		t.Helper()
		if name == "" {
			return begin(t, cl, sql).wait(t)
		}
		a := arm(t, faults, name, fault.Aim{Task: task})
		q := begin(t, cl, sql)
		s := struck(t, a, 1)[0]
		if strings.HasPrefix(name, "task-held") {
			c.KillWorker(workerOf(t, c, s))
			disarm(t, a)
			if _, err := c.AddWorker(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return q.wait(t)
	}
	for i, name := range []string{"", "task-held-before-run", "task-held-after-write", "task-fails-after-write", "commit-fails-before", "commit-fails-after"} {
		t.Run("write/"+name, func(t *testing.T) {
			table := "mongo.w.t" + string(rune('0'+i))
			task := "*.1.0"
			if strings.HasPrefix(name, "commit") {
				task = ""
			}
			strike(t, name, task, "CREATE TABLE "+table+" AS "+from)
			if got := mustRows(t, cl, checksum+table); !slices.Equal(got, once) {
				t.Errorf("after CREATE TABLE AS there is %s, want %s", got, once)
			}
			strike(t, name, task, "INSERT INTO "+table+" "+from)
			half := mustRows(t, cl, strings.Replace(checksum, "count(*), sum(l_orderkey), sum(l_linenumber), sum(l_extendedprice)",
				"count(*) / 2, sum(l_orderkey) / 2, sum(l_linenumber) / 2, CAST(sum(l_extendedprice) / 2 AS decimal(38,2))", 1)+table)
			if !slices.Equal(half, once) {
				t.Errorf("half of what is there is %s, want %s", half, once)
			}
			names, err := m.Client(t).Database("w").ListCollectionNames(t.Context(), map[string]any{})
			if err != nil {
				t.Fatal(err)
			}
			if left := slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, "tmp") }); len(left) > 0 {
				t.Errorf("left behind: %s", left)
			}
		})
	}
	t.Run("read", func(t *testing.T) {
		sql := "SELECT l.l_linenumber, count(*), sum(o.o_totalprice), max(o.o_comment) FROM mongo.w.t0 l JOIN orders o ON l.l_orderkey = o.o_orderkey WHERE l.l_orderkey > 100 GROUP BY 1"
		want := mustRows(t, cl, strings.ReplaceAll(sql, "mongo.w.t0", "("+from+" UNION ALL "+from+")"))
		got := strike(t, "task-held-before-run", fragmentWith(t, cl, sql, "mongo:w.t0")+".*.0", sql)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	t.Run("made up", func(t *testing.T) {
		sum := "SELECT count(*), count(name), sum(id), max(name), min(born), checksum(name), checksum(born) FROM "
		want := mustRows(t, cl, sum+"made.default.people")
		strike(t, "task-held-after-write", "*.0.0", "CREATE TABLE mongo.w.people AS SELECT * FROM made.default.people WHERE id IS NOT NULL")
		if got := mustRows(t, cl, sum+"mongo.w.people"); !slices.Equal(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
		begin(t, cl, "DELETE FROM mongo.w.people WHERE id BETWEEN 1 AND 19990").wait(t)
		if got := mustRows(t, cl, "SELECT count(*), min(id) FROM mongo.w.people"); len(got) != 1 || !strings.Contains(got[0], "19991") {
			t.Errorf("left are %s", got)
		}
	})
}
