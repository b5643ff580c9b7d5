package rowpattern

import (
	"fmt"
	"strings"
	"testing"
)

// letters is a spec whose variables A, B, … take the rows that hold their letter, and X, Y and Z any row.
func letters(t testing.TB, pattern string) *Spec {
	s := &Spec{Pattern: parsePattern(t, pattern), Columns: []Type{{Kind: Text}}, Reads: []Read{{}}, Skip: Skip{To: PastLast}, Rows: ShowEmpty}
	for c := 'A'; c <= 'Z'; c++ {
		s.Variables = append(s.Variables, string(c))
		var e *Expr
		if c < 'X' {
			letter := string(c)
			e = &Expr{Op: "eq", Type: Type{Kind: Bool}, Args: []*Expr{
				{Op: "read", Type: Type{Kind: Text}}, {Op: "const", Type: Type{Kind: Text}, Text: &letter}}}
		}
		s.Conditions = append(s.Conditions, e)
	}
	s.Outputs = []Navigation{{Classifier: true}}
	return s
}

// rowsOf makes a partition of the letters of a text.
func rowsOf(text string) Input {
	in := Input{Rows: len(text), Columns: [][]any{nil}, NoRow: []any{nil}}
	for _, c := range text {
		in.Columns[0] = append(in.Columns[0], string(c))
	}
	return in
}

// show writes a result: the matches, each with the variables of its rows (in lower case where the row is not shown), - for a
// row in no match.
func (s *Spec) show(r *Result) string {
	var b strings.Builder
	number := 0
	for i := range r.Row {
		switch {
		case r.Number[i] == nil:
			b.WriteString(" -")
			number = 0
			continue
		case *r.Number[i] != number:
			number = *r.Number[i]
			fmt.Fprintf(&b, " %d@%d:", number, r.Row[i])
		}
		if v := r.Outputs[0][i]; v != nil {
			name := s.Variables[*v]
			if !r.Shown[i] {
				name = strings.ToLower(name)
			}
			b.WriteString(name)
		}
	}
	return strings.TrimSpace(b.String())
}

