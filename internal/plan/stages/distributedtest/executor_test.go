package distributedtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// cluster executes plans in one DuckDB that holds the tables.
type cluster struct {
	t    testing.TB
	db   *engine.Instance
	made []string // the statements that drop what was made
	// remote is the connector of the tables, if it takes offers.
	remote *plantest.Remote
	// fieldsAlone counts the plans that read fields of rows as columns.
	fieldsAlone     int
	pushed          map[string]int // how often what was pushed into scans
	eager, distinct int            // how many plans have an aggregation below a join, and distinct aggregates in several steps
}

// Tasks and partitions: partitions are more than tasks, so that some tasks have several and some partitions are empty.
const (
	scanTasks  = 3
	hashTasks  = 2
	partitions = 5
)

func newCluster(t testing.TB) *cluster {
	db, err := engine.Open(context.Background(), engine.Config{MemoryLimit: 1 << 30, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c := &cluster{t: t, db: db, pushed: map[string]int{}}
	for _, tab := range tables {
		columns, _ := bindColumns(tab)
		c.must("CREATE TABLE base_" + tab.name + "(" + columns + ", __row BIGINT)")
		c.must("INSERT INTO base_" + tab.name + " SELECT *, row_number() OVER () FROM (" + tab.rows + ")")
	}
	return c
}

func bindColumns(tab table) (ddl string, names []string) {
	var defs []string
	for _, col := range newMetadata()[tab.name].Columns {
		defs = append(defs, quoted(col.Name)+" "+duck.TableType(col.Type))
		names = append(names, col.Name)
	}
	return strings.Join(defs, ", "), names
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func (c *cluster) exec(sql string) error { return c.db.Exec(context.Background(), sql) }

func (c *cluster) must(sql string) {
	c.t.Helper()
	if err := c.exec(sql); err != nil {
		c.t.Fatalf("%s: %v", sql, err)
	}
}

// create runs a query into a new table with columns c0, c1, … and the given further columns.
func (c *cluster) create(name, sql string, columns int) error {
	names := make([]string, columns)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	if err := c.exec(fmt.Sprintf("CREATE TABLE %s AS SELECT * FROM (%s) AS q(%s)", name, sql, strings.Join(names, ", "))); err != nil {
		return err
	}
	c.made = append(c.made, "DROP TABLE "+name)
	return nil
}

func (c *cluster) clean() { c.drop(0) }

// drop drops what was made, but for the first so many.
func (c *cluster) drop(keep int) {
	for i := len(c.made) - 1; i >= keep; i-- {
		c.must(c.made[i])
	}
	c.made = c.made[:keep]
}

// view binds an input of a statement.
func (c *cluster) view(name, sql string) {
	c.must("CREATE OR REPLACE TEMP VIEW " + name + " AS " + sql)
}

// whole answers a plan as one task, into a table.
func (c *cluster) whole(into string, root plan.Node) error {
	st, err := duck.Lower(root, duck.Options{})
	if err != nil {
		return err
	}
	for _, in := range st.Inputs {
		c.view(in.Name, "SELECT "+scanColumns(in.Scan)+" FROM base_"+in.Scan.Table.Table.Table)
	}
	return c.create(into, st.SQL, max(1, len(st.Columns)))
}

// fragments runs the fragments of a plan, the last one's rows into a table.
func (c *cluster) fragments(into string, fragments []stages.Fragment) error {
	for _, f := range fragments {
		if err := c.stage(into, f, fragments); err != nil || f.Output.Root {
			return err
		}
	}
	return fmt.Errorf("no root")
}

// stage runs a fragment; all are the fragments by their numbers.
func (c *cluster) stage(into string, f stages.Fragment, all []stages.Fragment) error {
	if err := plan.Check(f.Root); err != nil {
		return fmt.Errorf("fragment %d: %w", f.ID, err)
	}
	tasks := map[stages.Distribution]int{stages.Single: 1, stages.Arbitrary: scanTasks, stages.Hash: hashTasks}[f.Distribution]
	var parts []string
	width := 0
	for task := range tasks {
		name := fmt.Sprintf("out_%d_%d", f.ID, task)
		columns, err := c.task(name, &f, task, tasks, all)
		if err != nil {
			return fmt.Errorf("fragment %d: %w", f.ID, err)
		}
		width = columns
		parts = append(parts, fmt.Sprintf("SELECT *, %d AS __task FROM %s", task, name))
	}
	union := strings.Join(parts, " UNION ALL ")
	if f.Output.Root {
		return c.create(into, "SELECT * EXCLUDE (__task) FROM ("+union+")", width)
	}
	c.must(fmt.Sprintf("CREATE VIEW stage_%d AS %s", f.ID, union))
	c.made = append(c.made, fmt.Sprintf("DROP VIEW stage_%d", f.ID))
	return nil
}

// task runs one task; it returns the number of columns of its output. Where rows are partitioned, the partition is the last.
func (c *cluster) task(into string, f *stages.Fragment, task, tasks int, all []stages.Fragment) (int, error) {
	o := duck.Options{}
	if f.Output.Kind == plan.Repartition && f.Output.Partitions > 1 {
		o.Partition = &duck.Partition{Keys: f.Output.Keys, Count: f.Output.Partitions, Numbered: f.Output.Ranges}
	}
	root := f.Root
	st, err := duck.Lower(root, o)
	if err != nil {
		return 0, err
	}
	for _, in := range st.Inputs {
		if in.Scan != nil {
			if f.Distribution == stages.Hash {
				return 0, fmt.Errorf("a scan in a stage by partitions")
			}
			number := "__row"
			if in.Scan.Ranges != nil {
				number = rangeNumber(in.Scan.Ranges)
			}
			if c.remote != nil && in.Scan.Ranges == nil { // one split
				c.view(in.Name, fmt.Sprintf("SELECT * FROM (%s) WHERE %d = 0", c.remote.Query(in.Scan.Table), task))
				continue
			}
			c.view(in.Name, fmt.Sprintf("SELECT %s FROM base_%s WHERE %s %% %d = %d", scanColumns(in.Scan), in.Scan.Table.Table.Table, number, tasks, task))
			continue
		}
		sql, err := remoteView(in.Remote, f, task, tasks, all)
		if err != nil {
			return 0, err
		}
		c.view(in.Name, sql)
	}
	c.must(fmt.Sprintf("SET VARIABLE %s = %d::BIGINT", duck.TaskVariable, task))
	width := max(1, len(st.Columns))
	if len(st.Columns) == 0 && o.Partition != nil {
		width = 0
	}
	if o.Partition != nil {
		width++
	}
	return width, c.create(into, st.SQL, width)
}

// scanColumns are the columns of a table, and the fields of rows that a scan reads.
func scanColumns(s *plan.Scan) string {
	sql := "* EXCLUDE (__row)"
	for _, c := range s.Table.Columns {
		if c.Base == "" {
			continue
		}
		field := quoted(c.Base)
		for _, i := range c.Fields {
			field = fmt.Sprintf("struct_extract(%s, 'f%d')", field, i+1)
		}
		sql += ", " + field + " AS " + quoted(c.Name)
	}
	return sql
}

// rangeNumber is an expression for the number of the range that a row lies in.
func rangeNumber(r *connector.Ranges) string {
	var whens strings.Builder
	for i, b := range r.Bounds {
		fmt.Fprintf(&whens, " WHEN %s < %d THEN %d", quoted(r.Column), b, i)
	}
	return fmt.Sprintf("(CASE WHEN %s IS NULL THEN 0%s ELSE %d END)", quoted(r.Column), &whens, len(r.Bounds))
}

// clustering pretends that the rows of tables lie in the order of each of their columns.
func clustering(s *plan.Scan, _ string) (connector.Clustering, bool) {
	return connector.Clustering{Pieces: 100, Bounds: []int64{1, 3, 4, 5}, Bytes: float64(100 * len(s.Table.Table.Table+s.Catalog))}, true
}

// remoteView selects what a task reads of another stage.
func remoteView(r *plan.RemoteSource, f *stages.Fragment, task, tasks int, all []stages.Fragment) (string, error) {
	var columns []string
	for i, s := range r.Symbols {
		columns = append(columns, fmt.Sprintf("c%d AS %s", i, quoted(s.Name)))
	}
	if len(columns) == 0 {
		columns = []string{"1 AS none"}
	}
	sql := "SELECT " + strings.Join(columns, ", ") + fmt.Sprintf(" FROM stage_%d", r.Stage)
	producer := all[r.Stage]
	switch {
	case r.Kind == plan.Replicate || f.Distribution == stages.Single:
		return sql, nil
	case f.Distribution == stages.Hash:
		if producer.Output.Partitions < 2 {
			return "", fmt.Errorf("stage %d is not partitioned", r.Stage)
		}
		if ordered(f) { // neighbours
			return fmt.Sprintf("%s WHERE c%d * %d // %d = %d", sql, len(producer.Root.Outputs()), tasks, producer.Output.Partitions, task), nil
		}
		return fmt.Sprintf("%s WHERE c%d %% %d = %d", sql, len(producer.Root.Outputs()), tasks, task), nil
	}
	if producer.Output.Partitions > 1 && r.Kind == plan.Repartition {
		return "", fmt.Errorf("stage %d is partitioned but stage %d is not by partitions", r.Stage, f.ID)
	}
	return fmt.Sprintf("%s WHERE __task %% %d = %d", sql, tasks, task), nil
}

// small tells the sizes that tables have: of samples something is to be left.
type small struct{ *stats.Estimator }

func (s small) Estimate(n plan.Node) (rows, bytes float64) {
	rows, bytes = s.Estimator.Estimate(n)
	return rows / 1e6, bytes / 1e6
}

// ordered reports whether a fragment reads ranges of an order.
func ordered(f *stages.Fragment) bool {
	return slices.ContainsFunc(f.Inputs, func(r *plan.RemoteSource) bool { return r.Ranges })
}

// mode is a way of planning.
type mode struct {
	name  string
	join  plan.JoinDistribution
	blind bool // without statistics
	local bool // for one task
	// ranges says that tables are read by ranges of keys where that saves an exchange.
	ranges bool
	// sorted says that rows in an order are divided by ranges of it.
	sorted bool
	// eager is from how many rows on they are aggregated before joins; -1: always.
	eager int64
	// distinct is how distinct aggregates are computed.
	distinct stages.DistinctStrategy
	// adapt plans the rest again after each stage.
	adapt *adaptive.Options
	// remote has the tables, and is offered parts of the plan.
	remote *plantest.Remote
}

var modes = []mode{{name: "partitioned", join: plan.Partitioned, eager: -1}, {name: "broadcast", join: plan.Replicated}, {name: "automatic"},
	{name: "blind", blind: true}, {name: "local", local: true}, {name: "ranges", ranges: true, eager: -1}, {name: "sorted", sorted: true},
	{name: "pre-aggregate", distinct: stages.PreAggregate}, {name: "mark", distinct: stages.MarkDistinct}, {name: "subqueries", distinct: stages.SplitToSubqueries}, adaptiveModes[0], adaptiveModes[1], adaptiveModes[2]}

// distribute plans a query for many tasks, checking the plan after each pass.
func distribute(root *plan.Output, m mode) ([]stages.Fragment, error) {
	md := newMetadata()
	est := stats.New(func(s *plan.Scan) (connector.Statistics, bool) {
		st, _ := md.Statistics(context.Background(), s.Table)
		return st, !m.blind
	})
	symbols := plan.NewSymbols(root)
	var bad error
	ctx := &rules.Context{Symbols: symbols, Estimator: est, EagerRows: m.eager, ReadsFields: func(string) bool { return m.name != "broadcast" && m.remote == nil },
		Disabled: map[string]bool{"make-top-n": m.sorted}, Trace: func(pass string, n plan.Node) {
			if err := plan.Check(n); err != nil && bad == nil {
				bad = fmt.Errorf("after %s: %w\n%s", pass, err, plan.Print(n, plan.PrintOptions{}))
			}
		}}
	if m.remote != nil {
		ctx.Pushdown = &rules.Pushdown{Context: context.Background(), Connector: func(string) any { return m.remote }}
	}
	n := rules.Optimize(root, ctx, !m.local)
	if ctx.Pushdown != nil && bad == nil {
		bad = ctx.Pushdown.Err
	}
	if bad != nil {
		return nil, bad
	}
	if m.local {
		return stages.Cut(n, true, nil, nil), nil
	}
	o := stages.Options{BroadcastBytes: 100e6, Join: m.join, Distinct: m.distinct, Estimator: est, Symbols: symbols}
	if m.ranges {
		o.Clustering, o.RangeBytes, o.ReducedRows = clustering, 100, 1
	}
	if m.sorted {
		o.Ranges, o.Estimator = partitions, small{est}
	}
	n, single := stages.Distribute(n, o)
	if err := plan.Check(n); err != nil {
		return nil, fmt.Errorf("after distribute: %w\n%s", err, plan.Print(n, plan.PrintOptions{}))
	}
	return stages.Cut(n, single, func(*plan.Exchange) int { return partitions }, nil), nil
}

// compare answers a query as it was bound and in each of the modes, and describes the first answer that differs; empty when
// none does. A comment at the head of the query says what to expect: "-- count" that it leaves open which rows it gives,
// so that only their number is compared, "-- ordered" that their order counts, "-- error" that it fails, "-- same as: " what else answers it where
// DuckDB does not as it was bound.
func (c *cluster) compare(sql string, modes []mode) string {
	defer c.clean()
	root, err := bind(c.t, sql)
	if err != nil {
		return "bind: " + err.Error()
	}
	if err := plan.Check(root); err != nil {
		return "binder: " + err.Error()
	}
	wanted := root
	if other, ok := strings.CutPrefix(strings.SplitN(sql, "\n", 2)[0], "-- same as: "); ok {
		if wanted, err = bind(c.t, other); err != nil {
			return "bind the other: " + err.Error()
		}
	}
	wantErr := c.whole("want", wanted)
	if wantErr != nil && !strings.HasPrefix(sql, "-- error") {
		return "as bound: " + wantErr.Error()
	}
	keep := len(c.made)
	for _, m := range modes {
		if m.distinct != stages.ByEstimate && !strings.Contains(sql, "(DISTINCT ") {
			continue // it is planned as in another mode
		}
		if diff := c.differs(sql, root, m, wantErr); diff != "" {
			return m.name + ": " + diff
		}
		c.drop(keep)
	}
	return ""
}

// differs runs one mode against the answer in table want.
func (c *cluster) differs(sql string, root *plan.Output, m mode, wantErr error) string {
	c.remote = m.remote
	fragments, err := distribute(root, m)
	c.note(fragments)
	if err != nil {
		return err.Error()
	}
	if readsFieldsAlone(fragments) {
		c.fieldsAlone++
	}
	var gotErr error
	if m.adapt != nil {
		fragments, gotErr = c.adapting("got", fragments, *m.adapt)
	} else {
		gotErr = c.fragments("got", fragments)
	}
	if wantErr != nil || gotErr != nil {
		if wantErr != nil && gotErr != nil && trinoerr.CodeOf(wantErr) == trinoerr.CodeOf(gotErr) {
			return ""
		}
		return fmt.Sprintf("error %v, want %v\n%s", gotErr, wantErr, printFragments(fragments))
	}
	diff := "SELECT 'missing: ' || x::VARCHAR FROM (SELECT * FROM want EXCEPT ALL SELECT * FROM got) x UNION ALL " +
		"SELECT 'too many: ' || x::VARCHAR FROM (SELECT * FROM got EXCEPT ALL SELECT * FROM want) x"
	if strings.HasPrefix(sql, "-- ordered") {
		diff = "SELECT 'row ' || rowid || ': ' || x::VARCHAR FROM (SELECT rowid, * FROM want EXCEPT ALL SELECT rowid, * FROM got) x UNION ALL " +
			"SELECT 'instead: ' || x::VARCHAR FROM (SELECT rowid, * FROM got EXCEPT ALL SELECT rowid, * FROM want) x"
	}
	if strings.HasPrefix(sql, "-- count") {
		diff = "SELECT 'rows: ' || g::VARCHAR || ', want ' || w::VARCHAR FROM (SELECT (SELECT count(*) FROM got) g, (SELECT count(*) FROM want) w) WHERE g <> w"
	}
	var lines []string
	if err := c.db.QueryChunks(context.Background(), diff, func(ch *engine.Chunk) error {
		for r := range ch.Rows {
			lines = append(lines, string(ch.Columns[0].Bytes(r)))
		}
		return nil
	}); err != nil {
		return err.Error()
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n" + printFragments(fragments)
}

func readsFieldsAlone(fragments []stages.Fragment) (found bool) {
	for _, f := range fragments {
		for _, s := range f.Scans {
			found = found || slices.ContainsFunc(s.Table.Columns, func(c connector.Column) bool { return c.Base != "" })
		}
	}
	return found
}

// note counts what plans have in them.
func (c *cluster) note(fragments []stages.Fragment) {
	eager, distinct := false, false
	for _, f := range fragments {
		plan.WalkAll(f.Root, func(n plan.Node) bool {
			switch n := n.(type) {
			case *plan.Scan:
				for _, p := range n.Pushed {
					what, _, _ := strings.Cut(p, ":")
					c.pushed[strings.TrimRight(what, " 0123456789")]++
				}
			case *plan.Aggregate:
				for _, a := range n.Aggs {
					if n.Step != plan.Final && strings.HasSuffix(a.Variant, "#final") || strings.Contains(a.Variant, "#merge") {
						eager = true // states are merged that do not come from an exchange
					}
				}
				distinct = distinct || n.GroupID != nil && n.Step == plan.Partial
			case *plan.Window:
				distinct = distinct || slices.ContainsFunc(n.Functions, func(w plan.WindowFunction) bool { return strings.HasPrefix(w.Sym.Name, "mark") })
			}
			return true
		})
	}
	if eager {
		c.eager++
	}
	if distinct {
		c.distinct++
	}
}

func printFragments(fragments []stages.Fragment) string {
	var b strings.Builder
	for _, f := range slices.Backward(fragments) {

		fmt.Fprintf(&b, "Fragment %d %d -> %s %d\n%s", f.ID, f.Distribution, f.Output.Kind, f.Output.Partitions, plan.Print(f.Root, plan.PrintOptions{}))
	}
	return b.String()
}
