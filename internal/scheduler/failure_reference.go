package scheduler

import (
	"fmt"
	"strings"
)

// Situation is a row of the table of what happens to a task or query, beyond the error's own kind (policy TASK).
type Situation struct {
	Name string
	// Costs says that it uses up one of the task's attempts, Retried that the task runs again, Delayed that this waits.
	Costs, Retried, Delayed bool
	Trino                   string // what Trino does where that is different
}

// Situations is the table.
var Situations = []Situation{
	{Name: "an attempt fails with an error that may pass", Costs: true, Retried: true, Delayed: true, Trino: "the delay holds back the whole query"},
	{Name: "an attempt fails for want of resources", Costs: true, Retried: true},
	{Name: "an attempt fails with a user error, or one that comes again wherever it runs"},
	{Name: "an attempt's node vanishes", Costs: true, Retried: true, Trino: "with a delay"},
	{Name: "an attempt's node was told to go", Retried: true, Trino: "costs an attempt"},
	{Name: "an attempt finishes without output statistics", Costs: true, Retried: true, Delayed: true, Trino: "without a delay"},
	{Name: "a failure is reported after another attempt has finished"},
	{Name: "a task of a coordinator stage without remote sources fails"},
	{Name: "a task of a coordinator stage with remote sources fails", Costs: true, Retried: true, Delayed: true},
	{Name: "the listing of splits fails", Costs: true, Retried: true, Delayed: true, Trino: "the query fails"},
	{Name: "an attempt cannot read an output that is lost: its reader waits while the output is made again", Retried: true,
		Trino: "costs the reader an attempt; the output is never made again"},
	{Name: "a time limit, a memory killer or the user ends the query"},
	{Name: "no node can take a task for `node-scheduler.allowed-no-matching-node-period`"},
}

// FailureReference returns the tables as a page of the documentation.
func FailureReference() string {
	var b strings.Builder
	b.WriteString(`# What follows from a failure

This page is generated from the tables that the scheduler decides by (` + "`internal/scheduler/failure_rules.go`, `failure_reference.go`" + `).

## By error

The first row that applies counts. "TASK" and "QUERY" say whether the task, or the whole query, may run again under that retry policy. An
attempt is one of ` + "`task-retry-attempts-per-task`" + ` + 1. A delay begins with ` + "`retry-initial-delay`, grows by `retry-delay-scale-factor` up to\n`retry-max-delay`" + `, and holds back the failed task only.

| Error | TASK | QUERY | costs an attempt | delay | counts as out of memory | counts as a worker's crash |
| --- | --- | --- | --- | --- | --- | --- |
`)
	for i := range Rules {
		r := &Rules[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", r.Name(), yes(r.Task), yes(r.Query), yes(r.Costs), yes(r.Delayed), yes(r.Memory), yes(r.Crash))
	}
	b.WriteString(`
Under ` + "`QUERY`" + ` a run that failed with an error is followed by the next after the delay, a run that lost a node at once. Stages on the coordinator
run once under ` + "`QUERY`" + `: when one of them has begun, a failure is final.

## By situation, under TASK

| Situation | costs an attempt | the task runs again | delay | Trino |
| --- | --- | --- | --- | --- |
`)
	for _, s := range Situations {
		trino := s.Trino
		if trino == "" {
			trino = "the same"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.Name, yes(s.Costs), yes(s.Retried), yes(s.Delayed), trino)
	}
	return b.String()
}

func yes(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}
