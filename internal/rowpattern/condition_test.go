package rowpattern

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

// literal makes a constant of a type from its text; "NULL" is NULL.
func literal(t Type, text string) *Expr {
	e := &Expr{Op: "const", Type: t}
	if text != "NULL" {
		e.Text = &text
	}
	return e
}

func TestExpressions(t *testing.T) {
	integer, small := Type{Kind: Int, P: 32}, Type{Kind: Int, P: 8}
	double, text, boolean := Type{Kind: Double}, Type{Kind: Text}, Type{Kind: Bool}
	dec := Type{Kind: Decimal, P: 5, S: 2}
	list := Type{Kind: Array, Elem: &text}
	abc := &Expr{Op: "array", Type: list, Args: []*Expr{literal(text, "a"), literal(text, "NULL"), literal(text, "c")}}
	e := func(op string, t Type, args ...*Expr) *Expr { return &Expr{Op: op, Type: t, Args: args} }
	for _, c := range []struct {
		e    *Expr
		want any
		err  string
	}{
		{e: e("add", integer, literal(integer, "1"), literal(integer, "2")), want: int64(3)},
		{e: e("add", integer, literal(integer, "NULL"), literal(integer, "2"))},
		{e: e("add", integer, literal(integer, "2147483647"), literal(integer, "1")), err: "integer addition overflow: 2147483647 + 1"},
		{e: e("neg", small, literal(small, "-128")), err: "tinyint negation overflow: -128"},
		{e: e("div", integer, literal(integer, "-7"), literal(integer, "2")), want: int64(-3)},
		{e: e("mod", integer, literal(integer, "-7"), literal(integer, "2")), want: int64(-1)},
		{e: e("div", integer, literal(integer, "7"), literal(integer, "0")), err: "Division by zero"},
		{e: e("div", double, literal(double, "7"), literal(double, "0")), want: math.Inf(1)},
		{e: e("eq", boolean, literal(double, "NaN"), literal(double, "NaN")), want: false},
		{e: e("ne", boolean, literal(double, "NaN"), literal(double, "NaN")), want: true},
		{e: e("le", boolean, literal(double, "NaN"), literal(double, "1")), want: false},
		{e: e("lt", boolean, literal(text, "a"), literal(text, "b")), want: true},
		{e: e("and", boolean, literal(boolean, "NULL"), literal(boolean, "false")), want: false},
		{e: e("and", boolean, literal(boolean, "NULL"), literal(boolean, "true"))},
		{e: e("or", boolean, literal(boolean, "NULL"), literal(boolean, "true")), want: true},
		{e: e("not", boolean, literal(boolean, "NULL"))},
		{e: e("in", boolean, literal(text, "a"), literal(text, "b"), literal(text, "NULL"))},
		{e: e("in", boolean, literal(text, "a"), literal(text, "NULL"), literal(text, "a")), want: true},
		{e: e("distinct", boolean, literal(text, "NULL"), literal(text, "NULL")), want: false},
		{e: e("isnull", boolean, literal(text, "NULL")), want: true},
		{e: e("coalesce", text, literal(text, "NULL"), literal(text, "x")), want: "x"},
		{e: e("nullif", text, literal(text, "x"), literal(text, "x"))},
		{e: e("case", text, literal(boolean, "NULL"), literal(text, "x"), literal(text, "y")), want: "y"},
		{e: e("concat", text, literal(text, "x"), literal(text, "é")), want: "xé"},
		{e: e("length", integer, literal(text, "xé")), want: int64(2)},
		{e: e("upper", text, literal(text, "xé")), want: "XÉ"},
		{e: e("cast", text, literal(dec, "-1.50")), want: "-1.50"},
		{e: e("cast", integer, literal(dec, "-1.50")), want: int64(-2)},
		{e: e("cast", integer, literal(double, "2.5")), want: int64(3)},
		{e: e("cast", small, literal(integer, "128")), err: "Out of range for tinyint: 128"},
		{e: e("cast", Type{Kind: Text, P: 2}, literal(text, "xéz")), want: "xé"},
		{e: e("cast", Type{Kind: Text, P: 2}, literal(integer, "123")), err: "Value 123 cannot be represented as varchar(2)"},
		{e: e("add", dec, literal(dec, "1.50"), literal(dec, "2.25")), want: big.NewInt(375)},
		{e: e("mul", Type{Kind: Decimal, P: 10, S: 4}, literal(dec, "1.50"), literal(dec, "2.00")), want: big.NewInt(30000)},
		{e: e("div", dec, literal(dec, "2.00"), literal(dec, "3.00")), want: big.NewInt(67)},
		{e: e("mod", dec, literal(dec, "2.00"), literal(dec, "1.50")), want: big.NewInt(50)},
		{e: e("array_join", text, abc, literal(text, "-")), want: "a-c"},
		{e: e("array_join", text, abc, literal(text, "-"), literal(text, "?")), want: "a-?-c"},
		{e: e("element_at", text, abc, literal(integer, "-1")), want: "c"},
		{e: e("element_at", text, abc, literal(integer, "4"))},
		{e: e("$subscript", text, abc, literal(integer, "4")), err: "Array subscript must be less than or equal to array length: 4 > 3"},
		{e: e("contains", boolean, abc, literal(text, "x"))},
		{e: e("contains", boolean, abc, literal(text, "c")), want: true},
		{e: e("cardinality", integer, abc), want: int64(3)},
	} {
		f, err := build(c.e)
		if err != nil {
			t.Errorf("%s: %v", c.e.Op, err)
			continue
		}
		got, err := f(nil)
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, %v, want %s", c.e.Op, got, err, c.err)
			}
		case err != nil || (got == nil) != (c.want == nil) || got != nil && compare(got, c.want) != 0:
			t.Errorf("%s: %v, %v, want %v", c.e.Op, got, err, c.want)
		}
	}
}

