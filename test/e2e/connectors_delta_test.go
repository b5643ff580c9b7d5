//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// sumUp prints what delta-rs finds in a table: how many rows, and sums of two columns.
const sumUp = `
import sys, deltalake
t = deltalake.DeltaTable(sys.argv[1])
sql = "SELECT count(*) AS a, sum(l_orderkey) AS b, sum(l_linenumber) AS c FROM t"
rows = deltalake.QueryBuilder().register("t", t).execute(sql).read_all()
print([int(rows.column(i)[0].as_py()) for i in range(3)])
`

// makeTable lets delta-rs make a table of many commits, some of which delete and update rows, with a checkpoint between.
const makeTable = `
import sys, datetime as dt, decimal, deltalake, pyarrow as pa
at = dt.datetime(2020, 1, 1, 1, 2, 3, 456789)
t = pa.table({
    "id": pa.array([1, 2, 3], pa.int64()), "p": ["a", "b=/ c%", "a"], "d": pa.array([dt.date(2020, 1, 1), None, dt.date(1999, 12, 31)]),
    "z": pa.array([at] * 3, pa.timestamp("us", "UTC")), "n": pa.array([at] * 3, pa.timestamp("us")),
    "m": pa.array([decimal.Decimal("1.23"), None, decimal.Decimal("-4.56")], pa.decimal128(10, 2)),
    "s": [{"x": 1, "y": ["q"]}, None, {"x": 3, "y": []}], "f": pa.array([1.5, float("nan"), None], pa.float32())})
deltalake.write_deltalake(sys.argv[1], t, partition_by=["p"])
for i in range(5):
    deltalake.write_deltalake(sys.argv[1], t.slice(0, 1), mode="append")
d = deltalake.DeltaTable(sys.argv[1])
d.create_checkpoint()
d.delete("id = 2")
d.update(predicate="id = 3", updates={"id": "33"})
deltalake.write_deltalake(sys.argv[1], t.slice(1, 1), mode="append")
`

// TestConnectorsDelta writes Delta Lake tables under TASK while workers are killed and commits fail, which delta-rs then reads; and reads and
// changes one that delta-rs has written.
func TestConnectorsDelta(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	catalogs := standardCatalogs("")
	catalogs["delta"] = map[string]string{"connector.name": "delta_lake", "hive.metastore": "file", "hive.metastore.catalog.dir": "local:///metastore",
		"fs.native-local.enabled": "true", "local.location": root, "delta.register-table-procedure.enabled": "true"}
	c, faults := faulty(t, localcluster.Config{Workers: 3, Catalogs: catalogs})
	cl := session(c, append(manyTasks, "retry_policy=TASK")...)
	mustRows(t, cl, "CREATE SCHEMA delta.w")
	strike := func(t *testing.T, name, task, sql string) {
		t.Helper()
		if name == "" {
			begin(t, cl, sql).wait(t)
			return
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
		q.wait(t)
	}
	inTable := func(t *testing.T, table string) []string {
		t.Helper()
		return mustRows(t, cl, "SELECT count(*), sum(l_orderkey), sum(l_linenumber) FROM "+table)
	}
	// delta-rs has to find the same.
	same := func(t *testing.T, table string, want []string) {
		t.Helper()
		if got := inTable(t, table); !slices.Equal(got, want) {
			t.Errorf("there is %s, want %s", got, want)
		}
		dirs, err := filepath.Glob(filepath.Join(root, "metastore", "w", strings.TrimPrefix(table, "delta.w.")+"-*"))
		if err != nil || len(dirs) != 1 {
			t.Fatalf("the table lies in %v, %v", dirs, err)
		}
		if got := []string{servers.DeltaLake(t, sumUp, dirs[0])}; normal(got) != normal(want) {
			t.Errorf("delta-rs finds %s, want %s", got, want)
		}
	}
	for i, name := range []string{"", "task-held-before-run", "task-held-after-write", "task-fails-after-write", "commit-fails-before", "commit-fails-after"} {
		t.Run("write/"+name, func(t *testing.T) {
			table := "delta.w.t" + string(rune('0'+i))
			task := "*.1.0"
			if strings.HasPrefix(name, "commit") {
				task = ""
			}
			vectors := []string{"false", "true"}[i%2]
			strike(t, name, task, "CREATE TABLE "+table+" WITH (deletion_vectors_enabled = "+vectors+") AS "+source)
			all := inTable(t, "("+source+")")
			same(t, table, all)
			strike(t, name, task, "INSERT INTO "+table+" "+source+" WHERE l_orderkey <= 30000")
			same(t, table, inTable(t, "("+source+" UNION ALL "+source+" WHERE l_orderkey <= 30000)"))
			strike(t, name, "", "DELETE FROM "+table+" WHERE l_orderkey % 3 = 0")
			strike(t, name, "", "UPDATE "+table+" SET l_linenumber = l_linenumber + 100 WHERE l_orderkey % 5 = 1")
			same(t, table, inTable(t, "(SELECT l_orderkey, l_linenumber + IF(l_orderkey % 5 = 1, 100, 0) AS l_linenumber FROM ("+
				source+" UNION ALL "+source+" WHERE l_orderkey <= 30000) WHERE l_orderkey % 3 <> 0)"))
		})
	}
	t.Run("read", func(t *testing.T) {
		servers.DeltaLake(t, makeTable, filepath.Join(root, "theirs"))
		mustRows(t, cl, "CALL delta.system.register_table('w', 'theirs', 'local:///theirs')")
		got := mustRows(t, cl, "SELECT id, p, d, z, n, m, s.x, cardinality(s.y), f, count(*) FROM delta.w.theirs GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1")
		const moment = `"2020-01-01 01:02:03.456 UTC","2020-01-01 01:02:03.456789"`
		want := []string{`1,"a","2020-01-01",` + moment + `,"1.23",1,1,1.5,6`, `2,"b=/ c%",null,` + moment + `,null,null,null,"NaN",1`,
			`33,"a","1999-12-31",` + moment + `,"-4.56",3,0,null,1`}
		if normal(got) != normal(want) {
			t.Errorf("rows are\n%s\nwant\n%s", normal(got), normal(want))
		}
		mustRows(t, cl, "INSERT INTO delta.w.theirs SELECT * FROM delta.w.theirs WHERE id = 33")
		mustRows(t, cl, "DELETE FROM delta.w.theirs WHERE p = 'b=/ c%'")
		mustRows(t, cl, "UPDATE delta.w.theirs SET m = m + 1 WHERE id = 33")
		got = mustRows(t, cl, "SELECT count(*), sum(m) FROM delta.w.theirs")
		theirs := servers.DeltaLake(t, `
import sys, deltalake
t = deltalake.DeltaTable(sys.argv[1]).to_pyarrow_table()
print([t.num_rows, str(sum(v for v in t.column("m").to_pylist() if v is not None))])`, filepath.Join(root, "theirs"))
		if normal(got) != normal([]string{`8,"0.26"`}) || normal([]string{theirs}) != normal(got) {
			t.Errorf("after the changes there is %s, and delta-rs finds %s", got, theirs)
		}
	})
}

// normal renders rows without what programs differ in: brackets, kinds of quotes, blanks.
func normal(rows []string) string {
	return strings.NewReplacer("[", "", "]", "", "'", "", `"`, "", ", ", ",").Replace(strings.Join(rows, "\n"))
}
