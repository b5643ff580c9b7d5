package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// ExchangeReport is the outcome of the benchmark of exchanges.
type ExchangeReport struct {
	Setup    [][2]string      `json:"setup"`
	Timings  []ExchangeTiming `json:"timings"`
	Requests []Requests       `json:"requests"`
	Task     *LargeTask       `json:"task,omitempty"`
}

// LargeTask is a task that writes much more than its memory.
type LargeTask struct {
	Memory, Written, Peak, PeakDisk int64 // bytes: its limit, its output, of the process, of the scratch directory
	Objects, Parts                  int
	Cost                            Cost
}

// Write writes the report in one of Formats.
func (r *ExchangeReport) Write(w io.Writer, format string) error {
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	if !slices.Contains(Formats, format) {
		return fmt.Errorf("there is no format %q: there are %s", format, strings.Join(Formats, ", "))
	}
	for _, s := range r.Setup {
		fmt.Fprintf(w, "%s: %s\n", s[0], s[1])
	}
	for _, t := range [][][]string{r.speeds(), r.requests(), r.task()} {
		if len(t) < 2 {
			continue
		}
		fmt.Fprintln(w)
		if err := writeLines(w, t, format == "markdown"); err != nil {
			return err
		}
	}
	return nil
}

// writeLines prints a table, header first.
func writeLines(w io.Writer, lines [][]string, markdown bool) error {
	if markdown {
		for n, l := range lines {
			fmt.Fprintf(w, "| %s |\n", strings.Join(l, " | "))
			if n == 0 {
				fmt.Fprintf(w, "|%s\n", strings.Repeat("---|", len(l)))
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, l := range lines {
		fmt.Fprintln(t, strings.Join(l, "\t")+"\t")
	}
	return t.Flush()
}

// speeds are gigabytes of Parquet files a second of one processor, but for the raw columns' second figure, by the clock.
func (r *ExchangeReport) speeds() [][]string {
	lines := [][]string{{"codec", "encrypted", "MB", "write", "pack", "unpack", "read", "written/core", "read/core", "pack GB/s", "raw put GB/s", "unpack GB/s", "raw get GB/s", "checks"}}
	for i := range r.Timings {
		t := &r.Timings[i]
		g := func(v float64) string { return fmt.Sprintf("%.2f", v) }
		lines = append(lines, []string{t.Compression, fmt.Sprint(t.Encrypted), fmt.Sprint(t.Stored / 1e6), g(t.Write.GBPerCore()), g(t.Pack.GBPerCore()), g(t.Unpack.GBPerCore()),
			g(t.Read.GBPerCore()), g(rate(t.Write.Bytes, t.Write.CPU+t.Pack.CPU)), g(rate(t.Read.Bytes, t.Read.CPU+t.Unpack.CPU)),
			g(t.Pack.GBPerSecond()), g(t.PutRaw.GBPerSecond()), g(t.Unpack.GBPerSecond()), g(t.GetRaw.GBPerSecond()), fmt.Sprintf("%.1f%%", 100*t.Share())})
	}
	return lines
}

func (r *ExchangeReport) requests() [][]string {
	lines := [][]string{{"producers", "consumers", "writes/producer", "KB/producer", "reads/consumer", "reads/producer and consumer", "KB/consumer"}}
	for _, q := range r.Requests {
		p, c := float64(q.Producers), float64(q.Consumers)
		lines = append(lines, []string{fmt.Sprint(q.Producers), fmt.Sprint(q.Consumers), fmt.Sprintf("%.2f", float64(q.Objects)/p), fmt.Sprintf("%.0f", float64(q.Written)/p/1e3),
			fmt.Sprintf("%.2f", float64(q.Reads)/c), fmt.Sprintf("%.2f", float64(q.Reads)/p/c), fmt.Sprintf("%.0f", float64(q.Read)/c/1e3)})
	}
	return lines
}

func (r *ExchangeReport) task() [][]string {
	t := r.Task
	if t == nil {
		return nil
	}
	return [][]string{{"task writes MB", "memory limit MB", "peak memory MB", "peak scratch MB", "objects", "parts", "seconds", "GB/s", "GB/s per core"},
		{fmt.Sprint(t.Written / 1e6), fmt.Sprint(t.Memory / 1e6), fmt.Sprint(t.Peak / 1e6), fmt.Sprint(t.PeakDisk / 1e6), fmt.Sprint(t.Objects), fmt.Sprint(t.Parts),
			fmt.Sprintf("%.1f", t.Cost.Wall.Seconds()), fmt.Sprintf("%.2f", t.Cost.GBPerSecond()), fmt.Sprintf("%.2f", t.Cost.GBPerCore())}}
}
