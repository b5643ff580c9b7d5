package ducktest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TestSplit computes every aggregate that can be split in one step and in two, over the same rows.
func TestSplit(t *testing.T) {
	ctx := context.Background()
	i, err := engine.Open(ctx, engine.Config{MemoryLimit: 1 << 30, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	for _, f := range functions.All() {
		if f.Split == nil {
			continue
		}
		t.Run(f.Signature, func(t *testing.T) {
			args := argumentTypes(f)
			r, err := functions.Resolve(f.Name, args)
			if err != nil {
				t.Fatal(err)
			}
			if r.Variant != f.Signature {
				t.Fatalf("resolved %s", r.Variant)
			}
			single, double := plans(r)
			if got, want := rows(t, i, double), rows(t, i, single); got != want {
				t.Errorf("in two steps\n%s\nin one\n%s", got, want)
			}
		})
	}
}

// argumentTypes chooses types for the arguments of a signature.
func argumentTypes(f *functions.Function) []types.Type {
	list := f.Signature[strings.IndexByte(f.Signature, '(')+1 : len(f.Signature)-1]
	var out []types.Type
	for a := range strings.SplitSeq(strings.ReplaceAll(list, "decimal(p,s)", "decimal(10;2)"), ", ") {
		switch a = strings.ReplaceAll(a, ";", ","); a {
		case "":
		case "T", "K", "V", "E":
			out = append(out, types.Of(types.Double))
		default:
			out = append(out, types.MustParse(a))
		}
	}
	return out
}

// plans aggregates (g, x) rows by g, at once and via states of (g, h).
func plans(r functions.Resolved) (single, double plan.Node) {
	syms := plan.NewSymbols(nil)
	g, h := syms.New("g", types.Of(types.Integer)), syms.New("h", types.Of(types.Integer))
	values := &plan.Values{Symbols: []*plan.Symbol{g, h}}
	for n, s := range []string{"1", "2", "3.5", "", "-4", "5", ""} {
		group, half := int64(0), int64(n%2)
		if s == "" && n == 6 {
			group = 1 // a group of NULLs only
		}
		row := []plan.Expr{integer(group), integer(half)}
		for range r.Args {
			row = append(row, number(s))
		}
		values.Rows = append(values.Rows, row)
	}
	project := &plan.Project{Cols: []plan.Assignment{{Sym: g, Expr: &plan.Ref{Sym: g}}, {Sym: h, Expr: &plan.Ref{Sym: h}}}}
	var refs []plan.Expr
	for _, t := range r.Args {
		raw, x := syms.New("raw", types.Of(types.Double)), syms.New("x", t)
		values.Symbols = append(values.Symbols, raw)
		project.Cols = append(project.Cols, plan.Assignment{Sym: x, Expr: convert(&plan.Ref{Sym: raw}, t)})
		refs = append(refs, &plan.Ref{Sym: x})
	}
	project.Source = values
	one := plan.Aggregation{Sym: syms.New("one", r.Result), Name: r.Function.Name, Variant: r.Variant, Args: refs}
	single = &plan.Aggregate{Source: project, Keys: []*plan.Symbol{g}, Aggs: []plan.Aggregation{one}}

	parts, final, ok := functions.Parts(r.Variant, r.Args)
	if !ok {
		panic("no parts of " + r.Variant)
	}
	partial := &plan.Aggregate{Source: project, Keys: []*plan.Symbol{g, h}, Step: plan.Partial}
	var states []plan.Expr
	for _, p := range parts {
		s := syms.New("state", p.Type)
		partial.Aggs = append(partial.Aggs, plan.Aggregation{Sym: s, Name: r.Function.Name, Variant: p.Variant, Args: refs})
		states = append(states, &plan.Ref{Sym: s})
	}
	two := plan.Aggregation{Sym: syms.New("two", r.Result), Name: r.Function.Name, Variant: final, Args: states}
	return single, &plan.Aggregate{Source: partial, Keys: []*plan.Symbol{g}, Aggs: []plan.Aggregation{two}, Step: plan.Final}
}

func integer(v int64) plan.Expr { return &plan.Const{Typ: types.Of(types.Integer), Value: v} }

func number(s string) plan.Expr {
	if s == "" {
		return &plan.Const{Typ: types.Of(types.Double)}
	}
	var v float64
	fmt.Sscan(s, &v)
	return &plan.Const{Typ: types.Of(types.Double), Value: v}
}

// convert casts a number, also to the intervals, which have no cast.
func convert(e plan.Expr, t types.Type) plan.Expr {
	multiply := func(unit types.Type, one any) plan.Expr {
		r, err := functions.Resolve("$multiply", []types.Type{unit, types.Of(types.Double)})
		if err != nil {
			panic(err)
		}
		return &plan.Call{Name: "$multiply", Variant: r.Variant, Args: []plan.Expr{&plan.Const{Typ: unit, Value: one}, e}, Typ: r.Result}
	}
	switch t.Kind {
	case types.Double:
		return e
	case types.IntervalDayToSecond:
		return multiply(t, types.IntervalDTValue(1000))
	case types.IntervalYearToMonth:
		return multiply(t, types.IntervalYMValue(1))
	}
	return &plan.Cast{Arg: e, Typ: t}
}

// rows lowers a plan, runs it and shows its rows as text, in the order of the first column.
func rows(t *testing.T, i *engine.Instance, n plan.Node) string {
	t.Helper()
	st, err := duck.Lower(&plan.Sort{Source: n, Keys: []plan.SortKey{{Expr: &plan.Ref{Sym: n.Outputs()[0]}}}}, duck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	err = i.QueryChunks(context.Background(), "SELECT CAST(row(COLUMNS(*)) AS VARCHAR) FROM ("+st.SQL+")", func(c *engine.Chunk) error {
		for r := range c.Rows {
			for n := range c.Columns {
				b.Write(c.Columns[n].Bytes(r))
				b.WriteByte(' ')
			}
			b.WriteByte('\n')
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, st.SQL)
	}
	return b.String()
}
