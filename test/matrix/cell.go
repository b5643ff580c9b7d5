package matrix

// Policy is a retry policy.
type Policy string

// The policies. A failure that is not absorbed must fail the query under None: that proves that it has struck.
const (
	None  Policy = "NONE"
	Query Policy = "QUERY"
	Task  Policy = "TASK"
)

// Policies are all of them, in the order of the table's columns.
var Policies = []Policy{None, Query, Task}

// Place is where in a statement an injection strikes.
type Place string

// The places.
const (
	Nowhere Place = ""       // the run without failure
	Leaf    Place = "leaf"   // the stage that reads the statement's largest table
	Middle  Place = "middle" // a stage between others
	Root    Place = "root"   // the stage whose rows the client gets, or which writes
	Commit  Place = "commit" // the end of a write, on the coordinator
	Node    Place = "node"   // calls that concern no attempt
)

// Outcome is what has to come of a run.
type Outcome struct {
	Kind OutcomeKind
	// Error is the name of the error of a run that fails, Text a part of its message.
	Error, Text string
}

// OutcomeKind says how a run ends.
type OutcomeKind string

// The kinds.
const (
	// OK is the result of the undisturbed run, after attempts have failed.
	OK OutcomeKind = "ok"
	// Absorbed is the same, and no attempt has failed.
	Absorbed OutcomeKind = "absorbed"
	// Fails is the end with an error, and nothing left of the statement.
	Fails OutcomeKind = "fails"
)

var (
	ok       = Outcome{Kind: OK}
	absorbed = Outcome{Kind: Absorbed}
)

func fails(code, text string) Outcome { return Outcome{Fails, code, text} }

// Cell is a run: a statement that meets an injection under a policy.
type Cell struct {
	Statement *Statement
	Injection *Injection
	Policy    Policy
	Want      Outcome
}

// Name identifies the cell, as the name of a test.
func (c Cell) Name() string {
	return c.Statement.Name() + "/" + c.Injection.Name() + "/" + string(c.Policy)
}

// Cells are all runs of the matrix.
func Cells() []Cell {
	var out []Cell
	for i := range Statements {
		s := &Statements[i]
		for j := range Injections {
			in := &Injections[j]
			if !in.suits(s) {
				continue
			}
			for _, p := range Policies {
				if want, runs := in.outcome(s, p); runs {
					out = append(out, Cell{s, in, p, want})
				}
			}
		}
	}
	return out
}

// suits reports whether a statement can meet an injection.
func (in *Injection) suits(s *Statement) bool {
	switch {
	case s.Refused != "": // one run shows that it is refused
		return in.Place == Nowhere
	case in.Place == Middle && !s.Middle, in.Place == Root && s.Single, in.Place == Commit && !s.Writes(), in.Large && !s.Large, in.Huge && !s.Huge, in.Blobs && s.Catalog != "memory":
		return false
	case !in.Base && !(in.Kinds && !s.Variation) && !s.Full && !in.Huge && in.Only == "":
		return false
	case in.Only != "" && in.Only != s.What, in.Elsewhere && s.Writes(), in.Files && s.NoFiles, s.Huge && !in.Huge && in.Place != Nowhere:
		return false
	}
	return true
}

// outcome is what has to come of a statement that meets an injection.
func (in *Injection) outcome(s *Statement, p Policy) (want Outcome, runs bool) {
	if s.Refused != "" {
		return fails(s.RefusedAs, s.Refused), true
	}
	want, runs = in.Outcomes[p]
	if p == None && !s.Full && in.Place != Nowhere && !in.Control { // the same is shown by statements that meet everything
		return want, false
	}
	return want, runs
}
