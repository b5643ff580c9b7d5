package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// The functions of these tests: one that collects whatever it gets, one that fails, and one that returns what it is given.
func init() {
	native.Aggregates = append(native.Aggregates,
		native.Aggregate{Name: "wb_test_collect", Params: []string{"ANY", "BIGINT"}, Result: "STRUCT(n BIGINT, texts VARCHAR[])[]",
			New: func() native.Accumulator { return &collector{} }},
		native.Aggregate{Name: "wb_test_nulls", Params: []string{"BIGINT"}, Result: "VARCHAR", CalledOnNull: true,
			New: func() native.Accumulator { return &nullCounter{} }},
		native.Aggregate{Name: "wb_test_fail", Params: []string{"VARCHAR"}, Result: "VARCHAR",
			New: func() native.Accumulator { return &failer{} }},
	)
	native.Functions = append(native.Functions,
		native.Function{Name: "wb_test_text", Params: []string{"ANY"}, Result: "VARCHAR",
			Call: func(a []any) (any, error) { return fmt.Sprint(a[0]), nil }},
		native.Function{Name: "wb_test_nested", Params: []string{"BIGINT"}, Result: "STRUCT(l BIGINT[][], m MAP(VARCHAR, DOUBLE), d DECIMAL(20, 2), s SMALLINT)",
			Call: func(a []any) (any, error) {
				n := a[0].(int64)
				if n%3 == 2 {
					return []any{nil, nil, nil, nil}, nil
				}
				inner := []any{n, nil}
				return []any{[]any{inner, nil, []any{}}, []any{[]any{fmt.Sprint(n), float64(n)}}, types.Int128From(n), n}, nil
			}},
	)
}

type collector struct {
	texts []any
	n     int64
}

func (c *collector) Add(a []any) error {
	c.texts = append(c.texts, fmt.Sprint(a[0]))
	c.n += a[1].(int64)
	return nil
}

func (c *collector) Merge(other native.Accumulator) error {
	o := other.(*collector)
	c.texts = append(c.texts, o.texts...)
	c.n += o.n
	return nil
}

func (c *collector) Result() (any, error) {
	if len(c.texts) == 0 {
		return nil, nil
	}
	return []any{[]any{c.n, c.texts}, nil}, nil
}

type nullCounter struct{ nulls, rows int }

func (c *nullCounter) Add(a []any) error {
	c.rows++
	if a[0] == nil {
		c.nulls++
	}
	return nil
}

func (c *nullCounter) Merge(other native.Accumulator) error {
	c.nulls += other.(*nullCounter).nulls
	c.rows += other.(*nullCounter).rows
	return nil
}

func (c *nullCounter) Result() (any, error) { return fmt.Sprintf("%d of %d", c.nulls, c.rows), nil }

type failer struct{ how string }

func (f *failer) Add(a []any) error {
	switch f.how = a[0].(string); f.how {
	case "add":
		return trinoerr.New(trinoerr.DivisionByZero, "in Add")
	case "panic":
		panic("in Add")
	}
	return nil
}

func (f *failer) Merge(native.Accumulator) error { return nil }

func (f *failer) Result() (any, error) {
	return nil, trinoerr.New(trinoerr.NumericValueOutOfRange, "in Result")
}

func TestNativeAggregate(t *testing.T) {
	i := open(t, 0)
	for _, test := range []struct{ sql, want string }{
		{"SELECT CAST(wb_test_collect(x, x) AS VARCHAR) FROM (VALUES (1), (NULL), (2)) t(x)", "[{'n': 3, 'texts': [1, 2]}, NULL]\n"},
		{"SELECT CAST(wb_test_collect(x, 1) AS VARCHAR) FROM (SELECT 1 AS x WHERE false)", "NULL\n"},
		{"SELECT k, CAST(wb_test_collect(x, 1) AS VARCHAR) FROM (VALUES ('a', [1, NULL]), ('b', []), ('a', NULL)) t(k, x) GROUP BY k ORDER BY k",
			"a|[{'n': 1, 'texts': ['[1 <nil>]']}, NULL]\nb|[{'n': 1, 'texts': ['[]']}, NULL]\n"},
		{"SELECT CAST(wb_test_collect(x, 1 ORDER BY x DESC) AS VARCHAR) FROM range(3) t(x)", "[{'n': 3, 'texts': [2, 1, 0]}, NULL]\n"},
		{"SELECT string_agg(r, ';' ORDER BY k) FROM (SELECT x % 3 AS k, CAST(wb_test_collect(x, 1 ORDER BY x DESC) AS VARCHAR) AS r FROM range(7) t(x) GROUP BY k)",
			"[{'n': 3, 'texts': [6, 3, 0]}, NULL];[{'n': 2, 'texts': [4, 1]}, NULL];[{'n': 2, 'texts': [5, 2]}, NULL]\n"},
		{"SELECT wb_test_nulls(x ORDER BY -x) FROM range(100000) t(x)", "0 of 100000\n"},
		{"SELECT min(r) || '; ' || max(r) FROM (SELECT wb_test_nulls(x) OVER () AS r FROM range(10000) t(x))", "0 of 10000; 0 of 10000\n"},
		{"SELECT DISTINCT wb_test_nulls(nullif(x // 7, 1)) OVER (PARTITION BY x % 7) FROM range(70000) t(x)", "1 of 10000\n"},
		{"SELECT min(r) || '; ' || max(r) FROM (SELECT wb_test_nulls(x) OVER (ROWS UNBOUNDED PRECEDING) AS r FROM range(5000) t(x))", "0 of 1; 0 of 999\n"},
		{"SELECT min(r) || '; ' || max(r) FROM (SELECT wb_test_nulls(x) OVER (ORDER BY x % 10) AS r FROM range(5000) t(x))", "0 of 1000; 0 of 5000\n"},
		{"SELECT CAST(wb_test_collect(DISTINCT x // 2, 1) FILTER (x < 4) AS VARCHAR) FROM range(9) t(x)", "[{'n': 2, 'texts': [0, 1]}, NULL]\n"},
		{"SELECT wb_test_nulls(nullif(x % 10, 3)) FROM range(100000) t(x)", "10000 of 100000\n"},
		{"SELECT wb_test_nulls(NULL) FROM range(3)", "3 of 3\n"},
		{"SELECT count(*) || ' ' || count(DISTINCT r) FROM (SELECT wb_test_nulls(x) AS r FROM range(100000) t(x) GROUP BY x // 2)", "50000 1\n"},
		{"SELECT wb_test_nulls(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM range(3) t(x)", "0 of 1\n0 of 2\n0 of 2\n"},
		{"SELECT wb_test_nulls(x) OVER (ORDER BY x) FROM range(3) t(x)", "0 of 1\n0 of 2\n0 of 3\n"},
	} {
		if got := text(t, i, test.sql); got != test.want {
			t.Errorf("%s\ngot  %q\nwant %q", test.sql, got, test.want)
		}
	}
	if n := running.count(); n != 0 {
		t.Errorf("%d states are left", n)
	}
}

