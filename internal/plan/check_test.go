package plan

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// TestCheck breaks plans, one way each.
func TestCheck(t *testing.T) {
	bigint := types.Of(types.BigInt)
	a, b := &Symbol{"a", bigint}, &Symbol{"b", bigint}
	values := func(s *Symbol) Node {
		return &Values{Symbols: []*Symbol{s}, Rows: [][]Expr{{&Const{Typ: bigint, Value: int64(1)}}}}
	}
	equal := &Compare{Op: Eq, Left: &Ref{a}, Right: &Ref{b}}
	sub := &Filter{Source: values(b), Pred: equal}
	for _, tt := range []struct {
		name string
		n    Node
		want string // part of the error; empty for none
	}{
		{"a plan", values(a), ""},
		{"a correlated subquery", &Filter{values(a), &Exists{sub}}, ""},
		{"a subquery in two places", &Filter{values(a), And(&Exists{sub}, &Not{&Exists{sub}})}, ""},
		{"an unknown column", &Filter{values(a), equal}, "nothing below puts out b"},
		{"a condition that is none", &Filter{values(a), &Ref{a}}, "a condition of type bigint"},
		{"a column made twice", &Join{Type: Cross, Left: values(a), Right: values(a)}, "makes a, which"},
		{"a name given twice", &Join{Type: Cross, Left: values(a), Right: values(&Symbol{"a", bigint})}, "have the name a"},
		{"columns of the wrong side", &Join{Type: Inner, Left: values(a), Right: values(b), Equi: []EquiClause{{&Ref{b}, &Ref{a}}}}, "reads the other side"},
		{"a mark without a symbol", &Join{Type: Mark, Left: values(a), Right: values(b)}, "do not agree"},
		{"a key from nowhere", &Aggregate{Source: values(a), Keys: []*Symbol{b}}, "does not put out the key b"},
		{"a value of another type", &Project{values(a), []Assignment{{&Symbol{"c", types.Of(types.Date)}, &Ref{a}}}}, "is assigned a bigint"},
		{"a reference out of place", &CTERef{ID: 1, Name: "w", Symbols: []*Symbol{a}}, "not defined here"},
		{"inputs of different widths", &SetOp{Kind: Union, Inputs: []Node{values(a)}, Symbols: []*Symbol{b, {"c", bigint}}}, "1 columns, want 2"},
	} {
		err := Check(tt.n)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
