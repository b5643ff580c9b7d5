// Package scheduler decides what runs where: it turns events (a task finished, a node was lost, a timer fired)
// into actions (start this attempt on that node, forget those outputs, the query has failed).
//
// It is a pure state machine for a whole cluster and all its queries. State.Step applies one event and returns
// the actions it calls for; there are no goroutines, clocks, I/O, randomness or logging inside, and no decision
// depends on map order, so equal events give equal actions, byte for byte. That is what makes recovery a replay
// of the journal and what lets thousands of faulty clusters be simulated in a unit test (scheduler/sim).
//
// It must not know plans, SQL, RPC, storage or the wall clock: a query is a graph of stages (graph.go), a stage a
// set of partitions (the unit of retry), an attempt one run of a partition on a node, written
// query.stage.partition.attempt. Locations of outputs and handles of splits are opaque strings.
//
// Stages are barriers: a stage starts when all its inputs have finished, with one exception (early.go). Three retry policies are implemented:
// NONE (the first failure ends the query), QUERY (the distributed part runs again as a whole) and TASK (each
// partition is retried by itself).
//
// Start reading at event.go and action.go, the interface; then state.go, which dispatches to one file per idea:
// query.go, stage.go, partitions.go, attempts.go, failure_rules.go, outputs.go, memory.go, backoff.go, allocation.go, placement.go,
// nodes.go, assign_arbitrary.go, assign_hash.go, replan.go. What makes up for bad luck stands apart: divide.go (a task too large for
// any node), straggler.go (a second attempt beside a slow one), class.go (who goes first, and who makes room), killer.go (who
// goes when memory is short). info.go and reason.go hold what user interfaces poll, verify.go what tests look at.
package scheduler

//go:generate go run ./reference ../../docs/reference/failures.md
