package matrix

import (
	_ "embed" // the words around the tables
	"fmt"
	"strings"
)

//go:embed document.txt
var words string

// Document is docs/failure-matrix.md: the words of document.txt with the tables in their places.
func Document() string {
	out := "<!-- Generated from test/matrix; change that, and run: go generate ./test/matrix -->\n\n" + words
	for name, table := range map[string]string{"statements": statementTable(), "injections": injectionTable(), "size": fmt.Sprint(len(Cells()))} {
		out = strings.ReplaceAll(out, "{"+name+"}", table)
	}
	return out
}

// statementTable lists the statements, with how many runs each has.
func statementTable() string {
	runs := map[string]int{}
	for _, c := range Cells() {
		runs[c.Statement.Name()]++
	}
	var b strings.Builder
	b.WriteString("| Statement | Writes into | Stages | Runs |\n|---|---|---|---|\n")
	for _, s := range Statements {
		stages := "leaf, root"
		switch {
		case s.Refused != "":
			stages = "refused: " + s.Refused
		case s.Single:
			stages = "one"
		case s.Middle:
			stages = "leaf, middle, root"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", s.What, s.Catalog, stages, runs[s.Name()])
	}
	return b.String()
}

// injectionTable lists what goes wrong, and what has to come of it.
func injectionTable() string {
	tried := map[string]int{}
	for _, c := range Cells() {
		if c.Statement.Refused == "" {
			tried[c.Injection.Name()]++
		}
	}
	var b strings.Builder
	b.WriteString("| What goes wrong | Where | NONE | QUERY | TASK | Runs |\n|---|---|---|---|---|---|\n")
	for i := range Injections {
		in := &Injections[i]
		fmt.Fprintf(&b, "| %s | %s |", in.What, in.Place)
		for _, p := range Policies {
			o, runs := in.Outcomes[p]
			switch {
			case !runs:
				b.WriteString(" |")
			case o.Kind == Fails:
				fmt.Fprintf(&b, " fails: %s |", o.Error)
			default:
				fmt.Fprintf(&b, " %s |", o.Kind)
			}
		}
		fmt.Fprintf(&b, " %d |\n", tried[in.Name()])
	}
	return b.String()
}