func TestUnknownOperators(t *testing.T) {
	text, moment := Type{Kind: Text}, Type{Kind: Moment}
	for _, c := range []struct {
		op   string
		args []Type
	}{
		{"sqrt", []Type{{Kind: Double}}}, {"add", []Type{moment, moment}}, {"cast", []Type{{Kind: Opaque}}},
		{"lower", []Type{{Kind: Int, P: 64}}}, {"array_join", []Type{{Kind: Array, Elem: &Type{Kind: Double}}, text}},
		{"eq", []Type{{Kind: Opaque}, {Kind: Opaque}}},
	} {
		if Supports(c.op, text, c.args...) {
			t.Errorf("%s of %v", c.op, c.args)
		}
	}
}

// rowValues are the arguments of a fold, as they are.
type rowValues []any

func (v rowValues) read(int) any          { return nil }
func (v rowValues) fold(int) (any, error) { return nil, nil }
func (v rowValues) column(i int) any      { return v[i] }
func (v rowValues) classifier() any       { return nil }
func (v rowValues) matchNumber() int64    { return 0 }

func TestFolds(t *testing.T) {
	integer, double, text := Type{Kind: Int, P: 64}, Type{Kind: Double}, Type{Kind: Text}
	dec := Type{Kind: Decimal, P: 38, S: 1}
	column := func(i int, t Type) *Expr { return &Expr{Op: "column", Type: t, Ref: i} }
	rows := []rowValues{
		{int64(3), "c", big.NewInt(11), 0.5, true}, {nil, "x", nil, nil, nil}, {int64(1), "a", big.NewInt(12), 2.5, false},
		{int64(3), nil, big.NewInt(2), 3.0, true},
	}
	two := literal(integer, "2")
	for _, c := range []struct {
		f    Fold
		want any
	}{
		{Fold{Name: "count", Type: integer}, int64(4)},
		{Fold{Name: "count", Type: integer, Args: []*Expr{column(0, integer)}}, int64(3)},
		{Fold{Name: "count_if", Type: integer, Args: []*Expr{column(4, Type{Kind: Bool})}}, int64(2)},
		{Fold{Name: "sum", Type: integer, Args: []*Expr{column(0, integer)}}, int64(7)},
		{Fold{Name: "sum", Type: dec, Args: []*Expr{column(2, dec)}}, big.NewInt(25)},
		{Fold{Name: "avg", Type: double, Args: []*Expr{column(0, integer)}}, 7.0 / 3},
		{Fold{Name: "avg", Type: dec, Args: []*Expr{column(2, dec)}}, big.NewInt(8)},
		{Fold{Name: "avg", Type: double, Args: []*Expr{column(3, double)}}, 2.0},
		{Fold{Name: "min", Type: integer, Args: []*Expr{column(0, integer)}}, int64(1)},
		{Fold{Name: "max", Type: text, Args: []*Expr{column(1, text)}}, "x"},
		{Fold{Name: "max", Type: text, Args: []*Expr{column(1, text), two}}, []any{"x", "c"}},
		{Fold{Name: "min_by", Type: text, Args: []*Expr{column(1, text), column(0, integer)}}, "a"},
		{Fold{Name: "max_by", Type: text, Args: []*Expr{column(1, text), column(0, integer), two}}, []any{"c", nil}},
		{Fold{Name: "arbitrary", Type: integer, Args: []*Expr{column(0, integer)}}, int64(3)},
		{Fold{Name: "bool_and", Args: []*Expr{column(4, Type{Kind: Bool})}}, false},
		{Fold{Name: "bool_or", Args: []*Expr{column(4, Type{Kind: Bool})}}, true},
		{Fold{Name: "array_agg", Args: []*Expr{column(0, integer)}}, []any{int64(3), nil, int64(1), int64(3)}},
	} {
		a, err := buildFold(c.f)
		if err != nil {
			t.Errorf("%s: %v", c.f.Name, err)
			continue
		}
		var state any
		for _, r := range rows {
			args := make([]any, len(a.args))
			for i, arg := range a.args {
				args[i], _ = arg(r)
			}
			before := state
			if state, err = a.add(state, args); err != nil {
				t.Fatal(err)
			}
			if !equalStates(before, before) || !equalStates(state, state) {
				t.Errorf("%s: a state is not equal to itself", c.f.Name)
			}
		}
		if got := a.result(state); compareNulls(got, c.want) != 0 {
			t.Errorf("%s: %v, want %v", c.f.Name, got, c.want)
		}
	}
}

