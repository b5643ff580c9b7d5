package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is the outcome of a benchmark.
type Report struct {
	Scale float64 `json:"scale"`
	// Setup describes cluster and machine, as names and values in the order to show them.
	Setup     [][2]string `json:"setup"`
	Timings   []Timing    `json:"queries"`
	Footprint *Footprint  `json:"footprint,omitempty"`
}

// Formats are the forms of a report.
var Formats = []string{"text", "markdown", "json"}

// Write writes the report in one of Formats.
func (r *Report) Write(w io.Writer, format string) error {
	switch format {
	case "text":
		return r.writeText(w)
	case "markdown":
		return r.writeMarkdown(w)
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return fmt.Errorf("there is no format %q: there are %s", format, strings.Join(Formats, ", "))
}

// table gives the lines of the main table, header first.
func (r *Report) table() [][]string {
	lines := [][]string{{"query", "rows", "DuckDB ms", "Waterbear ms", "ratio"}}
	for _, t := range r.Timings {
		if t.Wrong != "" {
			lines = append(lines, []string{fmt.Sprint(t.Query), "", "", "", "FAILED"})
			continue
		}
		d, w := t.Medians()
		lines = append(lines, []string{fmt.Sprint(t.Query), fmt.Sprint(t.Rows), millis(d), millis(w), fmt.Sprintf("%.2f", t.Ratio())})
	}
	s := Summarize(r.Timings)
	if s.DuckDB == 0 {
		return lines
	}
	return append(lines,
		[]string{"total", "", millis(s.DuckDB), millis(s.Waterbear), fmt.Sprintf("%.2f", s.Ratio)},
		[]string{"geometric mean", "", "", "", fmt.Sprintf("%.2f", s.GeometricMean)})
}

// remarks are what the table does not say.
func (r *Report) remarks() []string {
	var out []string
	failed := 0
	for _, t := range r.Timings {
		if t.Wrong != "" {
			failed++
			out = append(out, fmt.Sprintf("Query %d: %s", t.Query, t.Wrong))
		}
	}
	if n := len(r.Timings) - failed; n > 0 {
		out = append(out, fmt.Sprintf("The answers of %d of %d queries agree: exact numbers digit by digit, floating point numbers to %g, DuckDB's "+
			"averages and quotients of decimals after rounding to the decimal.", n, len(r.Timings), Tolerance))
	}
	return out
}

func (r *Report) writeText(w io.Writer) error {
	for _, s := range r.Setup {
		fmt.Fprintf(w, "%s: %s\n", s[0], s[1])
	}
	fmt.Fprintln(w)
	if len(r.Timings) > 0 {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, line := range r.table() {
			fmt.Fprintln(tw, strings.Join(line, "\t")+"\t")
		}
		tw.Flush()
		fmt.Fprintln(w)
	}
	for _, s := range r.remarks() {
		fmt.Fprintln(w, s)
	}
	if r.Footprint != nil {
		for _, f := range r.Footprint.lines() {
			fmt.Fprintf(w, "%s: %s\n", f[0], f[1])
		}
	}
	return nil
}

func (r *Report) writeMarkdown(w io.Writer) error {
	for _, s := range r.Setup {
		fmt.Fprintf(w, "- %s: %s\n", s[0], s[1])
	}
	fmt.Fprintln(w)
	if len(r.Timings) > 0 {
		for i, line := range r.table() {
			fmt.Fprintf(w, "| %s |\n", strings.Join(line, " | "))
			if i == 0 {
				fmt.Fprintln(w, "| ---: | ---: | ---: | ---: | ---: |")
			}
		}
		fmt.Fprintln(w)
	}
	for _, s := range r.remarks() {
		fmt.Fprintf(w, "%s\n\n", s)
	}
	if r.Footprint != nil {
		for _, f := range r.Footprint.lines() {
			fmt.Fprintf(w, "- %s: %s\n", f[0], f[1])
		}
	}
	return nil
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
}
