//go:build e2e

package bigquery

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// made is a table of the given rows, as values of SQL, with a column of each kind that filters are about.
func made(t *testing.T, s *server, c *Connector) *connector.Table {
	t.Helper()
	if err := c.CreateSchema(t.Context(), "d", nil); err != nil {
		t.Fatal(err)
	}
	run(t, c, "CREATE TABLE `p`.`d`.`t` (`Id` INT64, `name` STRING, `at` TIMESTAMP) AS SELECT range AS `Id`, 'n' || CAST(range AS VARCHAR), CAST(NULL AS TIMESTAMP) FROM range(5000)")
	return tableOf(t, c, "t")
}

func run(t *testing.T, c *Connector, text string) {
	t.Helper()
	if err := c.Procedures()[0].Run(t.Context(), []any{text}); err != nil {
		t.Fatal(err)
	}
}

func tableOf(t *testing.T, c *Connector, name string) *connector.Table {
	t.Helper()
	table, err := c.Table(t.Context(), connector.SchemaTable{Schema: "d", Table: name})
	if err != nil || table == nil {
		t.Fatalf("Table(%s) = %v, %v", name, table, err)
	}
	return table
}

// rowsOf reads a scan, a value of the first column from each row.
func rowsOf(t *testing.T, c *Connector, scan connector.Scan) (values []string, err error) {
	t.Helper()
	splits, err := c.Splits(t.Context(), scan)
	if err != nil {
		return nil, err
	}
	list, err := splits.Next(t.Context(), 100)
	if err != nil {
		return nil, err
	}
	src, err := c.Source(t.Context(), scan, list)
	if err != nil {
		return nil, err
	}
	for p := range src.Batches.Partitions() {
		r, err := src.Batches.Open(t.Context(), p, []int{0})
		if err != nil {
			return nil, err
		}
		defer r.Close()
		var b connector.Batch
		for {
			n, err := r.Next(&b, 1000)
			if err != nil {
				return nil, err
			}
			if n == 0 {
				break
			}
			v := &b.Columns[0]
			for i := range n {
				switch scan.Columns[0].Type.Kind {
				case types.BigInt:
					values = append(values, fmt.Sprint(v.I64[i]))
				default:
					values = append(values, string(v.Data[v.Offsets[i]:v.Offsets[i+1]]))
				}
			}
		}
	}
	return values, nil
}

func scanOf(t *connector.Table, constraint ...connector.Domain) connector.Scan {
	return connector.Scan{Table: t.Name, Handle: t.Handle, Columns: t.Columns, Constraint: constraint}
}

// A stream that breaks goes on after its last batch: no row is lost and none comes twice. Too many failures end the attempt with an error that another may not have.
func TestBrokenStreams(t *testing.T) {
	s := startServer(t)
	c := s.open(t, "bigquery.max-read-rows-retries=1\n", connector.Env{})
	table := made(t, s, c)
	s.breaks = streamsOfSession
	got, err := rowsOf(t, c, scanOf(table))
	if err != nil || len(got) != 5000 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != 5000 {
		t.Errorf("%d different rows", n)
	}
	if !slices.ContainsFunc(s.opened, func(at int64) bool { return at > 0 }) {
		t.Errorf("streams were opened at %v", s.opened)
	}
	none := s.open(t, "bigquery.max-read-rows-retries=0\n", connector.Env{})
	s.breaks = 1
	if _, err := rowsOf(t, none, scanOf(table)); trinoerr.CodeOf(err) != trinoerr.GenericInternalError {
		t.Errorf("the error is %v", err)
	}
}

// A split can be read again, and shows the table as it was.
func TestSplitsAreSnapshots(t *testing.T) {
	s := startServer(t)
	c := s.open(t, "", connector.Env{})
	scan := scanOf(made(t, s, c))
	splits, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	list, _ := splits.Next(t.Context(), 100)
	count := func() (n int) {
		src, err := c.Source(t.Context(), scan, list)
		if err != nil {
			t.Fatal(err)
		}
		for p := range src.Batches.Partitions() {
			r, err := src.Batches.Open(t.Context(), p, nil)
			if err != nil {
				t.Fatal(err)
			}
			var b connector.Batch
			for {
				k, err := r.Next(&b, 100)
				if err != nil {
					t.Fatal(err)
				}
				if k == 0 {
					break
				}
				n += k
			}
			_ = r.Close()
		}
		return n
	}
	before := count()
	if _, err := c.Delete(t.Context(), tableOf(t, c, "t"), nil); err != nil {
		t.Fatal(err)
	}
	if after := count(); before != 5000 || after != before {
		t.Errorf("%d rows, later %d", before, after)
	}
}