func TestMaps(t *testing.T) {
	integer, text := Type{Kind: Int, P: 64}, Type{Kind: Text}
	pairs := []rowValues{{int64(1), "a"}, {int64(2), "b"}, {int64(1), "c"}, {nil, "d"}}
	for name, want := range map[string]string{"map_agg": "1:a 2:b", "multimap_agg": "1:[a c] 2:[b]"} {
		a, err := buildFold(Fold{Name: name, Args: []*Expr{{Op: "column", Type: integer}, {Op: "column", Type: text, Ref: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		var state any
		for _, p := range pairs {
			if state, err = a.add(state, p); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, e := range a.result(state).([]entry) {
			got = append(got, plainText(e.key, &integer)+":"+plainOrList(e.value))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: %s, want %s", name, g, want)
		}
	}
}

func plainOrList(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	var parts []string
	for _, x := range v.([]any) {
		parts = append(parts, x.(string))
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func TestCall(t *testing.T) {
	s := letters(t, "A+")
	s.Columns = append(s.Columns[:0], Type{Kind: Text})
	out, err := Call(s.Encode(), []any{[]any{nil, "A", "A", "B"}, []any{nil, nil, nil}})
	if err != nil {
		t.Fatal(err)
	}
	if rows := out[0].([]any); len(rows) != 2 || rows[1] != int64(1) {
		t.Errorf("rows %v", rows)
	}
	if names := out[6].([]any)[0].([]any); names[0] != int64(0) {
		t.Errorf("variables %v", names)
	}
	if _, err := Call(s.Encode(), []any{[]any{nil, "A"}}); err == nil {
		t.Error("a column is missing and nobody says so")
	}
	if _, err := Call("{", nil); err == nil {
		t.Error("a broken spec is accepted")
	}
	s.Window = true
	if _, err := Call(s.Encode(), []any{[]any{nil, "A"}, []any{"-1"}}); err == nil || !strings.Contains(err.Error(), "negative") {
		t.Errorf("a negative frame: %v", err)
	}
}

// FuzzDecode reads specs that nobody wrote.
func FuzzDecode(f *testing.F) {
	f.Add(letters(f, "A+ (B|C){2,3}?").Encode())
	f.Add(`{"vars":["A"],"pattern":{"op":"var"},"skip":{"to":"past"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := Decode(text); err == nil && s.Encode() == "" {
			t.Error("no text")
		}
	})
}

func BenchmarkAmbiguousPattern(b *testing.B) {
	m, err := New(letters(b, "X* X* X* X* B"))
	if err != nil {
		b.Fatal(err)
	}
	in := rowsOf(strings.Repeat("A", 1000))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Partition(in); err != nil {
			b.Fatal(err)
		}
	}
}
