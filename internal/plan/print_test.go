package plan

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// testScan is a scan of two bigint columns.
func testScan(a, b *Symbol) *Scan {
	bigint := types.Of(types.BigInt)
	return &Scan{Catalog: "cat", Symbols: []*Symbol{a, b}, Table: connector.Scan{
		Table:   connector.SchemaTable{Schema: "s", Table: "t"},
		Columns: []connector.Column{{Name: "a", Type: bigint}, {Name: "b", Type: bigint}},
		Limit:   7,
	}}
}

// TestPrint covers the nodes that only later stages of planning make; the binder's golden plans cover the others.
func TestPrint(t *testing.T) {
	syms := NewSymbols(nil)
	bigint := types.Of(types.BigInt)
	a, b := syms.New("a", bigint), syms.New("b", bigint)
	stage := &RemoteSource{Stage: 3, Kind: Gather, Symbols: []*Symbol{a, b}, OrderBy: []SortKey{{Expr: &Ref{Sym: a}, Desc: true}}}
	sum := syms.New("sum", bigint)
	partial := &Aggregate{Step: Partial, Keys: []*Symbol{a}, Source: testScan(a, b),
		Aggs: []Aggregation{{Sym: sum, Name: "sum", Args: []Expr{&Ref{Sym: b}}}}}
	exchange := &Exchange{Source: partial, Kind: Repartition, Keys: []Expr{&Ref{Sym: a}}}
	top := &TopN{Source: exchange, Count: 5, Partial: true, Keys: []SortKey{{Expr: &Ref{Sym: a}, NullsFirst: true}}}
	mark := syms.New("mark", types.Of(types.Boolean))
	join := &Join{Type: Mark, Left: top, Right: stage, Equi: []EquiClause{{&Ref{Sym: a}, &Ref{Sym: a}}}, MarkSym: mark,
		NullAware: true, Distribution: Replicated}
	id := syms.New("unique", bigint)
	root := &SingleRow{Source: &RowNumber{Source: &Limit{Source: join, Count: 1, Partial: true}, Sym: id}}

	got := Print(root, PrintOptions{Layout: true, Details: func(n Node) []string {
		if _, ok := n.(*Scan); ok {
			return []string{"Estimates: {rows: 42}"}
		}
		return nil
	}})
	want := `
EnforceSingleRow[]
│   Layout: [a:bigint, sum:bigint, mark:boolean, unique:bigint]
└─ AssignUniqueId[unique]
   │   Layout: [a:bigint, sum:bigint, mark:boolean, unique:bigint]
   └─ LimitPartial[count = 1]
      │   Layout: [a:bigint, sum:bigint, mark:boolean]
      └─ MarkJoin[criteria = (a = a), distribution = REPLICATED, mark = mark, nullAware = true]
         │   Layout: [a:bigint, sum:bigint, mark:boolean]
         ├─ TopNPartial[count = 5, orderBy = [a ASC NULLS FIRST]]
         │  │   Layout: [a:bigint, sum:bigint]
         │  └─ Exchange[type = REPARTITION, keys = [a]]
         │     │   Layout: [a:bigint, sum:bigint]
         │     └─ Aggregate[type = PARTIAL, keys = [a]]
         │        │   Layout: [a:bigint, sum:bigint]
         │        │   sum := sum(b)
         │        └─ TableScan[table = cat:s.t, limit = 7]
         │               Layout: [a:bigint, b:bigint]
         │               a := a:bigint
         │               b := b:bigint
         │               Estimates: {rows: 42}
         └─ RemoteSource[stage = 3, type = GATHER, orderBy = [a DESC NULLS LAST]]
                Layout: [a:bigint, b:bigint]
`
	if got != strings.TrimPrefix(want, "\n") {
		t.Errorf("got:\n%s\nwant:%s", got, want)
	}
}

