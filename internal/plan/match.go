package plan

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/rowpattern"
)

// MatchRecognize finds row patterns in the ordered rows of each partition. Its result has the rows that Spec asks for, each
// of which stands for a row of the source and belongs to at most one match. Aggregates of measures are not its business:
// they are computed above it, over the rows of matches (Spec.Every).
type MatchRecognize struct {
	Source      Node
	PartitionBy []Expr
	OrderBy     []SortKey
	Spec        *rowpattern.Spec
	// Inputs are the columns that the conditions read, parallel to Spec.Columns.
	Inputs []MatchInput
	// FrameEnd is how many rows the frame has behind the current one, of a Spec with Window; nil for all.
	FrameEnd Expr
	// Passed are the columns of the source that are put out, of the row that a row of the result stands for.
	Passed []*Symbol
	// Values are further columns.
	Values []MatchValue
}

// MatchInput is a column that conditions read, and what it is where a navigation finds no row: nil is NULL. The latter has
// the same value in all rows. With Args the value is a Lambda of them, each read so many rows further on (back when negative),
// NULL where the partition has no such row.
type MatchInput struct {
	Value, NoRow Expr
	Args         []Expr
	Moves        []int
}

// body is the expression that gives the value.
func (in *MatchInput) body() Expr {
	if l, ok := in.Value.(*Lambda); ok {
		return l.Body
	}
	return in.Value
}

// MatchValue is what a column of the result tells.
type MatchValue struct {
	Sym  *Symbol
	Kind MatchValueKind
	// Output is, of MatchedValue and MatchedClassifier, the index into Spec.Outputs; Arg what is read at that row.
	Output int
	Arg    Expr
}

// MatchValueKind is what a column of the result of a MatchRecognize is.
type MatchValueKind string

// The columns of the result of a MatchRecognize.
const (
	MatchedValue      MatchValueKind = "VALUE"      // Arg at the row of an output
	MatchedClassifier MatchValueKind = "CLASSIFIER" // the variable of the row of an output
	MatchNumber       MatchValueKind = "NUMBER"     // bigint: of the match, NULL of rows in none
	MatchPosition     MatchValueKind = "POSITION"   // bigint: numbers the rows of a partition's result
	MatchLast         MatchValueKind = "LAST"       // boolean: the last row of a match, or one alone
	MatchShown        MatchValueKind = "SHOWN"      // boolean: not excluded by the pattern
	MatchFirst        MatchValueKind = "FIRST"      // bigint: how many rows further on the match begins
	MatchLength       MatchValueKind = "LENGTH"     // bigint: how many rows the match has
)

func (n *MatchRecognize) Outputs() []*Symbol {
	s := append([]*Symbol(nil), n.Passed...)
	for _, v := range n.Values {
		s = append(s, v.Sym)
	}
	return s
}
func (n *MatchRecognize) Sources() []Node { return []Node{n.Source} }
func (n *MatchRecognize) WithSources(s []Node) Node {
	c := *n
	c.Source = s[0]
	return &c
}

// mapMatch applies f to the expressions of a MatchRecognize.
func mapMatch(n *MatchRecognize, f func(Expr) Expr) Node {
	c := *n
	c.PartitionBy = mapExprs(n.PartitionBy, f)
	c.OrderBy = mapKeys(n.OrderBy, f)
	c.Inputs = make([]MatchInput, len(n.Inputs))
	for i, in := range n.Inputs {
		c.Inputs[i] = MatchInput{Value: f(in.Value), NoRow: mapOptional(in.NoRow, f), Args: mapExprs(in.Args, f), Moves: in.Moves}
	}
	c.FrameEnd = mapOptional(n.FrameEnd, f)
	c.Values = make([]MatchValue, len(n.Values))
	for i, v := range n.Values {
		v.Arg = mapOptional(v.Arg, f)
		c.Values[i] = v
	}
	return &c
}

// checkMatch checks what a MatchRecognize refers to.
func checkMatch(n *MatchRecognize, in *visible) error {
	if len(n.Inputs) != len(n.Spec.Columns) {
		return fmt.Errorf("%d inputs for %d columns", len(n.Inputs), len(n.Spec.Columns))
	}
	for _, in := range n.Inputs {
		if l, ok := in.Value.(*Lambda); ok != (in.Args != nil) || ok && (len(l.Params) != len(in.Args) || len(in.Args) != len(in.Moves)) {
			return fmt.Errorf("an input whose arguments do not agree with its value")
		}
	}
	for _, v := range n.Values {
		reads := v.Kind == MatchedValue || v.Kind == MatchedClassifier
		if reads && (v.Output < 0 || v.Output >= len(n.Spec.Outputs)) {
			return fmt.Errorf("%s reads output %d of %d", v.Sym.Name, v.Output, len(n.Spec.Outputs))
		}
		if (v.Kind == MatchedValue) != (v.Arg != nil) {
			return fmt.Errorf("%s is a %s and its argument does not agree", v.Sym.Name, v.Kind)
		}
	}
	return allIn(n.Passed, in)
}

// text prints an input; what is read of other rows says which.
func (in *MatchInput) text(e *exprPrinter) string {
	out := e.text(in.body())
	for i, a := range in.Args {
		l := in.Value.(*Lambda)
		out += fmt.Sprintf(", %s = %s %+d", l.Params[i].Name, e.text(a), in.Moves[i])
	}
	return out
}

func describeMatch(n *MatchRecognize, e *exprPrinter) (string, []string) {
	a := attributes{}
	a.addIf(len(n.PartitionBy) > 0, "partitionBy", "["+e.list(n.PartitionBy)+"]")
	a.addIf(len(n.OrderBy) > 0, "orderBy", "["+e.keys(n.OrderBy)+"]")
	a = append(a, n.Spec.Text())
	a.addIf(n.FrameEnd != nil, "frameEnd", e.optional(n.FrameEnd))
	var lines []string
	for i, v := range n.Spec.Variables {
		if i < len(n.Spec.Conditions) && n.Spec.Conditions[i] != nil {
			lines = append(lines, v+" := "+n.Spec.ConditionText(i, func(c int) string { return n.Inputs[c].text(e) }))
		}
	}
	for _, v := range n.Values {
		text := string(v.Kind)
		switch v.Kind {
		case MatchedValue:
			text = n.Spec.Describe(n.Spec.Outputs[v.Output]) + " of " + e.text(v.Arg)
		case MatchedClassifier:
			text += " of " + n.Spec.Describe(n.Spec.Outputs[v.Output])
		}
		lines = append(lines, v.Sym.Name+" := "+text)
	}
	return "MatchRecognize" + a.String(), lines
}