func TestNativeAggregateErrors(t *testing.T) {
	i := open(t, 0)
	for _, test := range []struct {
		how  string
		code *trinoerr.Code
		msg  string
	}{
		{"add", trinoerr.DivisionByZero, "in Add"},
		{"result", trinoerr.NumericValueOutOfRange, "in Result"},
		{"panic", trinoerr.GenericInternalError, "panic in wb_test_fail: in Add"},
	} {
		err := i.Exec(context.Background(), "SELECT wb_test_fail('"+test.how+"') FROM range(10) t(x) GROUP BY x % 2")
		var e *trinoerr.Error
		if !errors.As(err, &e) || e.Code != test.code || !strings.HasPrefix(e.Msg, test.msg) {
			t.Errorf("%s: got %v", test.how, err)
		}
	}
	if err := i.Reset(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := running.count(); n != 0 {
		t.Errorf("%d states are left after errors", n)
	}
}

func TestNativeNested(t *testing.T) {
	i := open(t, 0)
	for _, test := range []struct{ sql, want string }{
		{"SELECT wb_test_text([['a', NULL], NULL, []])", "[[a <nil>] <nil> []]\n"},
		{"SELECT wb_test_text(row(1, 'x', [2.5, NULL])) FROM range(2)", "[1 x [25 <nil>]]\n[1 x [25 <nil>]]\n"},
		{"SELECT wb_test_text(MAP {'a': 1, 'b': NULL})", "[[a 1] [b <nil>]]\n"},
		{"SELECT wb_test_text([x, y, 7][2:3]) FROM (VALUES (1, 2), (3, 4)) t(x, y)", "[2 7]\n[4 7]\n"},
		{"SELECT wb_test_text(list_filter(l, lambda v: v > 1)) FROM (VALUES ([1, 2, 3]), ([0, 5])) t(l)", "[2 3]\n[5]\n"},
		{"SELECT CAST(wb_test_nested(x) AS VARCHAR) FROM range(4) t(x)",
			"{'l': [[0, NULL], NULL, []], 'm': {0=0.0}, 'd': 0.00, 's': 0}\n{'l': [[1, NULL], NULL, []], 'm': {1=1.0}, 'd': 0.01, 's': 1}\n" +
				"{'l': NULL, 'm': NULL, 'd': NULL, 's': NULL}\n{'l': [[3, NULL], NULL, []], 'm': {3=3.0}, 'd': 0.03, 's': 3}\n"},
		{"SELECT CAST(count(*) AS VARCHAR) FROM range(5000) t(x) WHERE wb_test_nested(x * 3).l[1][1] = x * 3", "5000\n"},
	} {
		if got := text(t, i, test.sql); got != test.want {
			t.Errorf("%s\ngot  %q\nwant %q", test.sql, got, test.want)
		}
	}
}

// Functions are registered, called and freed in many instances at once: what earlier ones left in memory misleads no later one, and
// states of a call without groups are freed after the call itself.
func TestAggregatesOfManyInstances(t *testing.T) {
	group, ctx := errgroup.WithContext(context.Background())
	group.SetLimit(4)
	for range 60 {
		dir := t.TempDir()
		group.Go(func() error {
			i, err := Open(ctx, Config{MemoryLimit: 1 << 30, Threads: 2, ScratchDir: dir, MaxTempBytes: 1 << 30})
			if err != nil {
				return err
			}
			defer i.Close()
			return i.QueryChunks(ctx, "SELECT wb_test_collect(range, range) FROM range(9)", func(*Chunk) error { return nil })
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}
