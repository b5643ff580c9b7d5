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
	Workload string  `json:"workload"`
	Scale    float64 `json:"scale"`
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

// table gives the lines of the main table, header first: of DuckDB and of each side of the cluster the median time, how many times
// DuckDB's that is, and, where they are known, the same of processor time, and the most memory that was resident.
func (r *Report) table() [][]string {
	totals := Summarize(r.Timings)
	known := len(totals) > 1 && totals[1].CPU > 0
	lines := [][]string{append([]string{"query", "rows"}, header(totals, known)...)}
	for _, t := range r.Timings {
		line := []string{fmt.Sprint(t.Query), fmt.Sprint(t.Rows)}
		if t.Wrong != "" {
			line = append(line, make([]string, len(lines[0])-2)...)
			line[1], line[len(line)-1] = "", "FAILED"
			lines = append(lines, line)
			continue
		}
		s := Summarize([]Timing{t})
		lines = append(lines, append(line, cells(s, known, false)...))
	}
	if totals == nil {
		return lines
	}
	return append(lines,
		append([]string{"total", ""}, cells(totals, known, false)...),
		append([]string{"geometric mean", ""}, cells(totals, known, true)...))
}

// header names the columns that cells fills.
func header(sides []Summary, known bool) (out []string) {
	if sides == nil {
		return []string{"DuckDB ms", "Waterbear ms", "ratio"}
	}
	for i, s := range sides {
		out = append(out, s.Name+" ms")
		if i > 0 {
			out = append(out, "ratio")
		}
		if known {
			out = append(out, "CPU ms")
			if i > 0 {
				out = append(out, "ratio")
			}
		}
	}
	if known {
		out = append(out, "DuckDB MB", "workers MB", "coordinator MB")
	}
	return out
}

// cells are the figures of the sides, of a query or in total; or only the means of the ratios.
func cells(sides []Summary, known, means bool) (out []string) {
	figure := func(d time.Duration) {
		if means {
			out = append(out, "")
		} else {
			out = append(out, millis(d))
		}
	}
	compared := func(i int, ratio, mean float64) {
		if means {
			ratio = mean
		}
		if i > 0 {
			out = append(out, fmt.Sprintf("%.2f", ratio))
		}
	}
	var workers, coordinator int64
	for i, s := range sides {
		figure(s.Wall)
		compared(i, s.Ratio, s.GeometricMean)
		if known {
			figure(s.CPU)
			compared(i, s.CPURatio, s.CPUGeometricMean)
		}
		if i > 0 {
			workers, coordinator = max(workers, s.Peak), max(coordinator, s.CoordinatorPeak)
		}
	}
	if known {
		for _, n := range []int64{sides[0].Peak, workers, coordinator} {
			if means {
				out = append(out, "")
			} else {
				out = append(out, fmt.Sprintf("%.0f", float64(n)/1e6))
			}
		}
	}
	return out
}

// remarks are what the table does not say.
func (r *Report) remarks() []string {
	var out []string
	for _, t := range r.Timings {
		if t.Wrong != "" {
			out = append(out, fmt.Sprintf("Query %d: %s", t.Query, t.Wrong))
		}
	}
	if n := len(r.Timings) - Failures(r.Timings); n > 0 {
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
				fmt.Fprintln(w, "|"+strings.Repeat(" ---: |", len(line)))
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
