package config

import (
	"fmt"
	"strings"
)

// guideSections are the properties of fault-tolerant execution in the order of the user's guide. A prefix ends in *.
var guideSections = []struct {
	title      string
	properties []string
}{
	{"What is retried, how often and when", []string{"retry-policy", "retry-policy.allowed", "query-retry-attempts", "task-retry-attempts-per-task",
		"retry-initial-delay", "retry-max-delay", "retry-delay-scale-factor"}},
	{"Limits of a query", []string{"query.max-run-time", "query.max-execution-time", "query.max-planning-time", "query.max-cpu-time",
		"query.max-scan-physical-bytes", "query.max-stage-count", "query.max-concurrent-queries", "query.max-queued-queries", "query-manager.*"}},
	{"Sizes of tasks", []string{"fault-tolerant-execution-arbitrary-distribution-*", "fault-tolerant-execution-hash-distribution-*", "scale-writers",
		"fault-tolerant-execution-standard-split-size", "fault-tolerant-execution-max-task-split-count", "waterbear.minimum-split-size",
		"query.schedule-split-batch-size", "waterbear.single-task-input-size"}},
	{"Numbers of partitions", []string{"fault-tolerant-execution-max-partition-count", "fault-tolerant-execution-min-partition-count*",
		"query.max-hash-partition-count", "query.min-hash-partition-count*", "query.determine-partition-count-for-write-enabled",
		"optimizer.min-input-*", "exchange.max-output-partition-count"}},
	{"Memory", []string{"fault-tolerant-execution-task-memory*", "fault-tolerant-execution-coordinator-task-memory",
		"fault-tolerant-execution-memory-requirement-*", "fault-tolerant-execution-task-runtime-memory-estimation-overhead",
		"fault-tolerant-execution-eager-speculative-*", "task.low-memory-killer.policy", "query.low-memory-killer.policy", "query.max-memory",
		"query.max-total-memory", "query.max-memory-per-node", "waterbear.memory", "memory.heap-headroom-per-node", "waterbear.scratch-quota"}},
	{"Where and when tasks run", []string{"max-tasks-waiting-*", "waterbear.max-running-tasks-per-query", "waterbear.backup-attempt*",
		"node-scheduler.*", "task.concurrency", "waterbear.slots", "waterbear.threads-per-task"}},
	{"Stages that start before their inputs are complete", []string{"fault-tolerant-execution-min-source-stage-progress",
		"fault-tolerant-execution-small-stage-*", "fault-tolerant-execution-stage-estimation-*"}},
	{"Planning again while a query runs", []string{"fault-tolerant-execution-adaptive-*", "fault-tolerant-execution-runtime-adaptive-*",
		"session debug_adaptive_planner"}},
	{"Exchange and results", []string{"exchange-manager.name", "exchange.base-directories", "exchange.sink-*", "exchange.source-*", "exchange.max-page-storage-size", "exchange.file-listing-parallelism", "exchange.compression-*",
		"external-exchange-encryption-enabled", "waterbear.exchange-deletion-enabled", "exchange.deduplication-buffer-size", "waterbear.result-*"}},
	{"Coordinator: journal and descriptors", []string{"waterbear.journal*", "waterbear.leave-queries-on-shutdown", "waterbear.cluster-secret",
		"fault-tolerant-execution-task-descriptor-storage-*"}},
	{"Lost nodes and requests between nodes", []string{"failure-detector.*", "waterbear.node-loss-timeout", "query.remote-task.*",
		"exchange.max-error-duration", "waterbear.exchange-read-*", "waterbear.exchange-write-*", "waterbear.exchange-concurrent-requests",
		"waterbear.exchange-hedged-reads", "query.client.timeout"}},
	{"For tests", []string{"failure-injection.*"}},
}

// GuideTables returns the tables of properties in docs/fault-tolerant-execution.md.
func GuideTables() string {
	rows := guideRows()
	var b strings.Builder
	for _, s := range guideSections {
		fmt.Fprintf(&b, "#### %s\n\n| Property | Default | Session property | Meaning |\n|---|---|---|---|\n", s.title)
		for _, wanted := range s.properties {
			prefix, open := strings.CutSuffix(wanted, "*")
			for _, r := range rows {
				if r.name == wanted || open && strings.HasPrefix(r.name, prefix) {
					b.WriteString(r.text)
				}
			}
		}
		b.WriteByte('\n')
	}
	return strings.TrimSpace(b.String()) + "\n"
}

// guideRow is a property as the guide shows it.
type guideRow struct{ name, text string }

func guideRows() []guideRow {
	var out []guideRow
	out = append(out, guideRowsOf(&ServerTable)...)
	out = append(out, guideRowsOf(&QueryTable)...)
	out = append(out, guideRowsOf(&SessionTable)...)
	out = append(out, guideRowsOf(&SchedulingTable)...)
	out = append(out, guideRowsOf(&CommunicationTable)...)
	out = append(out, guideRowsOf(&SpoolingTable)...)
	out = append(out, guideRowsOf(&ResourcesTable)...)
	return append(out, guideRowsOf(&ExchangeTable)...)
}

func guideRowsOf[C any](t *Table[C]) []guideRow {
	var out []guideRow
	for i := range t.Properties {
		p := &t.Properties[i]
		name, shown := p.Name, "`"+p.Name+"`"
		if name == "" && p.Session != nil {
			name, shown = "session "+p.Session.Name, ""
		}
		bounds := ""
		if p.Value.bounds != "" {
			bounds = "; " + p.Value.bounds
		}
		out = append(out, guideRow{name, fmt.Sprintf("| %s | %s%s | %s | %s |\n", shown, p.defaultCell(), bounds, sessionCell(p.Session), p.meaning())})
	}
	return out
}

// The marks between which a document has the tables.
const (
	guideBegin = "<!-- Generated from the tables in internal/config by \"go generate ./internal/config\"; do not edit from here -->\n"
	guideEnd   = "<!-- to here -->\n"
)

// WithGuideTables returns a document with the tables between its marks made anew.
func WithGuideTables(document string) (string, error) {
	before, rest, begun := strings.Cut(document, guideBegin)
	_, after, ended := strings.Cut(rest, guideEnd)
	if !begun || !ended {
		return "", fmt.Errorf("the marks of the generated tables are missing")
	}
	return before + guideBegin + "\n" + GuideTables() + "\n" + guideEnd + after, nil
}