func TestPrintConst(t *testing.T) {
	for _, c := range []struct {
		typ   types.Type
		value any
		want  string
	}{
		{types.Of(types.Unknown), nil, "null"},
		{types.Of(types.BigInt), nil, "CAST(null AS bigint)"},
		{types.Of(types.Boolean), true, "true"},
		{types.VarcharN(4), "it's", "varchar(4) 'it''s'"},
		{types.DecimalOf(3, 2), types.Int128From(150), "decimal(3,2) '1.50'"},
		{types.Of(types.Date), types.DateValue(0), "date '1970-01-01'"},
	} {
		if got := PrintExpr(&Const{Typ: c.typ, Value: c.value}); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestSymbols(t *testing.T) {
	bigint := types.Of(types.BigInt)
	used := &Symbol{Name: "a", Type: bigint}
	syms := NewSymbols(&Values{Symbols: []*Symbol{used}})
	for _, c := range []struct{ hint, want string }{
		{"a", "a_1"}, {"A", "a_2"}, {"a_1", "a_3"}, {"x y", "x_y"}, {"", "expr"}, {"", "expr_1"}, {"$path", "$path"}, {"_col0", "_col0"},
	} {
		if got := syms.New(c.hint, bigint).Name; got != c.want {
			t.Errorf("New(%q) = %s, want %s", c.hint, got, c.want)
		}
	}
}

func TestEqualExpr(t *testing.T) {
	bigint := types.Of(types.BigInt)
	s, p, q := &Symbol{"s", bigint}, &Symbol{"p", bigint}, &Symbol{"q", bigint}
	add := func(l, r Expr) Expr {
		return &Call{Name: "$add", Variant: "$add(bigint,bigint)", Args: []Expr{l, r}, Typ: bigint}
	}
	one, two := &Const{bigint, int64(1)}, &Const{bigint, int64(2)}
	lambda := func(param *Symbol, body Expr) Expr { return &Lambda{Params: []*Symbol{param}, Body: body} }
	sub := &Values{Symbols: []*Symbol{s}}
	for _, c := range []struct {
		name string
		a, b Expr
		want bool
	}{
		{"same", add(&Ref{s}, one), add(&Ref{s}, one), true},
		{"other constant", add(&Ref{s}, one), add(&Ref{s}, two), false},
		{"other symbol", &Ref{s}, &Ref{p}, false},
		{"other type", one, &Const{types.Of(types.Integer), int64(1)}, false},
		{"parameters renamed", lambda(p, add(&Ref{p}, &Ref{s})), lambda(q, add(&Ref{q}, &Ref{s})), true},
		{"parameter against column", lambda(p, &Ref{p}), lambda(q, &Ref{s}), false},
		{"same plan", &ScalarSubquery{sub}, &ScalarSubquery{sub}, true},
		{"other plan", &ScalarSubquery{sub}, &ScalarSubquery{&Values{Symbols: []*Symbol{s}}}, false},
		{"kind of subquery", &Exists{sub}, &Not{&Exists{sub}}, false},
		{"escape", &Like{Arg: &Ref{s}, Pattern: one}, &Like{Arg: &Ref{s}, Pattern: one, Escape: two}, false},
		{"cast", &Cast{Arg: one, Typ: bigint}, &Cast{Arg: one, Typ: bigint, Try: true}, false},
		{"nil", nil, nil, true},
		{"nil and not", nil, one, false},
	} {
		if got := EqualExpr(c.a, c.b); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestFreeSymbols(t *testing.T) {
	bigint := types.Of(types.BigInt)
	outer, a, b, p := &Symbol{"outer", bigint}, &Symbol{"a", bigint}, &Symbol{"b", bigint}, &Symbol{"p", bigint}
	nested := &Filter{Source: testScan(a, b), Pred: &Compare{Op: Eq, Left: &Ref{a}, Right: &Ref{outer}}}
	e := &Logical{Terms: []Expr{&Exists{nested}, &Compare{Op: Lt, Left: &Ref{b}, Right: &Ref{outer}},
		&Call{Name: "f", Args: []Expr{&Lambda{Params: []*Symbol{p}, Body: &Ref{p}}}}}}
	var got []string
	FreeSymbols(e, func(s *Symbol) { got = append(got, s.Name) })
	if want := "outer b outer"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestMapPlan replaces a scan inside a subquery and shares what did not change.
func TestMapPlan(t *testing.T) {
	bigint := types.Of(types.BigInt)
	a, b := &Symbol{"a", bigint}, &Symbol{"b", bigint}
	left, inner := &Values{Symbols: []*Symbol{a}}, testScan(a, b)
	root := &Filter{Source: left, Pred: &Exists{inner}}
	got := MapPlan(root, func(n Node) Node {
		if _, ok := n.(*Scan); ok {
			return &Values{Symbols: n.Outputs()}
		}
		return n
	}).(*Filter)
	if got == root || got.Source != left {
		t.Error("the source must be shared and the filter copied")
	}
	if _, ok := got.Pred.(*Exists).Plan.(*Values); !ok {
		t.Errorf("the nested plan is %T", got.Pred.(*Exists).Plan)
	}
	if same := MapPlan(root, func(n Node) Node { return n }); same != Node(root) {
		t.Error("without a change there must be no copy")
	}
}