// BigQuery filters, and deletes by conditions that it understands.
func TestRestriction(t *testing.T) {
	s := startServer(t)
	c := s.open(t, "", connector.Env{})
	table := made(t, s, c)
	few := connector.Domain{Column: "id", Values: []any{int64(3), int64(4)}}
	range_ := connector.Domain{Column: "id", Low: &connector.Bound{Value: int64(4990), Inclusive: true}, High: &connector.Bound{Value: int64(4992)}}
	name := connector.Domain{Column: "name", Values: []any{"n7"}, NullAllowed: true}
	for _, tt := range []struct {
		domain connector.Domain
		want   []string
	}{{few, []string{"3", "4"}}, {range_, []string{"4990", "4991"}}, {name, []string{"7"}}} {
		got, err := rowsOf(t, c, scanOf(table, tt.domain))
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%v gives %v, %v", tt.domain, got, err)
		}
	}
	can, err := c.CanDelete(t.Context(), table, []connector.Domain{few})
	n, errDelete := c.Delete(t.Context(), table, []connector.Domain{few})
	if !can || n != 2 || err != nil || errDelete != nil {
		t.Errorf("CanDelete = %t, %v; Delete = %d, %v", can, err, n, errDelete)
	}
	var many []any
	for i := range maxValues + 1 {
		many = append(many, int64(i))
	}
	if can, err := c.CanDelete(t.Context(), table, []connector.Domain{{Column: "id", Values: many}}); can || err != nil {
		t.Errorf("CanDelete of a long list = %t, %v", can, err)
	}
}

