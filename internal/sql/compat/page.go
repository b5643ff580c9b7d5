package compat

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

//go:embed classes.md
var classes string

const generated = "<!-- Generated from internal/sql by go generate; do not edit. -->\n"

// Page is docs/compatibility.md.
func Page() string {
	var b strings.Builder
	b.WriteString("# Compatibility\n\n" + generated + "\n")
	b.WriteString("What of Trino 476's SQL there is. The lists are made from the tables that the engine itself uses, and the examples of the\n" +
		"statements run in the tests.\n\n## Statements\n\n")
	group := ""
	for _, s := range Statements {
		if s.Group != group {
			group = s.Group
			fmt.Fprintf(&b, "\n### %s\n\n| | | |\n|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.Name, s.Support, s.Note)
	}
	b.WriteString("\n“by connector”: the statement is analysed, and refused by the connectors\n" +
		"that there are, as Trino's refuse it.\n\n## Functions\n\n")
	functionList(&b)
	b.WriteString("\n" + classes + "\nWhat differs on purpose is in [Differences from Trino](differences-from-trino.md).\n")
	return b.String()
}

// functionList writes a line for each name that Trino lists.
func functionList(b *strings.Builder) {
	var names []string
	overloads := map[string][]Overload{}
	for _, o := range trinoFunctions() {
		if overloads[o.Name] == nil {
			names = append(names, o.Name)
		}
		overloads[o.Name] = append(overloads[o.Name], o)
	}
	all, here := 0, 0
	var rows strings.Builder
	for _, n := range names {
		note, support := "", Yes
		var missing []string
		for _, o := range overloads[n] {
			all++
			if o.Supported() {
				here++
			} else {
				missing = append(missing, "`"+o.Signature()+"`")
				note = o.Plugin()
			}
		}
		if note != "" {
			note = "plugin: " + note
		}
		switch {
		case len(missing) == len(overloads[n]):
			support = Refused
		case len(missing) > 0:
			support, note = "partly", "not "+strings.Join(missing, ", ")
		}
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", n, support, note)
	}
	fmt.Fprintf(b, "Of the %d signatures of %d names that Trino 476 lists with its bundled plugins, %d are here; [the reference](reference/functions.md)\n"+
		"describes them.\n\n| | | |\n|---|---|---|\n%s", all, len(names), here, rows.String())
}

// Reference is docs/reference/functions.md.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Functions\n\n" + generated)
	for _, k := range []struct {
		kind  functions.Kind
		title string
	}{{functions.Scalar, "Scalar functions"}, {functions.Aggregate, "Aggregate functions"}, {functions.Window, "Window functions"}} {
		fmt.Fprintf(&b, "\n## %s\n", k.title)
		describe(&b, k.kind)
	}
	return b.String()
}

func describe(b *strings.Builder, kind functions.Kind) {
	all := functions.All()
	slices.SortStableFunc(all, func(a, b *functions.Function) int { return strings.Compare(a.Name, b.Name) })
	name, said := "", ""
	for _, f := range all {
		if f.Hidden || f.Kind != kind {
			continue
		}
		if f.Name != name {
			name, said = f.Name, ""
			fmt.Fprintf(b, "\n### %s\n\n", name)
		}
		fmt.Fprintf(b, "- `%s` → `%s`", f.Signature, f.Returns)
		if f.Doc != "" && f.Doc != said {
			b.WriteString(": " + f.Doc)
			said = f.Doc
		}
		b.WriteByte('\n')
		for _, e := range f.Examples {
			fmt.Fprintf(b, "  - `%s` = `%s`\n", e[0], e[1])
		}
	}
}