func TestMatcher(t *testing.T) {
	for _, c := range []struct{ pattern, rows, want string }{
		{"A B+ C", "ABBCAC", "1@0:ABBC"},
		{"A*", "AAB", "1@0:AA 2@2:"},
		{"A*?", "AA", "1@0: 2@1:"},
		{"A+?", "AA", "1@0:A 2@1:A"},
		{"A??B", "AB", "1@0:AB"},
		{"X A", "BBA", "1@1:XA"},
		{"(A|X)*", "ABA", "1@0:AXA"},
		{"(X|A)*", "ABA", "1@0:XXX"},
		{"X{2}", "ABCDE", "1@0:XX 2@2:XX"},
		{"X{2,3}", "ABCDE", "1@0:XXX 2@3:XX"},
		{"X{2,3}?", "ABCDE", "1@0:XX 2@2:XX"},
		{"X{,2}", "ABC", "1@0:XX 2@2:X"},
		{"&(A B C)", "CABBCA", "1@0:CAB 2@3:BCA"},
		{"&(X Y)", "AB", "1@0:XY"},
		{"^X", "AB", "1@0:X"},
		{"X$", "AB", "1@1:X"},
		{"X^", "AB", ""},
		{"()", "AB", "1@0: 2@1:"},
		{"()+|B", "AB", "1@0: 2@1:"},
		{"B|()*", "AB", "1@0: 2@1:B"},
		{"(B()*)*", "AB", "1@0: 2@1:B"},
		{"(()|A)*", "AA", "1@0: 2@1:"},
		{"X <Y Z> A", "BCDA", "1@0:XyzA"},
		{"<X*>", "AB", "1@0:xx"},
		{"(<X>Y)+", "ABCD", "1@0:xYxY"},
		{"A(B|C|)D?", "ABDACDAD", "1@0:ABD 2@3:ACD 3@6:AD"},
		{"(A|B)*B", "ABAB", "1@0:ABAB"},
		{"((A+)+)+C", strings.Repeat("A", 200), ""},
	} {
		s := letters(t, c.pattern)
		s.Every = true
		m, err := New(s)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Partition(rowsOf(c.rows))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.show(r); got != c.want {
			t.Errorf("%s over %s: %s, want %s", c.pattern, c.rows, got, c.want)
		}
	}
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		rows    Rows
		skip    Skip
		pattern string
		want    string
	}{
		{OneRow, Skip{To: PastLast}, "A*", "1@0:A 2@2: 3@3:A"},
		{OmitEmpty, Skip{To: PastLast}, "A*", "1@0:AA 3@3:A"},
		{ShowEmpty, Skip{To: PastLast}, "A*", "1@0:AA 2@2: 3@3:A"},
		{Unmatched, Skip{To: PastLast}, "A+", "1@0:AA - 2@3:A"},
		{Unmatched, Skip{To: ToNext}, "A+", "1@0:AA 2@1:A - 3@3:A"},
		{ShowEmpty, Skip{To: ToNext}, "A+", "1@0:AA 2@1:A 3@3:A"},
		{ShowEmpty, Skip{To: ToLast, Vars: []int{1, 0}}, "X A Y", "1@0:XAY"},
		{ShowEmpty, Skip{To: ToFirst, Vars: []int{24}}, "X Y Y?", "1@0:XYY 2@1:XYY 3@2:XY"},
		{ShowEmpty, Skip{To: ToLast, Vars: []int{24}}, "X Y Y", "1@0:XYY"},
		{ShowEmpty, Skip{To: ToLast, Vars: []int{0}}, "A X", "AFTER MATCH SKIP failed: cannot skip to first row of match"},
		{ShowEmpty, Skip{To: ToLast, Vars: []int{1}}, "A X", "AFTER MATCH SKIP failed: pattern variable is not present in match"},
	} {
		s := letters(t, c.pattern)
		s.Rows, s.Skip = c.rows, c.skip
		m, err := New(s)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Partition(rowsOf("AABA"))
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = s.show(r)
		}
		if got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.rows, c.skip.To, c.pattern, got, c.want)
		}
	}
}

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		pattern string
		seek    bool
		ahead   int
		want    string
	}{
		{"A B", false, 9, "0+2 - - 0+2 -"},
		{"A B", true, 9, "0+2 2+2 1+2 0+2 -"},
		{"A B", false, 0, "- - - - -"},
		{"B*", false, 1, "0+0 0+1 0+0 0+0 0+1"},
	} {
		s := letters(t, c.pattern)
		s.Rows, s.Window, s.Seek, s.Skip.To = OneRow, true, c.seek, ToNext
		m, err := New(s)
		if err != nil {
			t.Fatal(err)
		}
		in := rowsOf("ABCAB")
		for i := range in.Rows {
			in.Ends = append(in.Ends, min(i+c.ahead+1, in.Rows))
		}
		r, err := m.Partition(in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range r.Row {
			if r.Number[i] == nil {
				got = append(got, "-")
				continue
			}
			got = append(got, fmt.Sprintf("%d+%d", r.First[i], r.Length[i]))
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%s seek %v ahead %d: %s, want %s", c.pattern, c.seek, c.ahead, g, c.want)
		}
	}
}

func TestNavigator(t *testing.T) {
	found := &match{start: 2, variables: []int{0, 1, 1, 2}} // ABBC at rows 2 to 5
	ctx := &context{low: 0, high: 8}
	for _, c := range []struct {
		n    Navigation
		i    int
		want int
	}{
		{Navigation{}, 1, 3},
		{Navigation{Final: true}, 1, 5},
		{Navigation{Offset: 1}, 1, 2},
		{Navigation{Offset: 2}, 1, -1},
		{Navigation{First: true, Offset: 3}, 0, 5},
		{Navigation{First: true, Offset: 4}, 0, -1},
		{Navigation{Vars: []int{1}}, 0, -1},
		{Navigation{Vars: []int{1}, First: true}, 0, 3},
		{Navigation{Vars: []int{1}}, 3, 4},
		{Navigation{Vars: []int{1}, Offset: 1, Move: -3}, 3, 0},
		{Navigation{Vars: []int{1}, Offset: 1, Move: -4}, 3, -1},
		{Navigation{Vars: []int{0, 2}, Final: true, Move: 2}, 0, 7},
		{Navigation{Vars: []int{0, 2}, Final: true, Move: 3}, 0, -1},
	} {
		if got := newNavigator(found).find(&c.n, c.i, ctx); got != c.want {
			t.Errorf("%+v at %d: %d, want %d", c.n, c.i, got, c.want)
		}
	}
}
