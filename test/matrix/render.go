package matrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Result is what came of a cell.
type Result struct {
	Cell   Cell
	Passed bool
	Took   time.Duration
}

// JSON has one object per result, in the order of Cells.
func JSON(results []Result) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for _, r := range inOrder(results) {
		_ = e.Encode(struct { // to a buffer: it cannot fail
			Statement, Injection string
			Policy               Policy
			Want                 OutcomeKind
			Error                string `json:",omitempty"`
			Passed               bool
			Millis               int64
		}{r.Cell.Statement.Name(), r.Cell.Injection.Name(), r.Cell.Policy, r.Cell.Want.Kind, r.Cell.Want.Error, r.Passed, r.Took.Milliseconds()})
	}
	return b.Bytes()
}

// inOrder sorts results as Cells lists the cells.
func inOrder(results []Result) []Result {
	place := map[string]int{}
	for i, c := range Cells() {
		place[c.Name()] = i
	}
	out := slices.Clone(results)
	slices.SortStableFunc(out, func(a, b Result) int { return place[a.Cell.Name()] - place[b.Cell.Name()] })
	return out
}

// word is what a table shows of a cell.
func word(o Outcome) string {
	if o.Kind == Fails {
		return "fails as it must"
	}
	return string(o.Kind)
}

// Table is the results as a text: a line for each statement and injection, a column for each policy.
func Table(results []Result, took time.Duration) string {
	type line struct{ statement, injection string }
	cells := map[line]map[Policy]string{}
	var lines []line
	count := map[string]int{}
	for _, r := range inOrder(results) {
		l := line{r.Cell.Statement.Name(), r.Cell.Injection.Name()}
		if cells[l] == nil {
			cells[l] = map[Policy]string{}
			lines = append(lines, l)
		}
		w := word(r.Cell.Want)
		if !r.Passed {
			w = "WRONG"
		}
		cells[l][r.Cell.Policy] = w
		count[w]++
	}
	var b strings.Builder
	row := func(a, c string, policies ...string) {
		fmt.Fprintf(&b, "%-36s %-36s", a, c)
		for _, p := range policies {
			fmt.Fprintf(&b, " %-17s", p)
		}
		b.WriteByte('\n')
	}
	row("statement", "injection", string(None), string(Query), string(Task))
	for i, l := range lines {
		statement := l.statement
		if i > 0 && lines[i-1].statement == statement {
			statement = ""
		}
		row(statement, l.injection, cells[l][None], cells[l][Query], cells[l][Task])
	}
	fmt.Fprintf(&b, "%d runs in %s: ", len(results), took.Round(time.Second))
	var sums []string
	for _, w := range []string{string(OK), string(Absorbed), "fails as it must", "WRONG"} {
		sums = append(sums, fmt.Sprintf("%d %s", count[w], w))
	}
	return b.String() + strings.Join(sums, ", ") + "\n"
}
