package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// ConnectorReport is the outcome of a benchmark of connectors.
type ConnectorReport struct {
	Setup   [][2]string       `json:"setup"`
	Timings []ConnectorTiming `json:"timings"`
}

// Write writes the report in one of Formats.
func (r *ConnectorReport) Write(w io.Writer, format string) error {
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	for _, s := range r.Setup {
		fmt.Fprintf(w, "%s: %s\n", s[0], s[1])
	}
	lines := [][]string{{"catalog", "connector", "read", "rows", "against", "ms", "rows/s", "MB", "Waterbear ms", "rows/s", "ratio", "workers MB", "coordinator MB"}}
	for _, t := range r.Timings {
		if t.Wrong != "" {
			continue
		}
		bare, own := median(t.Bare.Wall), median(t.Waterbear.Wall)
		lines = append(lines, []string{t.Catalog, t.Connector, t.Read, fmt.Sprint(t.Rows), t.Against, millis(bare), perSecond(t.Rows, bare), wholeMegabytes(t.Bare.Peak),
			millis(own), perSecond(t.Rows, own), figure(ratio(own, bare)), wholeMegabytes(t.Waterbear.Peak), wholeMegabytes(t.Waterbear.CoordinatorPeak)})
	}
	fmt.Fprintln(w)
	if err := writeLines(w, lines, format == "markdown"); err != nil {
		return err
	}
	for _, t := range r.Timings {
		if t.Wrong != "" {
			fmt.Fprintf(w, "\n%s, %s: %s\n", t.Catalog, t.Read, t.Wrong)
		}
	}
	return nil
}

// Failures is the number of readings that went wrong.
func (r *ConnectorReport) Failures() (n int) {
	for _, t := range r.Timings {
		if t.Wrong != "" {
			n++
		}
	}
	return n
}

func perSecond(rows int64, d time.Duration) string {
	return fmt.Sprintf("%.0f", float64(rows)/d.Seconds())
}

func wholeMegabytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/1e6) }