// Views are computed when they are scanned: into a table that expires, or into none.
func TestViews(t *testing.T) {
	s := startServer(t)
	off := s.open(t, "", connector.Env{})
	made(t, s, off)
	if _, err := s.createTable("d", &bq.Table{TableReference: &bq.TableReference{ProjectId: project, DatasetId: "d", TableId: "v"},
		View: &bq.ViewDefinition{Query: "SELECT `Id` AS `id`, `name` FROM `p`.`d`.`t` WHERE `Id` < 100"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := rowsOf(t, off, scanOf(tableOf(t, off, "v"))); trinoerr.CodeOf(err) != trinoerr.NotSupported {
		t.Errorf("views are read although they are not enabled: %v", err)
	}
	definition := tableOf(t, off, "v$view_definition")
	if rows, err := rowsOf(t, off, scanOf(definition)); err != nil || len(rows) != 1 || !strings.Contains(rows[0], "WHERE `Id` < 100") {
		t.Errorf("the definition is %q, %v", rows, err)
	}
	for _, tt := range []struct {
		properties string
		tables     int
	}{
		{"", 1}, {"bigquery.view-materialization-with-filter=true\n", 1}, {"bigquery.skip-view-materialization=true\n", 0},
	} {
		c := s.open(t, "bigquery.views-enabled=true\nbigquery.view-expire-duration=2h\n"+tt.properties, connector.Env{})
		before := s.names("d")
		rows, err := rowsOf(t, c, scanOf(tableOf(t, c, "v"), connector.Domain{Column: "id", Values: []any{int64(7)}}))
		if err != nil || !slices.Equal(rows, []string{"7"}) {
			t.Errorf("%s: rows %v, %v", tt.properties, rows, err)
		}
		made := slices.DeleteFunc(s.names("d"), func(n string) bool { return slices.Contains(before, n) })
		if len(made) != tt.tables {
			t.Errorf("%s: the tables %v were made", tt.properties, made)
		}
		for _, n := range made {
			if !s.expires("d", n, 2*time.Hour) {
				t.Errorf("%s does not expire", n)
			}
		}
		if names, err := c.Tables(t.Context(), "d"); err != nil || len(names) != 2 {
			t.Errorf("Tables = %v, %v", names, err)
		}
	}
}

// The function query runs a statement of BigQuery's, if it is one that has rows.
func TestQueryFunction(t *testing.T) {
	s := startServer(t)
	c := s.open(t, "", connector.Env{})
	made(t, s, c)
	f := c.TableFunctions()[0]
	table, err := f.Table(t.Context(), []any{"SELECT `Id` % 3 AS third, count(*) AS n FROM `p`.`d`.`t` GROUP BY 1"})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := rowsOf(t, c, scanOf(table))
	slices.Sort(rows)
	if err != nil || !slices.Equal(rows, []string{"0", "1", "2"}) {
		t.Errorf("rows are %v, %v", rows, err)
	}
	for text, code := range map[string]*trinoerr.Code{"DELETE FROM `p`.`d`.`t` WHERE TRUE": trinoerr.NotSupported, "SELECT": trinoerr.BigqueryInvalidStatement,
		"SELECT INTERVAL 1 DAY AS i": trinoerr.NotSupported} {
		if _, err := f.Table(t.Context(), []any{text}); trinoerr.CodeOf(err) != code {
			t.Errorf("%s: the error is %v, want %s", text, err, code.Name)
		}
	}
	if err := c.Procedures()[0].Run(t.Context(), []any{"DELETE FROM `p`.`d`.`nowhere` WHERE TRUE"}); trinoerr.CodeOf(err) != trinoerr.BigqueryFailedToExecuteQuery {
		t.Errorf("the error is %v", err)
	}
	if _, err := target(table); trinoerr.CodeOf(err) != trinoerr.NotSupported {
		t.Errorf("the answer of a query is changed: %v", err)
	}
}

// A job of a commit that fails has no effect; the commit that is repeated makes another.
func TestCommitIsRepeated(t *testing.T) {
	s := startServer(t)
	c := s.open(t, "", connector.Env{})
	table := made(t, s, c)
	s.slow = true
	handle, err := c.BeginWrite(t.Context(), table, false, connector.RetriesEnabled, "q")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := c.Sink(t.Context(), handle, "q.0.0.0")
	if err != nil {
		t.Fatal(err)
	}
	k := opened.(*sink)
	var b connector.Batch
	b.Columns = make([]connector.Vector, 3)
	b.Rows = 1
	b.Columns[0].I64 = []int64{9000}
	b.Columns[1].AppendBytes([]byte("new"))
	b.Columns[2].I64 = []int64{0}
	if _, err := k.Write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	fragment, err := k.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.failing = 1
	if err := c.FinishWrite(t.Context(), handle, [][]byte{fragment}); trinoerr.CodeOf(err) != trinoerr.BigqueryFailedToExecuteQuery {
		t.Fatalf("the first commit ends with %v", err)
	}
	for range 2 {
		if err := c.FinishWrite(t.Context(), handle, [][]byte{fragment}); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := rowsOf(t, c, scanOf(table, connector.Domain{Column: "id", Values: []any{int64(9000)}}))
	if err != nil || len(rows) != 1 {
		t.Errorf("there are %d of the row, %v", len(rows), err)
	}
	if names := s.names("d"); !slices.Equal(names, []string{"t"}) {
		t.Errorf("left are %v", names)
	}
}

// A load job that fails fails its attempt, with what BigQuery says.
func TestFailedLoad(t *testing.T) {
	s := startServer(t)
	c := s.open(t, "", connector.Env{})
	table := made(t, s, c)
	handle, err := c.BeginWrite(t.Context(), table, false, connector.RetriesEnabled, "q")
	if err != nil {
		t.Fatal(err)
	}
	var w write
	if err := json.Unmarshal(handle, &w); err != nil {
		t.Fatal(err)
	}
	opened, err := c.Sink(t.Context(), handle, "q.0.0.0")
	if err != nil {
		t.Fatal(err)
	}
	k := opened.(*sink)
	if err := k.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.discard(t.Context(), w.staging(k.suffix)); err != nil { // meanwhile
		t.Fatal(err)
	}
	if _, err := k.Finish(t.Context()); trinoerr.CodeOf(err) != trinoerr.BigqueryBadWrite {
		t.Errorf("the attempt ends with %v", err)
	}
	if err := c.AbortWrite(context.Background(), handle); err != nil {
		t.Error(err)
	}
}

// Names are found whatever their case is, where that is asked for, unless there are several.
func TestCase(t *testing.T) {
	s := startServer(t)
	exact := s.open(t, "", connector.Env{})
	made(t, s, exact)
	run(t, exact, "CREATE TABLE `p`.`d`.`Mixed` (`A` INT64)")
	name := connector.SchemaTable{Schema: "d", Table: "mixed"}
	if got, err := exact.Table(t.Context(), name); got != nil || err != nil {
		t.Errorf("Table = %v, %v", got, err)
	}
	c := s.open(t, "bigquery.case-insensitive-name-matching=true\n", connector.Env{})
	if got, err := c.Table(t.Context(), name); got == nil || err != nil {
		t.Errorf("Table = %v, %v", got, err)
	}
	if _, err := matching([]string{"Mixed", "MIXED"}, "mixed"); trinoerr.CodeOf(err) != trinoerr.BigqueryAmbiguousObjectName {
		t.Errorf("the error is %v", err)
	}
}
