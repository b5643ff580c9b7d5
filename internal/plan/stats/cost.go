package stats

import (
	"math"
	"slices"
)

// DefaultBroadcast is the largest input that is sent to every task unless a session says otherwise; Trino's default of
// join-max-broadcast-table-size.
const DefaultBroadcast = 100 << 20

// taskBytes is what a task reads, roughly; Trino's fault-tolerant-execution-arbitrary-distribution-compute-task-target-size-min.
const taskBytes = 512 << 20

// Tasks estimates by how many tasks an input of so many bytes is read.
func Tasks(bytes float64) float64 { return max(1, math.Ceil(bytes/taskBytes)) }

// Sent is how many bytes move when the right side of a join goes to every task of the left one.
func Sent(left, right float64) float64 { return right * Tasks(left) }

// Dependence is how much of its selectivity each further clause of a join keeps, as an exponent: columns of one key are not
// independent. It is Trino's optimizer.join-multi-clause-independence-factor.
const Dependence = 0.25

// Independent combines the selectivities of the equality clauses of one join, the most selective one in full. It may
// reorder them.
func Independent(factors []float64) float64 {
	slices.Sort(factors)
	sel, exponent := 1.0, 1.0
	for _, f := range factors {
		sel *= math.Pow(f, exponent)
		exponent *= Dependence
	}
	return sel
}
