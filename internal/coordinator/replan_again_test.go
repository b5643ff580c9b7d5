package coordinator

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// nested is a query of five stages: what joined gives is joined with a third table.
const nested = "SELECT * FROM (" + joined + ") x JOIN nation n ON x.name = n.name"

// A plan goes on to change after a takeover: before its first change, and after one, which is made again on the way.
func TestTakeoverGoesOnReplanning(t *testing.T) {
	for _, prefix := range []string{"", "EXPLAIN ANALYZE "} {
		for _, after := range []int{0, 1} {
			t.Run(prefix+[]string{"before", "after"}[after]+" the first change", func(t *testing.T) {
				c, spool, next := journaled(t)
				w := join(t, c, "w")
				q := submit(t, c, prefix+nested, swaps...)
				var large *rpcv1.Task
				for range 3 {
					switch task := w.next(); stageOf(t, task) {
					case 0:
						w.put(task, 1000, 1000)
					case 1:
						large = task
					case 3:
						w.put(task, 50_000, 50_000)
					}
				}
				crash := func(running ...*rpcv1.Task) {
					aged(t, c, q)
					c.broken(errCrash)
					c = next()
					q = again(t, c, q)
					w.register(c, func(r *rpcv1.RegisterRequest) {
						for _, task := range running {
							r.Tasks = append(r.Tasks, task.Id)
						}
					})
				}
				if after == 0 {
					until(t, "two stages have finished", func() bool { return q.Info().Stats.CompletedSplits == 2 })
					crash(large)
				}
				w.put(large, 100_000, 100_000)
				inner := w.next()
				if stageOf(t, inner) < 5 || probeOf(t, inner) != "1" {
					t.Fatalf("task %s\n%s", inner.Id, inner.Sql)
				}
				if after == 1 {
					crash(inner)
				}
				w.put(inner, 20, 20)
				root := w.next()
				if stageOf(t, root) <= stageOf(t, inner) || probeOf(t, root) != "3" {
					t.Errorf("task %s\n%s", root.Id, root.Sql)
				}
				w.finish(root, spool, "[7]")
				rows, err := result(t, q)
				if err != nil || prefix == "" && rows != "[7]" || prefix != "" && strings.Count(rows, "join sides swapped") != 2 {
					t.Errorf("%s, %v", rows, err)
				}
				if replans := q.Info().Replans; len(replans) != 2 {
					t.Errorf("replans %+v", replans)
				}
			})
		}
	}
}

// replacedTables is a connector whose tables are others than before.
type replacedTables struct{ connector.Connector }

func (w replacedTables) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	table, err := w.Connector.Table(ctx, name)
	if table != nil {
		changed := *table
		changed.Handle = []byte(`{"changed":true}`)
		table = &changed
	}
	return table, err
}

// When a table has changed meanwhile, the plan that would be made again is another one: the one that runs stays as it is, and the
// log says so.
func TestTakeoverWithOtherTablesKeepsPlan(t *testing.T) {
	c, spool, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, joined, eager...)
	first, second := w.next(), w.next()
	w.put(first, 1000, 1000)
	aged(t, c, q)
	c.broken(errCrash)
	c.cfg.Catalogs["tpch"] = replacedTables{c.cfg.Catalogs["tpch"]} // the successor's too
	c = next()
	log := &records{}
	c.log = slog.New(slog.NewTextHandler(log, nil))
	q = again(t, c, q)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{second.Id} })
	w.put(second, 100_000, 100_000)
	task := w.next()
	if stageOf(t, task) != 2 || probeOf(t, task) != "0" {
		t.Errorf("task %s\n%s", task.Id, task.Sql)
	}
	w.finish(task, spool, "[1]")
	if rows, err := result(t, q); rows != "[1]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	if !log.contain("the plan could not be made again") {
		t.Error("not logged")
	}
}

// What connectors have said of tables is said again, unknown numbers and what is not known at all included.
func TestStatisticsRecord(t *testing.T) {
	asked := 0
	r := newStatisticsRecord(func(s *plan.Scan) (connector.Statistics, bool) {
		asked++
		return connector.Statistics{Rows: 7, Columns: map[string]connector.ColumnStatistics{"a": {Low: math.NaN(), High: 3}}}, s.Catalog == "known"
	}, func(s *plan.Scan, column string) (connector.Clustering, bool) {
		asked++
		return connector.Clustering{Pieces: 3, Bounds: []int64{1, 2}}, s.Catalog+column == "knownk"
	})
	known, unknown := &plan.Scan{Catalog: "known"}, &plan.Scan{Catalog: "unknown"}
	for range 2 {
		r.of(known)
		if _, ok := r.of(unknown); ok {
			t.Error("unknown")
		}
		if _, ok := r.clusteringOf(known, "k"); !ok {
			t.Error("order not known")
		}
		if _, ok := r.clusteringOf(known, "j"); ok {
			t.Error("unknown order")
		}
	}
	data, err := r.encode()
	if err != nil || asked != 4 {
		t.Fatal(asked, err)
	}
	again, err := decodeStatistics(data)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := again.of(known); !ok || s.Rows != 7 || !math.IsNaN(s.Columns["a"].Low) || s.Columns["a"].High != 3 {
		t.Errorf("%+v, %t", s, ok)
	}
	if c, ok := again.clusteringOf(known, "k"); !ok || c.Pieces != 3 || len(c.Bounds) != 2 {
		t.Errorf("%+v, %t", c, ok)
	}
	if _, ok := again.clusteringOf(known, "j"); ok {
		t.Error("unknown order")
	}
	if _, ok := again.of(unknown); ok {
		t.Error("unknown")
	}
	if _, err := decodeStatistics([]byte("damaged")); err == nil {
		t.Error("no error")
	}
}
