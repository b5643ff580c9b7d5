package rules

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/plantest"
	"github.com/waterbear-sql/waterbear/internal/plan/stats"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// answering is a connector that gives a fixed answer.
type answering struct {
	connector.Metadata
	filter   connector.PushedFilter
	relation connector.PushedRelation
	err      error
}

func (a *answering) PushFilter(context.Context, connector.Scan, []connector.Expression) (connector.PushedFilter, bool, error) {
	return a.filter, true, a.err
}

func (a *answering) PushAggregation(context.Context, connector.Scan, connector.Aggregation) (connector.PushedRelation, bool, error) {
	return a.relation, true, a.err
}

func (a *answering) PushJoin(context.Context, connector.JoinOffer) (connector.PushedRelation, bool, error) {
	return a.relation, true, a.err
}

// pushed is the plan of a query over the catalog remote that another connector is offered.
func pushed(t *testing.T, to any, sql string) (plan.Node, error) {
	t.Helper()
	catalogs := plantest.New(t)
	root, err := catalogs.Bind("remote.s", sql)
	if err != nil {
		t.Fatal(err)
	}
	c := &Context{Symbols: plan.NewSymbols(root), Estimator: stats.New(catalogs.Statistics), Pushdown: &Pushdown{Context: t.Context(), Connector: func(string) any { return to }}}
	n := Optimize(root, c, true)
	return n, c.Pushdown.Err
}

// What a connector promises and does not keep fails the query; it is not answered wrongly.
func TestMisanswers(t *testing.T) {
	bigint, text := types.Of(types.BigInt), types.Of(types.Varchar)
	columns := func(c ...connector.Column) connector.PushedRelation {
		return connector.PushedRelation{Handle: json.RawMessage("{}"), Columns: c}
	}
	lost := errors.New("no connection")
	for _, x := range []struct {
		name, sql, want string
		to              answering
	}{
		{"conjuncts", "SELECT a FROM t WHERE a = 1 AND b = 2", "1 of 2 conjuncts", answering{filter: connector.PushedFilter{Exact: []bool{true}}}},
		{"columns", "SELECT b, count(*) FROM t GROUP BY b", "1 columns where 2 were asked for", answering{relation: columns(connector.Column{Name: "b", Type: bigint})}},
		{"type", "SELECT count(*) FROM t", "the column n of type varchar where count of type bigint", answering{relation: columns(connector.Column{Name: "n", Type: text})}},
		{"names", "SELECT b, count(*) FROM t GROUP BY b", "the column b of type bigint where count of type bigint",
			answering{relation: columns(connector.Column{Name: "b", Type: bigint}, connector.Column{Name: "b", Type: bigint})}},
		{"join", "SELECT t.a FROM t JOIN u ON t.a = u.a", "0 columns where 2", answering{}},
		{"failure", "SELECT a FROM t WHERE a = 1", "no connection", answering{err: lost}},
		{"failure of an aggregation", "SELECT count(*) FROM t", "no connection", answering{err: lost}},
		{"failure of a join", "SELECT t.a FROM t LEFT JOIN u ON t.a = u.a", "no connection", answering{err: lost}},
	} {
		if _, err := pushed(t, &x.to, x.sql); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %s", x.name, err, x.want)
		}
	}
}

