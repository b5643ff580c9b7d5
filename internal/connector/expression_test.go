package connector

import (
	"cmp"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestExpressionString(t *testing.T) {
	bigint, text := types.Of(types.BigInt), types.Of(types.Varchar)
	a, c := &Reference{"a", bigint}, &Reference{"c", text}
	one := &Constant{bigint, int64(1)}
	call := func(f string, args ...Expression) *Call { return &Call{f, boolean, args} }
	for _, x := range []struct {
		want string
		e    Expression
	}{
		{"a = 1", call(OpEqual, a, one)},
		{"(a > 1) AND c IS NULL AND NOT (c LIKE 'it''s%' ESCAPE '!')", call(OpAnd, call(OpGreater, a, one), call(OpIsNull, c),
			call(OpNot, &Call{OpLike, boolean, []Expression{c, &Constant{text, "it's%"}, &Constant{text, "!"}}}))},
		{"a IN (1, NULL)", call(OpIn, a, one, &Constant{bigint, nil})},
		{"(a + 1) * -a", &Call{OpMultiply, bigint, []Expression{&Call{OpAdd, bigint, []Expression{a, one}}, &Call{OpNegate, bigint, []Expression{a}}}}},
		{"CAST(a AS varchar)", &Call{OpCast, text, []Expression{a}}},
		{"TRY_CAST(c AS bigint)", &Call{OpTryCast, bigint, []Expression{c}}},
		{"lower(c)", &Call{"lower", text, []Expression{c}}},
		{"coalesce(a, 1)", &Call{OpCoalesce, bigint, []Expression{a, one}}},
	} {
		if got := x.e.String(); got != x.want {
			t.Errorf("%s, want %s", got, x.want)
		}
	}
}

func TestDomainCondition(t *testing.T) {
	low, high := &Bound{int64(1), true}, &Bound{int64(9), false}
	for _, x := range []struct {
		want string
		d    Domain
	}{
		{"k = 3", Domain{Column: "k", Values: []any{int64(3)}}},
		{"k IN (3, 4)", Domain{Column: "k", Values: []any{int64(3), int64(4)}}},
		{"(k >= 1) AND (k < 9)", Domain{Column: "k", Low: low, High: high}},
		{"k < 9", Domain{Column: "k", High: high}},
		{"(k = 3) OR k IS NULL", Domain{Column: "k", Values: []any{int64(3)}, NullAllowed: true}},
		{"(k >= 3) AND (k <= 7)", Domain{Column: "k", Values: []any{int64(5), int64(7), int64(3)}}.Compacted(2, func(a, b any) int { return cmp.Compare(a.(int64), b.(int64)) })},
		{"k IN (5, 7)", Domain{Column: "k", Values: []any{int64(5), int64(7)}}.Compacted(2, nil)},
	} {
		if got := x.d.Condition(types.Of(types.BigInt)).String(); got != x.want {
			t.Errorf("%s, want %s", got, x.want)
		}
	}
	if e := (Domain{Column: "k"}).Condition(types.Of(types.BigInt)); e != nil {
		t.Errorf("a domain without an end is %s", e)
	}
}
