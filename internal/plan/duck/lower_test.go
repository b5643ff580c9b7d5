package duck

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// builder makes plans for tests.
type builder struct{ syms *plan.Symbols }

func newBuilder() *builder { return &builder{plan.NewSymbols(nil)} }

func (b *builder) scan(table string, columns ...string) (*plan.Scan, []*plan.Symbol) {
	s := &plan.Scan{Catalog: "tpch", Table: connector.Scan{Table: connector.SchemaTable{Schema: "tiny", Table: table}}}
	for i := 0; i < len(columns); i += 2 {
		t := types.MustParse(columns[i+1])
		s.Table.Columns = append(s.Table.Columns, connector.Column{Name: columns[i], Type: t})
		s.Symbols = append(s.Symbols, b.syms.New(columns[i], t))
	}
	return s, s.Symbols
}

func ref(s *plan.Symbol) plan.Expr { return &plan.Ref{Sym: s} }

func call(name string, args ...plan.Expr) plan.Expr {
	var ts []types.Type
	for _, a := range args {
		ts = append(ts, a.Type())
	}
	r, err := functions.Resolve(name, ts)
	if err != nil {
		panic(err)
	}
	return &plan.Call{Name: r.Function.Name, Variant: r.Variant, Args: args, Typ: r.Result}
}

func (b *builder) agg(name string, args ...plan.Expr) plan.Aggregation {
	var ts []types.Type
	for _, a := range args {
		ts = append(ts, a.Type())
	}
	r, err := functions.Resolve(name, ts)
	if err != nil {
		panic(err)
	}
	return plan.Aggregation{Sym: b.syms.New(name, r.Result), Name: name, Variant: r.Variant, Args: args}
}

func double(v float64) plan.Expr { return &plan.Const{Typ: types.Of(types.Double), Value: v} }

// TestOneBlock shows that a chain of nodes becomes one flat SELECT.
func TestOneBlock(t *testing.T) {
	b := newBuilder()
	orders, o := b.scan("orders", "orderkey", "bigint", "orderdate", "date")
	items, i := b.scan("lineitem", "orderkey", "bigint", "extendedprice", "double", "discount", "double")
	join := &plan.Join{Type: plan.Inner, Left: orders, Right: items, Equi: []plan.EquiClause{{Left: ref(o[0]), Right: ref(i[0])}}}
	filter := &plan.Filter{Source: join, Pred: &plan.Compare{Op: plan.Lt, Left: ref(o[1]),
		Right: &plan.Const{Typ: types.Of(types.Date), Value: types.DateValue(9000)}}}
	price := b.syms.New("price", types.Of(types.Double))
	project := &plan.Project{Source: filter, Cols: []plan.Assignment{{Sym: o[1], Expr: ref(o[1])},
		{Sym: price, Expr: call("$multiply", ref(i[1]), call("$subtract", double(1), ref(i[2])))}}}
	sum, cnt := b.agg("sum", ref(price)), b.agg("count")
	agg := &plan.Aggregate{Source: project, Keys: []*plan.Symbol{o[1]}, Aggs: []plan.Aggregation{sum, cnt}}
	top := &plan.TopN{Source: agg, Keys: []plan.SortKey{{Expr: ref(sum.Sym), Desc: true}}, Count: 10}
	st, err := Lower(top, Options{Partition: &Partition{Keys: []plan.Expr{ref(o[1])}, Count: 4}})
	if err != nil {
		t.Fatal(err)
	}
	want := `SELECT t0."orderdate" AS "orderdate", CAST(sum((t1."extendedprice" * (1e+00 - t1."discount"))) AS DOUBLE) AS "sum", CAST(count(*) AS BIGINT) AS "count", CAST(hash(CAST(t0."orderdate" AS DATE)) % 4 AS INTEGER) AS "__p"
FROM in0 AS t0
JOIN in1 AS t1 ON (t0."orderkey" = t1."orderkey")
WHERE (t0."orderdate" < DATE '1994-08-23')
GROUP BY t0."orderdate"
ORDER BY sum((t1."extendedprice" * (1e+00 - t1."discount"))) DESC NULLS LAST
LIMIT 10`
	if st.SQL != want {
		t.Errorf("got\n%s\nwant\n%s", st.SQL, want)
	}
}
