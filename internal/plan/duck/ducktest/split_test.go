package ducktest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TestSplit computes every aggregate that can be split in one step and in two, or in three where its states can be merged, over the same rows.
func TestSplit(t *testing.T) {
	ctx := context.Background()
	i, err := engine.Open(ctx, engine.Config{MemoryLimit: 1 << 30, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	for _, f := range functions.All() {
		if f.Split == nil || strings.HasPrefix(f.Name, "merge") { // merging is the second step of the others
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
			one, two := plans(r)
			var single, double plan.Node = one, two
			if k := r.Result.Kind; k == types.QDigest || k == types.TDigest { // merged ones have other nodes, for the same values
				single, double = median(t, one), median(t, two)
			}
			got, want := rows(t, i, double), rows(t, i, single)
			if f.OrderSensitive {
				got, want = elements(got), elements(want)
			}
			if got != want {
				t.Errorf("in two steps\n%s\nin one\n%s", got, want)
			}
			if three := merged(two); three != nil {
				if got := rows(t, i, three); got != want {
					t.Errorf("in three steps\n%s\nin one\n%s", got, want)
				}
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
			t := types.Double
			if f.Name == "make_set_digest" {
				t = types.BigInt // it takes no others than those of fixed size and texts
			}
			out = append(out, types.Of(t))
		default:
			out = append(out, types.MustParse(a))
		}
	}
	return out
}

// plans aggregates (g, x) rows by g, at once and via states of (g, h).
func plans(r functions.Resolved) (single, double *plan.Aggregate) {
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
	for i, t := range r.Args {
		raw, x := syms.New("raw", types.Of(types.Double)), syms.New("x", t)
		values.Symbols = append(values.Symbols, raw)
		value := convert(&plan.Ref{Sym: raw}, t)
		if i > 0 && tuned(r.Function.Name) {
			value = parameter(t)
			if i == 1 && (len(r.Args) > 2 && r.Function.Name == "approx_percentile" || r.Function.Name == "tdigest_agg") {
				value = number("1") // a weight
			}
		}
		project.Cols = append(project.Cols, plan.Assignment{Sym: x, Expr: value})
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

// merged puts a step between the two of an aggregation, which merges the states of each group; nil when that cannot be done.
func merged(final *plan.Aggregate) *plan.Aggregate {
	of := final.Aggs[0]
	var states []types.Type
	for _, a := range of.Args {
		states = append(states, a.Type())
	}
	parts, variant, ok := functions.Parts(of.Variant, states)
	if !ok {
		return nil
	}
	syms := plan.NewSymbols(final)
	between := &plan.Aggregate{Source: final.Source, Keys: final.Keys, Step: plan.Partial}
	last := of
	last.Variant, last.Args = variant, nil
	for _, p := range parts {
		s := syms.New("merged", p.Type)
		between.Aggs = append(between.Aggs, plan.Aggregation{Sym: s, Name: of.Name, Variant: p.Variant, Args: of.Args})
		last.Args = append(last.Args, &plan.Ref{Sym: s})
	}
	return &plan.Aggregate{Source: between, Keys: final.Keys, Aggs: []plan.Aggregation{last}, Step: plan.Final}
}

// elements sorts what is in brackets: the order in which rows arrive is free.
func elements(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("[](), \n", r) })
	slices.Sort(words)
	return strings.Join(words, " ")
}

// median puts the median of the digest in the second column of an aggregation in its place.
func median(t *testing.T, n *plan.Aggregate) plan.Node {
	t.Helper()
	digest := n.Aggs[0].Sym
	r, err := functions.Resolve("value_at_quantile", []types.Type{digest.Type, types.Of(types.Double)})
	if err != nil {
		t.Fatal(err)
	}
	call := &plan.Call{Name: r.Function.Name, Variant: r.Variant, Args: []plan.Expr{&plan.Ref{Sym: digest}, number("0.5")}, Typ: r.Result}
	sym := *digest
	sym.Name, sym.Type = "median", r.Result
	return &plan.Project{Source: n, Cols: []plan.Assignment{{Sym: n.Keys[0], Expr: &plan.Ref{Sym: n.Keys[0]}}, {Sym: &sym, Expr: call}}}
}

// tuned reports whether the arguments after the first are parameters: weights, fractions, accuracies.
func tuned(name string) bool {
	return strings.HasPrefix(name, "approx_") || strings.HasSuffix(name, "digest_agg")
}

// parameter is a value that all parameters take: a tenth, or one where they are integers.
func parameter(t types.Type) plan.Expr {
	switch t.Kind {
	case types.Array:
		return &plan.MakeArray{Elems: []plan.Expr{parameter(t.Elem(0))}, Typ: t}
	case types.Double:
		return number("0.1")
	}
	return convert(number("1"), t)
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
