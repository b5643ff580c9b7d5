package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
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
	Program                         int64 // bytes of the peak that are the program, which all processes of a node share
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
	for _, t := range [][][]string{r.perCore(), r.byClock(), r.requests(), r.task()} {
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

func figure(v float64) string { return fmt.Sprintf("%.2f", v) }

// perCore are gigabytes of Parquet files a second of one processor, and what part of it all encryption and checksums take.
func (r *ExchangeReport) perCore() [][]string {
	lines := [][]string{{"GB/s per core", "encrypted", "MB", "rows to files", "pack", "written", "bare put", "disk copy", "unpack", "files to rows", "read", "bare get", "disk read", "checks"}}
	for i := range r.Timings {
		t := &r.Timings[i]
		lines = append(lines, []string{t.Compression, fmt.Sprint(t.Encrypted), fmt.Sprint(t.Stored / 1e6),
			figure(t.Write.GBPerCore()), figure(t.Pack.GBPerCore()), figure(rate(t.Write.Bytes, t.Write.CPU+t.Pack.CPU)), figure(t.Put.GBPerCore()), figure(t.CopyOut.GBPerCore()),
			figure(t.Unpack.GBPerCore()), figure(t.Read.GBPerCore()), figure(rate(t.Read.Bytes, t.Read.CPU+t.Unpack.CPU)), figure(t.Get.GBPerCore()), figure(t.CopyBack.GBPerCore()),
			fmt.Sprintf("%.1f%%", 100*t.Share())})
	}
	return lines
}

// byClock are gigabytes of Parquet files a second.
func (r *ExchangeReport) byClock() [][]string {
	lines := [][]string{{"GB/s by the clock", "encrypted", "rows to files", "pack", "bare put", "disk copy", "unpack", "bare get", "disk read", "files to rows"}}
	for i := range r.Timings {
		t := &r.Timings[i]
		line := []string{t.Compression, fmt.Sprint(t.Encrypted)}
		for _, c := range []Cost{t.Write, t.Pack, t.Put, t.CopyOut, t.Unpack, t.Get, t.CopyBack, t.Read} {
			line = append(line, figure(c.GBPerSecond()))
		}
		lines = append(lines, line)
	}
	return lines
}

func (r *ExchangeReport) requests() [][]string {
	lines := [][]string{{"producers", "consumers", "writes/producer", "by HTTP", "KB/producer", "reads/consumer", "by HTTP", "reads/producer and consumer", "KB/consumer"}}
	for _, q := range r.Requests {
		p, c := float64(q.Producers), float64(q.Consumers)
		lines = append(lines, []string{fmt.Sprint(q.Producers), fmt.Sprint(q.Consumers), figure(float64(q.Objects) / p), methods(q.WriteHTTP, p), fmt.Sprintf("%.0f", float64(q.Written)/p/1e3),
			figure(float64(q.Reads) / c), methods(q.ReadHTTP, c), figure(float64(q.Reads) / p / c), fmt.Sprintf("%.0f", float64(q.Read)/c/1e3)})
	}
	return lines
}

// methods are the requests of each task, such as "1.00 PUT".
func methods(requests map[string]int64, tasks float64) string {
	var out []string
	for _, m := range slices.Sorted(maps.Keys(requests)) {
		out = append(out, figure(float64(requests[m])/tasks)+" "+m)
	}
	if out == nil {
		return "-"
	}
	return strings.Join(out, ", ")
}

func (r *ExchangeReport) task() [][]string {
	t := r.Task
	if t == nil {
		return nil
	}
	return [][]string{{"task writes MB", "memory limit MB", "peak memory MB", "of it program MB", "peak scratch MB", "objects", "parts", "seconds", "GB/s", "GB/s per core"},
		{fmt.Sprint(t.Written / 1e6), fmt.Sprint(t.Memory / 1e6), fmt.Sprint(t.Peak / 1e6), fmt.Sprint(t.Program / 1e6), fmt.Sprint(t.PeakDisk / 1e6), fmt.Sprint(t.Objects), fmt.Sprint(t.Parts),
			fmt.Sprintf("%.1f", t.Cost.Wall.Seconds()), fmt.Sprintf("%.2f", t.Cost.GBPerSecond()), fmt.Sprintf("%.2f", t.Cost.GBPerCore())}}
}
