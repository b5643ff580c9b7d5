package rowpattern

import (
	"fmt"
	"math"
	"strings"
)

// Op is the kind of a Pattern.
type Op string

// The kinds of patterns.
const (
	Variable   Op = "var"      // a row of a variable
	Empty      Op = "empty"    // no row
	Start      Op = "^"        // no row, at the start of the partition
	End        Op = "$"        // no row, at its end
	Concat     Op = "concat"   // one after the other
	Alternate  Op = "alt"      // one of several, the first preferred
	Permute    Op = "permute"  // all, in any order; orders are preferred as the list is written
	Exclude    Op = "exclude"  // {- … -}: matched but not shown
	Quantified Op = "quantify" // Min to Max times
)

// Unbounded is the Max of a pattern without upper bound.
const Unbounded = -1

// Pattern is a regular expression over variables.
type Pattern struct {
	Op   Op         `json:"op"`
	Var  int        `json:"var,omitempty"` // of Variable: index into Spec.Variables
	Subs []*Pattern `json:"subs,omitempty"`
	Min  int        `json:"min,omitempty"`
	Max  int        `json:"max,omitempty"`
	Lazy bool       `json:"lazy,omitempty"` // prefers few repetitions to many
}

// text writes the pattern as in SQL.
func (p *Pattern) text(names []string) string {
	subs := make([]string, len(p.Subs))
	for i, s := range p.Subs {
		subs[i] = s.text(names)
	}
	switch p.Op {
	case Variable:
		return names[p.Var]
	case Empty:
		return "()"
	case Start, End:
		return string(p.Op)
	case Concat:
		return strings.Join(subs, " ")
	case Alternate:
		return "(" + strings.Join(subs, " | ") + ")"
	case Permute:
		return "PERMUTE(" + strings.Join(subs, ", ") + ")"
	case Exclude:
		return "{- " + subs[0] + " -}"
	}
	sub := subs[0]
	if p.Subs[0].Op == Concat {
		sub = "(" + sub + ")"
	}
	upper := ""
	if p.Max != Unbounded {
		upper = fmt.Sprint(p.Max)
	}
	q := fmt.Sprintf("{%d,%s}", p.Min, upper)
	switch {
	case p.Min == 0 && p.Max == Unbounded:
		q = "*"
	case p.Min == 1 && p.Max == Unbounded:
		q = "+"
	case p.Min == 0 && p.Max == 1:
		q = "?"
	}
	if p.Lazy {
		q += "?"
	}
	return sub + q
}

// maxInstructions bounds the programs that patterns with large bounds or permutations expand to.
const maxInstructions = 1 << 20

// size estimates the number of instructions that a pattern compiles to.
func (p *Pattern) size() float64 {
	var sum float64
	for _, s := range p.Subs {
		sum += s.size()
	}
	switch p.Op {
	case Alternate, Exclude:
		return sum + 2*float64(len(p.Subs))
	case Concat:
		return sum
	case Permute:
		return (sum + 2) * math.Gamma(float64(len(p.Subs))+1)
	case Quantified:
		times := float64(max(p.Min, p.Max, 1))
		return (sum + 1) * times
	}
	return 1
}
