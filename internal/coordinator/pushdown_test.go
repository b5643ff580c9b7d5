package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// taking is a connector that takes all filters into its handles.
type taking struct {
	connector.Connector
	failure error
}

type takenHandle struct {
	Was    json.RawMessage
	Filter string
}

func (c taking) PushFilter(ctx context.Context, scan connector.Scan, conjuncts []connector.Expression) (connector.PushedFilter, bool, error) {
	out := connector.PushedFilter{Exact: make([]bool, len(conjuncts))}
	for i := range out.Exact {
		out.Exact[i] = true
	}
	var err error
	out.Handle, err = json.Marshal(takenHandle{scan.Handle, connector.SessionOf(ctx).User + ": " + connector.And(conjuncts...).String()})
	return out, true, errors.Join(err, c.failure)
}

func (c taking) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	return c.Connector.Splits(ctx, c.table(scan))
}

func (c taking) Statistics(ctx context.Context, scan connector.Scan) (connector.Statistics, error) {
	return c.Connector.Statistics(ctx, c.table(scan))
}

func (c taking) table(scan connector.Scan) connector.Scan {
	var h takenHandle
	if json.Unmarshal(scan.Handle, &h) == nil && h.Filter != "" {
		scan.Handle = h.Was
	}
	return scan
}

func withTaking(failure error) func(*Config) {
	return func(cfg *Config) { cfg.Catalogs["tpch"] = taking{cfg.Catalogs["tpch"], failure} }
}

// Plans of one task are pushed too, unless the session does not want that; a failure of the connector is the query's.
func TestPushdown(t *testing.T) {
	const sql = "EXPLAIN SELECT orderkey FROM orders WHERE totalprice > 100 AND custkey = 5"
	for _, test := range []struct {
		properties []string
		pushed     bool
	}{
		{nil, true},
		{[]string{"waterbear_single_task_input_size=0B"}, true},
		{[]string{"allow_pushdown_into_connectors=false"}, false},
	} {
		c, _ := testCoordinator(t, withTaking(nil))
		rows, err := result(t, submit(t, c, sql, test.properties...))
		if err != nil || strings.Contains(rows, "pushed filter: (") != test.pushed || strings.Contains(rows, "filterPredicate") == test.pushed {
			t.Errorf("%v: %s, %v", test.properties, rows, err)
		}
	}
	c, _ := testCoordinator(t, withTaking(trinoerr.New(trinoerr.JdbcError, "no connection")))
	if _, err := result(t, submit(t, c, sql)); err == nil || !strings.Contains(err.Error(), "no connection") {
		t.Error(err)
	}
}

// A plan with something pushed into its scans is made again as it was.
func TestTakeoverMakesPushedPlanAgain(t *testing.T) {
	c, spool, next := journaled(t, withTaking(nil))
	w := join(t, c, "w")
	q := submit(t, c, joined+" WHERE o.totalprice > 5", eager...)
	first, second := w.next(), w.next()
	var pushed takenHandle
	if err := json.Unmarshal(q.exec.scans[0][0].scan.Handle, &pushed); err != nil || !strings.Contains(pushed.Filter, "totalprice >") {
		t.Fatalf("%+v, %v", pushed, err)
	}
	w.put(first, 1000, 1000)
	aged(t, c, q)
	c.broken(errCrash)
	c = next()
	log := &records{}
	c.log = slog.New(slog.NewTextHandler(log, nil))
	q = again(t, c, q)
	w.register(c, func(r *rpcv1.RegisterRequest) { r.Tasks = []string{second.Id} })
	w.put(second, 100_000, 100_000)
	w.finish(w.next(), spool, "[1]")
	if rows, err := result(t, q); rows != "[1]" || err != nil {
		t.Errorf("%s, %v", rows, err)
	}
	if !log.contain("plan made again") || log.contain("could not be made again") {
		t.Error("the plan was not made again")
	}
}

// What splits are enumerated by is what they were enumerated by before.
func TestTakeoverKeepsConstraint(t *testing.T) {
	c, _, next := journaled(t)
	w := join(t, c, "w")
	q := submit(t, c, "SELECT * FROM orders WHERE orderdate > DATE '1998-01-01' AND orderkey IN (1, 2, 3)", eager...)
	w.next()
	want := q.exec.scans[0][0].scan.Constraint
	aged(t, c, q)
	c.broken(errCrash)
	q = again(t, next(), q)
	if got := q.exec.scans[0][0].scan.Constraint; len(want) != 2 || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, before %v", got, want)
	}
}

// momentary is a table whose splits are never the same twice; enumerating the second batch may fail.
type momentary struct {
	countingSplits
	failures int
}

func (m *momentary) Splits(context.Context, connector.Scan) (connector.SplitSource, error) {
	m.left = 25
	return m, nil
}

func (m *momentary) Next(ctx context.Context, n int) ([]connector.Split, error) {
	if m.left == 15 && m.failures > 0 {
		m.failures--
		return nil, errors.New("no connection")
	}
	return m.countingSplits.Next(ctx, n)
}

func (m *momentary) Momentary() {}

// Splits of a moment are told of together, or not at all.
func TestMomentarySplits(t *testing.T) {
	table := &momentary{failures: 1}
	scan := tableScan{shelf: newDescriptors(1<<20, 1<<20, 1<<20, nil).shelf("q"), connector: table, batch: 10}
	if splits, _, _, err := scan.find(t.Context(), 0, 0); err == nil || len(splits) > 0 {
		t.Errorf("%d splits, %v", len(splits), err)
	}
	if splits, _, noMore, err := scan.find(t.Context(), 0, 0); err != nil || !noMore || len(splits) != 25 {
		t.Errorf("%d splits, no more: %t, %v", len(splits), noMore, err)
	}
}
