package demo

import (
	"fmt"
	"slices"
	"strings"
)

// attempt is a row of system.runtime.tasks: an attempt to run a task.
type attempt struct {
	task  string // query.stage.partition.attempt
	node  string
	state string
}

// aftermath is what the loss of a worker meant for a query.
type aftermath struct {
	lost     []string // attempts that ran on the worker, as stage.partition.attempt
	again    []string // the attempts that took their place, each with its node
	kept     int      // finished outputs of the worker that did not have to be computed again
	finished int      // attempts that finished on other workers
}

// aftermathOf sorts the attempts of a query by their fate. worker is the one that was killed.
func aftermathOf(attempts []attempt, worker string) (aftermath, error) {
	var out aftermath
	elsewhere := map[string][]string{} // attempts on other nodes by stage.partition
	for _, a := range attempts {
		id, partition, err := names(a.task)
		if err != nil {
			return out, err
		}
		if a.node != worker {
			elsewhere[partition] = append(elsewhere[partition], id+" on "+a.node)
			if a.state == "FINISHED" {
				out.finished++
			}
		}
	}
	for _, a := range attempts {
		id, partition, _ := names(a.task) // checked above
		switch {
		case a.node != worker:
		case a.state == "FINISHED" && elsewhere[partition] == nil:
			out.kept++
		default:
			out.lost = append(out.lost, id)
			out.again = append(out.again, elsewhere[partition]...)
		}
	}
	slices.Sort(out.lost)
	slices.Sort(out.again)
	out.again = slices.Compact(out.again)
	return out, nil
}

// names gives stage.partition.attempt and stage.partition of a task id.
func names(task string) (attempt, partition string, err error) {
	parts := strings.Split(task, ".")
	if len(parts) != 4 {
		return "", "", fmt.Errorf("%q is no task id", task)
	}
	return strings.Join(parts[1:], "."), strings.Join(parts[1:3], "."), nil
}
