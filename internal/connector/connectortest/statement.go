package connectortest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/plan/rules"
	"github.com/waterbear-sql/waterbear/internal/plan/stages"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// only lets the binder find the connector under test.
type only struct{ connector.Connector }

func (only) Names() []string { return []string{catalog} }

func (o only) Metadata(name string) connector.Metadata {
	if name != catalog {
		return nil
	}
	return o.Connector
}

// bind binds a statement of SQL, whose names are in a schema of the connector.
func bind(ctx context.Context, c connector.Connector, schema, sql string) (binder.Bound, error) {
	stmt, err := parser.ParseStatement(sql)
	if err != nil {
		return nil, err
	}
	return binder.Bind(ctx, stmt, binder.Env{SQL: sql, Catalogs: only{c},
		Session: binder.Session{User: "suite", Catalog: catalog, Schema: schema, TimeZone: "UTC", Now: time.Now()}})
}

// answer returns the rows of a query, sorted unless it orders them, with what the connector takes of it done there, or without. It also
// says how many scans hold something that was pushed.
func answer(t *testing.T, c connector.Connector, schema, sql string, pushdown, ordered bool) (rows []string, pushed int) {
	t.Helper()
	bound, err := bind(t.Context(), c, schema, sql)
	must(t, err)
	q, ok := bound.(*binder.Query)
	if !ok || q.Write != nil {
		t.Fatalf("%s is no query", sql)
	}
	root := optimized(t, c, q.Plan, pushdown)
	st, err := duck.Lower(root, duck.Options{Zone: "UTC", Now: time.Now()})
	must(t, err)
	inputs, handles := inputsOf(t, c, st.Inputs)
	before := map[string]bool{}
	plan.Walk(q.Plan, func(n plan.Node) bool {
		if s, ok := n.(*plan.Scan); ok {
			before[string(s.Table.Handle)] = true
		}
		return true
	})
	for _, h := range handles {
		if !before[h] {
			pushed++
		}
	}
	var columns []types.Type
	for _, col := range st.Columns {
		columns = append(columns, col.Type)
	}
	rows = rowsOf(t, c, st.SQL, inputs, columns)
	if !ordered {
		slices.Sort(rows)
	}
	return rows, pushed
}

// optimized is a plan for one task.
func optimized(t *testing.T, c connector.Connector, root *plan.Output, pushdown bool) plan.Node {
	t.Helper()
	est := stats.New(func(s *plan.Scan) (connector.Statistics, bool) {
		st, err := c.Statistics(t.Context(), s.Table)
		return st, err == nil
	})
	ctx := &rules.Context{Symbols: plan.NewSymbols(root), Estimator: est, ReadsFields: func(string) bool {
		_, ok := c.(connector.FieldReader)
		return ok
	}}
	if pushdown {
		ctx.Pushdown = &rules.Pushdown{Context: t.Context(), Connector: func(string) any { return c }}
	}
	n := rules.Optimize(root, ctx, false)
	if ctx.Pushdown != nil {
		must(t, ctx.Pushdown.Err)
	}
	return stages.Cut(n, true, nil, nil)[0].Root
}

// inputsOf enumerates the splits of a statement's scans.
func inputsOf(t *testing.T, c connector.Connector, list []duck.Input) (inputs []*rpcv1.Input, handles []string) {
	t.Helper()
	for _, in := range list {
		if in.Scan == nil {
			t.Fatal("a plan for one task reads of another stage")
		}
		handles = append(handles, string(in.Scan.Table.Handle))
		input, _, _ := tableInput(t, in.Name, in.Scan.Table, splitsOf(t, c, in.Scan.Table, 1000))
		inputs = append(inputs, input)
	}
	return inputs, handles
}

// insert runs INSERT or CREATE TABLE AS, or a rewriting procedure, as one attempt under a query's id.
func insert(t *testing.T, c connector.Connector, schema, queryID, sql string) {
	t.Helper()
	must(t, tryInsert(t, c, schema, queryID, sql))
}

func tryInsert(t *testing.T, c connector.Connector, schema, queryID, sql string) error {
	t.Helper()
	bound, err := bind(t.Context(), c, schema, sql)
	if err != nil {
		return err
	}
	q, ok := bound.(*binder.Query)
	if !ok || q.Write == nil {
		t.Fatalf("%s writes nothing", sql)
	}
	root := optimized(t, c, q.Plan, true)
	out, ok := root.(*plan.Output)
	if ok {
		root = out.Source
	}
	st, err := duck.Lower(root, duck.Options{Zone: "UTC", Now: time.Now()})
	if err != nil {
		return err
	}
	w := c.(connector.Writer)
	var handle []byte
	if p := q.Write.Procedure; p != "" {
		handle, err = c.(connector.Rewriter).BeginRewrite(t.Context(), p, q.Write.Table, connector.RetriesEnabled, queryID)
	} else {
		handle, err = w.BeginWrite(t.Context(), q.Write.Table, q.Write.Create, connector.RetriesEnabled, queryID)
	}
	if err != nil {
		return err
	}
	inputs, _ := inputsOf(t, c, st.Inputs)
	id := fmt.Sprintf("%s.0.0.0", queryID)
	done, err := attemptOf(t.Context(), t, c, &rpcv1.Task{Id: id, Sql: st.SQL, Inputs: inputs,
		Output: &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: catalog, Handle: handle, SinkId: id}}})
	if err != nil {
		must(t, w.AbortWrite(t.Context(), handle))
		return err
	}
	if err := w.FinishWrite(t.Context(), handle, [][]byte{done.Fragment}); err != nil {
		return err
	}
	settle(t, c, handle)
	return nil
}