// Of a table whose rows a statement changes only filters are offered: the ids that it wants are those of the table's own rows.
func TestChangedTable(t *testing.T) {
	catalogs := plantest.New(t)
	root, err := catalogs.Bind("remote.s", "SELECT a FROM (SELECT a FROM t WHERE b = 3 LIMIT 5) t JOIN u USING (a)")
	if err != nil {
		t.Fatal(err)
	}
	scans := func(changes string) (out []string) {
		table, err := catalogs["remote"].Table(t.Context(), connector.SchemaTable{Schema: "s", Table: changes})
		if err != nil {
			t.Fatal(err)
		}
		w := &plan.Write{Source: root.Source, Change: &plan.RowChange{Operation: root.Symbols[0]}, Columns: root.Symbols[:1], Rows: &plan.Symbol{Name: "rows", Type: types.Of(types.BigInt)}}
		w.Target.Catalog, w.Target.Table = "remote", table
		c := &Context{Symbols: plan.NewSymbols(w), Pushdown: &Pushdown{Context: t.Context(), Connector: catalogs.Connector}}
		n := pushLimitsIntoConnectors(c, pushIntoConnectors(c, pushPredicates(c, foldConstants(c, w))))
		plan.WalkAll(n, func(n plan.Node) bool {
			if s, ok := n.(*plan.Scan); ok {
				out = append(out, s.Table.Table.Table+" "+strings.Join(s.Pushed, "; "))
			}
			return true
		})
		return out
	}
	if got := strings.Join(scans("t"), ", "); got != "t filter: b = 3, u " {
		t.Errorf("changing t: %s", got)
	}
	if got := strings.Join(scans("v"), ", "); got != "t filter: b = 3; limit: 5, u " {
		t.Errorf("changing v: %s", got)
	}
}

// The same offers make the same handles.
func TestPushdownRepeats(t *testing.T) {
	catalogs := plantest.New(t)
	const sql = "SELECT t.b, count(*), max(u.c) FROM t JOIN u ON t.a = u.a JOIN v ON u.b = v.b WHERE t.b > 3 GROUP BY t.b ORDER BY 2 LIMIT 3"
	first := ""
	for range 5 {
		n, err := pushed(t, catalogs["remote"], sql)
		if err != nil {
			t.Fatal(err)
		}
		handles := ""
		plan.WalkAll(n, func(n plan.Node) bool {
			if s, ok := n.(*plan.Scan); ok {
				handles += string(s.Table.Handle) + "\n"
			}
			return true
		})
		if first == "" {
			first = handles
		}
		if handles != first || strings.Count(handles, "\n") != 1 {
			t.Errorf("%s, first %s", handles, first)
		}
	}
}

// sized notes what is expected of the joins that it is offered.
type sized struct {
	*plantest.Remote
	offers []connector.JoinOffer
}

func (s *sized) PushJoin(ctx context.Context, j connector.JoinOffer) (connector.PushedRelation, bool, error) {
	s.offers = append(s.offers, j)
	return s.Remote.PushJoin(ctx, j)
}

// What is expected of a join are the columns that are wanted above it: not its keys, if nobody reads them.
func TestSizesOfOfferedJoins(t *testing.T) {
	for _, x := range []struct {
		sql     string
		columns []float64 // that each join is expected to put out, 8 bytes each
	}{
		{"SELECT count(*), t.b FROM t LEFT JOIN u ON t.a = u.a GROUP BY t.b", []float64{1}},
		{"SELECT count(*), t.b FROM t JOIN u ON t.a = u.a GROUP BY t.b", []float64{1}},
		{"SELECT t.a, u.a, t.b, u.b FROM t JOIN u ON t.a = u.a", []float64{4}},
		{"SELECT v.b FROM t JOIN u ON t.a = u.a JOIN v ON t.b = v.a", []float64{1, 1}},
		{"SELECT t.d FROM t FULL JOIN u ON t.a = u.a WHERE t.b IS NULL OR u.b IS NULL", []float64{3}},
	} {
		to := &sized{Remote: plantest.New(t)["remote"].(*plantest.Remote)}
		if _, err := pushed(t, to, x.sql); err != nil {
			t.Fatal(err)
		}
		if len(to.offers) != len(x.columns) {
			t.Errorf("%s: %d joins", x.sql, len(to.offers))
			continue
		}
		for i, o := range to.offers {
			if o.JoinSize.Rows <= 0 || o.LeftSize.Rows <= 0 || o.RightSize.Rows <= 0 || o.JoinSize.Bytes != 8*x.columns[i]*o.JoinSize.Rows {
				t.Errorf("%s: join %d of %+v and %+v: %+v", x.sql, i, o.LeftSize, o.RightSize, o.JoinSize)
			}
		}
	}
}
