package metrics

import (
	"fmt"
	"slices"
	"strings"
)

// Reference returns the page docs/reference/metrics.md, which is generated from the table.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Metrics

<!-- Generated from the table in internal/metrics by "go test ./internal/metrics -rewrite"; do not edit. -->

Every node answers ` + "`GET /metrics`" + ` in Prometheus's format, those of Go's runtime (` + "`go_*`" + `) and of the process (` + "`process_*`" + `) included. The
slots of a worker are processes of their own, of which there is nothing here. How to scrape, with a dashboard and alerts, is in [Running a node](../running.md#metrics).

`)
	for _, role := range []Role{Node, Coordinator, Worker} {
		fmt.Fprintf(&b, "## %s\n\n| Metric | Kind | Labels | Meaning |\n|---|---|---|---|\n", [...]string{"Of every node", "Of a coordinator", "Of a worker"}[role])
		for _, m := range all {
			if m.Role == role {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Name, m.Kind, m.labelCell(), m.Help)
			}
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (m *Metric) labelCell() string {
	cells := make([]string, len(m.Labels))
	for i, l := range m.Labels {
		of := l.Of
		if of == "" {
			of = "`" + strings.Join(l.Values, "`, `") + "`"
		}
		cells[i] = "`" + l.Name + "`: " + of
	}
	return strings.Join(cells, "; ")
}

// Names are the names of the metrics of some roles and of every node, sorted.
func Names(roles ...Role) []string {
	var names []string
	for _, m := range all {
		if m.Role == Node || slices.Contains(roles, m.Role) {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}
